import { describe, expect, test } from 'vitest';
import { createRedactor, refKey } from '@homeostat/kube';
import type { KubeObject, Ref } from '@homeostat/kube';
import { defineSync } from '@homeostat/reconcile';
import type { Plan, PlanItem, PlannedAddition, Report } from '@homeostat/reconcile';
import type { Status } from '@homeostat/status';
import type { Removed } from '../src/remove-additions.ts';
import { report, withStatuses } from '../src/report.ts';
import type { Results } from '../src/report.ts';
import { planDigest } from '../src/plan.ts';

const sync = defineSync({ name: 'site', namespace: 'demo' });
const refTo = (name: string): Ref => ({ group: '', kind: 'ConfigMap', namespace: 'demo', name });
const about = (name: string) => ({ ref: refTo(name), origin: { path: `${name}.yaml`, document: 1, line: 1 } });
const unchanged = (name: string): PlanItem => ({ ...about(name), action: 'unchanged' });
const status = (state: Status['state']): Status => ({ state, reason: state, message: `it is ${state}` });
const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'demo' } };

function planOf(items: readonly PlanItem[], complete = true): Plan {
  const plan: Omit<Plan, 'digest'> = {
    kind: 'Plan',
    version: 1,
    sync: { namespace: 'demo', name: 'site' },
    source: { description: 'memory', commit: 'c' },
    options: sync,
    complete,
    items,
    prunes: [],
    findings: complete ? [] : [{ severity: 'error', code: 'YAML_SYNTAX', message: 'broken' }],
  };
  return { ...plan, digest: planDigest(plan) };
}

function reportOf(results: Partial<Results>): Report {
  const whole: Results = { statusOf: () => undefined, startedAt: 0, endedAt: 5, ...results };
  return report(sync, whole, createRedactor());
}

const kept = (reason: 'empty-set' | 'over-budget' | 'annotated' | 'unproven') => ({
  decisions: [
    {
      decision: 'keep' as const,
      reason,
      member: { ref: refTo('old'), uid: 'u', proven: true, object: () => object },
    },
  ],
});

describe('the state of a report', () => {
  test.each([
    ['Ready when nothing is left to do', { plan: planOf([unchanged('a')]) }, 'Ready'],
    ['Ready with nothing at all', { plan: planOf([]) }, 'Ready'],
    [
      'Progressing until every object is ready',
      { plan: planOf([unchanged('a')]), statusOf: () => status('InProgress') },
      'Progressing',
    ],
    [
      'Failed when an object has failed',
      { plan: planOf([unchanged('a')]), statusOf: () => status('Failed') },
      'Failed',
    ],
    ['Failed when the input has an error', { plan: planOf([unchanged('a')], false) }, 'Failed'],
    [
      'Failed when an object was refused',
      { plan: planOf([{ ...about('a'), action: 'refused', code: 'invalid', message: 'no', retry: 'never' }]) },
      'Failed',
    ],
    [
      'Failed when the pass could not come to its end',
      { failure: { stage: 'fetch', code: 'UNREACHABLE', message: 'no', retry: 'backoff' } },
      'Failed',
    ],
    ['Held when a set became empty', { plan: planOf([]), ...kept('empty-set') }, 'Held'],
    ['Held when too much would go', { plan: planOf([unchanged('a')]), ...kept('over-budget') }, 'Held'],
    [
      'Ready when an object stays because it asks to',
      { plan: planOf([unchanged('a')]), ...kept('annotated') },
      'Ready',
    ],
    ['Ready beside a look-alike', { plan: planOf([unchanged('a')]), ...kept('unproven') }, 'Ready'],
  ] satisfies readonly (readonly [string, Partial<Results>, Report['state']])[])('is %s', (_title, results, state) => {
    expect(reportOf(results).state).toBe(state);
  });
});

test('what failed comes first, then what is not ready, then the rest by ref', () => {
  const plan = planOf(['d', 'c', 'b', 'a'].map(unchanged));
  const states: Record<string, Status['state']> = { c: 'InProgress', d: 'Failed' };
  const told = reportOf({ plan, statusOf: ({ name }) => status(states[name] ?? 'Current') });
  expect(told.objects.map(({ ref }) => ref.name)).toEqual(['d', 'c', 'a', 'b']);
  expect(told.counts).toMatchObject({ unchanged: 4, created: 0 });
});

test('a report is known again when only the states of its objects change', () => {
  const before = reportOf({ plan: planOf([unchanged('a'), unchanged('b')]), statusOf: () => status('Current') });
  const after = withStatuses(before, ({ name }) => (name === 'b' ? status('InProgress') : undefined));
  expect(after).toMatchObject({ state: 'Progressing', objects: [{ ref: { name: 'b' } }, { ref: { name: 'a' } }] });
  expect(withStatuses(after, () => status('Current'))).toEqual(before);
});

test('an orphan whose turn never came is told as kept', () => {
  const member = { ref: refTo('old'), uid: 'u', proven: true, object: () => object };
  const told = reportOf({ plan: planOf([]), decisions: [{ decision: 'prune', member }] });
  expect(told.orphans).toEqual([{ ref: refTo('old'), action: 'kept', reason: 'not-reached' }]);
});

test('of a write it tells what was taken, left and overridden', () => {
  const item: PlanItem = {
    ...about('a'),
    action: 'adopt',
    changes: [],
    taken: [],
    yielded: [],
    validated: true,
    warnings: [],
    owner: 'the Helm release shop',
  };
  const outcome = {
    ...about('a'),
    action: 'adopted' as const,
    uid: 'u',
    resourceVersion: '7',
    object,
    warnings: ['deprecated'],
    durationMs: 1,
    taken: [{ path: '.data.a', manager: 'helm' }],
    yielded: [{ path: '.spec.replicas', manager: 'autoscaler', subresource: 'scale' }],
    overridden: [{ path: '.data.b', kind: 'change', desired: '1', live: '2' }],
  };
  const told = reportOf({ plan: planOf([item]), outcomes: new Map([[refKey(item.ref), outcome]]) });
  expect(told.objects).toMatchObject([
    {
      action: 'adopted',
      message:
        'from the Helm release shop; took .data.a from "helm"; left .spec.replicas to "autoscaler" (through scale)',
      overridden: [{ path: '.data.b' }],
      warnings: ['deprecated'],
    },
  ]);
  expect(told.objects[0]).not.toHaveProperty('object');
});

describe('of what others added it tells what became of it', () => {
  const planned = (path: string, action: 'remove' | 'report' | 'keep', reason?: string): PlannedAddition => ({
    path,
    value: 'x',
    security: false,
    heldBy: [{ manager: 'kubectl-edit', operation: 'Update' }],
    action,
    ...(reason !== undefined && { reason }),
  });
  const item: PlanItem = {
    ...about('a'),
    action: 'update',
    changes: [],
    taken: [],
    yielded: [],
    validated: true,
    warnings: [],
    additions: [planned('.data.x', 'remove'), planned('.data.y', 'remove'), planned('.data.z', 'keep', 'held')],
  };
  const key = refKey(item.ref);
  const skipped = { ...about('a'), action: 'skipped' as const, reason: 'in-sync' as const };
  const told = (
    removed: Removed | undefined,
    outcomes: Results['outcomes'] = new Map(),
  ): Report['objects'][0] | undefined =>
    reportOf({
      plan: planOf([item]),
      outcomes,
      removals: new Map(removed === undefined ? [] : [[key, removed]]),
    }).objects[0];
  const fates = (one: Report['objects'][0] | undefined): readonly string[] =>
    (one?.additions ?? []).map(
      ({ action, path, reason }) => `${action} ${path}${reason === undefined ? '' : ` (${reason})`}`,
    );

  test.each([
    ['alone in the pass', new Map()],
    ['beside others that were written', new Map([[key, skipped]])],
  ])('taken away, %s: the object is updated', (_title, outcomes) => {
    const one = told({ action: 'removed', paths: new Set(['.data.x']) }, outcomes);
    expect(one?.action).toBe('updated');
    expect(fates(one)).toEqual(['removed .data.x', 'kept .data.y (moved)', 'kept .data.z (held)']);
  });

  test('all of it gone before: nothing was done', () => {
    expect(told({ action: 'removed', paths: new Set() })?.action).toBe('unchanged');
  });

  test('not possible: the object failed, and may be tried again', () => {
    const failure = {
      action: 'failed',
      ref: item.ref,
      code: 'denied',
      message: 'a policy said no',
      retry: 'backoff',
    } as const;
    const one = told(failure);
    expect(one).toMatchObject({ action: 'failed', code: 'denied', retry: 'backoff' });
    expect(one?.message).toContain('what others added could not be taken away: a policy said no');
    expect(fates(one)[0]).toBe('kept .data.x (denied)');
  });

  test('never reached: it is told as kept', () => {
    const one = told(undefined);
    expect(one?.action).toBe('skipped');
    expect(fates(one)[0]).toBe('kept .data.x (not-reached)');
  });

  test('only looked for: as the plan has it', () => {
    const plan = planOf([{ ...unchanged('a'), additions: [planned('.data.x', 'report')] }]);
    const [one] = reportOf({ plan }).objects;
    expect(one?.action).toBe('unchanged');
    expect(fates(one)).toEqual(['reported .data.x']);
  });
});
