import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicPatch,
  MergeError,
  patchTypeFromOpenApi,
} from '@homeostat/merge';
import type { JsonPatchOp, PatchSchema, PatchType } from '@homeostat/merge';
import { expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import type { Raw } from '../../../../test/support/cluster.ts';

type Json = Record<string, unknown>;
type Random = () => number;

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const ROUNDS = 60;

function randomFrom(start: number): Random {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const chance = (random: Random, share: number): boolean => random() < share;
const oneOf = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
const shuffled = <T>(random: Random, items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);

// Two rich objects of each kind: patches take the fields of one into the other.
const template = (one: boolean): Json => ({
  metadata: { labels: { app: 'x', tier: one ? 'a' : 'b', ...(one && { extra: '1' }) } },
  spec: {
    serviceAccountName: one ? 'first' : 'second',
    nodeSelector: one ? { disk: 'ssd', zone: 'a' } : { zone: 'b' },
    imagePullSecrets: one ? [{ name: 'p' }, { name: 'q' }] : [{ name: 'q' }, { name: 'r' }],
    tolerations: [{ key: one ? 'k' : 'l', operator: 'Exists' }],
    hostAliases: [{ ip: one ? '10.0.0.1' : '10.0.0.2', hostnames: ['h'] }],
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: one ? 'zone' : 'host', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} },
    ],
    volumes: one
      ? [
          { name: 'v', emptyDir: {} },
          { name: 'w', configMap: { name: 'c', items: [{ key: 'k', path: 'p' }] } },
        ]
      : [
          { name: 'w', emptyDir: { medium: 'Memory' } },
          { name: 'z', secret: { secretName: 's' } },
        ],
    containers: one
      ? [
          {
            name: 'a',
            image: 'a:1',
            args: ['x', 'y'],
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
              { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            ],
            ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }],
            resources: { limits: { cpu: '1', memory: '1Gi' } },
            volumeMounts: [
              { name: 'v', mountPath: '/v' },
              { name: 'w', mountPath: '/w' },
            ],
          },
          { name: 'b', image: 'b:1', livenessProbe: { httpGet: { port: 80 } } },
          { name: 'c', image: 'c:1' },
        ]
      : [
          { name: 'd', image: 'd:1' },
          {
            name: 'a',
            image: 'a:2',
            args: ['z'],
            env: [
              { name: 'B', value: '3' },
              { name: 'D', value: '4' },
            ],
            ports: [
              { containerPort: 443, name: 'tls' },
              { containerPort: 80, name: 'web' },
            ],
            resources: { limits: { cpu: '2' }, requests: { cpu: '100m' } },
            volumeMounts: [{ name: 'w', mountPath: '/w', readOnly: true }],
          },
          { name: 'b', image: 'b:1', livenessProbe: { tcpSocket: { port: 80 } }, command: ['run'] },
        ],
  },
});

interface Subject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly plural: string;
  readonly make: (one: boolean) => Json;
}

const meta = (one: boolean): Json => ({
  annotations: one ? { a: '1', b: '2' } : { b: '3', c: '4' },
  labels: one ? { x: '1' } : { y: '2' },
  finalizers: one ? ['example.com/a', 'example.com/b'] : ['example.com/b', 'example.com/c'],
});

const subjects: readonly Subject[] = [
  {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    plural: 'deployments',
    make: (one) => ({
      metadata: meta(one),
      spec: {
        replicas: one ? 0 : 2,
        selector: { matchLabels: { app: 'x' } },
        strategy: one ? { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } : { type: 'Recreate' },
        paused: true,
        template: template(one),
      },
    }),
  },
  {
    kind: 'Service',
    apiVersion: 'v1',
    plural: 'services',
    make: (one) => ({
      metadata: meta(one),
      spec: {
        selector: one ? { a: '1', b: '2' } : { b: '3' },
        externalIPs: one ? ['192.0.2.1'] : ['192.0.2.2', '192.0.2.3'],
        sessionAffinity: one ? 'None' : 'ClientIP',
        ports: one
          ? [
              { name: 'http', port: 80, targetPort: 'web' },
              { name: 'dns', port: 53, protocol: 'UDP' },
            ]
          : [
              { name: 'https', port: 443 },
              { name: 'web', port: 80, targetPort: 8080 },
            ],
      },
    }),
  },
  {
    kind: 'PodTemplate',
    apiVersion: 'v1',
    plural: 'podtemplates',
    make: (one) => ({ metadata: meta(one), template: template(one) }),
  },
];

/** A random patch along the type: what it takes from `other`, removes, orders, and says in directives. */
function strategicPatch(random: Random, live: Json, other: Json, type: PatchType): Json {
  const patch: Json = {};
  for (const key of new Set([...Object.keys(live), ...Object.keys(other)])) {
    const [mine, theirs] = [live[key], other[key]];
    if (chance(random, 0.5)) continue;
    if (chance(random, 0.08)) patch[key] = null;
    else if (isMap(mine) && isMap(theirs)) {
      const inner = Object.values({ ...mine, ...theirs }).some((value) => typeof value === 'object');
      patch[key] = inner ? strategicPatch(random, mine, theirs, type.field(key).type) : flatPatch(random, mine, theirs);
    } else if (Array.isArray(mine) || Array.isArray(theirs)) {
      listPatch(random, patch, key, (mine ?? []) as unknown[], (theirs ?? []) as unknown[], type);
    } else if (theirs !== undefined) patch[key] = theirs;
  }
  if (chance(random, 0.05)) patch['$patch'] = oneOf(random, ['replace', 'delete', 'replace', 'burn']);
  if (chance(random, 0.08)) {
    const all = [...Object.keys(live), ...Object.keys(patch).filter((key) => !key.startsWith('$'))];
    patch['$retainKeys'] = chance(random, 0.1) ? all.slice(1) : [...new Set(all)];
  }
  return patch;
}

function flatPatch(random: Random, live: Json, other: Json): Json {
  const keys = [...new Set([...Object.keys(live), ...Object.keys(other)])].filter(() => chance(random, 0.6));
  return Object.fromEntries(keys.map((key) => [key, chance(random, 0.3) ? null : (other[key] ?? 'new')]));
}

function listPatch(
  random: Random,
  patch: Json,
  key: string,
  mine: unknown[],
  theirs: unknown[],
  type: PatchType,
): void {
  const field = type.field(key);
  const { mergeKey } = field;
  const order = `$setElementOrder/${key}`;
  if (field.strategy !== 'merge') patch[key] = theirs.length === 0 ? null : theirs;
  else if (mergeKey === undefined) {
    patch[key] = shuffled(random, theirs);
    if (chance(random, 0.5))
      patch[`$deleteFromPrimitiveList/${key}`] = mine.filter((item) => !theirs.includes(item)).slice(0, 1);
    if (chance(random, 0.4)) patch[order] = shuffled(random, [...new Set([...mine, ...theirs])]);
    if (patch[order] !== undefined && chance(random, 0.8))
      patch[key] = (patch[order] as unknown[]).filter((item) => theirs.includes(item));
  } else {
    const idOf = (item: unknown): unknown => (item as Json)[mergeKey];
    const items: Json[] = [];
    for (const item of mine as Json[]) {
      const match = (theirs as Json[]).find((candidate) => idOf(candidate) === idOf(item));
      if (chance(random, 0.2)) items.push({ [mergeKey]: idOf(item), $patch: 'delete' });
      else if (match !== undefined && chance(random, 0.7)) {
        items.push({ ...strategicPatch(random, item, match, field.type), [mergeKey]: idOf(item) });
      }
    }
    const added = (theirs as Json[]).filter((item) => !mine.some((there) => idOf(there) === idOf(item)));
    items.push(...added.filter(() => chance(random, 0.7)));
    if (chance(random, 0.1)) items.push({ $patch: 'replace' });
    if (chance(random, 0.03)) items.push({ image: 'nameless' });
    patch[key] = shuffled(random, items);
    if (chance(random, 0.5)) {
      const ids = new Set([...mine, ...items.filter((item) => item['$patch'] === undefined)].map(idOf));
      const ordered: readonly unknown[] = shuffled(
        random,
        [...ids].filter((id) => id !== undefined),
      );
      patch[order] = ordered.map((id) => ({ [mergeKey]: id }));
      // Mostly consistent with its order, as kubectl sends it.
      if (chance(random, 0.85)) {
        patch[key] = items.toSorted((a, b) => ordered.indexOf(idOf(a)) - ordered.indexOf(idOf(b)));
      }
    }
  }
}

function mergePatch(random: Random, live: Json, other: Json): Json {
  const keys = [...new Set([...Object.keys(live), ...Object.keys(other)])].filter(() => chance(random, 0.5));
  return Object.fromEntries(
    keys.map((key) => {
      const [mine, theirs] = [live[key], other[key]];
      if (theirs === undefined || chance(random, 0.15)) return [key, null];
      return [key, isMap(mine) && isMap(theirs) && chance(random, 0.9) ? mergePatch(random, mine, theirs) : theirs];
    }),
  );
}

function pointersOf(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [at];
  const escape = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
  return [at, ...Object.entries(value).flatMap(([key, child]) => pointersOf(child, `${at}/${escape(key)}`))];
}

function jsonPatch(random: Random, live: Json, other: Json): JsonPatchOp[] {
  const inside = (path: string): boolean => /^\/(spec|template|metadata\/(annotations|labels))\//.test(path);
  const pointers = pointersOf(live).filter(inside);
  const valueAt = (root: Json, path: string): unknown =>
    path
      .split('/')
      .slice(1)
      .reduce<unknown>((value, token) => (value as Json | undefined)?.[token.replaceAll('~1', '/')], root);
  return Array.from({ length: 1 + Math.floor(random() * 4) }, (): JsonPatchOp => {
    const path = oneOf(random, pointers);
    const value = valueAt(other, path) ?? valueAt(live, path);
    const variant = chance(random, 0.2)
      ? path.replace(/\/[^/]*$/, oneOf(random, ['/-', '/-1', '/nothing', '/0']))
      : path;
    switch (oneOf(random, ['add', 'remove', 'replace', 'test', 'copy', 'move'])) {
      case 'add':
        return { op: 'add', path: variant, value };
      case 'remove':
        return { op: 'remove', path: variant };
      case 'replace':
        return { op: 'replace', path: variant, value };
      case 'test':
        return { op: 'test', path: variant, value: chance(random, 0.7) ? valueAt(live, path) : value };
      case 'copy':
        return { op: 'copy', from: path, path: variant };
      default:
        return { op: 'move', from: path, path: variant };
    }
  });
}

async function typeOf(raw: Raw, subject: Subject): Promise<PatchType> {
  const path = subject.apiVersion === 'v1' ? 'api/v1' : `apis/${subject.apiVersion}`;
  const { body } = await raw('GET', `/openapi/v3/${path}`);
  const { schemas } = (body as { components: { schemas: Record<string, PatchSchema> } }).components;
  const name = Object.keys(schemas).find((candidate) => candidate.endsWith(`.v1.${subject.kind}`)) as string;
  return patchTypeFromOpenApi({ $ref: `#/components/schemas/${name}` }, (component) => schemas[component]);
}

/** What a dry run answered, without what differs between two requests. */
function told({ status, body }: { status: number; body: unknown }): unknown {
  const {
    metadata,
    status: _status,
    ...rest
  } = body as { metadata?: Json; status?: unknown; details?: { causes?: unknown }; message?: string };
  if (status !== 200) return { status, causes: rest.details?.causes ?? [] };
  const { managedFields: _managed, resourceVersion: _version, generation: _generation, ...kept } = metadata ?? {};
  return { status, body: { ...rest, metadata: kept } };
}

for (const subject of subjects) {
  cluster.test(
    `random patches of a ${subject.kind} give what the server makes of them (seed ${String(seed)})`,
    async ({ namespace, raw, onTestFinished }) => {
      const random = randomFrom(seed);
      const base = subject.apiVersion === 'v1' ? '/api/v1' : `/apis/${subject.apiVersion}`;
      const collection = `${base}/namespaces/${namespace}/${subject.plural}`;
      const header = { apiVersion: subject.apiVersion, kind: subject.kind };
      const made = subject.make(true);
      const body = { ...header, ...made, metadata: { ...(made['metadata'] as Json), name: 'x' } };
      onTestFinished(async () => {
        const finalizers = { metadata: { finalizers: null } };
        await raw('PATCH', `${collection}/x`, { contentType: 'application/merge-patch+json', body: finalizers });
      });
      const created = await raw('POST', collection, { body });
      expect(created.status, JSON.stringify(created.body)).toBe(201);
      // Controllers write to what was created; and the identity of the object is no matter of patches.
      const { status: _status, ...live } = created.body as Json;
      const { resourceVersion: _version, managedFields: _managed, ...metadata } = live['metadata'] as Json;
      live['metadata'] = metadata;
      const other = subject.make(false);
      const type = await typeOf(raw, subject);
      const url = `${collection}/x?dryRun=All`;
      const tally = new Map<string, number>();
      const count = (key: string): unknown => tally.set(key, (tally.get(key) ?? 0) + 1);

      const compare = async (contentType: string, patch: unknown, apply: () => unknown): Promise<void> => {
        const theirs = await raw('PATCH', url, { contentType, body: patch });
        let ours: unknown;
        try {
          ours = apply();
        } catch (error) {
          if (!(error instanceof MergeError)) throw error;
          count(`${contentType} refused by both`);
          const shown = `${contentType} ${JSON.stringify(patch)} → ${error.message}`;
          expect([400, 422, 500], shown).toContain(theirs.status);
          if (contentType.includes('strategic')) {
            const status = { INVALID_PATCH: 400, PATCH_FAILED: 422 }[error.code as string] ?? 500;
            expect(theirs, shown).toMatchObject({ status, body: { message: status === 422 ? /./ : error.message } });
          }
          return;
        }
        const put = await raw('PUT', url, { body: ours });
        // The server names the patch in what it refuses of a patch; a PUT has other words for the same.
        if (theirs.status !== 200)
          expect(put.status, `${JSON.stringify(patch)} ${JSON.stringify(theirs.body)}`).not.toBe(200);
        else {
          count(`${contentType} accepted by both`);
          expect(told(put), JSON.stringify(patch)).toEqual(told(theirs));
        }
      };

      const content = ({ apiVersion: _api, kind: _kind, metadata: given, ...rest }: Json): Json => {
        const { annotations, labels, finalizers } = given as Json;
        return { ...rest, metadata: { annotations, labels, finalizers } };
      };
      const [mine, theirs] = [content(live), content(other)];
      for (let round = 0; round < ROUNDS; round += 1) {
        const strategic = strategicPatch(random, mine, theirs, type);
        await compare('application/strategic-merge-patch+json', strategic, () =>
          applyStrategicPatch(live, strategic, type),
        );
        const merge = mergePatch(random, mine, theirs);
        await compare('application/merge-patch+json', merge, () => applyMergePatch(live, merge));
        const operations = jsonPatch(random, live, other);
        await compare('application/json-patch+json', operations, () => applyJsonPatch(live, operations));
      }
      // Most patches say something that can be done; otherwise nothing was compared.
      for (const format of ['strategic-merge-patch', 'merge-patch', 'json-patch']) {
        expect(tally.get(`application/${format}+json accepted by both`)).toBeGreaterThan(ROUNDS / 3);
      }
    },
  );
}

cluster.test(
  'a merge patch of a custom resource loses nulls inside lists where ours does',
  async ({ raw, namespace, onTestFinished }) => {
    const group = `${namespace}.example.com`;
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    onTestFinished(async () => void (await raw('DELETE', `${definitions}/widgets.${group}`)));
    await raw('POST', definitions, {
      body: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `widgets.${group}` },
        spec: {
          group,
          scope: 'Namespaced',
          names: { plural: 'widgets', kind: 'Widget' },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
        },
      },
    });
    const collection = `/apis/${group}/v1/namespaces/${namespace}/widgets`;
    const spec = { list: [1], map: { a: 1 }, text: 'x' };
    const body = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'w' }, spec };
    await expect.poll(async () => (await raw('POST', collection, { body })).status).toBe(201);
    const items = [{ a: null, b: [null, { c: null, d: 1 }] }, null];
    for (const patch of [
      { list: items },
      { map: items },
      { text: items },
      { fresh: items },
      { fresh: { list: items } },
    ]) {
      const merged = await raw('PATCH', `${collection}/w?dryRun=All`, {
        contentType: 'application/merge-patch+json',
        body: { spec: patch },
      });
      expect(merged.body, JSON.stringify(patch)).toMatchObject({ spec: applyMergePatch(spec, patch) as object });
    }
  },
);
