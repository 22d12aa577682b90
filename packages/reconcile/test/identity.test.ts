import { describe, expect, test } from 'vitest';
import { defineSync, lockDown } from '@homeostat/reconcile';
import type { Identity } from '@homeostat/reconcile';
import { parseSync } from '@homeostat/reconcile/schema';

const syncAs = (impersonate?: Identity) =>
  defineSync({ name: 'site', namespace: 'shop', ...(impersonate !== undefined && { impersonate }) });

describe('a sync acts as whom it names', () => {
  test('a service account is one of its own namespace', () => {
    expect(syncAs({ serviceAccount: 'deployer' }).impersonate).toEqual({ user: 'system:serviceaccount:shop:deployer' });
  });

  test('a user is taken as it is, with all that belongs to it', () => {
    const user = { user: 'jane', groups: ['team'], uid: '7', extra: { scopes: ['a'] } };
    expect(syncAs(user).impersonate).toEqual(user);
  });

  test('and as the engine when it names nobody', () => {
    expect('impersonate' in syncAs()).toBe(false);
  });
});

describe('locked down, a sync acts', () => {
  const lockdown = { defaultServiceAccount: 'tenant' };

  test('as the default account of its own namespace, when it names nobody', () => {
    expect(lockDown(syncAs(), lockdown).impersonate).toEqual({ user: 'system:serviceaccount:shop:tenant' });
  });

  test.each([{ serviceAccount: 'deployer' }, { user: 'system:serviceaccount:shop:deployer' }])(
    'as %j, an account of its own namespace',
    (identity) => {
      expect(lockDown(syncAs(identity), lockdown)).toEqual(syncAs(identity));
    },
  );

  test.each([
    { user: 'admin' },
    { user: 'system:serviceaccount:kube-system:deployer' },
    { user: 'system:serviceaccount:shop-2:deployer' },
    { user: 'system:serviceaccount:shop:' },
    { user: 'system:serviceaccount:shop:a:b' },
    { user: 'system:serviceaccount:shop:deployer', groups: ['system:masters'] },
    { user: 'system:serviceaccount:shop:deployer', uid: '1' },
    { user: 'system:serviceaccount:shop:deployer', extra: { a: ['b'] } },
  ])('and not as %j', (identity) => {
    expect(() => lockDown(syncAs(identity), lockdown)).toThrow(
      expect.objectContaining({
        code: 'IDENTITY_REFUSED',
        message: expect.stringMatching(/shop\/site may not act as user .*; set impersonate\.serviceAccount/) as string,
      }),
    );
  });
});

describe('a sync document', () => {
  const parse = (more: Record<string, unknown>) =>
    parseSync({ name: 'site', source: { url: 'repo' }, ...more }, { where: 'sync.yaml', namespace: 'shop' }).sync;
  const reasons = (more: Record<string, unknown>): readonly string[] => {
    try {
      parse(more);
      return [];
    } catch (error) {
      return (error as { readonly reasons: readonly string[] }).reasons;
    }
  };

  test('names a service account of its namespace, or a user', () => {
    expect(parse({ impersonate: { serviceAccount: 'deployer' } }).impersonate?.user).toBe(
      'system:serviceaccount:shop:deployer',
    );
    expect(parse({ impersonate: { user: 'jane', groups: ['a'] } }).impersonate).toEqual({
      user: 'jane',
      groups: ['a'],
    });
  });

  test.each([
    [
      {},
      'impersonate must name either a serviceAccount of the namespace of the sync, or a user with what belongs to one',
    ],
    [{ serviceAccount: 'a', user: 'b' }, 'impersonate must name either'],
    [{ serviceAccount: 'a', groups: ['b'] }, 'impersonate must name either'],
    [{ groups: ['a'] }, 'impersonate must name either'],
    [{ serviceAccount: 'a:b' }, 'impersonate.serviceAccount does not match pattern'],
    [{ user: 'a', group: 'b' }, 'impersonate.group is no key that is known here'],
  ])('and not %j', (impersonate, reason) => {
    const said = reasons({ impersonate });
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(reason);
  });

  test('says what its set may consist of', () => {
    const policy = {
      allow: { kinds: ['ConfigMap'], namespaces: ['shop-*'], clusterScoped: false },
      deny: { kinds: ['*.'] },
    };
    expect(parse({ policy }).policy).toMatchObject(policy);
    expect(reasons({ policy: { allow: { kind: ['ConfigMap'] } } })).toEqual([
      'policy.allow.kind is no key that is known here',
    ]);
  });
});
