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

function edited(live: string): PlannedWrite['changes'][number] {
  const heldBy = { manager: 'kubectl-edit', operation: 'Update', time: '2026-01-01T00:00:00Z' } as const;
  return { path: '.data.a', kind: 'change', desired: '2', live, heldBy };
}

function planOf(items: readonly PlanItem[], prunes: readonly PlannedPrune[] = [], complete = true): Plan {
  const plan: Omit<Plan, 'digest'> = {
    kind: 'Plan',
    version: 1,
    sync: { namespace: 'demo', name: 'site' },
    source: { description: 'memory', commit: 'c'.repeat(40) },
    options: { render: { kind: 'auto', path: '' }, policy: policyWith(), takeOver: false },
    complete,
    items,
    prunes,
    findings: [],
  };
  return { ...plan, digest: planDigest(plan) };
}

/** As a program wrote it that knew one policy less. */
function olderPlan(): Plan {
  const { digest: _, ...plan } = planOf([]);
  const { allow: _allow, ...policy } = plan.options.policy;
  const older = { ...plan, options: { ...plan.options, policy: policy as Plan['options']['policy'] } };
  return { ...older, digest: planDigest(older) };
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
    ['another action', [unchanged('a')], [update('a')], 'ConfigMap demo/a: was unchanged, would be update: .data.a'],
    [
      'other field values',
      [update('a')],
      [update('a', { changes: [edited('3')] })],
      'ConfigMap demo/a: moved: .data.a (kubectl-edit)',
    ],
    [
      'another object of the name',
      [update('a')],
      [update('a', { uid: 'other' })],
      'ConfigMap demo/a: was deleted and made anew by somebody',
    ],
    [
      'a conflict that was not there',
      [update('a')],
      [update('a', { taken: [{ path: '.data.a', manager: 'somebody' }] })],
      'ConfigMap demo/a: moved: .data.a is taken from somebody',
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

  test('a field that is as desired by now, and an object that is gone', () => {
    const two = [edited('1'), { ...edited('1'), path: '.data.b' }];
    expect(
      staleness(planOf([update('a', { changes: two })]), planOf([update('a', { changes: [edited('1')] })])),
    ).toEqual(['ConfigMap demo/a: moved: .data.b is as desired by now']);
    const {
      uid: _uid,
      resourceVersion: _version,
      ...create
    } = { ...(update('a') as PlannedWrite), action: 'create' as const };
    expect(staleness(planOf([update('a')]), planOf([create]))).toEqual(['ConfigMap demo/a: was deleted']);
  });

  test('an orphan whose content was changed, or a Secret at all', () => {
    const going = (more: Partial<PlannedPrune>): Plan => planOf([], [{ ...prune('a'), ...more }]);
    expect(staleness(going({ content: 'one' }), going({ content: 'two' }))).toEqual([
      'ConfigMap demo/a: is to go, and was changed',
    ]);
    expect(staleness(going({ resourceVersion: '1' }), going({ resourceVersion: '2' }))).toHaveLength(1);
    expect(staleness(going({ content: 'one' }), going({ content: 'one' }))).toEqual([]);
  });

  test('another set, commit, policy, path or user', () => {
    const plan = planOf([]);
    const other = (more: Partial<Plan>): readonly string[] => staleness(plan, { ...plan, ...more });
    expect(other({ sync: { namespace: 'demo', name: 'other' } })).toEqual([
      'it is a plan for demo/site, not for demo/other',
    ]);
    expect(other({ source: { description: 'memory', commit: 'd'.repeat(40) } })[0]).toMatch(
      /^it is a plan for commit c+, not for d+$/,
    );
    const policy = policyWith({ prune: false, adopt: 'always' });
    expect(other({ options: { ...plan.options, policy } })).toEqual(['the policy differs: adopt, prune']);
    expect(other({ options: { ...plan.options, render: { kind: 'auto', path: 'deploy' } } })).toEqual([
      'path or files to render differ',
    ]);
    expect(other({ options: { ...plan.options, impersonate: { user: 'jane' } } })).toEqual([
      'the user to act as differs',
    ]);
  });

  test('everything that moved stands in the reasons, a few of it in the message', () => {
    const names = Array.from({ length: 12 }, (_, i) => `a${i}`);
    const [before, after] = [planOf(names.map((name) => unchanged(name))), planOf(names.map((name) => update(name)))];
    expect(staleness(before, after)).toHaveLength(12);
    expect(() => assertFresh(before, after)).toThrow(/a4: was unchanged.*; and 7 more$/);
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
    ['a policy that an older program did not know', olderPlan(), /another version of this program.*\(allow\)/],
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
      'ConfigMap demo/a: was update, would be unchanged: it is as desired already',
    ]);
  });

  test('what is only told moves nothing', () => {
    const telling = (value: string): Plan => planOf([{ ...unchanged('a'), additions: [addition(value, 'report')] }]);
    expect(hasDifferences(telling('1'))).toBe(false);
    expect(staleness(telling('1'), telling('2'))).toEqual([]);
  });
});
