/** Drift as the policy wants it: repaired, told once, or not looked for. */
import { describe, expect, test } from 'vitest';
import { requestSync } from '@homeostat/reconcile';
import { configMap, eventually } from '../../../test/support/scenario.ts';
import { stage } from './loop-fixture.ts';
import type { Stage } from './loop-fixture.ts';

const a = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' };

async function settled(here: Stage): Promise<void> {
  here.commit(configMap('a'));
  here.start();
  await eventually(() => expect(here.ports.memory.parent?.report?.state).toBe('Ready'));
}

async function edit(here: Stage, value: string, manager = 'kubectl-edit'): Promise<void> {
  await here.client.patch(a, { type: 'merge', value: { data: { a: value } } }, { manager });
}

/** The loop has seen it. */
async function seen(here: Stage): Promise<void> {
  const version = (await here.client.get(a))?.metadata.resourceVersion;
  await eventually(() => expect(here.ports.live.get(a)?.resourceVersion).toBe(version));
  await here.clock.advance(1);
}

async function dataOf(here: Stage): Promise<unknown> {
  return (await here.client.get(a))?.['data'];
}

describe('repair', () => {
  test('drift names the fields and who holds them', async () => {
    await using here = await stage();
    await settled(here);
    await edit(here, 'edited');
    await eventually(async () => expect(await dataOf(here)).toEqual({ a: '1' }));
    expect(here.told('drift')).toEqual([
      { type: 'drift', ref: a, gone: false, fields: ['.data.a'], managers: ['kubectl-edit'] },
    ]);
  });

  test('a fight names the other and the fields with the pause, which is kept, and it cools by itself', async () => {
    await using here = await stage();
    await settled(here);
    const fight = async (): Promise<void> => {
      await edit(here, `edit at ${here.clock.now()}`, 'operator');
      await eventually(async () => expect(await dataOf(here)).toEqual({ a: '1' }));
      await seen(here);
    };
    for (let round = 0; here.told('fight').length === 0 && round < 20; round += 1) await fight();
    const pause = { type: 'fight', ref: a, fields: ['.data.a'], managers: ['operator'] };
    expect(here.told('fight')).toEqual([{ ...pause, pauseMs: 1_000 }]);

    await edit(here, 'once more', 'operator');
    await seen(here);
    await here.clock.advance(900);
    expect(await dataOf(here)).toEqual({ a: 'once more' });
    await here.clock.advance(100);
    await eventually(async () => expect(await dataOf(here)).toEqual({ a: '1' }));
    expect(here.told('fight').at(-1)).toEqual({ ...pause, pauseMs: 2_000 });

    await here.clock.advance(5 * 60_000);
    const before = here.told('fight').length;
    await fight();
    expect(here.told('fight')).toHaveLength(before);
  });
});

describe('report', () => {
  test('each difference is told once, however often the object moves', async () => {
    await using here = await stage({ policy: { drift: 'report' } });
    await settled(here);
    await edit(here, 'edited');
    await eventually(() => expect(here.told('drift')).toHaveLength(1));
    for (let round = 0; round < 5; round += 1) {
      await here.client.patch(a, { type: 'merge', value: { metadata: { labels: { round: `${round}` } } } });
      await seen(here);
    }
    expect(here.told('drift')).toHaveLength(1);

    await edit(here, 'edited again', 'somebody-else');
    await eventually(() => expect(here.told('drift')).toHaveLength(2));
    await edit(here, '1');
    await seen(here);
    expect(await dataOf(here)).toEqual({ a: '1' });
    const writes = here.sent.filter(({ verb, name, dryRun }) => verb === 'apply' && name === 'a' && !dryRun);
    expect(writes).toHaveLength(1);
  });

  test('what was mended and comes back is told again', async () => {
    await using here = await stage({ policy: { drift: 'report' } });
    await settled(here);
    await edit(here, 'edited');
    await eventually(() => expect(here.told('drift')).toHaveLength(1));
    await edit(here, '1');
    await eventually(() => expect(here.loop.report?.counts).toMatchObject({ drifted: 0, unchanged: 1 }));
    await edit(here, 'edited');
    await eventually(() => expect(here.told('drift')).toHaveLength(2));
  });

  test('it stands in the report, at once and at the parent, and the set stays Ready', async () => {
    await using here = await stage({ policy: { drift: 'report' } });
    await settled(here);
    await edit(here, 'edited');
    const drift = { gone: false, fields: ['.data.a'], managers: ['kubectl-edit'] };
    const message = 'was changed: .data.a, by kubectl-edit';
    await eventually(() =>
      expect(here.loop.report).toMatchObject({
        state: 'Ready',
        counts: { drifted: 1, unchanged: 0 },
        objects: [{ ref: a, action: 'drifted', message, drift }],
      }),
    );
    await eventually(() =>
      expect(here.ports.memory.parent?.report).toMatchObject({
        state: 'Ready',
        drifted: [`ConfigMap default/a ${message}`],
      }),
    );
    await edit(here, '1');
    await eventually(() => expect(here.ports.memory.parent?.report).not.toHaveProperty('drifted'));
  });

  test('a resync, a lost event and syncNow leave it too; so does whoever deletes an object', async () => {
    await using here = await stage({ policy: { drift: 'report' } });
    await settled(here);
    await edit(here, 'edited');
    await eventually(() => expect(here.loop.report?.counts.drifted).toBe(1));
    const passes = (): number => here.told('planned').length;
    let before = passes();
    here.loop.syncNow();
    await eventually(() => expect(passes()).toBeGreaterThan(before));
    before = passes();
    await here.clock.advance(11 * 60_000);
    await eventually(() => expect(passes()).toBeGreaterThan(before));
    await here.clock.advance(1);
    expect(await dataOf(here)).toEqual({ a: 'edited' });
    expect(here.loop.report).toMatchObject({ state: 'Ready', counts: { drifted: 1 } });

    await here.client.delete(a);
    await eventually(() =>
      expect(here.loop.report?.objects[0]).toMatchObject({ action: 'drifted', message: 'is gone' }),
    );
    before = passes();
    here.loop.syncNow();
    await eventually(() => expect(passes()).toBeGreaterThan(before));
    await here.clock.advance(1);
    expect(await here.client.get(a)).toBeUndefined();
    expect(here.told('drift').map(({ gone }) => gone)).toEqual([false, true]);
  });

  test('a retry writes what failed, and leaves what was changed since', async () => {
    await using here = await stage({ policy: { drift: 'report' } });
    here.commit(configMap('a'), { ...configMap('b'), data: { b: 1 } });
    here.start();
    await eventually(() => expect(here.loop.report?.counts).toMatchObject({ created: 1, failed: 1 }));
    await edit(here, 'edited');
    await eventually(() => expect(here.told('drift')).toHaveLength(1));
    const before = here.told('planned').length;
    here.loop.syncNow();
    await eventually(() => expect(here.told('planned').length).toBeGreaterThan(before));
    await eventually(() => expect(here.loop.report?.counts).toMatchObject({ drifted: 1, failed: 1 }));
    expect(await dataOf(here)).toEqual({ a: 'edited' });
  });

  test('a new revision makes the whole set as desired', async () => {
    await using here = await stage({ policy: { drift: 'report' } });
    await settled(here);
    await edit(here, 'edited');
    await eventually(() => expect(here.loop.report?.counts.drifted).toBe(1));
    here.commit(configMap('a'), configMap('b'));
    await eventually(async () => expect(await dataOf(here)).toEqual({ a: '1' }));
    await eventually(() => expect(here.loop.report?.counts).toMatchObject({ drifted: 0, created: 1, updated: 1 }));
  });

  test('whoever asks for it at the parent has it made as desired', async () => {
    await using here = await stage({ policy: { drift: 'report' } });
    await settled(here);
    await edit(here, 'edited');
    await eventually(() => expect(here.loop.report?.counts.drifted).toBe(1));
    await requestSync(here.sync, { client: here.client }, { token: 'now' });
    await eventually(async () => expect(await dataOf(here)).toEqual({ a: '1' }));
    await eventually(() => expect(here.loop.report?.counts).toMatchObject({ drifted: 0, updated: 1 }));
  });

  test('what others add is left too where the policy would take it away', async () => {
    await using here = await stage({ policy: { drift: 'report', additions: 'remove' } });
    await settled(here);
    await here.client.patch(a, { type: 'merge', value: { data: { b: '2' } } }, { manager: 'somebody' });
    await eventually(() => expect(here.told('drift')).toHaveLength(1));
    const before = here.told('planned').length;
    here.loop.syncNow();
    await eventually(() => expect(here.told('planned').length).toBeGreaterThan(before));
    await eventually(() =>
      expect(here.loop.report?.objects).toMatchObject([
        { action: 'drifted', additions: [{ path: '.data.b', action: 'kept', reason: 'drift' }] },
      ]),
    );
    expect(await dataOf(here)).toEqual({ a: '1', b: '2' });
  });
});

describe('off', () => {
  test('opens no watch but that of the parent, and a full pass looks anew', async () => {
    await using here = await stage({ policy: { drift: 'off' } });
    await settled(here);
    await here.clock.advance(1_000);
    expect(here.watches).toBe(1);
    await edit(here, 'edited');
    await here.clock.advance(5_000);
    expect(await dataOf(here)).toEqual({ a: 'edited' });
    expect(here.told('drift')).toEqual([]);
    await here.clock.advance(11 * 60_000);
    await eventually(async () => expect(await dataOf(here)).toEqual({ a: '1' }));
    expect(here.watches).toBe(1);
  });
});
