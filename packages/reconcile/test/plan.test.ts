import { describe, expect, test } from 'vitest';
import { stringifyJson } from '@homeostat/kube';
import type { Ref } from '@homeostat/kube';
import { assertFresh, hasDifferences, parsePlan, ReconcileError } from '@homeostat/reconcile';
import type { Plan, PlanItem, PlannedAddition, PlannedPrune, PlannedWrite } from '@homeostat/reconcile';
import { planDigest } from '../src/plan.ts';
import { policyWith } from './live.ts';

const refTo = (name: string, kind = 'ConfigMap'): Ref => ({ group: '', kind, namespace: 'demo', name });
const about = (name: string, kind?: string) => ({
  ref: refTo(name, kind),
  origin: { path: 'a.yaml', document: 1, line: 1 },
});

function unchanged(name: string, kind?: string, resourceVersion = '7'): PlanItem {
  return { ...about(name, kind), action: 'unchanged', uid: `uid-${name}`, resourceVersion };
}

function update(name: string, more: Partial<PlannedWrite> = {}): PlanItem {
  return {
    ...about(name),
    action: 'update',
    changes: [{ path: '.data.a', kind: 'change', desired: '2', live: '1' }],
    uid: `uid-${name}`,
    resourceVersion: '7',
    taken: [],
    yielded: [],
    validated: true,
    warnings: [],
    ...more,
  };
}

function planOf(items: readonly PlanItem[], prunes: readonly PlannedPrune[] = [], complete = true): Plan {
  const plan: Omit<Plan, 'digest'> = {
    kind: 'Plan',
    version: 1,
    sync: { namespace: 'demo', name: 'site' },
    source: { description: 'memory', commit: 'c'.repeat(40) },
    options: { render: { kind: 'auto', path: '' }, policy: policyWith() },
    complete,
    items,
    prunes,
    findings: [],
  };
  return { ...plan, digest: planDigest(plan) };
}

const prune = (name: string, uid = `uid-${name}`): PlannedPrune => ({ ref: refTo(name), decision: 'prune', uid });

function staleness(stored: Plan, now: Plan): readonly string[] {
  try {
    assertFresh(stored, now);
    return [];
  } catch (error) {
    if (!(error instanceof ReconcileError) || error.code !== 'PLAN_STALE') throw error;
    return error.reasons;
  }
}

describe('a plan is stale, and says what moved', () => {
  test.each([
    ['another action', [unchanged('a')], [update('a')], 'ConfigMap demo/a: was unchanged, would be update'],
    [
      'other field values',
      [update('a')],
      [update('a', { changes: [{ path: '.data.a', kind: 'change', desired: '2', live: '3' }] })],
      'ConfigMap demo/a: its fields moved',
    ],
    [
      'another object of the name',
      [update('a')],
      [update('a', { uid: 'other' })],
      'ConfigMap demo/a: its fields moved',
    ],
    [
      'a conflict that was not there',
      [update('a')],
      [update('a', { taken: [{ path: '.data.a', manager: 'somebody' }] })],
      'ConfigMap demo/a: its fields moved',
    ],
    ['an object that is new', [], [unchanged('a')], 'ConfigMap demo/a: is now in the plan'],
    ['an object that is gone', [unchanged('a')], [], 'ConfigMap demo/a: is no longer in the plan'],
    [
      'a Secret that moved at all',
      [unchanged('key', 'Secret', '7')],
      [unchanged('key', 'Secret', '8')],
      'Secret demo/key: its fields moved',
    ],
  ] as const)('%s', (_title, before, after, reason) => {
    expect(staleness(planOf(before), planOf(after))).toEqual([reason]);
  });

  test('other prunes', () => {
    expect(staleness(planOf([], [prune('a')]), planOf([]))).toEqual([
      'ConfigMap demo/a: was prune, would be no orphan',
    ]);
    expect(staleness(planOf([]), planOf([], [prune('a')]))).toEqual([
      'ConfigMap demo/a: was not an orphan, would be prune',
    ]);
    expect(staleness(planOf([], [prune('a')]), planOf([], [prune('a', 'other')]))).toHaveLength(1);
  });

  test('a render that is complete no longer', () => {
    expect(staleness(planOf([]), planOf([], [], false))).toEqual(['the render is no longer complete']);
  });
});

describe('a plan is fresh', () => {
  test('when nothing moved', () => {
    const plan = planOf([update('a'), unchanged('b')], [prune('c')]);
    expect(staleness(plan, plan)).toEqual([]);
  });

  test("when only others' fields moved, or a manager wrote the same once more", () => {
    const at = (time: string, resourceVersion: string): PlanItem =>
      update('a', {
        resourceVersion,
        changes: [
          {
            path: '.data.a',
            kind: 'change',
            desired: '2',
            live: '1',
            heldBy: { manager: 'somebody', operation: 'Update', time },
          },
        ],
      });
    const before = planOf([at('2026-01-01T00:00:00Z', '7'), unchanged('b', undefined, '7')]);
    const after = planOf([at('2026-01-02T00:00:00Z', '8'), unchanged('b', undefined, '8')]);
    expect(staleness(before, after)).toEqual([]);
    expect(before.digest).toBe(after.digest);
  });
});

describe('a plan that was written down', () => {
  test('is read as it was', () => {
    const plan = planOf([update('a')], [prune('b')]);
    expect(parsePlan(JSON.parse(stringifyJson(plan)))).toEqual(plan);
  });

  test.each([
    ['no plan', { kind: 'Report' }, /not a plan/],
    ['nothing', null, /not a plan/],
    ['another format', { ...planOf([]), version: 2 }, /format 2/],
    ['an action by hand', { ...planOf([unchanged('a')]), items: [update('a')] }, /changed after it was made/],
    ['a prune by hand', { ...planOf([]), prunes: [prune('a')] }, /changed after it was made/],
    [
      'a policy by hand',
      { ...planOf([]), options: { render: { kind: 'auto' }, policy: policyWith({ allowEmpty: true }) } },
      /changed after it was made/,
    ],
  ])('is refused with %s', (_title, value, message) => {
    expect(() => parsePlan(value)).toThrow(message);
    expect(() => parsePlan(value)).toThrow(expect.objectContaining({ code: 'PLAN_INVALID' }));
  });
});

test('differences are what would be written, refused or pruned; what is kept or skipped is none', () => {
  const skipped: PlanItem = { ...about('a'), action: 'skip', reason: 'ignored' };
  const refused: PlanItem = { ...about('a'), action: 'refused', code: 'invalid', message: 'no', retry: 'never' };
  expect(hasDifferences(planOf([unchanged('a'), skipped]))).toBe(false);
  expect(hasDifferences(planOf([], [{ ...prune('a'), decision: 'keep', reason: 'annotated' }]))).toBe(false);
  expect(hasDifferences(planOf([update('a')]))).toBe(true);
  expect(hasDifferences(planOf([refused]))).toBe(true);
  expect(hasDifferences(planOf([], [prune('a')]))).toBe(true);
  expect(hasDifferences(planOf([], [{ ...prune('a'), decision: 'release' }]))).toBe(true);
});

describe('what is to be taken away of what others added', () => {
  const addition = (value: string, action: 'remove' | 'report' = 'remove'): PlannedAddition => ({
    path: '.data.x',
    value,
    security: false,
    heldBy: [{ manager: 'kubectl-edit', operation: 'Update', time: value }],
    action,
  });
  const removing = (value: string): Plan => planOf([update('a', { changes: [], additions: [addition(value)] })]);

  test('is a difference, and part of what was approved', () => {
    expect(hasDifferences(removing('1'))).toBe(true);
    expect(staleness(removing('1'), removing('1'))).toEqual([]);
    expect(staleness(removing('1'), removing('2'))).toEqual(['ConfigMap demo/a: its fields moved']);
    expect(staleness(removing('1'), planOf([unchanged('a')]))).toEqual([
      'ConfigMap demo/a: was update, would be unchanged',
    ]);
  });

  test('what is only told moves nothing', () => {
    const telling = (value: string): Plan => planOf([{ ...unchanged('a'), additions: [addition(value, 'report')] }]);
    expect(hasDifferences(telling('1'))).toBe(false);
    expect(staleness(telling('1'), telling('2'))).toEqual([]);
  });
});
