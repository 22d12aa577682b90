import { expect, test } from 'vitest';
import type { Ref, RetryHint } from '@homeostat/kube';
import type { Report, ReportedObject } from '@homeostat/reconcile';
import { retryHints } from '../src/retry-hints.ts';

const ref = (name: string): Ref => ({ group: '', kind: 'ConfigMap', namespace: 'demo', name });
const origin = { path: 'a.yaml' } as ReportedObject['origin'];

function failed(name: string, retry: RetryHint): ReportedObject {
  return { ref: ref(name), origin, action: 'failed', code: 'unavailable', retry };
}

function blocked(name: string, by: string): ReportedObject {
  return { ref: ref(name), origin, action: 'blocked', blockedBy: ref(by) };
}

function hintsOf(
  objects: readonly ReportedObject[],
  orphans: Report['orphans'] = [],
  failure?: Report['failure'],
): readonly RetryHint[] {
  return retryHints({ objects, orphans, ...(failure !== undefined && { failure }) } as Report);
}

test('nothing to try again: nothing failed, or no attempt can help', () => {
  expect(hintsOf([])).toEqual([]);
  expect(hintsOf([failed('a', 'never'), blocked('b', 'a')])).toEqual([]);
});

test('the longest time that a server has asked for counts, once, however many failed', () => {
  const many = Array.from({ length: 200_000 }, (_, i) => failed(`c-${i}`, { afterMs: i % 1_000 }));
  expect(hintsOf([...many, failed('a', 'never')])).toEqual(['backoff', { afterMs: 999 }]);
  expect(hintsOf([failed('a', 'backoff')])).toEqual(['backoff']);
});

test('what is blocked is tried again when what it waits for may be ready by then, and not when that is refused for good', () => {
  expect(hintsOf([blocked('a', 'not-ready')])).toEqual(['backoff']);
  expect(hintsOf([failed('b', 'never'), blocked('a', 'b')])).toEqual([]);
});

test('a deletion that failed, and a pass that failed, are tried again', () => {
  expect(hintsOf([], [{ ref: ref('a'), action: 'failed', retry: { afterMs: 7 } }])).toEqual([
    'backoff',
    { afterMs: 7 },
  ]);
  const failure = { stage: 'fetch', code: 'UNREACHABLE', message: '', retry: 'backoff' } as const;
  expect(hintsOf([], [], failure)).toEqual(['backoff']);
});
