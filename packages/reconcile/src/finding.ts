import type { SourceFindingCode } from '@homeostat/git';
import type { Finding, FindingCode } from '@homeostat/render';

/** A located problem in what a pass read: in the source, in the files, or in what the cluster lets us see. */
export type PassFinding = Omit<Finding, 'code'> & {
  readonly code:
    | FindingCode
    | SourceFindingCode
    | 'UNKNOWN_ANNOTATION' // an annotation under our prefix that means nothing, or has a value that does
    | 'KIND_NOT_VISIBLE'; // our identity may not list it: its members are unknown, so none is pruned
};
