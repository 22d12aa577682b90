import type { Ref } from '@homeostat/kube';

/** A member of a set that nobody here asked to track: what names it, and whose it is. By label alone. */
export interface ForeignMember {
  readonly ref: Ref;
  /** The API version that it was read in. */
  readonly version: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly set: string;
}
