import { randomInt } from 'node:crypto';
import type { KubeObject } from '@homeostat/kube';
import { expect, test } from 'vitest';
import type { StatusOptions } from '../src/index.ts';
import { aggregate, statusOf, statusOfAbsent } from '../src/index.ts';

const STATES = ['Current', 'InProgress', 'Failed', 'Terminating', 'NotFound', 'Unknown'];
const KINDS = [
  'v1/Pod',
  'v1/Service',
  'v1/PersistentVolumeClaim',
  'v1/Namespace',
  'v1/ConfigMap',
  'apps/v1/Deployment',
  'apps/v1/StatefulSet',
  'apps/v1/DaemonSet',
  'apps/v1/ReplicaSet',
  'batch/v1/Job',
  'networking.k8s.io/v1/Ingress',
  'autoscaling/v2/HorizontalPodAutoscaler',
  'apiregistration.k8s.io/v1/APIService',
  'apiextensions.k8s.io/v1/CustomResourceDefinition',
  'gateway.networking.k8s.io/v1/HTTPRoute',
  'gateway.networking.k8s.io/v1/Gateway',
  'shop.example/v1/Widget',
];
const FIELDS = [
  'metadata',
  'spec',
  'status',
  'conditions',
  'generation',
  'observedGeneration',
  'deletionTimestamp',
  'finalizers',
  'replicas',
  'updatedReplicas',
  'phase',
  'type',
  'reason',
  'message',
  'lastTransitionTime',
  'containerStatuses',
  'initContainerStatuses',
  'state',
  'waiting',
  'terminated',
  'parents',
  'parentRef',
  'parentRefs',
  'loadBalancer',
  'ingress',
  'updateStrategy',
  'rollingUpdate',
  'partition',
  'annotations',
  'labels',
  'name',
  '__proto__',
  'constructor',
];
const SCALARS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  3,
  9007199254740993n,
  '',
  'True',
  'False',
  'Ready',
  'Failed',
  'Running',
  'Pending',
  'Unschedulable',
  'CrashLoopBackOff',
  'OnDelete',
  'LoadBalancer',
  '2026-11-25T12:00:00Z',
  'not a time',
  'Stalled',
];

/** A small generator of repeatable randomness (mulberry32). */
function seeded(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

function randomJson(pick: (limit: number) => number, depth: number): unknown {
  const shape = depth === 0 ? 0 : pick(5);
  if (shape === 0) return SCALARS[pick(SCALARS.length)];
  if (shape === 1) return Array.from({ length: pick(4) }, () => randomJson(pick, depth - 1));
  const entries = Array.from({ length: pick(7) }, () => [FIELDS[pick(FIELDS.length)], randomJson(pick, depth - 1)]);
  return Object.fromEntries(entries);
}

function randomObject(pick: (limit: number) => number): unknown {
  const json = randomJson(pick, 6);
  if (pick(4) === 0 || typeof json !== 'object' || json === null) return json;
  const [kind, ...version] = (KINDS[pick(KINDS.length)] ?? '').split('/').toReversed();
  return { ...json, apiVersion: version.toReversed().join('/'), kind };
}

test('every JSON value gets a verdict, the same one twice, and nothing is thrown', () => {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  console.log(`SEED=${seed}`);
  const pick = seeded(seed);
  for (let round = 0; round < 4_000; round += 1) {
    const object = randomObject(pick) as KubeObject;
    const children = Array.from({ length: pick(3) }, () => randomObject(pick) as KubeObject);
    const options = {
      now: 1_800_000_000_000,
      rules: pick(2) === 0 ? 'strict' : 'kstatus',
      unknownKind: pick(2) === 0 ? 'current' : 'wait-observed',
      children: () => children,
      lookup: () => children[0],
    } satisfies StatusOptions;
    const status = statusOf(object, options);
    expect(STATES).toContain(status.state);
    expect(status.reason).not.toBe('');
    expect(typeof status.message).toBe('string');
    expect(statusOf(object, options)).toEqual(status);
    if (status.recheckAt !== undefined) expect(status.recheckAt).toBeGreaterThan(options.now);
    const ref = { group: '', kind: 'X', namespace: '', name: 'x' };
    expect(aggregate([{ ref, status }]).state).toBe(status.state);
    expect(STATES).toContain(statusOfAbsent(object).state);
  }
});
