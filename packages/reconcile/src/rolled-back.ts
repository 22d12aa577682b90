import type { ParentRequest } from '@homeostat/prune';
import type { Revision } from '@homeostat/git';
import type { PassFinding } from './finding.ts';
import { revisionText } from './revision-text.ts';
import type { Sync } from './sync.ts';

/** What plan and report say of a set that somebody asked to stay at a commit. */
export function rolledBack(
  { argument: commit, by, at, reason }: ParentRequest,
  newest: Revision | undefined,
  { namespace, name }: Pick<Sync, 'namespace' | 'name'>,
): PassFinding {
  const when = at === undefined ? '' : ` at ${at}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  const newer =
    newest === undefined
      ? 'what is newest is not known'
      : newest.commit === commit
        ? 'that is the newest'
        : `${revisionText(newest)} is not applied`;
  return {
    severity: 'warning',
    code: 'ROLLED_BACK',
    message: `the set stays at ${commit}, as ${by} asked${when}${why}; ${newer}`,
    hint: `homeostat resume --name ${name} --namespace ${namespace} goes on with the newest revision`,
  };
}

/** Why the commit cannot be had that the set is to stay at. */
export function cannotGoBack(
  { argument: commit, by }: Pick<ParentRequest, 'argument' | 'by'>,
  message: string,
  { namespace, name }: Pick<Sync, 'namespace' | 'name'>,
): string {
  return `the set cannot go back to ${commit}, as ${by} asked, and stays as it is: ${message}; homeostat resume --name ${name} --namespace ${namespace} goes on with the newest revision`;
}
