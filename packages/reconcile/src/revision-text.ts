import type { Revision } from '@homeostat/git';

/** As `printRevision` of `@homeostat/git`, whose code is not imported here. */
export function revisionText({ ref, commit }: Revision): string {
  return ref === undefined ? `sha1:${commit}` : `${ref}@sha1:${commit}`;
}
