import { expect, test } from 'vitest';
import type { Draft } from '../../../src/draft.ts';
import { strategyOf } from '../../../src/kinds/index.ts';
import { defaultPullPolicy } from '../../../src/kinds/pod/pull-policy.ts';
import { unifiedDiff } from '../../../src/kinds/pod/unified-diff.ts';
import { isTimeZone, scheduleProblem } from '../../../src/kinds/workloads/cron-schedule.ts';
import type { Allocator, StrategyContext } from '../../../src/strategy.ts';
import type { Case } from '../replay.ts';
import { groupKindOf, refusal, replay } from '../replay.ts';
import { objectDecoder } from './decode.ts';
import { invalidWorkloads } from './invalid.ts';
import { named } from './manifests.ts';
import { validWorkloads } from './valid.ts';

const decode = objectDecoder();
const noAddresses: Allocator = { clusterIp: () => undefined, nodePort: () => undefined };
const context: StrategyContext = { now: '2026-01-01T00:00:00Z', dryRun: false, allocate: noAddresses };

// The cluster test holds both lists against a real server; what it found right is kept here for machines without one.
test('accepted objects are stored as they were on a real server', async () => {
  const kept = validWorkloads.filter(({ title }) =>
    /as a chart writes|: small|: one container|: in full|tolerations/.test(title),
  );
  await expect(recorded(kept)).toMatchFileSnapshot('./recorded-valid.json');
});

test('refused objects are refused as they were by a real server', async () => {
  const kept = invalidWorkloads.filter(({ title }) =>
    /^(Deployment|StatefulSet|CronJob|Probe|Mount|Pod: .* (changes|comes|more))/.test(title),
  );
  await expect(recorded(kept)).toMatchFileSnapshot('./recorded-invalid.json');
});

function recorded(cases: readonly Case[]): string {
  const outcomes = cases.map((one) => {
    const outcome = replay(named(one, 'web', 'default'), decode, 'default');
    return { title: one.title, outcome: 'object' in outcome ? outcome.object : refusal(outcome.status) };
  });
  return `${JSON.stringify(outcomes, undefined, 1)}\n`;
}

test('defaults are set once: a stored object gets no more of them', () => {
  for (const one of validWorkloads) {
    const stored = accepted(one);
    const again = structuredClone(stored);
    strategyOf(...groupKindOf(again)).setDefaults(again);
    expect(again, one.title).toEqual(stored);
  }
});

test('a stored object that is put back is accepted and stays as it is', () => {
  for (const one of validWorkloads) {
    const stored = accepted(one);
    const strategy = strategyOf(...groupKindOf(stored));
    const draft = structuredClone(stored);
    strategy.prepareUpdate(draft, stored, context);
    expect(strategy.validateUpdate(draft, stored), one.title).toEqual([]);
    expect(draft, one.title).toEqual(stored);
  }
});

test('neither validation nor an update changes what is stored', () => {
  for (const one of validWorkloads) {
    const stored = frozen(accepted(one));
    const strategy = strategyOf(...groupKindOf(stored));
    const draft = structuredClone(stored);
    draft.metadata['labels'] = { changed: 'yes' };
    expect(() => {
      strategy.validateCreate(stored);
      strategy.warnings?.(stored, undefined);
      strategy.prepareUpdate(draft, stored, context);
      strategy.validateUpdate(frozen(draft), stored);
      strategy.status?.prepareUpdate(structuredClone(draft), stored);
    }, one.title).not.toThrow();
  }
});

test('no part of a stored object is shared with the one that follows it', () => {
  for (const one of validWorkloads) {
    const stored = accepted(one);
    const before = structuredClone(stored);
    const draft = structuredClone(stored);
    strategyOf(...groupKindOf(draft)).prepareUpdate(draft, stored, context);
    scribble(draft);
    expect(stored, one.title).toEqual(before);
  }
});

test('an image is pulled again when its name may mean another one by now', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  for (const image of [
    'nginx',
    'nginx:latest',
    'a/b',
    'localhost:5000/a',
    'Registry.example.com/a',
    'ghcr.io/a/b:latest',
    `a:latest@${digest}`,
  ]) {
    expect(defaultPullPolicy(image), image).toBe('Always');
  }
  for (const image of ['nginx:1', `nginx@${digest}`, 'localhost:5000/a:1', 'Nginx', 'a b', '', '0'.repeat(64)]) {
    expect(defaultPullPolicy(image), image).toBe('IfNotPresent');
  }
});

test('schedules are read as cron reads them', () => {
  for (const schedule of [
    '* * * * *',
    '0 0 1 JAN *',
    '*/5 0-23/2 1,15 * sun-sat',
    '? ? ? ? ?',
    '@hourly',
    '@every 1h2.5m',
    'CRON_TZ=UTC 0 0 * * *',
  ]) {
    expect(scheduleProblem(schedule), schedule).toBeUndefined();
  }
  expect(scheduleProblem('0 0 * *')).toBe('expected exactly 5 fields, found 4: [0 0 * *]');
  expect(scheduleProblem('61 0 * * *')).toBe('end of range (61) above maximum (59): 61');
});

test('time zones go by their own spelling', () => {
  expect(['UTC', 'Europe/Berlin', 'US/Pacific', 'Etc/GMT+5'].every(isTimeZone)).toBe(true);
  expect(['europe/berlin', 'Mars/One', '+01:00', 'EUROPE/BERLIN/'].some(isTimeZone)).toBe(false);
});

test('differences are shown with three lines around them, near ones together', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${String(index)}`);
  const changed = lines.toSpliced(2, 1, 'two').toSpliced(15, 0, 'more');
  expect(unifiedDiff(lines.join('\n'), changed.join('\n'))).toBe(
    [
      '@@ -1,6 +1,6 @@',
      ' line 0',
      ' line 1',
      '-line 2',
      '+two',
      ' line 3',
      ' line 4',
      ' line 5',
      '@@ -13,6 +13,7 @@',
      ' line 12',
      ' line 13',
      ' line 14',
      '+more',
      ' line 15',
      ' line 16',
      ' line 17',
      '',
    ].join('\n'),
  );
  expect(unifiedDiff('a\nb', 'a\nb')).toBe('');
});

function accepted(one: Case): Draft {
  const { update: _update, ...created } = one;
  const outcome = replay(named(created, 'web', 'default'), decode, 'default');
  if (!('object' in outcome)) throw new Error(`${one.title}: ${outcome.status.message ?? ''}`);
  return outcome.object;
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}

/** Writes into every map of a value. */
function scribble(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const part of Object.values(value)) scribble(part);
  if (!Array.isArray(value)) Object.assign(value, { scribbled: true });
}
