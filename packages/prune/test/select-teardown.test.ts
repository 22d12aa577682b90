import { expect, test } from 'vitest';
import { selectTeardown } from '@homeostat/prune';
import type { Member, TeardownMode } from '@homeostat/prune';
import { refKey, refOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';

function member(kind: string, name: string, metadata: object = {}, proven = true): Member {
  const live = { apiVersion: 'v1', kind, metadata: { name, uid: name, ...metadata } } as KubeObject;
  return { ref: refOf(live), uid: name, proven, object: () => live };
}

function fates(
  members: readonly Member[],
  mode: TeardownMode,
  pruneKinds: readonly string[] = [],
): Record<string, string> {
  const decisions = selectTeardown(members, mode, { pruneKinds });
  return Object.fromEntries(
    decisions.map((one) => [one.member.ref.name, one.decision === 'keep' ? one.reason : one.decision]),
  );
}

const members = [
  member('ConfigMap', 'plain', { namespace: 'home' }),
  member('ConfigMap', 'annotated', { namespace: 'elsewhere', annotations: { 'homeostat.dev/prune': 'false' } }),
  member('ConfigMap', 'controlled', { namespace: 'elsewhere', ownerReferences: [{ controller: true }] }),
  member('ConfigMap', 'copy', { namespace: 'elsewhere' }, false),
  member('PersistentVolumeClaim', 'data', { namespace: 'elsewhere' }),
  member('Namespace', 'home'),
  member('Namespace', 'elsewhere'),
  member('Namespace', 'kube-public'),
];

test('delete: what may go goes, what may not is set free, what is dangerous waits for its kind to be named', () => {
  const always = {
    plain: 'prune',
    annotated: 'release',
    controlled: 'release',
    copy: 'unproven',
    'kube-public': 'release',
  };
  expect(fates(members, 'delete')).toEqual({
    ...always,
    data: 'protected-kind',
    home: 'protected-kind',
    elsewhere: 'protected-kind',
  });
  expect(fates(members, 'delete', ['Namespace', 'PersistentVolumeClaim'])).toEqual({
    ...always,
    data: 'prune',
    home: 'prune',
    elsewhere: 'namespace-in-use',
  });
});

test('delete: what another set desires is set free for it', () => {
  const claimed = new Map([[refKey(members[0]!.ref), 'the set demo/other']]);
  const decisions = selectTeardown(members.slice(0, 1), 'delete', { pruneKinds: [], claimed });
  expect(decisions).toMatchObject([{ decision: 'release' }]);
});

test('orphan: every proven member is set free, nothing is deleted', () => {
  const fate = fates(members, 'orphan', ['Namespace']);
  expect(new Set(Object.values(fate))).toEqual(new Set(['release', 'unproven']));
});
