import { expect, test } from 'vitest';
import { defineSync } from '@homeostat/reconcile';
import type { Plan } from '@homeostat/reconcile';
import { printPlan } from '../src/print-plan.ts';
import { painter } from '../src/style.ts';

const { render, policy } = defineSync({ name: 'site', namespace: 'demo' });
const configMap = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'demo', name });

test('a plan says of each orphan whether it goes, is set free or stays, and why', () => {
  const plan: Plan = {
    kind: 'Plan',
    version: 1,
    sync: { namespace: 'demo', name: 'site' },
    source: { description: 'memory', commit: 'c' },
    options: { render, policy, takeOver: false },
    complete: true,
    items: [],
    prunes: [
      { ref: configMap('gone'), uid: '1', decision: 'prune' },
      { ref: configMap('free'), uid: '2', decision: 'release' },
      { ref: configMap('kept'), uid: '3', decision: 'keep', reason: 'annotated' },
    ],
    findings: [],
    digest: '',
  };
  expect(printPlan(plan, painter(false))).toBe(
    [
      'prune     ConfigMap demo/gone  the source no longer names it',
      'release   ConfigMap demo/free  its annotation asks to leave it, without our marks',
      'keep      ConfigMap demo/kept  its annotation asks to keep it',
      'Plan: 1 to prune, 1 to release, 1 to keep',
      '',
    ].join('\n'),
  );
});
