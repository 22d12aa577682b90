/** How it must behave: a set that somebody asked to stay at a commit. */
import { expect } from 'vitest';
import { awaitRequest, inspectSet, resumeSet, rollBack, suspendSet } from '@homeostat/reconcile';
import type { Loop, Report } from '@homeostat/reconcile';
import { parentRef } from '@homeostat/prune';
import { setIdentity } from '@homeostat/kube';
import { annotated, configMap, deployment, eventually, scenarioTest as story } from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';

const alice = { by: 'alice@laptop', reason: 'orders fail' };

/** Two revisions, of which the second is applied; returns the first. */
async function twoRevisions(world: World): Promise<string> {
  await world.commit({ 'a.yaml': configMap('a', { a: '1' }) });
  const { revision } = await world.reconcile();
  await world.commit({ 'a.yaml': configMap('a', { a: '2' }), 'b.yaml': configMap('b') });
  await world.reconcile();
  return revision!.commit;
}

function finding({ findings }: Report): string | undefined {
  return findings.find(({ code }) => code === 'ROLLED_BACK')?.message;
}

async function at(loop: Loop, commit: string): Promise<void> {
  await eventually(() => expect(loop.report).toMatchObject({ state: 'Ready', revision: { commit } }));
}

story(
  'a pass applies the commit, prunes what it does not hold, and tells who asked and what is newer',
  async ({ scenario, client }) => {
    const world = await scenario({ git: true });
    const first = await twoRevisions(world);
    await rollBack(world.sync, { client }, { to: `main@sha1:${first}`, ...alice });
    const report = await world.reconcile();
    expect(report).toMatchObject({
      state: 'Ready',
      revision: { commit: first },
      counts: { updated: 1, pruned: 1 },
      requests: [{ request: 'rollback', argument: first, ...alice, outcome: 'honoured' }],
    });
    expect(finding(report)).toMatch(
      new RegExp(
        `^the set stays at ${first}, as alice@laptop asked at \\S+ \\(orders fail\\); \\S+@sha1:\\w{40} is not applied$`,
      ),
    );
    await world.expectLive(configMap('a', { a: '1' }));
    await world.expectGone(configMap('b'));
    const process = await world.process();
    expect(await inspectSet(world.sync, process.ports)).toMatchObject({ rolledBack: { commit: first, ...alice } });
    const plan = await process.plan();
    expect(plan).toMatchObject({ source: { commit: first }, items: [{ action: 'unchanged' }] });
  },
);

story(
  'a loop goes back at once, stays there whatever is committed, and goes on when it is resumed',
  async ({ scenario, client }) => {
    const world = await scenario({ git: true });
    const first = await twoRevisions(world);
    const process = await world.process();
    const loop = process.loop();
    await eventually(() => expect(loop.report?.state).toBe('Ready'));
    const request = await rollBack(world.sync, { client }, { to: first, ...alice });
    const { ports } = process;
    expect(await awaitRequest(world.sync, ports, request, { timeoutMs: 20_000 })).toMatchObject({ state: 'Ready' });
    await world.expectLive(configMap('a', { a: '1' }));

    await world.commit({ 'a.yaml': configMap('a', { a: '3' }) });
    const newest = await ports.source.resolve();
    await eventually(() => expect(finding(loop.report!)).toContain(newest.commit));
    expect(loop.report).toMatchObject({ revision: { commit: first } });
    await world.expectLive(configMap('a', { a: '1' }));
    await world.applyAs('somebody', configMap('a', { a: 'edited' }));
    await eventually(() => world.expectLive(configMap('a', { a: '1' })));

    await resumeSet(world.sync, { client }, alice);
    await at(loop, newest.commit);
    await world.expectLive(configMap('a', { a: '3' }));
    expect(finding(loop.report!)).toBeUndefined();
    expect(loop.report?.requests.map((one) => one.request)).toEqual(['resume']);

    // The same may be asked for again, and the annotation be taken away by hand.
    await rollBack(world.sync, { client }, { to: first, ...alice });
    await at(loop, first);
    const annotations = { 'homeostat.dev/request-rollback': null };
    await client.patch(parentRef(setIdentity(world.namespace, world.sync.name)), {
      type: 'merge',
      value: { metadata: { annotations } },
    });
    await at(loop, newest.commit);
  },
);

story('a pass that waits for what never becomes ready is left for the way back', async ({ scenario, client }) => {
  const world = await scenario({ git: true });
  const first = await twoRevisions(world);
  const process = await world.process();
  const loop = process.loop();
  await eventually(() => expect(loop.report?.state).toBe('Ready'));
  const after = { 'homeostat.dev/depends-on': `apps/namespaces/${world.namespace}/Deployment/web` };
  await world.commit({
    'web.yaml': deployment('web', { replicas: 1 }, { nodeSelector: { 'no-such-node': 'at-all' } }),
    'a.yaml': annotated(configMap('a', { a: '4' }), after),
  });
  await eventually(() => world.expectLive(deployment('web', { replicas: 1 })));
  await rollBack(world.sync, { client }, { to: first, ...alice });
  await at(loop, first);
  await world.expectGone(deployment('web'));
  await world.expectLive(configMap('a', { a: '1' }));
});

story('a commit that cannot be had fails the pass in words, and changes nothing', async ({ scenario, client }) => {
  const world = await scenario({ git: true });
  await twoRevisions(world);
  const nowhere = 'c0ffee00'.repeat(5);
  await rollBack(world.sync, { client }, { to: nowhere, ...alice });
  const process = await world.process();
  const report = await process.reconcile();
  expect(report).toMatchObject({
    state: 'Failed',
    failure: { stage: 'fetch' },
    objects: [],
    orphans: [],
    requests: [],
  });
  expect(report.failure?.message).toMatch(
    new RegExp(
      `^the set cannot go back to ${nowhere}, as alice@laptop asked, and stays as it is: .*; homeostat resume `,
    ),
  );
  await world.expectLive(configMap('a', { a: '2' }));
  await world.expectLive(configMap('b'));
  await resumeSet(world.sync, { client }, alice);
  expect((await world.reconcile()).state).toBe('Ready');
});

story(
  'a set that is suspended goes back only when it is resumed, and then not at all: resume ends both',
  async ({ scenario, client }) => {
    const world = await scenario({ git: true });
    const first = await twoRevisions(world);
    await suspendSet(world.sync, { client }, alice);
    await rollBack(world.sync, { client }, { to: first, ...alice });
    expect(await world.reconcile()).toMatchObject({ state: 'Suspended', requests: [{ request: 'suspend' }] });
    await world.expectLive(configMap('a', { a: '2' }));
    await resumeSet(world.sync, { client }, alice);
    const report = await world.reconcile();
    expect(report).toMatchObject({ state: 'Ready', requests: [{ request: 'resume' }] });
    expect(finding(report)).toBeUndefined();
  },
);

story('only a whole commit is a revision to go back to', async ({ scenario, client }) => {
  const world = await scenario({ git: true });
  await twoRevisions(world);
  for (const to of ['main', 'c0ffee', 'v1.0', ''])
    await expect(rollBack(world.sync, { client }, { to })).rejects.toMatchObject({ code: 'REVISION_INVALID' });
});
