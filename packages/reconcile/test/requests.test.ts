import { describe, expect, test } from 'vitest';
import { digest, setIdentity } from '@homeostat/kube';
import type { Member, OrphanDecision, Parent, ParentRequest, StoredReport } from '@homeostat/prune';
import { heldOf } from '@homeostat/prune';
import { consentOf, handledRequests, isSuspended, pendingRequests, rollbackOf } from '../src/requests.ts';

const now = Date.UTC(2026, 10, 25, 12);
const handledAt = '2026-11-25T12:00:00.000Z';

function ask(request: ParentRequest['request'], argument: string, by = 'alice@laptop'): ParentRequest {
  return { request, argument, value: `shop/web:${argument} ${by}`, by };
}

function parent(requests: readonly ParentRequest[], report: Partial<StoredReport> = {}): Parent {
  return {
    set: setIdentity('shop', 'web'),
    uid: 'u',
    resourceVersion: '7',
    tooling: 'homeostat/v1',
    hints: { groupKinds: [], namespaces: [] },
    report: { state: 'Held', objects: 0, problems: [], ...report },
    requests,
    ignored: [],
  };
}

function member(name: string): Member {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' } };
  return {
    ref: { group: '', kind: 'ConfigMap', namespace: 'shop', name },
    uid: name,
    proven: true,
    object: () => object,
  };
}

const held = (...names: string[]): readonly OrphanDecision[] =>
  names.map((name) => ({ decision: 'keep', member: member(name), reason: 'over-budget' }));
const gone = (...names: string[]): readonly OrphanDecision[] =>
  names.map((name) => ({ decision: 'prune', member: member(name) }));
const list = heldOf(held('a', 'b'))!;
const confirm = ask('confirm', list.digest);

describe('a confirmation', () => {
  test('counts with all that was shown under its digest, or with the digest alone where the list is lost', () => {
    expect(consentOf(parent([confirm], { held: list }))).toEqual({ digest: list.digest, objects: list.objects });
    expect(consentOf(parent([confirm]))).toEqual({ digest: list.digest, objects: [] });
    expect(consentOf(parent([]))).toBeUndefined();
    expect(consentOf(undefined)).toBeUndefined();
  });

  test('is honoured once: what met nothing is over, what was not finished goes on', () => {
    const met = handledRequests(parent([confirm]), { decisions: [], now });
    expect(met).toMatchObject([{ request: 'confirm', by: 'alice@laptop', outcome: 'not-held', handledAt }]);
    expect(consentOf(parent([confirm], { requests: met }))).toBeUndefined();
    expect(consentOf(parent([confirm], { requests: met, held: list }))).toBeUndefined();

    const done = handledRequests(parent([confirm], { held: list }), { decisions: gone('a', 'b'), now });
    expect(done).toMatchObject([{ outcome: 'honoured' }]);
    expect(consentOf(parent([confirm], { requests: done, confirmed: list }))).toEqual({
      digest: list.digest,
      objects: list.objects,
    });
    expect(consentOf(parent([confirm], { requests: done, held: list }))).toBeUndefined();
    expect(consentOf(parent([confirm], { requests: done }))).toBeUndefined();
  });

  test('waits for a pass that knows what is an orphan', () => {
    const asked = parent([confirm], { held: list });
    const hidden: readonly OrphanDecision[] = [{ decision: 'keep', member: member('a'), reason: 'apply-failed' }];
    expect(handledRequests(asked, { now })).toEqual([]);
    expect(handledRequests(asked, { decisions: hidden, now })).toEqual([]);
    expect(handledRequests(asked, { suspended: true, now })).toEqual([]);
  });

  test('that was meant for others than what is held is told as such', () => {
    const asked = parent([ask('confirm', digest('others').slice(0, 12))], { held: list });
    expect(handledRequests(asked, { decisions: held('a', 'b'), now })).toMatchObject([{ outcome: 'not-held' }]);
  });
});

describe('requests', () => {
  test('a set is suspended as long as its document or its parent says so', () => {
    expect(isSuspended({ suspend: true }, undefined)).toBe(true);
    expect(isSuspended({ suspend: false }, undefined)).toBe(false);
    const asked = parent([ask('suspend', 'true')], {
      requests: handledRequests(parent([ask('suspend', 'true')]), { now }),
    });
    expect(pendingRequests(asked)).toEqual([]);
    expect(isSuspended({ suspend: false }, asked)).toBe(true);
    expect(isSuspended({ suspend: false }, parent([ask('resume', 'false')]))).toBe(false);
  });

  test('a request to sync waits while the set is suspended', () => {
    const asked = parent([ask('sync-now', '1')]);
    expect(handledRequests(asked, { suspended: true, now })).toEqual([]);
    expect(handledRequests(asked, { now })).toMatchObject([{ request: 'sync-now', value: 'shop/web:1 alice@laptop' }]);
  });

  test('each is dealt with once; the last of each annotation is remembered, in a fixed order', () => {
    const first = handledRequests(parent([ask('suspend', 'true'), ask('sync-now', '1')]), { now });
    const after = parent([ask('resume', 'false', 'bob@desk'), ask('sync-now', '1')], { requests: first });
    expect(pendingRequests(after).map(({ request }) => request)).toEqual(['resume']);
    const second = handledRequests(after, { now: now + 1_000 });
    expect(second.map(({ request, by, handledAt: at }) => [request, by, at])).toEqual([
      ['resume', 'bob@desk', '2026-11-25T12:00:01.000Z'],
      ['sync-now', 'alice@laptop', handledAt],
    ]);
    expect(handledRequests(parent([ask('resume', 'false', 'bob@desk')], { requests: second }), { now: 0 })).toEqual(
      second,
    );
  });
});

describe('a rollback', () => {
  const rollback = ask('rollback', 'c0ffee00'.repeat(5));

  test('stands until it is taken back, and is honoured by the pass that comes to its end', () => {
    expect(rollbackOf(parent([rollback]))).toBe(rollback);
    expect(handledRequests(parent([rollback]), { now })).toEqual([]);
    expect(handledRequests(parent([rollback]), { decisions: [], suspended: true, now })).toEqual([]);
    const done = handledRequests(parent([rollback]), { decisions: [], now });
    expect(done).toMatchObject([{ request: 'rollback', outcome: 'honoured' }]);
    expect(handledRequests(parent([rollback], { requests: done }), { now })).toEqual(done);
    expect(pendingRequests(parent([rollback], { requests: done }))).toEqual([]);
  });

  test('that was taken back is over: the same may be asked for again', () => {
    const done = handledRequests(parent([rollback]), { decisions: [], now });
    const over = handledRequests(parent([], { requests: done }), { decisions: [], now });
    expect(over).toEqual([]);
    expect(pendingRequests(parent([rollback], { requests: over }))).toEqual([rollback]);
  });
});
