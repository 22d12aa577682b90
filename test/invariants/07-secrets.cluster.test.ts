/** Invariant 7. A secret value never enters a log, an event, an error, a diff, a plan or a metric. */
import { createHash } from 'node:crypto';
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { refOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { Metrics } from '@homeostat/reconcile';
import {
  annotated,
  configMap,
  deployment,
  eventually,
  inNamespace,
  scenarioTest as story,
  secret,
} from '../support/scenario.ts';
import type { Process, ScenarioOptions, World } from '../support/scenario.ts';
import { SEED, draw } from './draw.ts';
import type { Draw } from './draw.ts';
import { hasty, tap } from './tap.ts';

/** Values that stand nowhere else, in shapes that are quoted in different ways, and every trace that one could leave. */
interface Vault {
  readonly value: () => string;
  readonly number: () => number;
  readonly traces: readonly string[];
}

function vault({ between, pick }: Draw): Vault {
  const traces: string[] = [];
  const word = (): string => Array.from({ length: 14 }, () => 'bcdfghjkmnpqrstvwxz'[between(0, 18)]).join('');
  return {
    traces,
    value() {
      const one = word();
      traces.push(one);
      return pick([
        one,
        `say "${one}" \\ once`,
        `${one}\nand more`,
        `\u{1F511}${one}`,
        `{"password":"${one}"}`,
        `${one}: [`,
      ]);
    },
    number() {
      const digits = Number(Array.from({ length: 10 }, () => `${between(1, 9)}`).join(''));
      traces.push(`${digits}`);
      return digits;
    },
  };
}

/** Each form in which a value can be told: as it stands, encoded at whatever offset, digested. */
function forms(trace: string): readonly string[] {
  const encoded = [0, 1, 2].map((offset) =>
    Buffer.from('\0'.repeat(offset) + trace)
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  const digests = (['hex', 'base64', 'base64url'] as const).map((form) =>
    createHash('sha256').update(trace).digest(form),
  );
  return [trace, ...encoded, ...digests, Buffer.from(trace).toString('hex'), encodeURIComponent(trace)];
}

/** A way to an error, or to a telling, with a Secret `key` in it. */
type Way = (
  world: World,
  vault: Vault,
) => Promise<{
  readonly files: Parameters<World['commit']>[0];
  readonly policy?: Parameters<World['reconcile']>[0];
}>;

const raw = (data: Readonly<Record<string, unknown>>, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'key' },
  ...more,
  stringData: data,
});
const files = (object: KubeObject) => Promise.resolve({ files: { 'key.yaml': object } });

const WAYS: Readonly<Record<string, Way>> = {
  'created or changed': (_, { value }) => files(raw({ a: value(), b: value() })),
  'refused: a number where a text is to be': (_, { number }) => files(raw({ a: number() })),
  'refused: an object where a text is to be': (_, { value }) => files(raw({ a: { inner: value() } })),
  'refused: a field that does not exist': (_, { value }) => files(raw({ a: '1' }, { surplus: { deep: value() } })),
  'refused: no base64': (_, { value }) => files({ ...raw({}), data: { a: value() } }),
  'refused: a value in place of all': (_, { value }) => files({ ...raw({}), data: value() }),
  'refused: immutable': (_, { value }) => files(raw({ a: value() }, { immutable: true })),
  'refused: another type': (_, { value }) => files(raw({ a: value() }, { type: 'kubernetes.io/tls' })),
  'a conflict with another manager': async (world, { value }) => {
    await world.applyAs('somebody', secret('key', { a: value(), theirs: value() }));
    return { ...(await files(raw({ a: value() }))), policy: { conflicts: 'fail' } };
  },
  'taken from another manager': async (world, { value }) => {
    await world.applyAs('somebody', secret('key', { a: value(), theirs: value() }));
    return { ...(await files(raw({ a: value() }))), policy: { conflicts: 'force', additions: 'report' } };
  },
  'additions taken away': async (world, { value }) => {
    await world.applyAs('somebody', secret('key', { theirs: value() }));
    return { ...(await files(raw({ a: value() }))), policy: { additions: 'remove' } };
  },
  'a file that cannot be parsed': (_, { value }) =>
    Promise.resolve({
      files: {
        'key.yaml': `apiVersion: v1\nkind: Secret\nmetadata:\n  name: key\nstringData:\n  a: "${value().replaceAll(/["\\\n]/g, '')}\n  b: [\n`,
      },
    }),
  'a file with a tab in it': (_, { value }) =>
    Promise.resolve({
      files: {
        'key.yaml': `apiVersion: v1\nkind: Secret\nmetadata:\n  name: key\nstringData:\n\ta: ${value().replaceAll(/["\\\n]/g, '')}\n`,
      },
    }),
  'a key twice': (_, { value }) =>
    Promise.resolve({
      files: {
        'key.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData:\n  a: ${JSON.stringify(value())}\n  a: ${JSON.stringify(value())}\n`,
      },
    }),
  'an object without a name': (_, { value }) => files({ ...raw({ a: value() }), metadata: {} as never }),
  'the same object in two files': (_, { value }) =>
    Promise.resolve({ files: { 'key.yaml': raw({ a: value() }), 'twin.yaml': raw({ a: value() }) } }),
  'made by a kustomization': (_, { value }) =>
    Promise.resolve({
      files: {
        'kustomization.yaml': `secretGenerator: [{name: key, literals: [${JSON.stringify(`a=${value()}`)}]}]\n`,
      },
    }),
  'in a list': (_, { value }) =>
    Promise.resolve({
      files: { 'key.yaml': { apiVersion: 'v1', kind: 'List', items: [raw({ a: value() })] } as never },
    }),
  'needed by what is blocked': (world, { value }) =>
    Promise.resolve({
      files: {
        'key.yaml': raw({ a: { not: value() } }),
        'web.yaml': annotated(deployment('web'), {
          'homeostat.dev/depends-on': `/namespaces/${world.namespace}/Secret/key`,
        }),
      },
    }),
};

/** Nobody could write to a Secret that is immutable. */
const WRITTEN_BY_OTHERS: ReadonlySet<string> = new Set([
  'a conflict with another manager',
  'taken from another manager',
  'additions taken away',
]);

/** As it is stored. */
const encoded = (text: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'key' },
  data: { a: Buffer.from(text).toString('base64') },
});

/** What is told to whoever listens in the same process, and what is counted. */
interface Ear extends Disposable {
  readonly heard: readonly unknown[];
  readonly metrics: Metrics;
}

function listen(): Ear {
  const heard: unknown[] = [];
  const hear = (message: unknown, name: string | symbol): void => void heard.push([String(name), message]);
  const names = ['apply', 'prune', 'drift', 'fight', 'lease', 'request'].map((name) => `homeostat:${name}`);
  const traced = ['pass', 'stage', 'repair'].map((name) => tracingChannel(`homeostat:${name}`));
  const each = (message: unknown): void => void heard.push(message);
  const all = { start: each, end: each, asyncStart: each, asyncEnd: each, error: each };
  for (const name of names) subscribe(name, hear);
  for (const one of traced) one.subscribe(all);
  return {
    heard,
    metrics: {
      add: (...call) => void heard.push(call),
      record: (...call) => void heard.push(call),
      sample: (name, read) => () => void heard.push([name, read()]),
    },
    [Symbol.dispose]() {
      for (const name of names) unsubscribe(name, hear);
      for (const one of traced) one.unsubscribe(all);
    },
  };
}

/** All that leaves the engine: what it returns, throws and tells, what it keeps in the cluster outside the Secret. */
async function allOf(world: World, process: Process, outputs: readonly unknown[]): Promise<string> {
  const parent = await world.live(configMap(world.sync.name));
  return [...outputs, ...process.events, parent]
    .flatMap((output) => [JSON.stringify(output) ?? '', inspect(output, { depth: 12 })])
    .join('\n');
}

function expectSilent(text: string, traces: readonly string[], about: string): void {
  for (const trace of traces) {
    for (const form of forms(trace)) {
      const at = text.indexOf(form);
      expect(at, `${about}: ${form} stands in …${text.slice(Math.max(0, at - 300), at + 60)}…`).toBe(-1);
    }
  }
}

async function attempt(make: () => Promise<unknown>): Promise<unknown> {
  try {
    return await make();
  } catch (error) {
    return error;
  }
}

story(
  `7. by whatever way a Secret goes or fails, nothing tells a value of it (SEED=${SEED})`,
  async ({ scenario, client }) => {
    const dice = draw();
    for (const [round, title] of dice.shuffle(Object.keys(WAYS)).entries()) {
      const options: ScenarioOptions = { name: `site-${round}`, policy: { wait: false } };
      const world = await scenario(options);
      const { value, number, traces } = vault(dice);
      // Now and then there is one already, which then changes, becomes immutable, or loses a key.
      if (dice.chance(0.5)) {
        const immutable = dice.chance(0.3);
        await world.commit({
          'key.yaml': raw(
            { a: value(), gone: value() },
            immutable && !WRITTEN_BY_OTHERS.has(title) ? { immutable } : {},
          ),
        });
        await world.reconcile();
      }
      const { files: changed, policy = {} } = await WAYS[title]!(world, { value, number, traces });
      await world.commit(changed);
      const process = await world.process({ policy });
      using ear = listen();
      tap(process, {}, { clock: hasty, metrics: ear.metrics });
      const outputs = [
        await attempt(() => process.plan()),
        await attempt(() => process.reconcile()),
        await attempt(() => process.plan({ lookOnly: true })),
      ];
      await world.commit(Object.fromEntries(Object.keys(changed).map((path) => [path, null])));
      outputs.push(await attempt(() => process.plan()), await attempt(() => process.reconcile()));
      outputs.push(await attempt(() => process.destroy('delete')));
      expectSilent(await allOf(world, process, [...outputs, ...ear.heard]), traces, `${title}, SEED=${SEED}`);
      await client.delete(refOf(inNamespace(secret('key', {}), world.namespace)));
    }
  },
);

story(
  `7. nor does a loop that repairs one, and fights for one, tell what was there (SEED=${SEED})`,
  async ({ scenario }) => {
    const { value, traces } = vault(draw());
    const world = await scenario({ policy: { poll: 50 } });
    const wanted = value();
    await world.commit({ 'key.yaml': raw({ a: wanted }) });
    const process = await world.process();
    const loop = process.loop();
    await eventually(() => expect(loop.report?.state).toBe('Ready'));
    const isFought = (): boolean => process.events.some(({ type }) => type === 'fight');
    for (let edit = 0; edit < 10 && !isFought(); edit += 1) {
      await world.applyAs('rival', encoded(value()));
      await eventually(async () => {
        if (isFought()) return;
        await world.expectLive(encoded(wanted));
      });
    }
    expect(isFought()).toBe(true);
    const told = process.events.find(({ type }) => type === 'drift');
    expect(told, 'the field is named').toMatchObject({ fields: ['.data.a'], managers: ['rival'] });
    expectSilent(await allOf(world, process, [loop.report]), traces, `drift, SEED=${SEED}`);
  },
);
