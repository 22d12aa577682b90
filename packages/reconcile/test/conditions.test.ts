import { describe, expect, test } from 'vitest';
import { conditionsOf } from '@homeostat/reconcile';
import type { Condition, Failure, Report, ReportState } from '@homeostat/reconcile';

const none = {
  created: 0,
  updated: 0,
  adopted: 0,
  replaced: 0,
  unchanged: 0,
  skipped: 0,
  drifted: 0,
  failed: 0,
  blocked: 0,
};
const base: Report = {
  kind: 'Report',
  version: 1,
  sync: { namespace: 'demo', name: 'site' },
  state: 'Ready',
  counts: { ...none, pruned: 0, released: 0, kept: 0 },
  objects: [],
  orphans: [],
  requests: [],
  health: {
    state: 'Current',
    counts: { Current: 0, InProgress: 0, Failed: 0, Terminating: 0, NotFound: 0, Unknown: 0 },
  },
  findings: [],
  startedAt: '2026-01-01T00:00:00.400Z',
  durationMs: 1_700,
};

const failure = (stage: Failure['stage'], retry: Failure['retry'] = 'backoff'): Partial<Report> => ({
  state: 'Failed',
  failure: { stage, code: 'UNAVAILABLE', message: 'the host does not answer', retry },
});

function object(retry?: 'backoff' | 'never'): Report['objects'][number] {
  return {
    ref: { group: '', kind: 'ConfigMap', namespace: 'demo', name: 'a' },
    origin: { path: 'a.yaml', document: 1, line: 1 },
    action: 'failed',
    code: 'invalid',
    message: 'spec.x: unknown field',
    ...(retry !== undefined && { retry }),
  };
}

const brief = (conditions: readonly Condition[]): string =>
  conditions.map(({ type, status }) => `${type}=${status}`).join(' ');

describe('conditions', () => {
  const cases: readonly [string, Partial<Report>, string, string][] = [
    ['a set that is as desired', {}, 'Ready=True Reconciling=False Stalled=False', 'Succeeded'],
    ['a rollout', { state: 'Progressing' }, 'Ready=False Reconciling=True Stalled=False', 'Progressing'],
    [
      'a wait for another sync',
      {
        state: 'Progressing',
        waits: [
          {
            sync: { namespace: 'demo', name: 'base' },
            reason: 'not-ready',
            message: 'waits for demo/base',
            since: base.startedAt,
          },
        ],
      },
      'Ready=False Reconciling=True Stalled=False',
      'DependencyNotReady',
    ],
    ['held deletions', { state: 'Held' }, 'Ready=False Reconciling=False Stalled=True', 'PruneHeld'],
    ['a suspension', { state: 'Suspended' }, 'Ready=Unknown Reconciling=False Stalled=False', 'Suspended'],
    ['a source that does not answer', failure('fetch'), 'Ready=False Reconciling=True Stalled=False', 'SourceFailed'],
    ['a plan that is stale', failure('look', 'never'), 'Ready=False Reconciling=False Stalled=True', 'PassFailed'],
    [
      'a file that cannot be read',
      { state: 'Failed', findings: [{ severity: 'error', code: 'YAML_SYNTAX', message: 'a.yaml:3: broken' }] },
      'Ready=False Reconciling=False Stalled=True',
      'RenderFailed',
    ],
    [
      'an object that is tried again',
      { state: 'Failed', objects: [object('backoff')] },
      'Ready=False Reconciling=True Stalled=False',
      'ObjectsFailed',
    ],
    [
      'an object that no attempt helps',
      { state: 'Failed', objects: [object('never')] },
      'Ready=False Reconciling=False Stalled=True',
      'ObjectsFailed',
    ],
  ];
  test.each(cases)('of %s', (_, changes, statuses, reason) => {
    const conditions = conditionsOf({ ...base, ...changes });
    expect(brief(conditions)).toBe(statuses);
    expect(new Set(conditions.map((one) => one.reason))).toEqual(new Set([reason]));
    expect(conditions.every(({ message }) => message !== '')).toBe(true);
  });

  test('every state has a case', () => {
    const states: ReportState[] = ['Ready', 'Progressing', 'Held', 'Failed', 'Suspended'];
    const seen = new Set(cases.map(([, { state = 'Ready' }]) => state));
    expect(states.filter((state) => !seen.has(state))).toEqual([]);
  });

  test('name the object that failed, and why', () => {
    const [ready] = conditionsOf({ ...base, state: 'Failed', objects: [object('never')] });
    expect(ready?.message).toContain('ConfigMap demo/a: spec.x: unknown field');
  });

  test('keep their time until their status is another', () => {
    const first = conditionsOf(base);
    expect(first.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(Array(3).fill('2026-01-01T00:00:02Z'));
    const later = conditionsOf({ ...base, state: 'Progressing', startedAt: '2026-01-02T00:00:00.000Z' }, first);
    const times = later.map(({ type, lastTransitionTime }) => `${type} ${lastTransitionTime}`);
    expect(times).toEqual([
      'Ready 2026-01-02T00:00:01Z',
      'Reconciling 2026-01-02T00:00:01Z',
      'Stalled 2026-01-01T00:00:02Z',
    ]);
  });
});
