import { claimantOf, listed } from '@homeostat/apply';
import type { Claimant } from '@homeostat/apply';
import { compareRefs, parseRefKey, printRef, refKey } from '@homeostat/kube';
import type { Ref, RefKey } from '@homeostat/kube';
import { printSet } from './claims.ts';
import type { Contest } from './claims.ts';
import type { PassFinding } from './finding.ts';
import type { Prepared } from './prepare.ts';
import type { Verdicts } from './validate.ts';

/** A member that bears the marks of another tool as well. */
export interface Rival {
  readonly ref: Ref;
  readonly claimant: Claimant;
}

/** Those among the members of the view, without those whose marks the source itself sets. */
export function rivalsOf(
  { rivals }: { readonly rivals: readonly Rival[] },
  { byKey }: { readonly byKey: ReadonlyMap<RefKey, Prepared> },
): readonly Rival[] {
  return rivals.filter(({ ref, claimant }) => {
    const desired = byKey.get(refKey(ref));
    return desired === undefined || claimantOf(desired.object)?.owner !== claimant.owner;
  });
}

/**
 * Who else has, or wants, objects of this set, as findings: whom they are taken over from and what is to be done there first, which
 * tool still marks members as its own, which set of this process desires them too. One finding for each of them, whatever the number of
 * objects. Pure.
 */
export function ownershipFindings(
  verdicts: Verdicts,
  rivals: readonly Rival[],
  contested: readonly Contest[],
  desired: ReadonlyMap<RefKey, Prepared>,
): readonly PassFinding[] {
  const taken = [...verdicts.values()].flatMap(({ owner, refused, item }) =>
    owner?.advice === undefined || refused !== undefined || item.action !== 'adopt'
      ? []
      : [{ ref: item.ref, who: owner.text, advice: owner.advice }],
  );
  const kept = rivals.map(({ ref, claimant }) => ({ ref, who: claimant.owner, advice: claimant.advice }));
  return [
    ...grouped(taken).map(({ who, advice, objects }): PassFinding => ({
      severity: 'warning',
      code: 'TAKE_OVER',
      message: `taken over from ${who}, which may take them back or delete them: ${objects}`,
      hint: `there, first: ${advice}`,
    })),
    ...grouped(kept).map(({ who, advice, objects }): PassFinding => ({
      severity: 'warning',
      code: 'MANAGED_TWICE',
      message: `${who} still manages objects of this set: ${objects}`,
      hint: `there: ${advice}`,
    })),
    ...contested.flatMap(({ key, by }): readonly PassFinding[] => {
      const origin = desired.get(key)?.origin;
      if (origin === undefined) return [];
      const { path, document, line } = origin;
      return [
        {
          severity: 'warning',
          code: 'DESIRED_TWICE',
          message: `${printSet(by)} desires ${printRef(parseRefKey(key))} too, and is refused`,
          hint: 'remove it from one of the two sources',
          origin: { path, document, line },
        },
      ];
    }),
  ];
}

function grouped(
  all: readonly { readonly ref: Ref; readonly who: string; readonly advice: string }[],
): readonly { readonly who: string; readonly advice: string; readonly objects: string }[] {
  return [...Map.groupBy(all, ({ who }) => who)]
    .map(([who, group]) => ({
      who,
      advice: group[0]?.advice ?? '',
      objects: listed(group.toSorted((a, b) => compareRefs(a.ref, b.ref)).map(({ ref }) => printRef(ref))),
    }))
    .toSorted((a, b) => (a.who < b.who ? -1 : 1));
}
