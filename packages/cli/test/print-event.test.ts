import { expect, test } from 'vitest';
import type { LoopEvent } from '@homeostat/reconcile';
import { printEvent } from '../src/print-event.ts';
import { painter } from '../src/style.ts';

const ref = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
const now = 10_000;
const waiting = { type: 'waiting', ref, what: 'ready', reason: '0 of 1 replicas exist', since: 7_500 } as const;
const inProgress = { state: 'InProgress', reason: 'Pending', message: 'it is pending' } as const;

test.each<[string, LoopEvent, string | undefined]>([
  [
    'an object was written',
    { type: 'apply', event: { type: 'outcome', ref, action: 'created' } },
    'created   apps/Deployment shop/web',
  ],
  [
    'an object was refused',
    { type: 'apply', event: { type: 'outcome', ref, action: 'failed', code: 'invalid', message: 'no such field' } },
    'failed    apps/Deployment shop/web  [invalid] no such field',
  ],
  [
    'an object gave way to a newer revision',
    { type: 'apply', event: { type: 'outcome', ref, action: 'failed', code: 'cancelled', message: 'cancelled' } },
    undefined,
  ],
  ['an object was left as it is', { type: 'apply', event: { type: 'outcome', ref, action: 'unchanged' } }, undefined],
  [
    'an object is waited for before others are written',
    { type: 'apply', event: waiting },
    'waiting   2.5 s for apps/Deployment shop/web: 0 of 1 replicas exist',
  ],
  [
    'objects are waited for at the end',
    { type: 'waiting', ref, status: inProgress, since: 9_000, others: 2 },
    'waiting   1.0 s for apps/Deployment shop/web and 2 more: it is pending',
  ],
  [
    'somebody changed an object, nobody knows where',
    { type: 'drift', ref, gone: false, fields: [], managers: [] },
    'drift     apps/Deployment shop/web was changed',
  ],
  [
    'somebody changed fields of an object',
    { type: 'drift', ref, gone: false, fields: ['.spec.replicas'], managers: ['kubectl-edit'] },
    'drift     apps/Deployment shop/web was changed: .spec.replicas, by kubectl-edit',
  ],
  [
    'somebody took many fields of an object away',
    { type: 'drift', ref, gone: false, fields: ['.a', '.b', '.c', '.d', '.e'], managers: [] },
    'drift     apps/Deployment shop/web was changed: .a, .b, .c and 2 more',
  ],
  [
    'somebody deleted an object',
    { type: 'drift', ref, gone: true, fields: [], managers: [] },
    'drift     apps/Deployment shop/web is gone',
  ],
  [
    'somebody keeps changing it',
    { type: 'fight', ref, pauseMs: 4_000, fields: ['.spec.replicas'], managers: ['scaler'] },
    'fight     somebody keeps changing apps/Deployment shop/web: .spec.replicas, by scaler; the next repair waits 4.0 s',
  ],
  ['something is amiss', { type: 'degraded', message: 'no watch' }, 'degraded  no watch'],
  ['a pass begins', { type: 'revision', revision: { commit: 'c' } }, undefined],
])('%s', (_what, event, line) => {
  expect(printEvent(event, now, painter(false))).toBe(line);
});
