/** A controller that puts its own value back at once, for ever: told by name, given way to, and nobody else waits for it. */
import { expect, test } from 'vitest';
import type { KubeObject } from '@homeostat/kube';
import { createLaboratory } from '../support/laboratory.ts';
import { configMap } from '../support/objects.ts';

test('a controller that reverts us is named, met ever more rarely, and forgiven once it stops', async () => {
  await using lab = await createLaboratory();
  const world = await lab.world();
  await world.commit({ 'a.yaml': configMap('a', { mode: 'git', b: '1' }), 'quiet.yaml': configMap('quiet') });
  const engine = await world.process();
  engine.loop();
  await lab.clock.elapse(1_000);

  const theirs: KubeObject = configMap('a', { mode: 'theirs' });
  let stubborn = true;
  let reverts = 0;
  /** As a controller does: whenever its value is not there, it writes it. */
  const revert = async (): Promise<void> => {
    const live = await world.live(theirs);
    if (!stubborn || (live?.['data'] as { mode?: string } | undefined)?.mode === 'theirs') return;
    reverts += 1;
    await world.applyAs('their-operator', theirs);
  };
  const pass = async (ms: number, step = 250): Promise<void> => {
    for (let gone = 0; gone < ms; gone += step) {
      await revert();
      await lab.clock.elapse(step);
    }
  };
  const fights = () => engine.events.flatMap((event) => (event.type === 'fight' ? [event] : []));

  await pass(60_000);
  expect(fights().length).toBeGreaterThan(3);
  for (const fight of fights())
    expect(fight).toMatchObject({ ref: { name: 'a' }, fields: ['.data.mode'], managers: ['their-operator'] });
  const pauses = fights().map(({ pauseMs }) => pauseMs);
  expect(pauses).toEqual(pauses.map((_, i) => 1_000 * 2 ** i));
  const early = reverts;

  // Nothing else waits: neither drift elsewhere, nor a commit, nor what that changes in the very object.
  await world.drift(configMap('quiet'), (live) => ({ ...live, data: { a: 'edited' } }));
  await lab.clock.elapse(250);
  await world.expectLive(configMap('quiet'));
  await world.commit({ 'a.yaml': configMap('a', { mode: 'git', b: '2' }), 'new.yaml': configMap('new') });
  await pass(60_000);
  await world.expectLive(configMap('new'));
  await world.expectLive(configMap('a', { b: '2' }));

  // It goes on for an hour, and costs a handful of writes.
  await pass(3_600_000, 15_000);
  expect(reverts - early).toBeLessThan(30);
  expect(Math.max(...fights().map(({ pauseMs }) => pauseMs))).toBe(300_000);

  stubborn = false;
  await lab.clock.elapse(600_000);
  await world.expectLive(configMap('a', { mode: 'git', b: '2' }));
  const told = fights().length;
  await world.drift(configMap('a'), (live) => ({ ...live, data: { mode: 'by hand', b: '2' } }));
  await lab.clock.elapse(1_000);
  await world.expectLive(configMap('a', { mode: 'git', b: '2' }));
  expect(fights()).toHaveLength(told);
});
