import {
  MergeError,
  applyConfiguration,
  fieldElement,
  fieldSet,
  managersForScale,
  managersFromScale,
  schemaFromOpenApi,
  trackUpdate,
  typeOf,
} from '@homeostat/merge';
import type { FieldTracking, JsonObject, TypeUse } from '@homeostat/merge';
import { describe, expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import type { Raw, RawAnswer } from '../../../test/support/cluster.ts';
import {
  APPLY,
  MERGE,
  componentsOf,
  latestTime,
  metadataOf,
  ownersIn,
  trackingOf,
  urlOf,
  withEntries,
} from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { builtinKinds } from './random-objects.ts';
import type { RandomKind } from './random-objects.ts';

/*
 * The rules of managedFields one by one, each against the real API server: what it answers is what this package says.
 */

const [configMaps, services, deployments] = builtinKinds as readonly [RandomKind, RandomKind, RandomKind];

const ingresses: RandomKind = {
  kind: 'Ingress',
  paths: { 'networking.k8s.io/v1': 'ingresses' },
  component: 'io.k8s.api.networking.v1.Ingress',
  empty: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {},
    spec: {},
    status: { loadBalancer: {} },
  },
  config: () => ({}),
};

/** Without those of the controller, which writes whenever it likes. */
function ownersOf(object: JsonObject): readonly JsonObject[] | undefined {
  const owners = ownersIn(object) as readonly JsonObject[] | undefined;
  return owners?.filter(({ manager }) => manager !== 'kube-controller-manager');
}

/** One object on the server, and the same requests to this package. Every step starts from the server's object. */
class Pair {
  readonly endpoint: Endpoint;
  readonly version: string;
  readonly #tracking: Partial<FieldTracking>;

  constructor(endpoint: Endpoint, tracking: Partial<FieldTracking> = {}) {
    this.endpoint = endpoint;
    this.version = Object.keys(endpoint.random.paths)[0] ?? '';
    this.#tracking = tracking;
  }

  async live(): Promise<JsonObject | undefined> {
    const { status, body } = await this.endpoint.raw('GET', urlOf(this.endpoint, this.version));
    return status === 200 ? (body as JsonObject) : undefined;
  }

  object(parts: JsonObject): JsonObject {
    const { name, random } = this.endpoint;
    const metadata = { name, ...(parts['metadata'] as JsonObject | undefined) };
    return { apiVersion: this.version, kind: random.kind, ...parts, metadata };
  }

  /** Applies there and here; the message of a refusal, or the owners, which are the same. */
  async apply(manager: string, parts: JsonObject, force = false): Promise<unknown> {
    const live = await this.live();
    const config = this.object(parts);
    const sub = this.#tracking.subresource === undefined ? '' : `/${this.#tracking.subresource}`;
    const url = `${urlOf(this.endpoint, this.version)}${sub}?fieldManager=${manager}&force=${force}`;
    const answer = await this.endpoint.raw('PATCH', url, { body: config, contentType: APPLY });
    const options = { ...this.tracking(answer), manager, force };
    if (answer.status >= 300) {
      expect(refusalOf(() => applyConfiguration(live, config, options))).toBe(messageOf(answer));
      return messageOf(answer);
    }
    const mine = applyConfiguration(live, config, options).object;
    expect(ownersOf(mine)).toEqual(ownersOf(answer.body as JsonObject));
    return ownersOf(mine);
  }

  async create(manager: string, parts: JsonObject): Promise<unknown> {
    const url = urlOf(this.endpoint, this.version).replace(/\/[^/]+$/, '');
    const answer = await this.endpoint.raw('POST', `${url}?fieldManager=${manager}`, { body: this.object(parts) });
    expect(answer.status).toBe(201);
    const next = withEntries(answer.body as JsonObject, undefined);
    return this.#same(trackUpdate(undefined, next, { ...this.tracking(answer), manager }), answer);
  }

  async patch(manager: string, patch: JsonObject): Promise<unknown> {
    const live = (await this.live()) as JsonObject;
    const sub = this.#tracking.subresource === undefined ? '' : `/${this.#tracking.subresource}`;
    const url = `${urlOf(this.endpoint, this.version)}${sub}?fieldManager=${manager}`;
    const answer = await this.endpoint.raw('PATCH', url, { body: patch, contentType: MERGE });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const sent = (patch['metadata'] as JsonObject | undefined)?.['managedFields'];
    const entries = sent === undefined ? metadataOf(live)['managedFields'] : sent;
    const next = withEntries(answer.body as JsonObject, entries);
    return this.#same(trackUpdate(live, next, { ...this.tracking(answer), manager }), answer);
  }

  tracking({ body }: RawAnswer): FieldTracking {
    const stored = typeof (body as JsonObject)['metadata'] === 'object' ? latestTime(body as JsonObject) : '';
    return { ...trackingOf(this.endpoint, stored), ...this.#tracking };
  }

  #same(mine: JsonObject, { body }: RawAnswer): unknown {
    expect(ownersOf(mine)).toEqual(ownersOf(body as JsonObject));
    return ownersOf(mine);
  }
}

function messageOf({ body }: RawAnswer): string {
  return String((body as JsonObject)['message']);
}

function refusalOf(apply: () => unknown): string {
  try {
    apply();
  } catch (error) {
    if (error instanceof MergeError) return error.message;
    throw error;
  }
  return 'not refused';
}

async function endpointOf(raw: Raw, namespace: string, random: RandomKind, name = 'x'): Promise<Endpoint> {
  const [version] = Object.keys(random.paths);
  const type = typeOf(schemaFromOpenApi(await componentsOf(raw, version as string)), random.component);
  return { raw, random, namespace, name, type: type as TypeUse };
}

describe('what is refused, in the same words', () => {
  cluster.test('a ConfigMap', async ({ namespace, raw }) => {
    const pair = new Pair(await endpointOf(raw, namespace, configMaps));
    const refused: readonly JsonObject[] = [
      { data: { a: 5 } },
      { data: { a: 1.5 } },
      { data: { a: [1, 'x', { z: 'q"<', b: null }] } },
      { data: 'x' },
      { data: [1, 'x', { b: 1, a: true }] },
      { immutable: 'x' },
      { immutable: { a: 1 } },
      { metadata: { managedFields: 'x' } },
      { metadata: { managedFields: [] } },
      { metadata: { finalizers: ['a/b', 'a/b'] } },
      { metadata: { finalizers: [{ a: 1 }] } },
      { metadata: { finalizers: [null] } },
      { metadata: { finalizers: [['a']] } },
      { metadata: { zz: 1 } },
      { zz: null },
    ];
    for (const parts of refused) expect(await pair.apply('m', parts)).toBeTypeOf('string');
  });

  cluster.test('a Service and a Deployment', async ({ namespace, raw }) => {
    const service = new Pair(await endpointOf(raw, namespace, services));
    for (const ports of [[{ port: 80 }, { port: 80, protocol: 'TCP' }], [{ port: 'x' }], [null], [3], 'x']) {
      expect(await service.apply('m', { spec: { ports } })).toBeTypeOf('string');
    }
    const deployment = new Pair(await endpointOf(raw, namespace, deployments));
    const containers: readonly unknown[] = [
      [{ name: 'a', resources: { limits: { cpu: { a: 1 } } } }],
      [{ name: 'a', args: [1, { a: 2 }] }],
      [{ name: 'a', zz: 1 }],
      [{ name: 'a', env: [{ name: 'A' }, { name: 'A' }] }],
      [{ name: 5 }],
    ];
    for (const list of containers) {
      expect(await deployment.apply('m', { spec: { template: { spec: { containers: list } } } })).toBeTypeOf('string');
    }
  });

  cluster.test('conflicts with appliers and updaters', async ({ namespace, raw }) => {
    const pair = new Pair(await endpointOf(raw, namespace, configMaps));
    await pair.apply('m1', { data: { x: '1', y: '1' } });
    await pair.apply('m2', { data: { z: '1' } });
    expect(await pair.apply('m', { data: { x: '2' } })).toBe(
      'Apply failed with 1 conflict: conflict with "m1": .data.x',
    );
    expect(await pair.apply('m', { data: { x: '2', y: '2', z: '2' } })).toContain('Apply failed with 3 conflicts');
    await pair.patch('u1', { data: { v: '1' } });
    expect(await pair.apply('m', { data: { v: '2' } })).toContain('conflict with "u1" using v1: .data.v');
  });
});

describe('managedFields', () => {
  cluster.test('an object with nothing to own stays untracked until its first apply', async ({ namespace, raw }) => {
    const pair = new Pair(await endpointOf(raw, namespace, configMaps));
    expect(await pair.create('c', {})).toBeUndefined();
    expect(await pair.patch('u', { data: { a: '1' } })).toBeUndefined();
    expect(await pair.apply('m', { data: { a: '1', b: '1' } })).toMatchObject([
      { manager: 'm' },
      { manager: 'before-first-apply' },
    ]);
  });

  cluster.test(
    'a new co-owner has no time, nor has its next apply that changes only what it owns',
    async ({ namespace, raw }) => {
      const pair = new Pair(await endpointOf(raw, namespace, configMaps));
      await pair.apply('m1', { data: { a: '1', b: '1' } });
      expect(await pair.apply('m2', { data: { a: '1', b: '1' } })).toMatchObject([
        { manager: 'm2', time: false },
        { time: true },
      ]);
      expect(await pair.apply('m2', { data: { a: '1' } })).toMatchObject([
        { manager: 'm2', time: false },
        { time: true },
      ]);
      expect(await pair.apply('m2', { data: { a: '1', c: '1' } })).toMatchObject([{ time: true }, { time: true }]);
    },
  );

  cluster.test('ten updaters at most, and appliers without end', { timeout: 60_000 }, async ({ namespace, raw }) => {
    const pair = new Pair(await endpointOf(raw, namespace, configMaps));
    await pair.create('u00', { data: { k00: '1' } });
    for (let i = 1; i < 13; i++) {
      const key = String(i).padStart(2, '0');
      await pair.patch(`u${key}`, { data: { [`k${key}`]: '1' } });
      await pair.apply(`a${key}`, { data: { [`m${key}`]: '1' } });
    }
    const owners = (await pair.apply('a01', { data: { m01: '1' } })) as readonly JsonObject[];
    expect(owners.filter(({ operation }) => operation === 'Update')).toHaveLength(10);
    expect(owners.filter(({ operation }) => operation === 'Apply')).toHaveLength(12);
    expect(owners.map(({ manager }) => manager)).toContain('ancient-changes');
  });

  cluster.test('what a client sends replaces, clears or leaves them', async ({ namespace, raw }) => {
    const entry = (more: JsonObject): JsonObject => ({
      manager: 'q',
      operation: 'Update',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { 'f:a': {} } },
      ...more,
    });
    const lists: readonly unknown[] = [
      [],
      [{}],
      null,
      [{}, entry({})],
      [entry({ operation: 'Zap' })],
      [entry({ fieldsType: 'FieldsV9' })],
      [entry({ fieldsV1: { 'x:foo': {} } })],
      [entry({ fieldsV1: { 'f:data': { 'k:{': {} } } })],
      [entry({ apiVersion: 'apps/v1' })],
      [entry({ apiVersion: 'gone/v9' })],
      [entry({ apiVersion: 'a/b/c' })],
      [entry({ time: '2020-01-01T02:00:00+02:00' })],
      [entry({ manager: '' })],
      [entry({ subresource: 'status' }), entry({ operation: 'Apply' })],
    ];
    for (const [i, managedFields] of lists.entries()) {
      const pair = new Pair(await endpointOf(raw, namespace, configMaps, `x${i}`));
      await pair.create('c', { data: { a: '1' } });
      await pair.patch('u', { metadata: { managedFields, labels: { l: '1' } } });
      await pair.patch('u', { data: { b: '1' } });
      await pair.apply('m', { data: { a: '2' } }, true);
    }
  });

  cluster.test('status has entries of its own, and none of what it resets', async ({ namespace, raw }) => {
    const endpoint = await endpointOf(raw, namespace, ingresses);
    const main = new Pair(endpoint);
    const backend = { service: { name: 'web', port: { number: 80 } } };
    const ip = (address: string) => ({ loadBalancer: { ingress: [{ ip: address }] } });
    await main.apply('m', { spec: { ingressClassName: 'a', defaultBackend: backend }, status: ip('10.0.0.1') });
    const status = new Pair(endpoint, { subresource: 'status', resetFields: () => fieldSet([[fieldElement('spec')]]) });
    await status.patch('s', { spec: { ingressClassName: 'b' }, status: ip('10.0.0.2') });
    const owners = await status.apply('s', { spec: { ingressClassName: 'c' }, status: ip('10.0.0.3') }, true);
    expect(owners).toContainEqual(expect.objectContaining({ operation: 'Apply', manager: 's', subresource: 'status' }));
    await main.apply('m', { spec: { defaultBackend: backend }, status: ip('10.0.0.4') });
  });
});

describe('taking over from client-side apply', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

  cluster.test('kubectl gets what client-side apply had, others do not', async ({ namespace, raw }) => {
    const pair = new Pair(await endpointOf(raw, namespace, configMaps));
    const data = { a: '1', b: '<&>' };
    const applied = JSON.stringify(pair.object({ data }));
    await pair.create('kubectl-client-side-apply', { metadata: { annotations: { [annotation]: applied } }, data });
    await pair.patch('ctl', { data: { b: '2' } });
    expect(await pair.apply('other', { data: { a: '2' } })).toContain(
      'conflict with "kubectl-client-side-apply" using v1',
    );
    expect(await pair.apply('kubectl', { data: { a: '2', b: '3' } })).toBe(
      'Apply failed with 1 conflict: conflict with "ctl" using v1: .data.b',
    );

    const live = (await pair.live()) as JsonObject;
    await pair.apply('kubectl', { data: { a: '<2>' } });
    const config = pair.object({ data: { a: '<2>' } });
    const options = { ...trackingOf(pair.endpoint, ''), manager: 'kubectl', force: false };
    expect(metadataOf(applyConfiguration(live, config, options).object)['annotations']).toEqual(
      metadataOf((await pair.live()) as JsonObject)['annotations'],
    );
  });
});

describe('scale', () => {
  cluster.test('takes the replicas from their owners, and gives them back', async ({ namespace, raw }) => {
    const endpoint = await endpointOf(raw, namespace, deployments);
    const pair = new Pair(endpoint);
    const spec = {
      replicas: 1,
      paused: true,
      selector: { matchLabels: { app: 'x' } },
      template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'app:1' }] } },
    };
    await pair.apply('m', { spec });
    const apps = schemaFromOpenApi(await componentsOf(raw, 'apps/v1'));
    const scaleType = typeOf(apps, 'io.k8s.api.autoscaling.v1.Scale') as TypeUse;
    const pathOf = (version: string) =>
      version === 'apps/v1' ? [fieldElement('spec'), fieldElement('replicas')] : undefined;
    const tracking = {
      typeOf: () => scaleType,
      convert: () => undefined,
      now: '2026-01-01T00:00:00Z',
      subresource: 'scale',
    };
    const scaleOf = (replicas: number, managedFields?: unknown): JsonObject => ({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'x', namespace, ...(managedFields !== undefined && { managedFields }) },
      spec: { replicas },
    });
    const url = `${urlOf(endpoint, 'apps/v1')}/scale`;
    const stepped = async (write: (before: JsonObject) => JsonObject, send: () => Promise<RawAnswer>) => {
      const live = (await pair.live()) as JsonObject;
      const entries = metadataOf(live)['managedFields'];
      const before = scaleOf((live['spec'] as { replicas: number }).replicas, managersForScale(entries, pathOf));
      const answer = await send();
      const after = write(before);
      const managedFields = managersFromScale(entries, metadataOf(after)['managedFields'], 'apps/v1', pathOf);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      const stored = (await pair.live()) as JsonObject;
      expect(ownersOf(withEntries(stored, managedFields))).toEqual(ownersOf(stored));
    };

    await stepped(
      (before) => trackUpdate(before, scaleOf(2), { ...tracking, manager: 'hpa' }),
      () => raw('PATCH', `${url}?fieldManager=hpa`, { body: { spec: { replicas: 2 } }, contentType: MERGE }),
    );
    await stepped(
      (before) => applyConfiguration(before, scaleOf(3), { ...tracking, manager: 'sc', force: true }).object,
      () => raw('PATCH', `${url}?fieldManager=sc&force=true`, { body: scaleOf(3), contentType: APPLY }),
    );
    expect(await pair.apply('m', { spec })).toContain('conflict with "sc" with subresource "scale": .spec.replicas');
    await pair.apply('m', { spec }, true);
  });
});
