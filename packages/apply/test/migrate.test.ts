import { expect, test } from 'vitest';
import type { KubeObject, ManagedFieldsEntry } from '@homeostat/kube';
import { migrationOf } from '../src/migrate.ts';

const managers = { current: 'homeostat', former: ['old'] };
const inherited = ['before-first-apply', 'kubectl', 'kubectl-client-side-apply'];
const payload: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { a: '1' } };

function entry(
  manager: string,
  operation: 'Apply' | 'Update',
  data: readonly string[],
  rest: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry {
  const fields = Object.fromEntries(data.map((key) => [`f:${key}`, {}]));
  return { manager, operation, apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': fields }, ...rest };
}

function live(managedFields: readonly ManagedFieldsEntry[], annotations: Record<string, string> = {}): KubeObject {
  return { ...payload, metadata: { name: 'web', uid: 'u', resourceVersion: '7', managedFields, annotations } };
}

function fieldsAfter(object: KubeObject): unknown {
  const migration = migrationOf(object, payload, managers, inherited);
  const patch = migration?.operations.find(({ path }) => path === '/metadata/managedFields');
  return patch !== undefined && 'value' in patch
    ? (patch.value as ManagedFieldsEntry[]).map(({ manager, fieldsV1 }) => [
        manager,
        Object.keys(fieldsV1?.['f:data'] ?? {}).map((field) => field.slice(2)),
      ])
    : undefined;
}

test('nothing to do: our entry alone, others’ entries, entries written through a subresource', () => {
  const ours = entry('homeostat', 'Apply', ['a']);
  expect(migrationOf(live([ours]), payload, managers, inherited)).toBeUndefined();
  const others = [entry('kubectl-edit', 'Update', ['b']), entry('kubectl', 'Update', ['c'], { subresource: 'scale' })];
  expect(migrationOf(live([ours, ...others]), payload, managers, inherited)).toBeUndefined();
});

test('inherited entries and former names are added to ours and go away; the patch is bound to what was read', () => {
  const object = live([
    entry('homeostat', 'Apply', ['a']),
    entry('kubectl-client-side-apply', 'Update', ['b']),
    entry('old', 'Apply', ['c']),
    entry('other', 'Update', ['d']),
  ]);
  expect(fieldsAfter(object)).toEqual([
    ['homeostat', ['a', 'b', 'c']],
    ['other', ['d']],
  ]);
  const migration = migrationOf(object, payload, managers, inherited);
  expect(migration?.managers).toEqual(['kubectl-client-side-apply', 'old']);
  expect(migration?.operations[0]).toEqual({ op: 'replace', path: '/metadata/resourceVersion', value: '7' });
});

test('the marks of former owners go away too, by key or prefix, unless the payload names them', () => {
  const object = live([entry('homeostat', 'Apply', ['a'])], {
    'argocd.argoproj.io/tracking-id': 'x',
    'configsync.gke.io/manager': 'y',
    'configsync.gke.io/wanted': 'z',
    'example.com/other': 'o',
  });
  const wanted = { ...payload, metadata: { name: 'web', annotations: { 'configsync.gke.io/wanted': 'z' } } };
  const marks = ['argocd.argoproj.io/tracking-id', 'configsync.gke.io/'];
  expect(migrationOf(object, wanted, managers, inherited, marks)?.operations.slice(1)).toEqual([
    { op: 'remove', path: '/metadata/annotations/argocd.argoproj.io~1tracking-id' },
    { op: 'remove', path: '/metadata/annotations/configsync.gke.io~1manager' },
  ]);
  expect(migrationOf(object, wanted, managers, inherited)).toBeUndefined();
});

test('without an entry of ours one is made', () => {
  expect(fieldsAfter(live([entry('kubectl', 'Apply', ['b'])]))).toEqual([['homeostat', ['b']]]);
});

test('a former name counts only where it applied', () => {
  expect(
    migrationOf(
      live([entry('homeostat', 'Apply', ['a']), entry('old', 'Update', ['b'])]),
      payload,
      managers,
      inherited,
    ),
  ).toBeUndefined();
});

test('before-first-apply loses what is ours, and keeps the rest', () => {
  const object = live([entry('homeostat', 'Apply', ['a', 'b']), entry('before-first-apply', 'Update', ['a', 'x'])]);
  expect(fieldsAfter(object)).toEqual([
    ['homeostat', ['a', 'b']],
    ['before-first-apply', ['x']],
  ]);
  const settled = live([entry('homeostat', 'Apply', ['a', 'b']), entry('before-first-apply', 'Update', ['x'])]);
  expect(migrationOf(settled, payload, managers, inherited)).toBeUndefined();
});

test('an entry in another version is left: its set cannot be added to ours', () => {
  const object = live([entry('homeostat', 'Apply', ['a']), entry('kubectl', 'Apply', ['b'], { apiVersion: 'v2' })]);
  expect(migrationOf(object, payload, managers, inherited)).toBeUndefined();
});

test('the last-applied annotation goes away, unless the payload names it', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const object = live([entry('homeostat', 'Apply', ['a'])], { [annotation]: '{}' });
  expect(migrationOf(object, payload, managers, inherited)?.operations.at(-1)).toEqual({
    op: 'remove',
    path: '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration',
  });
  const wanted = { ...payload, metadata: { ...payload.metadata, annotations: { [annotation]: '{}' } } };
  expect(migrationOf(object, wanted, managers, inherited)).toBeUndefined();
  expect(migrationOf(object, payload, managers, [])).toBeUndefined();
});
