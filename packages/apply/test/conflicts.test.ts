import { expect, test } from 'vitest';
import { conflictsOf, decideConflict, withoutFields } from '@homeostat/apply';
import type { ConflictMode, FieldConflict } from '@homeostat/apply';
import { KubeError, MANAGED_ANNOTATION, PART_OF_LABEL } from '@homeostat/kube';

const scaled: FieldConflict = { path: '.spec.replicas', manager: 'autoscaler', subresource: 'scale' };
const flux: FieldConflict = { path: '.data.a', manager: 'kustomize-controller' };
const hand: FieldConflict = { path: '.data.b', manager: 'kubectl-edit' };
const before: FieldConflict = { path: '.data.c', manager: 'kubectl-client-side-apply' };

test('the causes of a conflict are read: manager, subresource, path', () => {
  const error = new KubeError('CONFLICT', '', {
    causes: [
      { reason: 'FieldManagerConflict', message: 'conflict with "m1"', field: '.data.a' },
      { reason: 'FieldManagerConflict', message: 'conflict with "a\\"b" using v1', field: '.data.b' },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "sc" with subresource "scale" using autoscaling/v1',
        field: '.spec.replicas',
      },
      { reason: 'SomethingElse', message: 'conflict with "m1"', field: '.data.c' },
    ],
  });
  expect(conflictsOf(error)).toEqual([
    { path: '.data.a', manager: 'm1' },
    { path: '.data.b', manager: 'a"b' },
    { path: '.spec.replicas', manager: 'sc', subresource: 'scale' },
  ]);
});

test.each<[ConflictMode, object]>([
  ['default', { decision: 'fail', reasons: [flux] }],
  ['force', { decision: 'write', taken: [scaled, flux, hand, before], yielded: [] }],
  ['yield', { decision: 'write', taken: [before], yielded: [scaled, flux, hand] }],
  ['fail', { decision: 'fail', reasons: [scaled, flux, hand] }],
])('%s', (mode, expected) => {
  expect(decideConflict([scaled, flux, hand, before], { mode })).toEqual(expected);
});

test('by default an autoscaler keeps its field, people and former managers do not', () => {
  expect(decideConflict([scaled, hand, before], { mode: 'default' })).toEqual({
    decision: 'write',
    taken: [hand, before],
    yielded: [scaled],
  });
  expect(decideConflict([before], { mode: 'fail' })).toEqual({ decision: 'write', taken: [before], yielded: [] });
});

test('another GitOps tool may be adopted from by name', () => {
  const policy = { mode: 'default', adoptFrom: ['kustomize-controller'] } as const;
  expect(decideConflict([flux], policy)).toEqual({ decision: 'write', taken: [flux], yielded: [] });
});

test('membership is never taken nor yielded', () => {
  const label: FieldConflict = { path: `.metadata.labels.${PART_OF_LABEL}`, manager: 'other' };
  const annotation: FieldConflict = { path: `.metadata.annotations.${MANAGED_ANNOTATION}`, manager: 'kubectl' };
  for (const mode of ['default', 'force', 'yield', 'fail'] as const) {
    expect(decideConflict([hand, label], { mode })).toEqual({ decision: 'fail', reasons: [label] });
    expect(decideConflict([annotation], { mode })).toEqual({ decision: 'fail', reasons: [annotation] });
  }
});

test('fields are taken out where the server says they are', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name: 'a', annotations: { 'example.com/a.b': 'x', 'example.com/a': 'y' }, finalizers: ['a/b', 'c'] },
    spec: {
      replicas: 1,
      ports: [{ port: 80 }, { port: 53, protocol: 'TCP', name: 't' }, { port: 53, protocol: 'UDP', name: 'u' }],
      containers: [{ name: 'we]b', image: 'x', args: ['a', 'b'] }],
    },
  };
  const { object: reduced, missing } = withoutFields(object, [
    '.metadata.annotations.example.com/a.b',
    '.metadata.finalizers[="a/b"]',
    '.spec.replicas',
    '.spec.ports[port=53,protocol="UDP"].name',
    '.spec.ports[port=80,protocol="TCP"]',
    '.spec.containers[name="we]b"].args[1]',
    '.spec.nowhere',
    '.spec.ports[port=81,protocol="TCP"].name',
  ]);
  expect(reduced).toEqual({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name: 'a', annotations: { 'example.com/a': 'y' }, finalizers: ['c'] },
    spec: {
      ports: [
        { port: 53, protocol: 'TCP', name: 't' },
        { port: 53, protocol: 'UDP' },
      ],
      containers: [{ name: 'we]b', image: 'x', args: ['a'] }],
    },
  });
  expect(missing).toEqual(['.spec.nowhere', '.spec.ports[port=81,protocol="TCP"].name']);
  expect(object.spec.replicas).toBe(1);
});
