import { readFileSync } from 'node:fs';
import fastJsonPatch from 'fast-json-patch';
import { compare } from '@homeostat/diff';
import { parseJson, stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { table, verdict } from './table.ts';

/** Microseconds per object. */
interface Figures {
  /** Is it in sync? */
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

const OBJECTS = 100;
const TURNS = 200;

/**
 * What it costs to see that an object is in sync, against the ways that read both objects once. Short turns, the ways one
 * after another; the best turn of each counts, so that whatever else the machine does counts least.
 */
export async function benchDiff(): Promise<void> {
  const example = pair();
  const text = stringifyJson(example);
  const manager = { current: 'homeostat', former: [] };
  // Each object parsed on its own, as from a cache: nothing is answered by identity.
  const settled = Array.from({ length: OBJECTS }, () => parseJson(text) as typeof example);
  const drifted = settled.map((item) => ({
    desired: item.desired,
    live: { ...item.live, spec: { ...(item.live['spec'] as object), replicas: 77 } },
  }));
  const ways: Readonly<Record<keyof Figures, () => number>> = {
    compareUs: () => settled.filter((item) => compare(item.desired, item.live, { manager }).state === 'in-sync').length,
    driftUs: () => drifted.filter((item) => compare(item.desired, item.live, { manager }).state === 'differs').length,
    fastJsonPatchUs: () => settled.filter((item) => fastJsonPatch.compare(item.desired, item.live).length > 0).length,
    stringifyUs: () => settled.filter((item) => JSON.stringify(item.desired) !== JSON.stringify(item.live)).length,
  };
  const best = { compareUs: Infinity, driftUs: Infinity, fastJsonPatchUs: Infinity, stringifyUs: Infinity };
  for (let turn = 0; turn < TURNS; turn++) {
    for (const name of Object.keys(best) as (keyof Figures)[]) {
      const start = performance.now();
      const met = ways[name]();
      best[name] = Math.min(best[name], ((performance.now() - start) * 1000) / OBJECTS);
      if (met !== OBJECTS) throw new Error(`${name}: ${met} of ${OBJECTS} objects gave the expected verdict`);
    }
  }

  const row = (what: string, us: number) => [what, us.toFixed(1), (us / best.stringifyUs).toFixed(2)];
  console.log(`\na live Deployment of ${JSON.stringify(example.live).length} bytes\n`);
  console.log(
    table(
      ['way', 'µs per object', '× JSON text'],
      [
        row('compare, in sync', best.compareUs),
        row('compare, one field drifted', best.driftUs),
        row('fast-json-patch compare (no verdict: defaults differ too)', best.fastJsonPatchUs),
        row('both as JSON text', best.stringifyUs),
      ],
    ),
  );
  console.log(`\n${verdict('compare / fast-json-patch', best.compareUs / best.fastJsonPatchUs, { atMost: 1.2 })}`);
}
