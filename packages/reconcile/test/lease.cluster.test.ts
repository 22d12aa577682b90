/** How it must behave: what becomes of a Lease in time. */
import { expect } from 'vitest';
import { configMap, eventually, scenarioTest as story } from '../../../test/support/scenario.ts';
import { leaseHolder } from '@homeostat/reconcile';
import { first, leaseOf, settled } from './engines.ts';

story('a Lease that somebody deletes is made again, and nobody else gets in', async ({ scenario, client }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a') });
  const process = await world.process();
  await settled(process, process.loop(first));
  await client.delete(leaseOf(world.namespace));
  await eventually(async () => {
    expect(await leaseHolder(world.sync, process.ports)).toBe('host-a/1/x');
  });
  expect(process.events.some(({ type }) => type === 'degraded')).toBe(false);
});

story(
  'an engine that loses its Lease in the middle writes no more until it has it again',
  async ({ scenario, client }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a') });
    const process = await world.process();
    const loop = process.loop(first);
    await settled(process, loop);
    const taken = { spec: { holderIdentity: 'host-c/3/z', leaseDurationSeconds: 5 } };
    await client.patch(leaseOf(world.namespace), { type: 'merge', value: taken });
    await eventually(() => {
      expect(process.events.some((event) => event.type === 'standby' && event.holder === 'host-c/3/z')).toBe(true);
    });
    await world.applyAs('somebody', configMap('a', { a: 'edited' }));
    await world.expectLive(configMap('a', { a: 'edited' }));
    expect(process.events.find(({ type }) => type === 'degraded')).toMatchObject({
      message: expect.stringContaining('host-c/3/z holds it now') as string,
    });
    // Nobody renews that one.
    await eventually(() => world.expectLive(configMap('a', { a: '1' })));
    expect(await leaseHolder(world.sync, process.ports)).toBe('host-a/1/x');
  },
);
