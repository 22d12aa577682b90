import { describe, expect, test } from 'vitest';
import { createClaims } from '@homeostat/reconcile';
import type { Claims, Declaration, SetName } from '@homeostat/reconcile';
import { refKey, setIdentity } from '@homeostat/kube';

const one: SetName = { namespace: 'demo', name: 'one' };
const two: SetName = { namespace: 'demo', name: 'two' };
const here = { place: 'repo', identity: 'engine' };
const web = refKey({ group: '', kind: 'ConfigMap', namespace: 'demo', name: 'web' });
const idOf = ({ namespace, name }: SetName) => setIdentity(namespace, name).id;

function said(commit: string, change: Partial<Declaration> = {}): Declaration {
  return { ...here, revision: { ref: 'main', commit }, desired: new Set(), complete: true, now: 0, ...change };
}

function awaitedBy(claims: Claims, set: SetName, now = 0): string | undefined {
  return claims.awaited(set, { now, patienceMs: 1_000 })?.name;
}

describe('what a set desires', () => {
  test('is nobody’s business before it has said so, and then names it to the others alone', () => {
    const claims = createClaims();
    claims.expect(one, here);
    claims.expect(two, here);
    expect(claims.desires(idOf(two), web, one)).toBeUndefined();
    claims.declare(two, said('c1', { desired: new Set([web]) }));
    expect(claims.claimantOf(web, one)).toEqual(two);
    expect(claims.claimantOf(web, two)).toBeUndefined();
    expect(claims.desires(idOf(two), web, one)).toBe(true);
  });

  test('takes the place of what it said before; what may merely be missing is not let go', () => {
    const claims = createClaims();
    claims.expect(one, here);
    claims.declare(two, said('c1', { desired: new Set([web]) }));
    claims.declare(two, said('c2', { complete: false }));
    expect(claims.desires(idOf(two), web, one)).toBeUndefined();
    claims.declare(two, said('c2'));
    expect(claims.desires(idOf(two), web, one)).toBe(false);
  });

  test('is its own while it is suspended, but holds nothing of others then; and ends when it leaves', () => {
    const claims = createClaims();
    claims.expect(one, here);
    claims.declare(two, said('c1', { desired: new Set([web]) }));
    claims.rest(two);
    expect(claims.desires(idOf(two), web, one)).toBe(true);
    expect(claims.claimantOf(web, one)).toBeUndefined();
    claims.withdraw(two);
    expect(claims.desires(idOf(two), web, one)).toBeUndefined();
    expect(claims.claimantOf(web, one)).toBeUndefined();
  });
});

describe('a set that acts as somebody else', () => {
  const tenant = { identity: 'system:serviceaccount:shop:deployer' };
  test('holds no deletion by naming an object, is not waited for, and is given nothing', () => {
    const claims = createClaims();
    claims.declare(one, said('c1'));
    claims.expect(two, { ...here, ...tenant });
    expect(awaitedBy(claims, one)).toBeUndefined();
    claims.declare(two, said('c0', { ...tenant, desired: new Set([web]) }));
    expect(awaitedBy(claims, one)).toBeUndefined();
    expect(claims.claimantOf(web, one)).toBeUndefined();
    expect(claims.desires(idOf(one), web, two)).toBeUndefined();
  });

  test('is refused all the same what another desires', () => {
    const claims = createClaims();
    claims.declare(one, said('c1', { desired: new Set([web]) }));
    claims.declare(two, said('c1', tenant));
    expect(claims.desires(idOf(one), web, two)).toBe(true);
  });
});

describe('who is waited for', () => {
  test('a set of the same place that has not read the commit yet, or nothing at all', () => {
    const claims = createClaims();
    claims.expect(one, here);
    claims.expect(two, here);
    claims.declare(one, said('c1'));
    expect(awaitedBy(claims, one)).toBe('two');
    claims.declare(two, said('c1'));
    expect(awaitedBy(claims, one)).toBeUndefined();
    claims.declare(one, said('c2'));
    expect(awaitedBy(claims, one)).toBe('two');
  });

  test('no set of another place or branch, and none that rests or has left', () => {
    const claims = createClaims();
    claims.declare(one, said('c2'));
    for (const change of [{ place: 'elsewhere' }, { revision: { ref: 'release', commit: 'c1' } }]) {
      claims.declare(two, said('c1', change));
      expect(awaitedBy(claims, one)).toBeUndefined();
    }
    claims.declare(two, said('c1'));
    expect(awaitedBy(claims, one)).toBe('two');
    claims.rest(two);
    expect(awaitedBy(claims, one)).toBeUndefined();
    claims.declare(two, said('c1'));
    claims.withdraw(two);
    expect(awaitedBy(claims, one)).toBeUndefined();
  });

  test('nobody for longer than patience lasts, counted from the first look at the commit', () => {
    const claims = createClaims();
    claims.expect(two, here);
    claims.declare(one, said('c1', { now: 0 }));
    claims.declare(one, said('c1', { now: 900 }));
    expect(awaitedBy(claims, one, 999)).toBe('two');
    expect(awaitedBy(claims, one, 1_000)).toBeUndefined();
  });
});

describe('what two sets desire', () => {
  test('is told to the one that has it, until the other drops it or leaves', () => {
    const claims = createClaims();
    expect(claims.contested(one)).toEqual([]);
    claims.contest(two, [{ key: web, owner: idOf(one) }]);
    const contested = claims.contested(one);
    expect(contested).toEqual([{ key: web, by: two }]);
    claims.contest(two, [{ key: web, owner: idOf(one) }]);
    expect(claims.contested(one)).toBe(contested);
    claims.contest(two, []);
    expect(claims.contested(one)).toEqual([]);
    claims.declare(two, said('c1'));
    claims.contest(two, [{ key: web, owner: idOf(one) }]);
    claims.withdraw(two);
    expect(claims.contested(one)).toEqual([]);
  });

  test('by several sets is told of each', () => {
    const claims = createClaims();
    const three = { namespace: 'demo', name: 'three' };
    for (const set of [two, three]) claims.contest(set, [{ key: web, owner: idOf(one) }]);
    expect(claims.contested(one).map(({ by }) => by.name)).toEqual(['two', 'three']);
    claims.contest(two, []);
    expect(claims.contested(one).map(({ by }) => by.name)).toEqual(['three']);
  });
});

test('others are told of a commit that is new to a set, of rest and leave, never of the same said again', () => {
  const claims = createClaims();
  let told = 0;
  const stop = claims.onChange(() => (told += 1));
  const after = (act: () => void): number => {
    act();
    return told;
  };
  expect(after(() => claims.declare(one, said('c1')))).toBe(1);
  expect(after(() => claims.declare(one, said('c1')))).toBe(1);
  expect(after(() => claims.declare(one, said('c2')))).toBe(2);
  expect(after(() => claims.rest(one))).toBe(3);
  expect(after(() => claims.rest(one))).toBe(3);
  expect(after(() => claims.declare(one, said('c2')))).toBe(4);
  expect(after(() => claims.contest(one, [{ key: web, owner: idOf(two) }]))).toBe(5);
  expect(after(() => claims.contest(one, [{ key: web, owner: idOf(two) }]))).toBe(5);
  stop();
  expect(after(() => claims.withdraw(one))).toBe(5);
});
