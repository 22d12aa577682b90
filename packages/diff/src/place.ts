import { fieldElement, indexElement } from '@homeostat/merge';
import type { Path, PathElement } from '@homeostat/merge';

/**
 * A step of the walk: a path element where a managed set leads, a field name or a position inside an atomic value. Plain
 * texts and numbers cost nothing on the way, which most walks go without finding anything.
 */
export type Step = PathElement | string | number;

/** Where the walk stands. Changes as it goes. */
export interface Place {
  /** `Kind.group`, or `Kind` for the core group; `''` when the kind is not built in. */
  readonly kind: string;
  readonly steps: Step[];
}

export function toPath(steps: readonly Step[]): Path {
  return steps.map((step) =>
    typeof step === 'string' ? fieldElement(step) : typeof step === 'number' ? indexElement(step) : step,
  );
}

/** The field name of a step; `[]` for any item of a list. */
export function nameOf(step: Step): string {
  if (typeof step === 'string') return step;
  return typeof step === 'number' || step.kind !== 'field' ? '[]' : step.name;
}

/** Whether the place ends in these steps; `*` stands for any, `[]` for any item of a list. */
export function endsIn(place: Place, tail: readonly string[]): boolean {
  const start = place.steps.length - tail.length;
  return start >= 0 && tail.every((name, i) => name === '*' || name === nameOf(place.steps[start + i] as Step));
}
