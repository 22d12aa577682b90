import type { SourceFindingCode } from '@homeostat/git';
import type { Finding, FindingCode } from '@homeostat/render';

/** A located problem in what a pass read: in the source, in the files, or in what the cluster lets us see. */
export type PassFinding = Omit<Finding, 'code'> & {
  readonly code:
    | FindingCode
    | SourceFindingCode
    | 'UNKNOWN_ANNOTATION' // an annotation under our prefix that means nothing, or has a value that does
    | 'JOB_RUNS_AGAIN' // a Job that removes itself when it has ended, and so comes back each time
    | 'PARENT_NOT_VISIBLE' // our identity may not read the parent; only a plan that is merely shown goes on without it
    | 'KIND_NOT_VISIBLE' // our identity may not list it: its members are unknown, so none is pruned
    | 'ROLLED_BACK' // somebody asked to stay at a commit; newer revisions are not applied
    | 'REQUEST_IGNORED' // a request annotation of the parent that names another set, or means nothing
    | 'TAKE_OVER' // objects are taken over from another tool or set
    | 'MANAGED_TWICE' // another tool still manages objects of ours
    | 'DESIRED_TWICE' // another set of this process desires an object of ours too
    | 'DEPENDANTS_NOT_VISIBLE' // our identity may not list the parents of all sets, so one may depend on the set that is destroyed
    | 'SET_SUSPENDED' // somebody asked to leave the set alone, so that nothing of a plan is carried out
    | 'NO_LEASE'; // the Lease cannot be held, so nothing keeps a second engine away from this set
};
