import type { KubeObject } from '@homeostat/kube';
import { seededRandom } from '@homeostat/apiserver';
import { expect, test } from 'vitest';
import {
  availableOf,
  boundsOf,
  nextReplicas,
  proportional,
  replicasOf,
  scaleDown,
  sum,
} from '../../src/simulate/rollout.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);
const upTo = (limit: number): number => Math.floor(random() * (limit + 1));

function deployment(replicas: number, maxSurge: unknown, maxUnavailable: unknown): KubeObject {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas, strategy } };
}

function set(name: string, replicas: number, availableReplicas: number, annotations = {}): KubeObject {
  const metadata = { name, annotations, creationTimestamp: `2026-01-01T00:00:0${String(name.length)}Z` };
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { replicas }, status: { availableReplicas } };
}

test.each([
  [10, '25%', '25%', { surge: 3, unavailable: 2 }],
  [1, '25%', '25%', { surge: 1, unavailable: 0 }],
  [3, 0, '10%', { surge: 0, unavailable: 1 }],
  [2, 5, 5, { surge: 5, unavailable: 2 }],
  [0, '25%', '25%', { surge: 0, unavailable: 0 }],
])('%i replicas with a surge of %s and %s missing', (replicas, surge, missing, bounds) => {
  expect(boundsOf(deployment(replicas, surge, missing))).toEqual(bounds);
});

test(`a rollout stays within its bounds at every step, and ends (SEED=${String(seed)})`, () => {
  for (let round = 0; round < 500; round++) {
    const share = (): unknown => (random() < 0.5 ? upTo(4) : `${String(upTo(100))}%`);
    const web = deployment(upTo(12), share(), share());
    const wanted = replicasOf(web);
    const { surge, unavailable } = boundsOf(web);
    let old = set('old', wanted, wanted);
    let fresh = set('fresh', 0, 0);
    let steps = 0;
    while (replicasOf(fresh) !== wanted || replicasOf(old) > 0 || availableOf(fresh) !== wanted) {
      expect(++steps).toBeLessThan(200);
      const next = nextReplicas(web, [old, fresh], replicasOf(fresh));
      if (next !== replicasOf(fresh)) fresh = set('fresh', next, availableOf(fresh));
      else {
        for (const { replicas } of scaleDown(web, fresh, [old])) {
          old = set('old', replicas, Math.min(replicas, availableOf(old)));
        }
      }
      expect(sum([old, fresh], replicasOf)).toBeLessThanOrEqual(wanted + surge);
      expect(sum([old, fresh], availableOf)).toBeGreaterThanOrEqual(wanted - unavailable);
      // Some of the new Pods become available, sooner or later.
      const more = Math.min(replicasOf(fresh), availableOf(fresh) + upTo(2));
      fresh = set('fresh', replicasOf(fresh), more);
    }
  }
});

test(`scaling in the middle of a rollout shares out all that it may (SEED=${String(seed)})`, () => {
  for (let round = 0; round < 500; round++) {
    const before = 1 + upTo(20);
    const web = deployment(upTo(30), upTo(3), 1);
    const annotations = { 'deployment.kubernetes.io/max-replicas': String(before) };
    const part = 1 + upTo(before - 1);
    const active = [set('a', part, 0, annotations), set('bb', Math.max(1, before - part), 0, annotations)];
    const scaled = proportional(web, active);
    const allowed = replicasOf(web) === 0 ? 0 : replicasOf(web) + boundsOf(web).surge;
    expect(scaled.map(({ replicas }) => replicas >= 0)).toEqual([true, true]);
    expect(scaled.reduce((total, { replicas }) => total + replicas, 0)).toBe(allowed);
  }
});
