/** Whatever a pass or a repair waits for, drift of other objects is repaired at once. */
import { describe, expect, test } from 'vitest';
import type { KubeObject, Ref } from '@homeostat/kube';
import { suspendSet } from '@homeostat/reconcile';
import { annotated, configMap, deployment, eventually } from '../../../test/support/scenario.ts';
import { stage } from './loop-fixture.ts';
import type { Stage } from './loop-fixture.ts';

const after = annotated(configMap('after'), { 'homeostat.dev/depends-on': 'apps/namespaces/default/Deployment/web' });
/** No node takes its Pods. */
const broken = deployment('web', { replicas: 1 }, { nodeSelector: { 'no-such-node': 'at-all' } });

function ref({ kind, metadata: { name } }: KubeObject): Ref {
  return { group: kind === 'Deployment' ? 'apps' : '', kind, namespace: 'default', name };
}

async function dataOf(here: Stage, name: string): Promise<unknown> {
  return (await here.client.get(ref(configMap(name))))?.['data'];
}

async function edit(here: Stage, name: string): Promise<void> {
  await here.client.patch(
    ref(configMap(name)),
    { type: 'merge', value: { data: { a: 'edited' } } },
    { manager: 'kubectl-edit' },
  );
}

async function hold(here: Stage, name: string, finalizers: readonly string[] | null): Promise<void> {
  await here.client.patch(ref(configMap(name)), { type: 'merge', value: { metadata: { finalizers } } });
}

/** The loop has heard of the newest version of it, and has had the time to do something about it. */
async function seen(here: Stage, one: Ref): Promise<void> {
  const version = (await here.client.get(one))?.metadata.resourceVersion;
  await eventually(() => expect(here.ports.live.get(one)?.resourceVersion).toBe(version));
  await here.clock.advance(1);
}

/** What the loop waits for, as it says after a second. */
async function waiting(here: Stage, name: string): Promise<void> {
  const waits = (): readonly string[] =>
    [...here.told('apply'), ...here.told('prune')].flatMap(({ event }) =>
      event.type === 'waiting' ? [event.ref.name] : [],
    );
  await eventually(async () => {
    await here.clock.advance(1_000);
    expect(waits()).toContain(name);
  });
}

/** It is repaired while no time passes, and no report is told. */
async function repairedAtOnce(here: Stage, name: string): Promise<void> {
  const [since, reports] = [here.clock.now(), here.told('report').length];
  await edit(here, name);
  await eventually(async () => expect(await dataOf(here, name)).toEqual({ a: '1' }));
  expect(here.clock.now()).toBe(since);
  expect(here.told('report')).toHaveLength(reports);
}

function writesOf(here: Stage, name: string): number {
  return here.sent.filter(({ verb, name: one, dryRun }) => verb === 'apply' && one === name && !dryRun).length;
}

async function ready(here: Stage): Promise<void> {
  await eventually(() => expect(here.loop.report?.state).toBe('Ready'));
}

describe('while a pass waits for a Deployment', () => {
  test('what drifts besides is repaired at once, again and again, and the pass keeps its deadline', async () => {
    await using here = await stage({ server: { simulate: 'workloads' }, policy: { waitTimeout: 60_000 } });
    here.commit(configMap('a'), broken, after);
    here.start();
    await waiting(here, 'web');
    for (let round = 0; round < 3; round += 1) await repairedAtOnce(here, 'a');
    expect(here.told('drift').map(({ ref: { name } }) => name)).toEqual(['a', 'a', 'a']);
    await here.client.delete(ref(configMap('a')));
    await eventually(async () => expect(await dataOf(here, 'a')).toEqual({ a: '1' }));
    expect(here.told('report')).toEqual([]);

    await here.clock.advance(60_000);
    await eventually(() => expect(here.told('report')).toHaveLength(1));
    expect(here.loop.report).toMatchObject({ state: 'Failed', counts: { created: 2, blocked: 1 } });
  });

  test('what the pass has just written is not looked at again', async () => {
    await using here = await stage({ server: { simulate: 'workloads' } });
    here.commit(configMap('a'), broken, after);
    here.start();
    await waiting(here, 'web');
    await seen(here, ref(configMap('a')));
    const sent = here.sent.filter(({ name }) => name === 'a').length;
    await here.clock.advance(10_000);
    expect(here.sent.filter(({ name }) => name === 'a')).toHaveLength(sent);
    expect(writesOf(here, 'a')).toBe(1);
    expect(here.told('drift')).toEqual([]);
  });

  test('what it waits for, and what it is yet to write, is left to it', async () => {
    await using here = await stage({ server: { simulate: 'workloads' }, policy: { waitTimeout: 60_000 } });
    const changed = { ...after, data: { a: '2' } };
    here.commit(deployment('web', { replicas: 1 }), after);
    here.start();
    await ready(here);
    here.commit(broken, changed);
    await waiting(here, 'web');
    const writes = [writesOf(here, 'web'), writesOf(here, 'after')];
    await edit(here, 'after');
    await here.client.patch(ref(broken), { type: 'merge', value: { spec: { replicas: 2 } } }, { manager: 'kubectl' });
    await seen(here, ref(after));
    await here.clock.advance(5_000);
    expect([writesOf(here, 'web'), writesOf(here, 'after')]).toEqual(writes);
    expect(await dataOf(here, 'after')).toEqual({ a: 'edited' });
    expect(await here.client.get(ref(broken))).toMatchObject({ spec: { replicas: 2 } });

    await here.clock.advance(120_000);
    await eventually(async () => expect(await here.client.get(ref(broken))).toMatchObject({ spec: { replicas: 1 } }));
  });

  test('it goes on as soon as that is ready, whatever was repaired meanwhile', async () => {
    await using here = await stage({ server: { simulate: 'workloads' }, policy: { supersede: false } });
    here.commit(configMap('a'), broken, after);
    here.start();
    await waiting(here, 'web');
    await repairedAtOnce(here, 'a');
    await here.client.patch(ref(broken), {
      type: 'merge',
      value: { spec: { template: { spec: { nodeSelector: null } } } },
    });
    await eventually(async () => expect(await dataOf(here, 'after')).toEqual({ a: '1' }));
    await eventually(() => expect(here.told('report').length).toBeGreaterThan(0));
    expect(here.told('report')[0]?.report.counts).toMatchObject({ created: 3, failed: 0, blocked: 0 });
  });

  test('whoever wants the set to be left alone ends both', async () => {
    await using here = await stage({ server: { simulate: 'workloads' } });
    here.commit(configMap('a'), broken, after);
    here.start();
    await waiting(here, 'web');
    await hold(here, 'a', ['example.com/hold']);
    await here.client.delete(ref(configMap('a')));
    await waiting(here, 'a');
    await suspendSet(here.sync, { client: here.client });
    await eventually(() => expect(here.loop.report?.state).toBe('Suspended'));
    await hold(here, 'a', null);
    await here.clock.advance(60_000);
    expect(await here.client.get(ref(configMap('a')))).toBeUndefined();
  });

  test('a newer revision ends both', async () => {
    await using here = await stage({ server: { simulate: 'workloads' } });
    here.commit(configMap('a'), broken, after);
    here.start();
    await waiting(here, 'web');
    await hold(here, 'a', ['example.com/hold']);
    await here.client.delete(ref(configMap('a')));
    await waiting(here, 'a');
    const since = here.clock.now();
    here.commit(configMap('b'), broken, after);
    await eventually(async () => expect(await dataOf(here, 'b')).toEqual({ a: '1' }));
    expect(here.clock.now()).toBe(since);
    await hold(here, 'a', null);
  });

  test('where drift is only told it is told after the pass, once', async () => {
    await using here = await stage({
      server: { simulate: 'workloads' },
      policy: { drift: 'report', waitTimeout: 30_000 },
    });
    here.commit(configMap('a'), broken, after);
    here.start();
    await waiting(here, 'web');
    await edit(here, 'a');
    await here.clock.advance(1_000);
    expect(here.told('drift')).toEqual([]);
    await here.clock.advance(60_000);
    await eventually(() => expect(here.told('drift')).toHaveLength(1));
    expect(await dataOf(here, 'a')).toEqual({ a: 'edited' });
  });
});

test('while a prune waits for a finalizer, drift is repaired at once', async () => {
  await using here = await stage({ policy: { waitTimeout: 60_000 } });
  here.commit(configMap('a'), configMap('held'));
  here.start();
  await ready(here);
  await hold(here, 'held', ['example.com/hold']);
  here.commit(configMap('a'));
  await waiting(here, 'held');
  await repairedAtOnce(here, 'a');
  await repairedAtOnce(here, 'a');
  const before = here.told('report').length;
  await hold(here, 'held', null);
  await eventually(async () => {
    await here.clock.advance(1_000);
    expect(here.told('report').length).toBeGreaterThan(before);
  });
  await ready(here);
  expect(await here.client.get(ref(configMap('held')))).toBeUndefined();
  // What it knows is right: another pass has nothing to ask.
  const passes = here.told('planned').length;
  await here.clock.advance(1_000);
  const sent = here.sent.length;
  here.loop.syncNow();
  await eventually(() => expect(here.told('planned').length).toBeGreaterThan(passes));
  await here.clock.advance(1);
  expect(here.sent.slice(sent)).toEqual([]);
});

test('while a repair waits for a deletion, what drifts besides is repaired at once', async () => {
  await using here = await stage({ policy: { waitTimeout: 60_000 } });
  here.commit(configMap('a'), configMap('held'));
  here.start();
  await ready(here);
  await hold(here, 'held', ['example.com/hold']);
  await seen(here, ref(configMap('held')));
  const reports = here.told('report').length;
  await here.client.delete(ref(configMap('held')));
  await waiting(here, 'held');
  await repairedAtOnce(here, 'a');
  await repairedAtOnce(here, 'a');
  expect(here.told('report')).toHaveLength(reports);
  await hold(here, 'held', null);
  await eventually(async () => {
    await here.clock.advance(1_000);
    expect(await dataOf(here, 'held')).toEqual({ a: '1' });
  });
  expect(await here.client.get(ref(configMap('held')))).not.toHaveProperty('metadata.deletionTimestamp');
});
