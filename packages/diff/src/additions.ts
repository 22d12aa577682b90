import { equalJson, gvkOf, printable, sensitivePaths } from '@homeostat/kube';
import type { JsonPatchOperation, KubeObject, ManagedFieldsEntry } from '@homeostat/kube';
import {
  applyJsonPatch,
  fieldSet,
  isEmpty,
  locate,
  printPath,
  printPointer,
  recursiveDifference,
  toFieldsV1,
} from '@homeostat/merge';
import type { Path } from '@homeostat/merge';
import type { Addition } from './addition.ts';
import { hiddenIn } from './compare.ts';
import { foreignIn } from './foreign.ts';
import type { AdditionOptions, Foreign } from './foreign.ts';
import { holderOf, setOfEntry } from './holder.ts';
import { isSecurityRelevant } from './risk.ts';

/**
 * What others added to an object of ours: fields and items of live that we neither set nor own, as its managedFields tell.
 *
 * 1. Only what a manager that is not ours holds. Not what was written through a subresource (status, scale), nor what
 *    controllers of Kubernetes hold, what a rule ignores, injected `caBundle`s, or annotations that speak to the engine.
 * 2. The largest parts that are theirs alone: a sidecar is one addition, with all its fields.
 * 3. Those that decide about security first, then by path.
 * 4. Nothing where no entry of ours in live's version shows what we applied.
 * 5. Pure, never throws, and no secret value is in its result.
 *
 * Whoever creates an object by other means than apply holds the server's defaults too, so some of it may be those:
 * {@link removalPatch} under dry run and {@link addedBack} tell.
 */
export function additions(desired: KubeObject, live: KubeObject, options: AdditionOptions): readonly Addition[] {
  const secrets = [...sensitivePaths(live), ...(options.sensitive ?? [])];
  const gvk = gvkOf(live);
  return foreignIn(desired, live, options)
    .map(({ path, value, holders, keep }): Addition => {
      const [first, ...others] = holders.map(holderOf) as [Addition['heldBy'][0], ...Addition['heldBy']];
      return {
        path: printPath(path),
        value: printable(value, hiddenIn(path, secrets)),
        security: isSecurityRelevant(gvk, path, value),
        heldBy: [first, ...others],
        ...(keep !== undefined && { keep }),
      };
    })
    .toSorted((a, b) => Number(b.security) - Number(a.security));
}

/** Which additions a patch takes away, and how. */
export interface Removal {
  readonly operations: readonly JsonPatchOperation[];
  /** Their paths, as {@link Addition} has them. */
  readonly paths: readonly string[];
}

/**
 * The patch that takes these additions away from exactly this state of the object; `undefined` when none of them is (still)
 * there or may be taken.
 *
 * 1. It carries the resourceVersion, so it fails with `STALE` when the object has moved or is another one.
 * 2. It touches nothing but their places, and their holders' claims to them: what the server puts there by default
 *    afterwards is then nobody's addition.
 * 3. What is to be kept ({@link Addition.keep}) is never in it, whatever `wanted` says.
 */
export function removalPatch(
  desired: KubeObject,
  live: KubeObject,
  wanted: ReadonlySet<string>,
  options: AdditionOptions,
): Removal | undefined {
  const taken = foreignIn(desired, live, options).filter(
    ({ path, keep }) => keep === undefined && wanted.has(printPath(path)),
  );
  if (taken.length === 0) return undefined;
  return {
    paths: taken.map(({ path }) => printPath(path)),
    operations: [
      { op: 'replace', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
      ...taken.toSorted(lastFirst).map(({ tokens }) => ({
        op: 'remove' as const,
        path: printPointer(tokens.map(String)),
      })),
      { op: 'replace', path: '/metadata/managedFields', value: withoutClaims(live, taken) },
    ],
  };
}

/** Live as it would be without these additions, but for what the server puts in their places; for showing. */
export function withoutAdditions(
  desired: KubeObject,
  live: KubeObject,
  wanted: ReadonlySet<string>,
  options: AdditionOptions,
): KubeObject {
  const removal = removalPatch(desired, live, wanted, options);
  return removal === undefined ? live : (applyJsonPatch(live, removal.operations) as KubeObject);
}

/**
 * The additions that a removal would not take away: the server (or admission) answers with the same value again, so they are
 * its defaults, and nobody's addition.
 */
export function addedBack(
  desired: KubeObject,
  live: KubeObject,
  answer: KubeObject,
  options: AdditionOptions,
): ReadonlySet<string> {
  const same = foreignIn(desired, live, options).filter(({ path, value }) => equalJson(valueAt(path, answer), value));
  return new Set(same.map(({ path }) => printPath(path)));
}

function valueAt(path: Path, object: KubeObject): unknown {
  return [...locate(fieldSet([path]), object)][0]?.value;
}

/** A list loses its last items first: no removal moves the place of a later one. */
function lastFirst(a: Foreign, b: Foreign): number {
  for (let i = 0; i < a.tokens.length && i < b.tokens.length; i++) {
    const [left, right] = [a.tokens[i], b.tokens[i]];
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return right - left;
    return String(left) < String(right) ? -1 : 1;
  }
  return 0;
}

function withoutClaims(live: KubeObject, taken: readonly Foreign[]): readonly ManagedFieldsEntry[] {
  const paths = fieldSet(taken.map(({ path }) => path));
  const holders = new Set(taken.flatMap((one) => one.holders));
  return (live.metadata.managedFields ?? []).flatMap((entry) => {
    const set = holders.has(entry) ? setOfEntry(entry) : undefined;
    if (set === undefined) return [entry];
    const rest = recursiveDifference(set, paths);
    return isEmpty(rest) ? [] : [{ ...entry, fieldsV1: toFieldsV1(rest) }];
  });
}
