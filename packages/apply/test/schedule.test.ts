import { expect, test } from 'vitest';
import { dependencies, parseRefKey, refKey, refOf } from '@homeostat/kube';
import type { KubeObject, RefKey } from '@homeostat/kube';
import { createSchedule } from '../src/schedule.ts';
import type { Progress } from '../src/schedule.ts';

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function object(name: string, annotations: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'demo', annotations } };
}

function key(name: string): RefKey {
  return refKey(refOf(object(name)));
}

function scheduleOf(objects: readonly KubeObject[]) {
  return createSchedule(objects.map(refOf), dependencies(objects));
}

const on = (...names: string[]) => ({
  'homeostat.dev/depends-on': names.map((n) => `/namespaces/demo/ConfigMap/${n}`).join(','),
});
const names = ({ free }: Progress) => free.map((k) => parseRefKey(k).name);
const blocked = ({ blocked: list }: Progress) => list.map((f) => `${parseRefKey(f.key).name} by ${f.obstacle.by.name}`);
const by = (name: string) => ({ by: parseRefKey(key(name)), reason: '' });

test('an object is free when the last thing that it needs is ready', () => {
  const schedule = scheduleOf([object('c', on('a', 'b')), object('b'), object('a')]);
  expect(names(schedule.begin())).toEqual(['a', 'b']);
  expect(names(schedule.applied(key('a')))).toEqual([]);
  expect(names(schedule.ready(key('a')))).toEqual([]);
  expect(names(schedule.ready(key('b')))).toEqual(['c']);
  expect(schedule.isAwaited(key('a'))).toBe(true);
  expect(schedule.isAwaited(key('c'))).toBe(false);
});

test('what a workload merely names must be applied, not ready', () => {
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'demo' },
    spec: { containers: [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'a' } }] }] },
  };
  const schedule = scheduleOf([pod, object('a')]);
  schedule.begin();
  expect(names(schedule.applied(key('a')))).toEqual(['p']);
  expect(schedule.isAwaited(key('a'))).toBe(false);
});

test('a failure blocks at any distance, and a second one does not block again', () => {
  const schedule = scheduleOf([object('d', on('c', 'b')), object('c', on('a')), object('b'), object('a')]);
  schedule.begin();
  expect(blocked(schedule.failed([{ key: key('a'), obstacle: by('a') }]))).toEqual(['c by a', 'd by a']);
  expect(blocked(schedule.failed([{ key: key('b'), obstacle: by('b') }]))).toEqual([]);
});

test('a later wave waits for the whole earlier one', () => {
  const wave = (n: number) => ({ 'homeostat.dev/wave': String(n) });
  const schedule = scheduleOf([object('z', wave(5)), object('b', wave(1)), object('c', wave(1)), object('a')]);
  expect(names(schedule.begin())).toEqual(['a']);
  expect(names(schedule.ready(key('a')))).toEqual(['b', 'c']);
  expect(names(schedule.ready(key('c')))).toEqual([]);
  expect(names(schedule.ready(key('b')))).toEqual(['z']);
});

test(`every object becomes free or blocked exactly once, only after all that it needs (SEED=${SEED})`, () => {
  const random = randomFrom(SEED);
  for (let round = 0; round < 200; round++) {
    const count = 1 + Math.floor(random() * 20);
    const objects = Array.from({ length: count }, (_, i) => {
      const needs = Array.from({ length: i }, (__, j) => `o${j}`).filter(() => random() < 0.15);
      const wave = random() < 0.2 ? { 'homeostat.dev/wave': String(Math.floor(random() * 3)) } : {};
      return object(`o${i}`, { ...(needs.length > 0 && on(...needs)), ...wave });
    });
    const graph = dependencies(objects);
    const schedule = createSchedule(objects.map(refOf), graph);
    const seen = new Map<RefKey, 'free' | 'blocked'>();
    const ready = new Set<RefKey>();
    const open: RefKey[] = [];
    const note = ({ free, blocked: stuck }: Progress) => {
      for (const k of free) {
        expect(seen.has(k)).toBe(false);
        seen.set(k, 'free');
        for (const { on: dependency } of graph.edges.get(k) ?? []) expect(ready.has(refKey(dependency))).toBe(true);
        open.push(k);
      }
      for (const { key: k } of stuck) {
        expect(seen.has(k)).toBe(false);
        seen.set(k, 'blocked');
      }
    };
    const members = graph.cycles.flat();
    note(schedule.failed(members.map((k) => ({ key: k, obstacle: { by: parseRefKey(k), reason: '' } }))));
    note(schedule.begin());
    while (open.length > 0) {
      const k = open.splice(Math.floor(random() * open.length), 1)[0] as RefKey;
      if (random() < 0.1) {
        note(schedule.failed([{ key: k, obstacle: { by: parseRefKey(k), reason: '' } }]));
        continue;
      }
      ready.add(k);
      note(schedule.applied(k));
      note(schedule.ready(k));
    }
    expect(new Set([...seen.keys(), ...members]).size).toBe(count);
  }
});
