/** What failed is tried again in its time, and every wait has an end that names it. */
import { expect, test, vi } from 'vitest';
import { stringifyJson } from '@homeostat/kube';
import { annotated, configMap, eventually } from '../../../test/support/scenario.ts';
import { stage } from './loop-fixture.ts';

const second = 1_000;
const db = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'db' };
const after = annotated(configMap('after'), { 'homeostat.dev/depends-on': '/namespaces/default/ConfigMap/db' });

test('what was blocked by something that was not ready in time is tried again, and needs no new revision', async () => {
  await using here = await stage({ policy: { waitTimeout: 30 * second } });
  here.commit(after);
  here.start();
  await eventually(async () => {
    await here.clock.advance(10 * second);
    expect(here.loop.report).toMatchObject({ state: 'Failed', counts: { blocked: 1 } });
  });
  await here.client.apply(
    { ...configMap('db'), metadata: { name: 'db', namespace: 'default' } },
    { manager: 'somebody', force: true },
  );
  await here.clock.advance(2 * second);
  await eventually(() => expect(here.loop.report?.state).toBe('Ready'));
});

test('a pass whose deadline is over says at which stage, and what it waited for, how long', async () => {
  await using here = await stage({ policy: { deadline: 60 * second } });
  here.commit(after);
  here.start();
  await eventually(async () => {
    await here.clock.advance(second);
    expect(here.told('apply').some(({ event }) => event.type === 'waiting' && event.ref.name === db.name)).toBe(true);
  });
  await here.clock.advance(60 * second);
  await eventually(() => expect(here.loop.report).toBeDefined());
  expect(here.loop.report?.failure).toMatchObject({ stage: 'apply', code: 'TIMEOUT', retry: 'backoff' });
  expect(here.loop.report?.failure?.message).toMatch(
    /^the pass took longer than the policy deadline of 60 s: it was applying, and waited for ConfigMap default\/db to be ready \(.*\), for \d+ s; what was done stays done$/,
  );
});

test('a source that does not answer is named by the deadline', async () => {
  await using here = await stage({ policy: { deadline: 60 * second } });
  const { source } = here.ports;
  here.start();
  await eventually(() => expect(here.loop.report).toBeDefined());
  const asked = vi.spyOn(source, 'resolve').mockImplementation(
    ({ signal } = {}) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  );
  here.loop.syncNow();
  await eventually(() => expect(asked).toHaveBeenCalled());
  await here.clock.advance(60 * second);
  await eventually(() => expect(here.loop.report?.failure).toMatchObject({ stage: 'fetch', code: 'TIMEOUT' }));
});

test('a server that asks to wait is asked again no sooner, within a pass and between passes', async () => {
  await using here = await stage({ policy: { validate: 'none' } });
  here.server.faults.add({ fault: 'throttle', retryAfter: 30, verb: 'apply', resource: 'configmaps', name: 'a' });
  here.commit(configMap('a'));
  here.start();
  const times: number[] = [];
  for (let s = 0; s < 400; s += 1) {
    const count = here.sent.filter(({ verb, name }) => verb === 'apply' && name === 'a').length;
    while (times.length < count) times.push(here.clock.now());
    await here.clock.advance(second);
  }
  expect(times.length).toBeGreaterThan(6);
  const pauses = times.slice(1).map((time, i) => time - (times[i] ?? NaN));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(30 * second);
  expect(here.told('report').length).toBeGreaterThan(1);
  here.server.faults.clear();
  await eventually(async () => {
    await here.clock.advance(10 * second);
    expect(here.loop.report?.state).toBe('Ready');
  });
});

test('a repair that fails is no reason to try without pause, however often the object moves', async () => {
  await using here = await stage();
  here.commit(configMap('a'));
  here.start();
  await eventually(() => expect(here.loop.report?.state).toBe('Ready'));
  here.server.faults.add({ fault: 'deny', message: 'not today', verb: 'apply', name: 'a' });
  const ref = { ...db, name: 'a' };
  for (let round = 0; round < 30; round += 1) {
    await here.client.patch(ref, { type: 'merge', value: { data: { a: `edit ${round}` } } });
    await here.clock.advance(10);
  }
  await eventually(() => expect(here.told('drift').length).toBeGreaterThan(0));
  // Passes and repairs within a third of a second.
  expect(here.told('report').length).toBeLessThanOrEqual(2);
  expect(here.told('drift').length).toBeLessThanOrEqual(6);
});

test.each([
  ['the server is away', { fault: 'unavailable' }],
  ['somebody else writes it at that moment', { fault: 'conflict' }],
] as const)('a report that cannot be kept at the parent, because %s, is kept a moment later', async (_why, fault) => {
  await using here = await stage();
  here.commit(configMap('a'));
  here.start();
  await eventually(() => expect(here.ports.memory.parent?.report?.objects).toBe(1));
  here.server.faults.add({ ...fault, verb: ['apply', 'update', 'patch'], name: 'site', times: 1 });
  here.commit(configMap('a'), configMap('b'));
  await eventually(() => expect(here.loop.report?.objects).toHaveLength(2));
  const since = here.clock.now();
  await eventually(async () => {
    await here.clock.advance(100);
    const parent = await here.client.get({ ...db, name: 'site' });
    expect(stringifyJson(parent?.['data'] ?? parent?.metadata.annotations)).toMatch(/objects\\?": ?2/);
  });
  expect(here.clock.now() - since).toBeLessThan(5 * second);
});
