import type { PlannedAddition, ReportedAddition } from '@homeostat/reconcile';
import { printValue } from './print-value.ts';
import type { Paint } from './style.ts';

/** What others put into an object, a line each: where, what, who and when, and what is done about it. */
export function additionLines(
  additions: readonly (PlannedAddition | ReportedAddition)[] | undefined,
  paint: Paint,
): readonly string[] {
  return (additions ?? []).map(({ path, value, security, heldBy, action, reason }) => {
    const [{ manager, time }] = heldBy;
    const others = heldBy.length > 1 ? ` and ${heldBy.length - 1} more` : '';
    const what = value === undefined ? '' : `: ${printValue(value)}`;
    const done = { remove: '', removed: '', report: '', reported: '', keep: 'kept: ', kept: 'kept: ' }[action];
    const why = [
      ...(done === '' ? [] : [`${done}${explain(reason)}`]),
      `added by ${manager}${others}${time === undefined ? '' : ` at ${time}`}`,
    ];
    const mark = action === 'remove' || action === 'removed' ? '-' : '!';
    const line = `          ${mark} ${path}${what}  (${why.join('; ')})`;
    return security ? paint('red', line) : line;
  });
}

/** Why an addition stays although the policy would take it away, and what to do about it. */
function explain(reason = ''): string {
  const known: Readonly<Record<string, string>> = {
    held: 'another GitOps tool holds it; take it out there',
    'unknown-writer':
      'managedFields were cleared, so nobody knows whose it is; name it in the source or take it away by hand',
    lifecycle: 'whoever put it there counts on it',
    scale: 'a number of replicas that the source leaves open is for others to choose',
    refused: 'the object itself cannot be applied',
    moved: 'it was gone, or not the same any more',
    drift: 'the policy drift: report leaves what others changed',
    'not-reached': 'the pass ended before',
  };
  return known[reason] ?? reason;
}
