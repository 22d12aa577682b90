/** What faults have taught: each of these stories went wrong once. */
import { expect, onTestFinished, test } from 'vitest';
import { heldPrunes, requestSync, resumeSet, suspendSet } from '@homeostat/reconcile';
import { createLaboratory } from '../support/laboratory.ts';
import type { Laboratory, LaboratoryOptions } from '../support/laboratory.ts';
import { annotated, configMap, deployment } from '../support/objects.ts';
import type { World } from '../support/world.ts';

async function laboratory(options?: LaboratoryOptions): Promise<Laboratory> {
  const lab = await createLaboratory(options);
  onTestFinished(() => lab[Symbol.asyncDispose]());
  return lab;
}

/** A set of two objects that a loop has made true. */
async function settledPair(): Promise<{ readonly lab: Laboratory; readonly world: World }> {
  const lab = await laboratory();
  const world = await lab.world();
  await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  const process = await world.process();
  process.loop();
  await lab.clock.elapse(1_000);
  return { lab, world };
}

test('an object that somebody moves under every question is not written unasked', async () => {
  const lab = await laboratory();
  const world = await lab.world();
  await lab.admin.create({ ...configMap('web', { a: '1' }), metadata: { name: 'web', namespace: 'demo' } });
  await world.commit({ 'web.yaml': configMap('web', { a: '2' }) });
  lab.outage({ fault: 'conflict', verb: 'apply', name: 'web', dryRun: true, times: 3 });
  const process = await world.process();
  const { objects } = await process.reconcile();
  expect(objects).toMatchObject([{ action: 'failed', code: 'stale' }]);
  await world.expectLive(configMap('web', { a: '1' }));
});

test('a report that the server did not take is kept when it does, and not before it wants to be asked again', async () => {
  const { lab, world } = await settledPair();

  lab.outage({ fault: 'throttle', retryAfter: 60, verb: 'apply', name: 'site', times: 1 });
  await world.commit({ 'a.yaml': null, 'b.yaml': null });
  await lab.clock.elapse(59_000);
  expect(await heldPrunes(world.sync, { client: lab.admin })).toBeUndefined();
  await lab.clock.elapse(20_000);
  expect(await heldPrunes(world.sync, { client: lab.admin })).toMatchObject({ reason: 'empty-set', count: 2 });
  await lab.expectQuiet(300_000);
});

test('a deletion is tried again when the server wants to be asked again', async () => {
  const { lab, world } = await settledPair();

  lab.outage({ fault: 'throttle', retryAfter: 60, verb: 'delete', times: 1 });
  await world.commit({ 'a.yaml': null });
  await lab.clock.elapse(59_000);
  expect(lab.requests.filter(({ verb }) => verb === 'delete')).toHaveLength(1);
  await lab.clock.elapse(20_000);
  await world.expectGone(configMap('a'));
});

test('a clock that is set back an hour delays neither the repair of drift nor the next engine', async () => {
  const lab = await laboratory();
  const world = await lab.world();
  await world.commit({ 'a.yaml': configMap('a') });
  const first = await world.process();
  first.loop({ lease: { holder: 'first' } });
  await lab.clock.elapse(1_000);
  const second = await world.process();
  second.loop({ lease: { holder: 'second' } });
  await lab.clock.elapse(1_000);

  for (const process of [first, second]) process.jump(-3_600_000);
  await world.drift(configMap('a'), (live) => ({ ...live, data: { a: 'edited' } }));
  await lab.clock.elapse(2_000);
  await world.expectLive(configMap('a'));

  first.kill();
  await world.drift(configMap('a'), null);
  await lab.clock.elapse(20_000);
  await world.expectLive(configMap('a'));
});

test('what becomes ready while the pass that ends a suspension keeps its report is told', async () => {
  const lab = await laboratory({ simulate: 'workloads' });
  const world = await lab.world();
  await world.commit({ 'web.yaml': deployment('web') });
  const process = await world.process();
  const loop = process.loop();
  await lab.clock.elapse(1_000);
  await suspendSet(world.sync, { client: lab.admin });
  await world.commit({ 'api.yaml': deployment('api', { replicas: 1 }) });
  await lab.clock.elapse(10_000);
  expect(loop.report).toMatchObject({ state: 'Suspended' });

  lab.outage({ fault: 'latency', ms: 2_000, verb: 'apply', name: 'site' });
  await resumeSet(world.sync, { client: lab.admin });
  await lab.clock.elapse(60_000);
  expect(loop.report).toMatchObject({ state: 'Ready' });
});

test('what the server wants to be left alone with is not asked again by a pass for another reason, and holds up nothing else', async () => {
  const lab = await laboratory();
  const world = await lab.world();
  await world.commit({
    'a.yaml': configMap('a'),
    'kept.yaml': annotated(configMap('kept'), { 'homeostat.dev/prune': 'false' }),
  });
  const process = await world.process();
  process.loop();
  await lab.clock.elapse(1_000);

  lab.outage({ fault: 'throttle', retryAfter: 60, verb: 'apply', name: 'site', times: 1 });
  await world.commit({ 'kept.yaml': null });
  await lab.clock.elapse(10_000);
  const since = lab.requests.length;
  await world.drift(configMap('kept'), null);
  await world.drift(configMap('a'), null);
  await lab.clock.elapse(10_000);
  await world.expectLive(configMap('a'));
  expect(process.events.findLast(({ type }) => type === 'report')).toMatchObject({ report: { orphans: [] } });
  const parentWrites = () => lab.requests.slice(since).filter(({ verb, name }) => verb === 'apply' && name === 'site');
  expect(parentWrites()).toEqual([]);
  await lab.clock.elapse(60_000);
  expect(parentWrites()).not.toEqual([]);
});

test('somebody who wants it now need not wait for the server', async () => {
  const { lab, world } = await settledPair();

  lab.outage({ fault: 'throttle', retryAfter: 3_600, verb: 'delete', times: 1 });
  await world.commit({ 'a.yaml': null });
  await lab.clock.elapse(120_000);
  await world.expectLive(configMap('a'));
  await requestSync(world.sync, { client: lab.admin }, { token: 'now' });
  await lab.clock.elapse(1_000);
  await world.expectGone(configMap('a'));
});
