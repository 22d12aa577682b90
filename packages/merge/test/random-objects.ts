import type { JsonObject } from '@homeostat/merge';
import type { Dice } from './dice.ts';

/** A kind whose objects are applied and updated at random. */
export interface RandomKind {
  readonly kind: string;
  /** By version; several only for the custom resource. */
  readonly paths: Readonly<Record<string, string>>;
  readonly component: string;
  /** What the server decodes an empty object to. */
  readonly empty?: JsonObject;
  /** What an applier says: any part of an object, without metadata of its own. */
  readonly config: (dice: Dice) => JsonObject;
}

const values = ['1', '2', '3'] as const;

function record(dice: Dice, keys: readonly string[], more: Readonly<Record<string, string>> = {}): JsonObject {
  return { ...Object.fromEntries(dice.some(keys).map((key) => [key, dice.pick(values)])), ...more };
}

/** Each part in about half of the objects. */
function parts(dice: Dice, made: Readonly<Record<string, () => unknown>>): JsonObject {
  return Object.fromEntries(
    Object.entries(made).flatMap(([name, make]) => (dice.chance(55) ? [[name, make()] as const] : [])),
  );
}

function metadata(dice: Dice): JsonObject {
  return parts(dice, {
    labels: () => record(dice, ['l1', 'l2']),
    annotations: () => record(dice, ['example.com/a', 'b']),
  });
}

const configMap: RandomKind = {
  kind: 'ConfigMap',
  paths: { v1: 'configmaps' },
  component: 'io.k8s.api.core.v1.ConfigMap',
  empty: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} },
  config: (dice) => ({
    metadata: metadata(dice),
    ...parts(dice, {
      data: () => (dice.chance(6) ? null : record(dice, ['a', 'b', 'c', 'ca.crt'])),
      binaryData: () => (dice.chance(50) ? {} : { bin: dice.pick(['eA==', 'eQ==']) }),
    }),
  }),
};

function servicePorts(dice: Dice): unknown {
  const port = (number: number, protocol: string | undefined) => ({
    port: number,
    name: `p${number}${(protocol ?? 'TCP').toLowerCase()}`,
    ...(protocol !== undefined && { protocol }),
    ...parts(dice, { targetPort: () => dice.pick<unknown>([8080, 'http', number]) }),
  });
  return dice.some([port(80, undefined), port(80, 'UDP'), port(443, 'TCP'), port(9000, undefined)]);
}

const service: RandomKind = {
  kind: 'Service',
  paths: { v1: 'services' },
  component: 'io.k8s.api.core.v1.Service',
  empty: { apiVersion: 'v1', kind: 'Service', metadata: {}, spec: {}, status: { loadBalancer: {} } },
  config: (dice) => ({
    metadata: metadata(dice),
    spec: {
      ports: servicePorts(dice),
      ...parts(dice, {
        selector: () => record(dice, ['app', 'tier']),
        sessionAffinity: () => dice.pick(['None', 'ClientIP']),
        publishNotReadyAddresses: () => dice.chance(50),
      }),
    },
  }),
};

/** Sometimes a name comes twice: an update may do that, and an apply is refused. */
const ENV = ['A', 'B', 'C', 'A'];

function containers(dice: Dice): unknown {
  const chosen = dice.some(['web', 'side', 'log']);
  return chosen.map((name) => ({
    name,
    ...(dice.chance(85) && { image: dice.pick(['app:1', 'app:2']) }),
    ...parts(dice, {
      env: () => dice.some(ENV).map((key) => ({ name: key, value: dice.pick(values) })),
      args: () => dice.some(['-v', '-x']),
      ports: () => dice.some([{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }, { containerPort: 81 }]),
      resources: () =>
        parts(dice, { limits: () => ({ cpu: dice.pick(['1', '500m']) }), requests: () => ({ cpu: '100m' }) }),
      volumeMounts: () => dice.some([{ name: 'cache', mountPath: '/cache' }]),
      securityContext: () => ({}),
    }),
  }));
}

const deployment: RandomKind = {
  kind: 'Deployment',
  paths: { 'apps/v1': 'deployments' },
  component: 'io.k8s.api.apps.v1.Deployment',
  empty: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {},
    spec: { selector: null, template: { metadata: {}, spec: { containers: null } }, strategy: {} },
    status: {},
  },
  config: (dice) => ({
    metadata: metadata(dice),
    spec: {
      paused: true,
      ...parts(dice, {
        replicas: () => dice.roll(3),
        minReadySeconds: () => dice.roll(3),
        strategy: () =>
          dice.pick<unknown>([{ type: 'Recreate' }, { rollingUpdate: { maxSurge: dice.pick([1, '25%']) } }]),
      }),
      selector: { matchLabels: { app: 'x' } },
      template: {
        metadata: { labels: record(dice, ['l1', 'l2'], { app: 'x' }) },
        spec: {
          containers: containers(dice),
          volumes: [
            { name: 'cache', ...(dice.chance(50) ? { emptyDir: {} } : { configMap: { name: dice.pick(['m', 'n']) } }) },
          ],
          ...parts(dice, {
            nodeSelector: () => record(dice, ['zone', 'disk']),
            tolerations: () =>
              dice.some([
                { key: 'a', operator: 'Exists' },
                { key: 'b', operator: 'Exists' },
              ]),
            hostAliases: () => dice.some([{ ip: '10.0.0.9', hostnames: ['h'] }]),
          }),
        },
      },
    },
  }),
};

export const builtinKinds: readonly RandomKind[] = [configMap, service, deployment];

const specSchema = {
  type: 'object',
  properties: {
    granular: { type: 'object', additionalProperties: { type: 'string' } },
    atomic: { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
    nested: { type: 'object', additionalProperties: { type: 'object', additionalProperties: { type: 'integer' } } },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    list: { type: 'array', items: { type: 'integer' } },
    keyed: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name', 'port'],
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string' },
          port: { type: 'integer', default: 80 },
          value: { type: 'string' },
          tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
        },
      },
    },
    mixed: { 'x-kubernetes-int-or-string': true },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    number: { type: 'integer' },
  },
};

/** A definition with two versions of one schema, and what is random about its objects. */
export function customKind(group: string): { readonly definition: JsonObject; readonly kind: RandomKind } {
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    subresources: { status: {} },
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: specSchema, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    },
  });
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [version('v1', true), version('v1beta1', false)],
    },
  };
  const kind = {
    kind: 'Thing',
    paths: { [`${group}/v1`]: 'things', [`${group}/v1beta1`]: 'things' },
    component: '',
    config: (dice: Dice) => ({ metadata: metadata(dice), ...(dice.chance(90) && { spec: thingSpec(dice) }) }),
  };
  return { definition, kind };
}

/** The schema of the custom resource, as its definition holds it. */
export const thingSchema: JsonObject = {
  type: 'object',
  properties: { spec: specSchema, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
};

function thingSpec(dice: Dice): JsonObject {
  return parts(dice, {
    granular: () => record(dice, ['a', 'b', 'c']),
    atomic: () => record(dice, ['a', 'b']),
    nested: () =>
      Object.fromEntries(dice.some(['x', 'y']).map((key) => [key, dice.chance(20) ? {} : { n: dice.roll(3) }])),
    set: () => dice.some(['s1', 's2', 's3', 's4']),
    list: () => dice.some([1, 2, 3]),
    keyed: () =>
      dice.some([{ name: 'a' }, { name: 'a', port: 81 }, { name: 'b' }, { name: 'c', port: 80 }]).map((item) => ({
        ...item,
        ...parts(dice, { value: () => dice.pick(values), tags: () => dice.some(['t1', 't2']) }),
      })),
    mixed: () => dice.pick<unknown>([1, '1', 2]),
    free: () => dice.pick<unknown>([{}, { a: 1 }, { a: { b: [1], c: 'x' }, l: [{ z: 1 }] }, { a: 'text' }]),
    number: () => dice.roll(3),
  });
}
