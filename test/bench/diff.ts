import { readFileSync } from 'node:fs';
import fastJsonPatch from 'fast-json-patch';
import { compare } from '@homeostat/diff';
import { parseJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';

export interface DiffFigures {
  /** Size of the live objects as JSON, managedFields included. */
  readonly bytes: number;
  /** Microseconds per object: is it in sync? */
  readonly compareUs: number;
  /** The same when one field differs. */
  readonly driftUs: number;
  /** fast-json-patch's compare of payload and live, which is no verdict: defaults and status differ too. */
  readonly fastJsonPatchUs: number;
  /** Both as JSON text, compared: the cheapest thing that reads both objects once. */
  readonly stringifyUs: number;
}

/** A settled Deployment of the fixtures, of about 3 KB: as rendered, and as Kubernetes answered. */
function pair(): { desired: KubeObject; live: KubeObject } {
  const url = new URL('../../packages/diff/test/fixtures/workloads.jsonl', import.meta.url);
  const lines = readFileSync(url, 'utf8').trimEnd().split('\n');
  const sized = lines.map((line) => ({ line, distance: Math.abs(JSON.stringify(parseJson(line)).length - 4500) }));
  const [closest] = sized.sort((a, b) => a.distance - b.distance);
  return parseJson(closest?.line ?? '') as { desired: KubeObject; live: KubeObject };
}

/** Compares one settled object again and again; the median of several runs, ways taken in turn. */
export function benchDiff({ objects = 5000, runs = 9 } = {}): DiffFigures {
  const { desired, live } = pair();
  const manager = { current: 'homeostat', former: [] };
  // Each object of its own, as from a cache: nothing is answered by identity.
  const pairs = Array.from({ length: objects }, () => structuredClone({ desired, live }));
  const drifted = pairs.map(({ desired: wanted, live: actual }) => ({
    desired: wanted,
    live: { ...actual, spec: { ...(actual['spec'] as object), revisionHistoryLimit: 3, replicas: 77 } },
  }));
  const ways = {
    compareUs: () => pairs.filter((item) => compare(item.desired, item.live, { manager }).state === 'in-sync').length,
    driftUs: () => drifted.filter((item) => compare(item.desired, item.live, { manager }).state === 'differs').length,
    fastJsonPatchUs: () => pairs.filter((item) => fastJsonPatch.compare(item.desired, item.live).length > 0).length,
    stringifyUs: () => pairs.filter((item) => JSON.stringify(item.desired) !== JSON.stringify(item.live)).length,
  };
  const times = new Map<string, number[]>();
  for (let run = 0; run < runs; run++) {
    for (const [name, way] of Object.entries(ways)) {
      const start = performance.now();
      const met = way();
      const us = ((performance.now() - start) * 1000) / objects;
      if (met !== objects) throw new Error(`${name}: ${met} of ${objects} objects gave the expected verdict`);
      times.set(name, [...(times.get(name) ?? []), us]);
    }
  }
  const median = (name: string) => (times.get(name) ?? []).sort((a, b) => a - b)[Math.floor(runs / 2)] ?? NaN;
  return {
    bytes: JSON.stringify(live).length,
    compareUs: median('compareUs'),
    driftUs: median('driftUs'),
    fastJsonPatchUs: median('fastJsonPatchUs'),
    stringifyUs: median('stringifyUs'),
  };
}
