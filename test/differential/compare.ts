import { isRequest } from './script.ts';
import type { Category, Script } from './script.ts';
import { normalize } from './normalize.ts';
import type { Transcript } from './replay.ts';

/** One step that was answered differently. */
export interface Difference {
  readonly category: Category;
  readonly script: string;
  /** As {@link titleOf} says it. */
  readonly step: string;
  /** The first few places where the answers differ. */
  readonly places: readonly Place[];
}

export interface Place {
  /** As `body.metadata.labels.a`. */
  readonly path: string;
  /** `undefined`: nothing is there. */
  readonly real: unknown;
  readonly ours: unknown;
}

export interface Comparison {
  readonly script: Script;
  /** Without reading on from open watches. */
  readonly requests: number;
  readonly differences: readonly Difference[];
}

const PLACES = 8;

/** Compares how two servers answered the same script; the first one is right. */
export function compare(real: Transcript, ours: Transcript): Comparison {
  const { script } = real;
  const [right, other] = [normalize(real), normalize(ours)];
  const differences: Difference[] = [];
  const note = (step: string, places: readonly Place[]): void => {
    if (places.length > 0)
      differences.push({ category: script.category, script: script.name, step, places: telling(places) });
  };
  for (const [index, entry] of right.entries.entries())
    note(entry.title, placesThatDiffer(entry.answer, other.entries[index]?.answer));
  // Only where nothing else explains it: an object more or less shifts everything.
  if (differences.length === 0 && script.unordered !== true)
    note('order of versions', placesThatDiffer(right.order, other.order));
  return { script, requests: script.steps.filter(isRequest).length, differences };
}

/** The first few, and what a refusal says. */
function telling(places: readonly Place[]): readonly Place[] {
  return places.filter(({ path }, index) => index < PLACES || path === 'body.message');
}

function placesThatDiffer(real: unknown, ours: unknown, path = ''): Place[] {
  if (Object.is(real, ours)) return [];
  if (!isContainer(real) || !isContainer(ours) || Array.isArray(real) !== Array.isArray(ours))
    return [{ path, real, ours }];
  const keys = [...new Set([...Object.keys(real), ...Object.keys(ours)])];
  return keys.flatMap((key) =>
    placesThatDiffer(
      (real as Record<string, unknown>)[key],
      (ours as Record<string, unknown>)[key],
      path === '' ? key : `${path}.${key}`,
    ),
  );
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
