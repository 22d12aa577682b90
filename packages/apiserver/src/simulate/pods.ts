import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapAt, mapsAt, textAt } from '../draft.ts';

export function specOf(object: KubeObject | undefined): DraftMap {
  return mapAt(object, 'spec') ?? {};
}

export function statusOf(object: KubeObject | undefined): DraftMap {
  return mapAt(object, 'status') ?? {};
}

export function imagesOf(pod: KubeObject): readonly string[] {
  return mapsAt(specOf(pod), 'containers').map((container) => textAt(container, 'image'));
}

export function phaseOf(pod: KubeObject): string {
  return textAt(statusOf(pod), 'phase');
}

/** It has ended, well or not. */
export function isOver(pod: KubeObject): boolean {
  return phaseOf(pod) === 'Succeeded' || phaseOf(pod) === 'Failed';
}

export function isDeleted({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** It counts as one of its owner's: not over, and not on its way out. */
export function isActive(pod: KubeObject): boolean {
  return !isOver(pod) && !isDeleted(pod);
}

/** When it became ready, in milliseconds; `undefined`: it is not. */
export function readySince(pod: KubeObject): number | undefined {
  const ready = mapsAt(statusOf(pod), 'conditions').find(({ type }) => type === 'Ready');
  return ready?.['status'] === 'True' ? Date.parse(textAt(ready, 'lastTransitionTime')) : undefined;
}

export function isReady(pod: KubeObject): boolean {
  return readySince(pod) !== undefined;
}

/** How many milliseconds until it counts as available; 0: it does; `undefined`: it is not even ready. */
export function availableIn(pod: KubeObject, minReadySeconds: number, now: number): number | undefined {
  const since = readySince(pod);
  return since === undefined ? undefined : Math.max(0, since + minReadySeconds * 1000 - now);
}

/** The earliest of several waits. */
export function soonest(waits: readonly (number | undefined)[]): number | undefined {
  const known = waits.filter((wait) => wait !== undefined && wait > 0);
  return known.length === 0 ? undefined : Math.min(...known.map(Number));
}
