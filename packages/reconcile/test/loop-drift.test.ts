/** Drift as the policy wants it: repaired, told once, or not looked for. */
import { describe, expect, test } from 'vitest';
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
    expect(here.sent.filter(({ verb, name }) => verb === 'apply' && name === 'a')).toHaveLength(2);
  });

  test('what was mended and comes back is told again', async () => {
    await using here = await stage({ policy: { drift: 'report' } });
    await settled(here);
    await edit(here, 'edited');
    await eventually(() => expect(here.told('drift')).toHaveLength(1));
    here.loop.syncNow();
    await eventually(async () => expect(await dataOf(here)).toEqual({ a: '1' }));
    await seen(here);
    await edit(here, 'edited');
    await eventually(() => expect(here.told('drift')).toHaveLength(2));
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
