import { readFileSync } from 'node:fs';
import { parseJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { MANIFESTS } from './manifests.ts';

export interface Pair {
  readonly desired: KubeObject;
  readonly live: KubeObject;
}

/** What Kubernetes 1.37.2 answered to the applies of `manifests/` (`RECORD=1` with the cluster tests writes it anew). */
export function fixtures(): readonly Pair[] {
  return MANIFESTS.flatMap((file) =>
    readFileSync(new URL(`./fixtures/${file}.jsonl`, import.meta.url), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => parseJson(line) as Pair),
  );
}

export function fixture(kind: string, name: string): Pair {
  const found = fixtures().find(({ desired }) => desired.kind === kind && desired.metadata.name === name);
  if (found === undefined) throw new Error(`no fixture is called ${kind} ${name}`);
  return found;
}

/** A copy of a value with the value at a path replaced; removed where it is `undefined`. */
export function withAt<T>(value: T, path: readonly (string | number)[], replacement: unknown): T {
  const [head, ...rest] = path;
  if (head === undefined) return replacement as T;
  const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  const container = copy as Record<string | number, unknown>;
  const part = withAt(container[head], rest, replacement);
  if (part === undefined && Array.isArray(copy)) copy.splice(Number(head), 1);
  else if (part === undefined) delete container[head];
  else Object.defineProperty(container, head, { value: part, enumerable: true, writable: true, configurable: true });
  return copy as T;
}

/** Small numbers from a seed, the same everywhere. */
export function dice(seed: number): (sides: number) => number {
  let state = seed | 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % sides;
  };
}

export const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
