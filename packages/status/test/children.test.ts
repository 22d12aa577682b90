import type { KubeObject, Ref } from '@homeostat/kube';
import { compareText } from '@homeostat/kube';
import { expect, test } from 'vitest';
import { statusOf } from '../src/index.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

type Fields = Readonly<Record<string, unknown>>;

function pod(name: string, reason: string, seconds: number, labels: Readonly<Record<string, string>> = {}): KubeObject {
  const status = {
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(seconds) }],
    containerStatuses: [{ name: 'app', state: { waiting: { reason, message: 'no such image' } } }],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'demo', labels }, status };
}

function workload(
  kind: string,
  name: string,
  status: Fields = {},
  annotations: Readonly<Record<string, string>> = {},
): KubeObject {
  const metadata = { name, namespace: 'demo', generation: 1, annotations };
  return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas: 2 }, status: { observedGeneration: 1, ...status } };
}

const revision = (number: number): Readonly<Record<string, string>> => ({
  'deployment.kubernetes.io/revision': String(number),
});

/** A family as `owner name → children`; any name may be missing. */
function family(children: Readonly<Record<string, readonly KubeObject[]>>): (ref: Ref) => readonly KubeObject[] {
  return (ref) => (children[ref.name] ?? []).toSorted((a, b) => compareText(b.metadata.name, a.metadata.name));
}

test('an unfinished Deployment names the Pod that is to blame, and when that Pod will be given up', () => {
  const status = statusOf(workload('Deployment', 'web'), {
    now: NOW,
    children: family({
      web: [workload('ReplicaSet', 'web-7c9', {}, revision(1))],
      'web-7c9': [pod('web-7c9-x', 'ErrImagePull', 10)],
    }),
  });
  expect(status).toEqual({
    state: 'InProgress',
    reason: 'LessReplicas',
    message:
      '0 of 2 replicas exist; replicaset web-7c9: 0 of 2 replicas exist; pod web-7c9-x: container app: ErrImagePull: no such image',
    recheckAt: NOW + 20_000,
  });
});

test('a Deployment waits for its own deadline, even when a Pod has failed', () => {
  const children = family({
    web: [workload('ReplicaSet', 'web-7c9')],
    'web-7c9': [pod('web-7c9-x', 'ImagePullBackOff', 60)],
  });
  expect(statusOf(workload('Deployment', 'web'), { now: NOW, children })).toMatchObject({
    state: 'InProgress',
    reason: 'LessReplicas',
  });
});

test('a ReplicaSet with a failed Pod has failed, and counts the others', () => {
  const children = family({
    web: [
      pod('web-b', 'ImagePullBackOff', 60),
      pod('web-a', 'ImagePullBackOff', 10),
      pod('web-c', 'ImagePullBackOff', 60),
    ],
  });
  expect(statusOf(workload('ReplicaSet', 'web'), { now: NOW, children })).toMatchObject({
    state: 'Failed',
    reason: 'ImagePullBackOff',
    message: '0 of 2 replicas exist; pod web-b: container app: ImagePullBackOff: no such image (and 2 more)',
  });
});

test('a fixed Deployment is not blamed for the Pods of its former revision', () => {
  const children = family({
    web: [workload('ReplicaSet', 'web-old', {}, revision(1)), workload('ReplicaSet', 'web-new', {}, revision(2))],
    'web-old': [pod('web-old-x', 'ImagePullBackOff', 60)],
  });
  const { message } = statusOf(workload('Deployment', 'web'), { now: NOW, children });
  expect(message).toBe('0 of 2 replicas exist; replicaset web-new: 0 of 2 replicas exist');
});

test('a fixed StatefulSet has not failed because of a Pod of its former revision', () => {
  const old = pod('web-0', 'ImagePullBackOff', 60, { 'controller-revision-hash': 'a' });
  const object = workload('StatefulSet', 'web', { currentRevision: 'a', updateRevision: 'b' });
  expect(statusOf(object, { now: NOW, children: family({ web: [old] }) })).toMatchObject({ state: 'InProgress' });
  const broken = pod('web-0', 'ImagePullBackOff', 60, { 'controller-revision-hash': 'b' });
  expect(statusOf(object, { now: NOW, children: family({ web: [broken] }) })).toMatchObject({ state: 'Failed' });
});

test('children that own each other in a circle end the walk', () => {
  const circle = workload('ReplicaSet', 'web');
  const status = statusOf(circle, { now: NOW, children: () => [circle] });
  expect(status).toMatchObject({ state: 'InProgress', reason: 'LessLabelled' });
});

test('a workload that is done does not ask for its children', () => {
  const counts = { replicas: 2, fullyLabeledReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
  const asked: Ref[] = [];
  statusOf(workload('ReplicaSet', 'web', counts), { now: NOW, children: (ref) => (asked.push(ref), []) });
  expect(asked).toEqual([]);
});
