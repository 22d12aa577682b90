import { expect, test } from 'vitest';
import { conflictsOf, decideConflict, printHolder, withoutFields } from '@homeostat/apply';
import type { ConflictMode, FieldConflict } from '@homeostat/apply';
import { KubeError, MANAGED_ANNOTATION, PART_OF_LABEL } from '@homeostat/kube';

const scaled: FieldConflict = { path: '.spec.replicas', manager: 'autoscaler', subresource: 'scale' };
const flux: FieldConflict = { path: '.data.a', manager: 'kustomize-controller' };
const hand: FieldConflict = { path: '.data.b', manager: 'kubectl-edit' };
const before: FieldConflict = { path: '.data.c', manager: 'kubectl-client-side-apply' };

test('the causes of a conflict are read: manager, operation, time, subresource, path', () => {
  const error = new KubeError('CONFLICT', '', {
    causes: [
      { reason: 'FieldManagerConflict', message: 'conflict with "m1"', field: '.data.a' },
      { reason: 'FieldManagerConflict', message: 'conflict with "a\\"b" using v1', field: '.data.b' },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "sc" with subresource "scale" using autoscaling/v1',
        field: '.spec.replicas',
      },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "kubectl-edit" using apps/v1 at 2026-11-25T10:00:00Z',
        field: '.data.d',
      },
      { reason: 'SomethingElse', message: 'conflict with "m1"', field: '.data.c' },
    ],
  });
  expect(conflictsOf(error)).toEqual([
    { path: '.data.a', manager: 'm1', operation: 'Apply' },
    { path: '.data.b', manager: 'a"b', operation: 'Update' },
    { path: '.spec.replicas', manager: 'sc', operation: 'Update', subresource: 'scale' },
    { path: '.data.d', manager: 'kubectl-edit', operation: 'Update', time: '2026-11-25T10:00:00Z' },
  ]);
});

test('the time of an apply, which the server does not tell, is read from the object', () => {
  const error = new KubeError('CONFLICT', '', {
    causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "flux"', field: '.data.a' }],
  });
  const time = '2026-11-25T10:00:00Z';
  const entries = [
    { manager: 'flux', operation: 'Apply', subresource: 'status', time: '2026-11-25T11:00:00Z' },
    { manager: 'flux', operation: 'Apply', time },
  ] as const;
  const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', managedFields: entries } };
  const [conflict] = conflictsOf(error, live);
  expect(conflict).toEqual({ path: '.data.a', manager: 'flux', operation: 'Apply', time });
  expect(printHolder(conflict!)).toBe(`"flux" (Apply at ${time})`);
  expect(printHolder(scaled)).toBe('"autoscaler" (through scale)');
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

test('membership goes over with the object from an owner that is named, and from nobody else', () => {
  const label: FieldConflict = { path: `.metadata.labels.${PART_OF_LABEL}`, manager: 'theirs' };
  expect(decideConflict([label], { mode: 'default', adoptFrom: ['theirs'] })).toMatchObject({ taken: [label] });
  expect(decideConflict([label], { mode: 'default', adoptFrom: ['another'] })).toMatchObject({ reasons: [label] });
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
