import { expect, test } from 'vitest';
import { createLimit } from '@homeostat/apply';
import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer } from '@homeostat/apiserver';
import { setIdentity } from '@homeostat/kube';
import { leaseHolder } from '@homeostat/reconcile';
import { leaseRef } from '../src/lease.ts';
import { configMap, eventually } from '../../../test/support/scenario.ts';
import { folderFiles, folders, syncOf, testedEngine } from './engine-world.ts';
import type { Tested } from './engine-world.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

const engineOf = (server: ApiServer, holder: string, clock: FakeClock): Promise<Tested> =>
  testedEngine(() => server.client({ userAgent: holder }), { clock, lease: { holder, namespace: 'default' } });

test('a process that dies leaves all its sets to the one that waits, 15 s after its last sign of life', async () => {
  await using server = await createApiServer();
  const client = server.client();
  const clock = fakeClock();
  const source = folders({ a: [configMap('of-a')], b: [configMap('of-b')] });
  // The first one's time stands still when it is killed.
  const mortal = fakeClock(clock.now());
  await using first = await engineOf(server, 'host-a/1/x', mortal);
  for (const name of ['a', 'b']) first.engine.add(syncOf('default', name), source);
  first.start();
  await eventually(() => expect(first.engine.reports.map(({ state }) => state)).toEqual(['Ready', 'Ready']));

  await using second = await engineOf(server, 'host-b/2/y', clock);
  for (const name of ['a', 'b']) second.engine.add(syncOf('default', name), source);
  second.start();
  await eventually(() => {
    const waiting = second.events.filter(({ event }) => event.type === 'standby' && event.holder === 'host-a/1/x');
    expect(waiting).toHaveLength(2);
  });
  await clock.advance(14_000);
  expect(second.engine.reports).toEqual([]);
  await clock.advance(2_000);
  await eventually(() => expect(second.engine.reports.map(({ state }) => state)).toEqual(['Ready', 'Ready']));
  for (const name of ['a', 'b'])
    expect(await leaseHolder(setIdentity('default', name), { client, clock })).toBe('host-b/2/y');
});

test('an engine that stops, or loses a sync, gives the sets back', async () => {
  await using server = await createApiServer();
  const client = server.client();
  const source = folders({ a: [configMap('of-a')], b: [configMap('of-b')] });
  await using tested = await engineOf(server, 'host-a/1/x', fakeClock());
  const { engine } = tested;
  for (const name of ['a', 'b']) engine.add(syncOf('default', name), source);
  tested.start();
  await eventually(() => expect(engine.reports).toHaveLength(2));
  await engine.remove({ namespace: 'default', name: 'a' });
  expect(await client.get(leaseRef(setIdentity('default', 'a')))).toBeUndefined();
  expect(await client.get(leaseRef(setIdentity('default', 'b')))).toBeDefined();
  expect(engine.reports.map(({ sync }) => sync.name)).toEqual(['b']);
  await engine.stop();
  const leases = (await client.resources()).find({ group: 'coordination.k8s.io', kind: 'Lease' })!;
  for await (const { items } of client.list(leases)) expect(items).toEqual([]);
});

test('a huge sync does not starve a small one', async () => {
  const written: string[] = [];
  await using server = await createApiServer({
    onRequest: ({ verb, name, status }) => {
      if (verb === 'apply' && status < 300 && name.startsWith('of-')) written.push(name);
    },
  });
  server.faults.add({ fault: 'latency', ms: 5, verb: 'apply', user: 'admin' });
  const huge = Array.from({ length: 200 }, (_, i) => configMap(`of-huge-${i}`));
  const source = folders({ huge, small: [configMap('of-small')] });
  // The budget does not grow here, or the small one would never have to wait.
  await using tested = await testedEngine(() => server.client(), { limit: createLimit({ start: 4, max: 4 }) });
  const { engine } = tested;
  engine.add(syncOf('default', 'huge', { policy: { validate: 'none' } }), source);
  tested.start();
  await eventually(() => expect(written.length).toBeGreaterThan(0));
  engine.add(syncOf('default', 'small', { policy: { validate: 'none' } }), source);
  await eventually(() => expect(tested.report('huge')?.state).toBe('Ready'));
  await eventually(() => expect(tested.report('small')?.state).toBe('Ready'));
  // Each of its requests has waited for some of the 200, and none for all.
  expect(written.indexOf('of-small')).toBeGreaterThan(0);
  expect(written.indexOf('of-small')).toBeLessThan(190);
});

test('one source of many syncs is asked once for all, and fetched once', async () => {
  await using server = await createApiServer();
  const source = folders({ a: [configMap('of-a')], b: [configMap('of-b')], c: [configMap('of-c')] });
  const asked = { resolve: 0, fetch: 0, changes: 0 };
  const counted = {
    ...source,
    resolve: (...args: Parameters<typeof source.resolve>) => ((asked.resolve += 1), source.resolve(...args)),
    fetch: (...args: Parameters<typeof source.fetch>) => ((asked.fetch += 1), source.fetch(...args)),
    changes: (...args: Parameters<typeof source.changes>) => ((asked.changes += 1), source.changes(...args)),
  };
  await using tested = await testedEngine(() => server.client());
  const { engine } = tested;
  const names = ['a', 'b', 'c'];
  for (const name of names) engine.add(syncOf('default', name), counted);
  tested.start();
  await eventually(() => expect(engine.reports.map(({ state }) => state)).toEqual(['Ready', 'Ready', 'Ready']));
  expect(asked).toMatchObject({ fetch: 1, changes: 1 });
  expect(asked.resolve).toBeLessThanOrEqual(2);
  source.write(folderFiles({ b: [configMap('of-b', { v: '2' })] }));
  await eventually(() => expect(tested.reports('b').some(({ counts }) => counts.updated === 1)).toBe(true));
  expect(asked).toMatchObject({ fetch: 2, changes: 1 });
});

test('a watch that fails is told once, however many syncs it concerns', async () => {
  await using server = await createApiServer();
  const source = folders({ a: [configMap('of-a')], b: [configMap('of-b')], c: [configMap('of-c')] });
  await using tested = await testedEngine(() => server.client());
  const { engine } = tested;
  for (const name of ['a', 'b', 'c']) engine.add(syncOf('default', name), source);
  tested.start();
  await eventually(() => expect(engine.reports.map(({ state }) => state)).toEqual(['Ready', 'Ready', 'Ready']));
  server.faults.add({ fault: 'reset', resource: 'configmaps', verb: ['list', 'watch'] });
  const told = (): readonly string[] =>
    tested.events.flatMap(({ event }) => (event.type === 'degraded' ? [event.message] : []));
  await eventually(() => expect(told().some((message) => !message.startsWith('requests at the parent'))).toBe(true));
  await new Promise(setImmediate);
  expect(new Set(told()).size).toBe(told().length);
});

test('two syncs of one name are refused', async () => {
  await using server = await createApiServer();
  await using tested = await testedEngine(() => server.client());
  const source = folders({});
  tested.engine.add(syncOf('default', 'a'), source);
  expect(() => tested.engine.add(syncOf('default', 'a'), source)).toThrow(
    expect.objectContaining({ code: 'SYNC_KNOWN' }),
  );
});
