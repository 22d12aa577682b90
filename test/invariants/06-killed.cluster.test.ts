/**
 * Invariant 6. A kill at any instant, followed by a restart, converges to the same cluster, with no orphan and no needless delete.
 */
import { expect } from 'vitest';
import { KubeError, setIdentity, stringifyJson } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import {
  annotated,
  configMap,
  deployment,
  inNamespace,
  scenarioTest as story,
  secret,
  service,
  told,
} from '../support/scenario.ts';
import type { ScenarioOptions, World } from '../support/scenario.ts';
import { SEED, draw } from './draw.ts';
import { isWrite, tap } from './tap.ts';
import type { Call, Hands } from './tap.ts';

const KINDS = [
  ['', 'ConfigMap'],
  ['', 'Secret'],
  ['apps', 'Deployment'],
] as const;

/** It goes on another way than before, so that it has to be made anew. */
const selecting = (name: string, app: string): KubeObject =>
  deployment(name, { selector: { matchLabels: { app } }, template: podOf(app) });
const podOf = (app: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
});

/** One commit with everything that a pass does: create, update, adopt, replace, prune, release; some after others. */
async function prepare(world: World, client: Client, p: string): Promise<void> {
  await world.commit({
    'keeps.yaml': [configMap(`${p}-same`), configMap(`${p}-changes`)],
    'replaced.yaml': selecting(`${p}-replaced`, 'one'),
    'goes.yaml': [configMap(`${p}-goes`), secret(`${p}-goes`, { a: '1' })],
    'freed.yaml': annotated(configMap(`${p}-freed`), { 'client.lifecycle.config.k8s.io/deletion': 'detach' }),
  });
  expect((await world.reconcile()).state).toBe('Ready');
  await client.create(inNamespace(configMap(`${p}-adopted`), world.namespace), { manager: 'kubectl-create' });
  const first = `/namespaces/${world.namespace}/ConfigMap/${p}-new`;
  await world.commit({
    'keeps.yaml': [configMap(`${p}-same`), configMap(`${p}-changes`, { a: '2' })],
    'replaced.yaml': selecting(`${p}-replaced`, 'two'),
    'goes.yaml': null,
    'freed.yaml': null,
    'new.yaml': [
      configMap(`${p}-new`),
      annotated(configMap(`${p}-after`), { 'homeostat.dev/depends-on': first }),
      deployment(`${p}-new`),
      configMap(`${p}-adopted`, { a: '2' }),
    ],
  });
}

/** All that a story leaves behind, without what differs from one story to the next. */
async function clusterOf(client: Client, { namespace }: World, p: string): Promise<Readonly<Record<string, string>>> {
  const resources = await client.resources();
  const found: [string, string][] = [];
  for (const [group, kind] of KINDS) {
    for await (const { items } of client.list(resources.find({ group, kind })!, { namespace })) {
      for (const item of items) {
        const { name, labels, annotations, managedFields = [] } = item.metadata;
        if (!name.startsWith(`${p}-`)) continue;
        const owners = managedFields
          .filter(({ subresource }) => subresource === undefined)
          .map(({ manager, operation, fieldsV1 }) => stringifyJson({ manager, operation, fieldsV1 }))
          .toSorted();
        const kept = stringifyJson([labels, annotations, item['data'], item['spec'], owners]);
        const { id } = setIdentity(namespace, p);
        found.push([`${kind} ${name.slice(p.length + 1)}`, kept.replaceAll(id, 'SET').replaceAll(p, 'P')]);
      }
    }
  }
  return Object.fromEntries(found);
}

interface Ending {
  readonly cluster: Readonly<Record<string, string>>;
  /** What engines deleted, whether or not they lived to hear of it. */
  readonly deletions: readonly string[];
  /** What the first engine asked. */
  readonly calls: readonly Call[];
}

interface Kill {
  /** The number of the request. */
  readonly at: number;
  /** It is never sent, or served and nobody hears of it. */
  readonly moment: 'before' | 'after';
}

/** From then on nothing reaches the server any more, and nothing comes back. */
function mortal(kill: Kill | undefined, dead: AbortController): Hands {
  const sent: Call[] = [];
  const end = (): never => {
    dead.abort();
    throw new KubeError('CANCELLED', 'there is nobody who could hear this');
  };
  const hit = (moment: Kill['moment'], call: Call): void => {
    if (dead.signal.aborted || (kill?.moment === moment && sent[kill.at - 1] === call)) end();
  };
  return {
    before(call) {
      sent.push(call);
      hit('before', call);
    },
    after: (call) => hit('after', call),
  };
}

/** The story told to its end, by one engine, or by one that is killed and another. */
async function tell(
  scenario: (options: ScenarioOptions) => Promise<World>,
  client: Client,
  p: string,
  kill?: Kill,
): Promise<Ending> {
  const world = await scenario({ name: p, policy: { replace: 'on-immutable' } });
  await prepare(world, client, p);
  const before = await uids(client, world, p);
  const process = await world.process();
  const dead = new AbortController();
  const calls = tap(process, mortal(kill, dead));
  await process.reconcile({ signal: dead.signal });

  const about = stringifyJson(kill ?? 'not killed');
  const next = await world.process();
  const again = tap(next);
  const report = await next.reconcile();
  expect(report.state, `${about}: ${stringifyJson(told(report))}`).toBe('Ready');
  const last = await world.process();
  const quiet = tap(last);
  expect((await last.reconcile()).state, about).toBe('Ready');
  expect(
    quiet.filter(isWrite).map(({ verb, name }) => `${verb} ${name}`),
    `a settled set is left alone: ${about}`,
  ).toEqual([]);

  const after = await uids(client, world, p);
  for (const name of ['same', 'changes', 'freed', 'adopted'])
    expect(after.get(name), `${name} is the same object: ${about}`).toBe(before.get(name));
  const deletions = [...calls, ...again].flatMap(({ verb, kind, name, served }) =>
    verb === 'delete' && served === true ? [`${kind} ${name.slice(p.length + 1)}`] : [],
  );
  return { cluster: await clusterOf(client, world, p), deletions: deletions.toSorted(), calls };
}

async function uids(client: Client, { namespace }: World, p: string): Promise<ReadonlyMap<string, string | undefined>> {
  const resource = (await client.resources()).find({ group: '', kind: 'ConfigMap' })!;
  const found = new Map<string, string | undefined>();
  for await (const { items } of client.list(resource, { namespace }))
    for (const { metadata } of items)
      if (metadata.name.startsWith(`${p}-`)) found.set(metadata.name.slice(p.length + 1), metadata.uid);
  return found;
}

story(
  `6. killed before or after each request that writes, and started again: the same cluster and the same deletions (SEED=${SEED})`,
  async ({ scenario, client }) => {
    const { pick, shuffle } = draw();
    const whole = await tell(scenario, client, 'whole');
    expect(whole.deletions).toEqual(['ConfigMap goes', 'Deployment replaced', 'Secret goes']);
    expect(Object.keys(whole.cluster).toSorted()).toEqual([
      ...['adopted', 'after', 'changes', 'freed', 'new', 'same'].map((name) => `ConfigMap ${name}`),
      'Deployment new',
      'Deployment replaced',
    ]);
    const writes = whole.calls.flatMap((call, i) => (isWrite(call) ? [i + 1] : []));
    const reads = whole.calls.flatMap((call, i) => (isWrite(call) ? [] : [i + 1]));
    expect(writes.length).toBeGreaterThan(10);
    // Of each request that writes one side, by chance: `test/scenarios/kill-points` has both sides of every one.
    const kills: readonly Kill[] = [...writes, ...shuffle(reads).slice(0, 2)].map((at) => ({
      at,
      moment: pick(['before', 'after'] as const),
    }));
    for (const [i, kill] of kills.entries()) {
      const ending = await tell(scenario, client, `kill${i}`, kill);
      const victim = ending.calls[kill.at - 1];
      const about = `killed ${kill.moment} request ${kill.at} (${victim?.verb} ${victim?.kind} ${victim?.name})`;
      expect(ending.cluster, about).toEqual(whole.cluster);
      // What was under way elsewhere may be done without anybody's hearing of it, and nothing is done twice.
      expect([...new Set(ending.deletions)], about).toEqual(ending.deletions);
      expect(whole.deletions, about).toEqual(expect.arrayContaining([...ending.deletions]));
    }
  },
);

story('6. killed while it ends a set, and started again: nothing of the set is left', async ({ scenario }) => {
  const end = async (p: string, kill?: Kill): Promise<readonly Call[]> => {
    const world = await scenario({ name: p });
    await world.commit({ 'all.yaml': [configMap(`${p}-a`), configMap(`${p}-b`), secret(`${p}-c`, { a: '1' })] });
    await world.reconcile();
    const process = await world.process();
    const dead = new AbortController();
    const calls = tap(process, mortal(kill, dead));
    await process.destroy('delete').catch(() => undefined);
    if (kill !== undefined)
      await (
        await world.process()
      )
        .destroy('delete')
        .catch((error: unknown) => expect(error).toMatchObject({ code: 'SET_UNKNOWN' }));
    for (const object of [configMap(`${p}-a`), configMap(`${p}-b`), secret(`${p}-c`, {}), configMap(p)])
      await world.expectGone(object);
    return calls;
  };
  const whole = await end('whole');
  expect(whole.filter(isWrite).length).toBeGreaterThan(3);
  for (const [i, call] of whole.entries())
    if (isWrite(call)) await end(`k${i}`, { at: i + 1, moment: i % 2 === 0 ? 'before' : 'after' });
});

story(
  '6. killed while it makes objects of a new kind, and the source has moved on before it starts again: none of them stays behind',
  async ({ scenario, client }) => {
    const resource = (await client.resources()).find({ group: '', kind: 'Service' })!;
    const tellOn = async (p: string, kill?: Kill): Promise<readonly Call[]> => {
      const world = await scenario({ name: p, policy: { wait: false } });
      await world.commit({ 'stays.yaml': configMap(`${p}-stays`) });
      await world.reconcile();
      await world.commit({ 'new.yaml': [service(`${p}-a`, { app: 'a' }), service(`${p}-b`, { app: 'b' })] });
      const process = await world.process();
      const dead = new AbortController();
      const calls = tap(process, mortal(kill, dead));
      await process.reconcile({ signal: dead.signal });
      await world.commit({ 'new.yaml': null });
      expect((await world.reconcile()).state).toBe('Ready');
      for await (const { items } of client.list(resource, { namespace: world.namespace }))
        expect(items.map(({ metadata }) => metadata.name)).toEqual([]);
      await world.expectLive(configMap(`${p}-stays`));
      return calls;
    };
    const whole = await tellOn('whole');
    expect(whole.filter(isWrite).length).toBeGreaterThan(2);
    for (const [i, call] of whole.entries())
      for (const moment of ['before', 'after'] as const)
        if (isWrite(call)) await tellOn(`k${i}-${moment}`, { at: i + 1, moment });
  },
);
