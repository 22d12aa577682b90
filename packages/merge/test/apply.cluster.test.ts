import {
  MergeError,
  applyConfiguration,
  fieldSet,
  locate,
  parseFieldsV1,
  printPath,
  schemaFromOpenApi,
  trackUpdate,
  typeFromOpenApi,
  typeOf,
  union,
} from '@homeostat/merge';
import type { JsonObject, TypeUse } from '@homeostat/merge';
import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import type { RawAnswer } from '../../../test/support/cluster.ts';
import { dice, seed } from './dice.ts';
import type { Dice } from './dice.ts';
import {
  APPLY,
  MERGE,
  collectionOf,
  componentsOf,
  latestTime,
  metadataOf,
  ownersIn,
  trackingOf,
  urlOf,
  withEntries,
} from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { builtinKinds, customKind, thingSchema } from './random-objects.ts';

/*
 * The same requests to the real API server and to this package: after every step the owners of every field, the conflicts
 * and the fields themselves must be the same. Every step starts from the server's object, so that its defaults, and what
 * its controllers write meanwhile, are part of both.
 */

const SEQUENCES = 5;
const STEPS = 22;

/** A request, and what this package says it does. */
interface Step {
  readonly title: string;
  readonly send: () => Promise<RawAnswer>;
  /** `answer` is the object that the server stored. */
  readonly replay: (answer: JsonObject, now: string) => JsonObject;
  readonly check: (mine: JsonObject, answer: JsonObject) => void;
}

async function randomStep(
  endpoint: Endpoint,
  roll: Dice,
  live: JsonObject | undefined,
  version: string,
): Promise<Step> {
  if (live === undefined)
    return roll.chance(50) ? applyStep(endpoint, roll, live, version) : createStep(endpoint, roll, version);
  return roll.chance(60) ? applyStep(endpoint, roll, live, version) : updateStep(endpoint, roll, live, version);
}

function configOf({ random, name }: Endpoint, roll: Dice, version: string): JsonObject {
  const config = random.config(roll);
  return { ...config, apiVersion: version, kind: random.kind, metadata: { ...metadataOf(config), name } };
}

function applyStep(endpoint: Endpoint, roll: Dice, live: JsonObject | undefined, version: string): Step {
  const manager = roll.pick(['a1', 'a2', 'a3']);
  const force = roll.chance(40);
  const given = configOf(endpoint, roll, version);
  // Optimistic locking: a controller's write between our reading and our request would be a third participant.
  const resourceVersion = live === undefined ? {} : { resourceVersion: metadataOf(live)['resourceVersion'] };
  const config = { ...given, metadata: { ...metadataOf(given), ...resourceVersion } };
  const url = `${urlOf(endpoint, version)}?fieldManager=${manager}&force=${force}`;
  return {
    title: `apply as ${manager}${force ? ' by force' : ''}: ${JSON.stringify(config)}`,
    send: () => endpoint.raw('PATCH', url, { body: config, contentType: APPLY }),
    replay: (_, now) => applyConfiguration(live, config, { ...trackingOf(endpoint, now), manager, force }).object,
    check: expectSameFields,
  };
}

function createStep(endpoint: Endpoint, roll: Dice, version: string): Step {
  const manager = roll.pick(['u1', 'a1']);
  const body = configOf(endpoint, roll, version);
  const url = `${collectionOf(endpoint.random, endpoint.namespace, version)}?fieldManager=${manager}`;
  return {
    title: `create as ${manager}: ${JSON.stringify(body)}`,
    send: () => endpoint.raw('POST', url, { body }),
    replay: (answer, now) =>
      trackUpdate(undefined, withEntries(beforeStrategy(answer), undefined), { ...trackingOf(endpoint, now), manager }),
    check: () => undefined,
  };
}

/** Without what is allocated for a new Service after its owners were recorded. */
function beforeStrategy(object: JsonObject): JsonObject {
  if (object['kind'] !== 'Service') return object;
  const {
    clusterIP: _ip,
    clusterIPs: _ips,
    ipFamilies: _families,
    ipFamilyPolicy: _policy,
    ...spec
  } = object['spec'] as JsonObject;
  return { ...object, spec };
}

/** A Service keeps its addresses: were they left out, they would come back after the owners were recorded. */
function withAllocated(config: JsonObject, live: JsonObject): JsonObject {
  if (config['kind'] !== 'Service') return config;
  return { ...config, spec: { ...(live['spec'] as JsonObject), ...(config['spec'] as JsonObject) } };
}

function updateStep(endpoint: Endpoint, roll: Dice, live: JsonObject, version: string): Step {
  const manager = roll.pick(['u1', 'u2', 'a1']);
  const entries = roll.chance(92) ? undefined : roll.pick<unknown>([[], [{}], null, [{ operation: 'Zap' }]]);
  const config = configOf(endpoint, roll, version);
  const meta = { ...metadataOf(config), resourceVersion: metadataOf(live)['resourceVersion'] };
  const sent = entries === undefined ? {} : { managedFields: entries };
  const query = `?fieldManager=${manager}`;
  const isPut = roll.chance(40);
  const holes = roll.chance(50) ? Object.fromEntries(roll.some(['data', 'spec']).map((key) => [key, null])) : {};
  const patch = { ...(endpoint.random.kind === 'Deployment' ? {} : holes), ...config, metadata: { ...meta, ...sent } };
  // A PUT keeps the entries of `managedFields` unless it says otherwise.
  const put = { ...live, ...withAllocated(config, live), metadata: { ...metadataOf(live), ...meta, ...sent } };
  const body = isPut ? put : patch;
  return {
    title: `${isPut ? 'PUT' : 'merge patch'} as ${manager}: ${JSON.stringify(body)}`,
    send: () =>
      endpoint.raw(isPut ? 'PUT' : 'PATCH', urlOf(endpoint, version) + query, {
        body,
        ...(!isPut && { contentType: MERGE }),
      }),
    replay: (answer, now) => {
      // Custom resources are decoded without an empty list.
      const isAbsent = entries === undefined || (endpoint.random.component === '' && equalsEmptyList(entries));
      const next = withEntries(answer, isAbsent ? metadataOf(live)['managedFields'] : entries);
      return trackUpdate(live, next, { ...trackingOf(endpoint, now), manager });
    },
    check: () => undefined,
  };
}

function equalsEmptyList(entries: unknown): boolean {
  return Array.isArray(entries) && entries.length === 0;
}

/**
 * What the server stored holds all that we have, and what only it has belongs to nobody: defaults. Had we pruned too much
 * or too little, one or the other would not hold.
 */
function expectSameFields(mine: JsonObject, answer: JsonObject): void {
  const owned = ((metadataOf(answer)['managedFields'] ?? []) as readonly JsonObject[])
    .map((entry) => parseFieldsV1(entry['fieldsV1']))
    .reduce(union, fieldSet([]));
  const scalars = (object: JsonObject) =>
    // A zero value of a built-in kind is not always written.
    [...locate(owned, object)].flatMap(({ path, value }) =>
      isScalar(value) && Boolean(value) && !isDefaulted(printPath(path)) ? [`${printPath(path)}=${value}`] : [],
    );
  expect(scalars(mine)).toEqual(scalars(answer));
  expect(missingIn(answer, withEntries(mine, metadataOf(answer)['managedFields']), '')).toEqual([]);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Paths of what `wanted` has and `there` has not. A null is nothing. */
function missingIn(there: unknown, wanted: unknown, path: string): readonly string[] {
  if (wanted === null || path === '.metadata.resourceVersion') return [];
  if (Array.isArray(wanted)) {
    if (!Array.isArray(there)) return wanted.length === 0 ? [] : [path];
    if (there.length !== wanted.length) return [`${path}: ${there.length} items instead of ${wanted.length}`];
    return wanted.flatMap((item, i) => missingIn(there[i], item, `${path}[${i}]`));
  }
  if (typeof wanted === 'object') {
    const record = (there ?? {}) as JsonObject;
    return Object.entries(wanted as JsonObject).flatMap(([name, part]) =>
      missingIn(record[name], part, `${path}.${name}`),
    );
  }
  if (there === wanted || (there === undefined && !wanted) || isDefaulted(path)) return [];
  return [`${path}: ${JSON.stringify(there)} instead of ${JSON.stringify(wanted)}`];
}

/** What the server sets anew from other fields, whatever was stored. */
function isDefaulted(path: string): boolean {
  return /^\.(metadata\.generation|status\.|spec\.clusterIPs?|spec\.template\..*\.targetPort|spec\.strategy\.|spec\.sessionAffinityConfig)/.test(
    path,
  );
}

async function runSequence(endpoint: Endpoint, start: number): Promise<number> {
  const roll = dice(start);
  const versions = Object.keys(endpoint.random.paths);
  const story: string[] = [];
  let compared = 0;
  for (let i = 0; i < STEPS; i++) {
    const version = roll.pick(versions);
    const before = await endpoint.raw('GET', urlOf(endpoint, version));
    const live = before.status === 200 ? (before.body as JsonObject) : undefined;
    const step = await randomStep(endpoint, roll, live, version);
    story.push(step.title);
    const answer = await step.send();
    const tell = `SEED=${seed}, sequence ${start - seed}, step ${i}; live ${JSON.stringify(live)}; ${story.at(-1) ?? ''}`;
    if (answer.status === 409) {
      const causes = causesOf(answer.body);
      // The other conflict is a stale resourceVersion: a controller was faster.
      if (causes.length === 0) continue;
      expect(
        conflictOf(() => step.replay({}, '2030-01-01T00:00:00Z')),
        tell,
      ).toEqual(causes);
      compared++;
    } else if (answer.status < 300) {
      const object = answer.body as JsonObject;
      const mine = step.replay(object, latestTime(object));
      expect(ownersIn(mine), tell).toEqual(ownersIn(object));
      try {
        step.check(mine, object);
      } catch (error) {
        throw new Error(tell, { cause: error });
      }
      compared++;
    }
    // Anything else is refused by validation, which is none of this package's business.
  }
  return compared;
}

function causesOf(body: unknown): readonly unknown[] {
  const { causes } = ((body as JsonObject)['details'] ?? {}) as { causes?: readonly JsonObject[] };
  return (causes ?? []).map(({ field, message }) => `${String(message)}: ${String(field)}`).sort();
}

function conflictOf(apply: () => unknown): readonly unknown[] {
  try {
    apply();
  } catch (error) {
    if (!(error instanceof MergeError) || error.code !== 'CONFLICT') throw error;
    return error.conflicts
      .map(({ manager, apiVersion, path }) => {
        const using = apiVersion === undefined ? '' : ` using ${apiVersion}`;
        return `conflict with ${JSON.stringify(manager)}${using}: ${path}`;
      })
      .sort();
  }
  return ['no conflict'];
}

describe('random requests', () => {
  cluster.test.for(builtinKinds)(
    `own the same fields of a $kind here and there (SEED=${seed})`,
    { timeout: 300_000 },
    async (random, { namespace, raw }) => {
      const [version] = Object.keys(random.paths);
      const type = typeOf(schemaFromOpenApi(await componentsOf(raw, version as string)), random.component);
      let compared = 0;
      for (let i = 0; i < SEQUENCES; i++) {
        const endpoint = { raw, random, namespace, name: `x${i}`, type: type as TypeUse };
        compared += await runSequence(endpoint, seed + i);
      }
      expect(compared).toBeGreaterThan(SEQUENCES * 5);
    },
  );

  cluster.test(
    `own the same fields of a custom resource of two versions here and there (SEED=${seed})`,
    { timeout: 300_000 },
    async ({ namespace, raw, onTestFinished }) => {
      const { definition, kind } = customKind(`${randomBytes(4).toString('hex')}.example.com`);
      const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      onTestFinished(
        async () => void (await raw('DELETE', `${definitions}/${String(metadataOf(definition)['name'])}`)),
      );
      await raw('POST', definitions, { body: definition });
      const [version] = Object.keys(kind.paths);
      await expect
        .poll(async () => (await raw('GET', collectionOf(kind, namespace, version as string))).status, {
          timeout: 20_000,
        })
        .toBe(200);
      const core = await componentsOf(raw, 'v1');
      const type = typeFromOpenApi(thingSchema, (name) => core[name]);
      let compared = 0;
      for (let i = 0; i < SEQUENCES * 2; i++) {
        compared += await runSequence({ raw, random: kind, namespace, name: `x${i}`, type }, seed + i);
      }
      expect(compared).toBeGreaterThan(SEQUENCES * 5);
    },
  );
});
