import { differenceOf } from './difference.ts';
import type { DraftItem } from './draft.ts';
import type { AdditionsFound } from './find-additions.ts';
import type { Made } from './made.ts';
import type { PlannedAddition } from './plan.ts';
import { node } from './settle.ts';
import type { Settled } from './settle.ts';

/**
 * The same items, in which what was made as desired before and is not so any more is `drifted`, so that nothing is written
 * there. Pure.
 *
 * It goes by what the server says where it was asked: a difference in writing only is none.
 */
export function leaveDrift(
  drafted: readonly DraftItem[],
  settled: readonly Settled[],
  additions: AdditionsFound,
  { keys }: Pick<Made, 'keys'>,
): readonly Settled[] {
  const drafts = new Map(drafted.map((item) => [item.prepared.key, item]));
  return settled.map((one): Settled => {
    const { plan, prepared } = one;
    const { key } = prepared;
    const draft = drafts.get(key);
    const isAsItWas = plan.action === 'unchanged' || plan.action === 'skip';
    const found =
      draft === undefined || isAsItWas || !keys.has(key) ? undefined : differenceOf(draft, additions.get(key));
    if (draft === undefined || found === undefined) return one;
    const seen = seenOf(draft);
    const { ref, origin } = prepared;
    const { gone, fields, managers } = found.difference;
    const additionsLeft = plan.additions?.map(left);
    return {
      plan: {
        action: 'drifted',
        ref,
        origin,
        gone,
        fields,
        managers,
        ...seen,
        ...(additionsLeft !== undefined && { additions: additionsLeft }),
      },
      prepared,
      apply: node(prepared, seen),
    };
  });
}

function left(addition: PlannedAddition): PlannedAddition {
  return addition.action === 'remove' ? { ...addition, action: 'keep', reason: 'drift' } : addition;
}

function seenOf(draft: DraftItem): { readonly uid?: string; readonly resourceVersion?: string } {
  if (draft.step === 'ask') {
    const { uid, resourceVersion } = draft.item;
    return { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) };
  }
  if (draft.step === 'not-allowed' || draft.entry === undefined) return {};
  const { uid, resourceVersion } = draft.entry;
  return { uid, resourceVersion };
}
