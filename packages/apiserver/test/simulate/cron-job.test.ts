import { expect, test } from 'vitest';
import { cronTimes } from '../../src/simulate/cron-times.ts';
import { world } from '../controllers/world.ts';
import type { World } from '../controllers/world.ts';
import { cronJob } from './manifests.ts';

const names = async (story: World): Promise<string[]> => (await story.list('Job')).map(({ metadata }) => metadata.name);
const minutes = (time: number): string => String(time / 60_000);

test('a CronJob makes a Job at its times, and keeps the last three', async () => {
  await using story = await world({ simulate: 'workloads' });
  const start = Date.UTC(2026, 0, 1);
  await story.create(cronJob('c', '*/10 * * * *'));
  await story.server.elapse(599_000);
  expect(await names(story)).toEqual([]);
  await story.server.elapse(1000);
  expect(await names(story)).toEqual([`c-${minutes(start + 600_000)}`]);
  expect((await story.get('CronJob', 'c'))?.['status']).toMatchObject({
    active: [{ kind: 'Job', name: `c-${minutes(start + 600_000)}` }],
    lastScheduleTime: '2026-01-01T00:10:00Z',
  });
  await story.server.elapse(10_000);
  expect((await story.get('CronJob', 'c'))?.['status']).toEqual({
    lastScheduleTime: '2026-01-01T00:10:00Z',
    lastSuccessfulTime: '2026-01-01T00:10:02Z',
  });
  await story.server.elapse(3_600_000);
  expect(await names(story)).toEqual([50, 60, 70].map((minute) => `c-${minutes(start + minute * 60_000)}`));
  expect(story.failures).toEqual([]);
});

test('what runs too long is waited for, replaced, or joined', async () => {
  const after = async (concurrencyPolicy: string): Promise<number> => {
    await using story = await world({ simulate: { runMs: 3_600_000 } });
    await story.create(cronJob('c', '* * * * *', { spec: { concurrencyPolicy } }));
    await story.server.elapse(185_000);
    return (await names(story)).length;
  };
  expect([await after('Allow'), await after('Forbid'), await after('Replace')]).toEqual([3, 1, 1]);
});

test('a suspended one makes none', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(cronJob('c', '@hourly', { spec: { suspend: true } }));
  await story.server.elapse(7_200_000);
  expect(await names(story)).toEqual([]);
});

test('schedules are read as cron reads them', () => {
  const next = (schedule: string, zone?: string): string => {
    const time = cronTimes(schedule, zone)(Date.UTC(2026, 0, 15, 10, 30));
    return time === undefined ? 'never' : new Date(time).toISOString().slice(0, 16);
  };
  expect(next('* * * * *')).toBe('2026-01-15T10:31');
  expect(next('30 10 * * *')).toBe('2026-01-16T10:30');
  expect(next('5/20 9-17 * * mon-fri')).toBe('2026-01-15T10:45');
  expect(next('0 0 1 * *')).toBe('2026-02-01T00:00');
  // The 13th or a Friday.
  expect(next('0 12 13 * fri')).toBe('2026-01-16T12:00');
  expect(next('0 0 29 feb *')).toBe('2028-02-29T00:00');
  expect(next('0 0 31 2 *')).toBe('never');
  expect(next('@weekly')).toBe('2026-01-18T00:00');
  expect(next('@every 1h30m')).toBe('2026-01-15T12:00');
  expect(next('0 12 * * *', 'America/New_York')).toBe('2026-01-15T17:00');
});
