import { isRecord } from '@homeostat/kube';
import { isScalar } from '@homeostat/merge';
import type { Scalar } from '@homeostat/merge';
import { fieldOf } from './field.ts';
import { ignoredField, ignoredItem } from './ignore.ts';
import type { Ignored } from './ignore.ts';
import { dropsEmptyLists, equalQuantities, isQuantity, isServerDefault, isZero, mayBeSame } from './normalization.ts';
import type { Place } from './place.ts';

/** `uncertain`: what differs may be the server's doing, and only the server can tell. */
export type Verdict = 'equal' | 'uncertain' | 'different';

/**
 * Compares a value that our set holds as one leaf (a scalar, or an atomic list or map) with what live has there.
 *
 * 1. A zero value is equal to an absent one at the leaf itself: the set still holds it. Inside an atomic value that is
 *    uncertain, because nothing there shows whether it was applied (`tolerationSeconds: 0` is not "for ever").
 * 2. Where built-in kinds hold quantities, equal amounts are equal. Elsewhere what may be the same is uncertain.
 * 3. Extras in live, and what stands in the place of an empty text, are equal only where the server is known to add them;
 *    otherwise they are uncertain.
 * 4. Lists must have equal length; one that only goes on in live is uncertain.
 */
export function compareLeaf(desired: unknown, live: unknown, place: Place, ignored: Ignored | undefined): Verdict {
  if (desired === live) return 'equal';
  if ((live === undefined || live === null) && isZero(desired)) return 'equal';
  return compareInside(desired, live, place, ignored);
}

function compareInside(desired: unknown, live: unknown, place: Place, ignored: Ignored | undefined): Verdict {
  if (desired === live) return 'equal';
  if (live === undefined || live === null) {
    if (desired === null || desired === undefined) return 'equal';
    if (Array.isArray(desired) && desired.length === 0 && dropsEmptyLists(place)) return 'equal';
    return isZero(desired) ? 'uncertain' : 'different';
  }
  if (desired === null) return 'uncertain';
  if (Array.isArray(desired)) return Array.isArray(live) ? compareLists(desired, live, place, ignored) : 'different';
  if (isRecord(desired)) return isRecord(live) ? compareRecords(desired, live, place, ignored) : 'different';
  return compareScalars(desired, live, place);
}

function compareScalars(desired: unknown, live: unknown, place: Place): Verdict {
  if (typeof live === 'object') return 'different';
  if (isScalar(desired, live as Scalar)) return 'equal';
  if (isQuantity(place) && equalQuantities(desired, live)) return 'equal';
  return mayBeSame(desired, live) ? 'uncertain' : 'different';
}

function compareLists(
  desired: readonly unknown[],
  live: readonly unknown[],
  place: Place,
  ignored: Ignored | undefined,
): Verdict {
  if (live.length < desired.length) return 'different';
  let worst: Verdict = live.length === desired.length ? 'equal' : 'uncertain';
  for (let i = 0; i < desired.length; i++) {
    const here = ignoredItem(ignored, desired[i], i);
    if (here?.everything === true) continue;
    place.steps.push(i);
    const verdict = compareInside(desired[i], live[i], place, here);
    place.steps.pop();
    if (verdict === 'different') return verdict;
    if (verdict === 'uncertain') worst = verdict;
  }
  return worst;
}

function compareRecords(
  desired: Readonly<Record<string, unknown>>,
  live: Readonly<Record<string, unknown>>,
  place: Place,
  ignored: Ignored | undefined,
): Verdict {
  let worst: Verdict = 'equal';
  for (const name in desired) {
    const here = ignoredField(ignored, name);
    if (here?.everything === true || (desired[name] === '' && isServerDefault(place, name, fieldOf(live, name))))
      continue;
    place.steps.push(name);
    const verdict = compareInside(desired[name], fieldOf(live, name), place, here);
    place.steps.pop();
    if (verdict === 'different') return verdict;
    if (verdict === 'uncertain') worst = verdict;
  }
  for (const name in live) {
    if (Object.hasOwn(desired, name) || live[name] === null || isServerDefault(place, name, live[name])) continue;
    if (ignoredField(ignored, name)?.everything !== true) worst = 'uncertain';
  }
  return worst;
}
