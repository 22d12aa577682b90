import { readFileSync } from 'node:fs';
import fastJsonPatch from 'fast-json-patch';
import { compare } from '@homeostat/diff';
import { parseJson, stringifyJson } from '@homeostat/kube';
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
  const pairs = readFileSync(url, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => parseJson(line) as { desired: KubeObject; live: KubeObject });
  const typical = pairs.find(({ desired }) => desired.metadata.name === 'typical');
  if (typical === undefined) throw new Error(`${url.pathname} has no Deployment "typical"; record the fixtures again`);
  return typical;
}

/**
 * Compares `objects` settled objects in short turns, the ways one after another; the best turn of each counts, so that
 * whatever else the machine does counts least.
 */
export function benchDiff({ objects = 100, turns = 100 } = {}): DiffFigures {
  const first = pair();
  const manager = { current: 'homeostat', former: [] };
  // Each object parsed on its own, as from a cache: nothing is answered by identity.
  const text = stringifyJson(first);
  const settled = Array.from({ length: objects }, () => parseJson(text) as typeof first);
  const drifted = settled.map((item) => ({
    desired: item.desired,
    live: { ...item.live, spec: { ...(item.live['spec'] as object), replicas: 77 } },
  }));
  const ways: Readonly<Record<Exclude<keyof DiffFigures, 'bytes'>, () => number>> = {
    compareUs: () => settled.filter((item) => compare(item.desired, item.live, { manager }).state === 'in-sync').length,
    driftUs: () => drifted.filter((item) => compare(item.desired, item.live, { manager }).state === 'differs').length,
    fastJsonPatchUs: () => settled.filter((item) => fastJsonPatch.compare(item.desired, item.live).length > 0).length,
    stringifyUs: () => settled.filter((item) => JSON.stringify(item.desired) !== JSON.stringify(item.live)).length,
  };
  const best = { compareUs: Infinity, driftUs: Infinity, fastJsonPatchUs: Infinity, stringifyUs: Infinity };
  for (let turn = 0; turn < turns; turn++) {
    for (const name of Object.keys(best) as (keyof typeof best)[]) {
      const start = performance.now();
      const met = ways[name]();
      best[name] = Math.min(best[name], ((performance.now() - start) * 1000) / objects);
      if (met !== objects) throw new Error(`${name}: ${met} of ${objects} objects gave the expected verdict`);
    }
  }
  return { bytes: JSON.stringify(first.live).length, ...best };
}
