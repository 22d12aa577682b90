/** How it must behave: one set, one engine. */
import { expect } from 'vitest';
import { configMap, eventually, scenarioTest as story } from '../../../test/support/scenario.ts';
import type { Process } from '../../../test/support/scenario.ts';
import { leaseHolder } from '@homeostat/reconcile';
import { first, leaseOf, settled } from './engines.ts';

const second = { lease: { holder: 'host-b/2/y' } };

function isWaiting({ events }: Process): boolean {
  return events.some((event) => event.type === 'standby' && event.holder === 'host-a/1/x');
}

story(
  'a second engine writes nothing until the first stops, and then goes on at once',
  async ({ scenario, client }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a') });
    const holding = await world.process();
    const loop = holding.loop(first);
    await settled(holding, loop);
    expect(await leaseHolder(world.sync, holding.ports)).toBe('host-a/1/x');

    const waiting = await world.process();
    const next = waiting.loop(second);
    await eventually(() => {
      expect(isWaiting(waiting)).toBe(true);
    });
    await world.applyAs('somebody', configMap('a', { a: 'edited' }));
    await eventually(() => world.expectLive(configMap('a', { a: '1' })));
    expect(next.report).toBeUndefined();
    const { watch: _watch, ...others } = waiting.requests();
    expect(Object.keys(others).filter((verb) => !['discovery', 'get', 'list'].includes(verb))).toEqual([]);

    const since = performance.now();
    await loop.stop();
    await settled(waiting, next);
    console.log(`takeover after a clean stop: ${(performance.now() - since).toFixed(0)} ms`);
    expect(performance.now() - since).toBeLessThan(5_000);
    await next.stop();
    expect(await client.get(leaseOf(world.namespace))).toBeUndefined();
  },
);

story('a settled loop sends nothing but its watches, and one renewal per 10 s', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a') });
  const process = await world.process();
  const loop = process.loop(first);
  await settled(process, loop);
  process.requests();
  const before = process.events.length;
  const since = performance.now();
  loop.syncNow();
  await eventually(() => {
    expect(process.events.slice(before).some(({ type }) => type === 'report')).toBe(true);
  });
  const { watch: _watch, update = 0, ...others } = process.requests();
  expect(others).toEqual({});
  expect(update).toBeLessThanOrEqual(1 + (performance.now() - since) / 10_000);
});

story('without rights on Leases the engine goes on, and every report says so', async ({ scenario, kubectl }) => {
  const world = await scenario();
  const { namespace } = world;
  await kubectl(['create', 'role', 'engine', '-n', namespace, '--verb=*', '--resource=configmaps']);
  await kubectl(['create', 'rolebinding', 'engine', '-n', namespace, '--role=engine', '--user=someone']);
  await kubectl(['create', 'clusterrole', `all-${namespace}`, '--verb=list,watch', '--resource=configmaps']);
  await kubectl([
    'create',
    'clusterrolebinding',
    `all-${namespace}`,
    `--clusterrole=all-${namespace}`,
    '--user=someone',
  ]);
  try {
    await world.commit({ 'a.yaml': configMap('a') });
    const process = await world.asUser('someone').process();
    const loop = process.loop(first);
    await settled(process, loop);
    expect(loop.report?.findings).toMatchObject([{ code: 'NO_LEASE', severity: 'warning' }]);
    await expect(leaseHolder(world.sync, process.ports)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await world.expectLive(configMap('a'));
  } finally {
    await kubectl(['delete', 'clusterrolebinding,clusterrole', `all-${namespace}`]);
  }
});
