/** How it must behave: a plan shows what will be done, and is carried out as it was shown or not at all. */
import { describe, expect } from 'vitest';
import { parseJson, stringifyJson } from '@homeostat/kube';
import { hasDifferences, parsePlan } from '@homeostat/reconcile';
import type { Plan, Report } from '@homeostat/reconcile';
import { configMap, scenarioTest as story, secret, told } from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';

/** As `homeostat plan --out` and `homeostat apply`: written down, read again, planned again from the same commit. */
async function stored(world: World): Promise<Plan> {
  const process = await world.process();
  return parsePlan(parseJson(stringifyJson(await process.plan())));
}

async function apply(world: World, plan: Plan): Promise<Report> {
  const process = await world.process();
  return process.reconcile({ exactly: plan });
}

story('a plan writes nothing and names every change; a settled set has none', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  await world.reconcile();
  await world.commit({ 'a.yaml': configMap('a', { a: '2' }), 'b.yaml': null, 'c.yaml': configMap('c') });
  const process = await world.process();
  const plan = await process.plan();
  expect(plan.items).toMatchObject([
    {
      action: 'update',
      ref: { name: 'a' },
      validated: true,
      changes: [{ path: '.data.a', kind: 'change', desired: '2', live: '1' }],
    },
    { action: 'create', ref: { name: 'c' }, validated: true },
  ]);
  expect(plan.prunes).toMatchObject([{ ref: { name: 'b' }, decision: 'prune' }]);
  expect(hasDifferences(plan)).toBe(true);
  expect(Object.keys(process.requests()).toSorted()).toEqual(['discovery', 'dry-run', 'get', 'list']);
  await world.expectLive(configMap('b'));
  await world.expectGone(configMap('c'));

  await world.reconcile();
  expect(hasDifferences(await stored(world))).toBe(false);
});

story('same source, same cluster, same plan', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'b.yaml': [configMap('b'), configMap('a')], 'a.yaml': configMap('c') });
  expect((await stored(world)).digest).toBe((await stored(world)).digest);
});

describe('a stored plan', () => {
  story('is carried out as it was shown, although the source has moved on', async ({ scenario }) => {
    const world = await scenario({ git: true });
    await world.commit({ 'a.yaml': configMap('a', { a: 'shown' }) });
    const plan = await stored(world);
    await world.commit({ 'a.yaml': configMap('a', { a: 'later' }) });
    expect(told(await apply(world, plan))).toEqual(['created ConfigMap a']);
    await world.expectLive(configMap('a', { a: 'shown' }));
  });

  story('is refused when the cluster moved, naming what moved', async ({ scenario }) => {
    const world = await scenario({ git: true });
    await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
    await world.reconcile();
    await world.commit({ 'a.yaml': configMap('a', { a: '2' }) });
    const plan = await stored(world);
    await world.applyAs('somebody', configMap('b', { a: 'edited' }));
    const report = await apply(world, plan);
    expect(report).toMatchObject({ state: 'Failed', failure: { code: 'PLAN_STALE' } });
    expect(report.failure?.message).toContain('b: was unchanged, would be update: .data.a (somebody)');
    await world.expectLive(configMap('a', { a: '1' }));
  });

  story("is not refused for fields that are others'", async ({ scenario }) => {
    const world = await scenario({ git: true });
    await world.commit({ 'a.yaml': configMap('a') });
    await world.reconcile();
    await world.commit({ 'a.yaml': configMap('a', { a: '2' }) });
    const plan = await stored(world);
    await world.applyAs('somebody', configMap('a', { theirs: '1' }));
    expect(told(await apply(world, plan))).toEqual(['updated ConfigMap a']);
    await world.expectLive(configMap('a', { a: '2', theirs: '1' }));
  });

  story('is refused for a Secret that moved in any way: its values are in no plan', async ({ scenario }) => {
    const world = await scenario({ git: true });
    await world.commit({ 'key.yaml': secret('key', { password: 'first value' }) });
    await world.reconcile();
    await world.commit({ 'key.yaml': secret('key', { password: 'second value' }) });
    const plan = await stored(world);
    await world.applyAs('somebody', secret('key', { other: 'third value' }));
    expect((await apply(world, plan)).failure).toMatchObject({ code: 'PLAN_STALE' });
  });

  story('that somebody changed by hand is refused', async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a') });
    const plan = await stored(world);
    expect(() => parsePlan({ ...plan, prunes: [{ decision: 'prune' }] })).toThrow(/changed after it was made/);
  });
});
