import { compareVersions } from './version.ts';

/** What the view knows of the object under one name. */
export interface Known {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly version: string;
  /** Kept with its bytes, or (a {@link Sighting}) to be kept so. */
  readonly whole: boolean;
}

/** An object as somebody saw it: in a list, in a watch event, or in the answer to a request of our own. */
export interface Sighting extends Known {
  /** It carries the label that the view selects by. */
  readonly selected: boolean;
  /** It comes from the answer to a request of our own, not from a list or watch. */
  readonly observed: boolean;
  /** Who is at least as new has told already that there is no such member: it comes late. */
  readonly outdated: boolean;
}

export type Transition =
  | 'ignore'
  | 'store'
  | 'replace' // another uid took the name: the old object is gone, and a new one is there
  | 'remove';

/** What becomes of the object under a name when it is seen. Pure. */
export function onSighting(known: Known | undefined, seen: Sighting): Transition {
  if (known === undefined) return seen.selected && !seen.outdated ? 'store' : 'ignore';

  const order = compareVersions(seen.resourceVersion, known.resourceVersion);
  if (order !== undefined && order < 0) return 'ignore';
  if (seen.uid !== known.uid) return seen.selected ? 'replace' : 'remove';
  // The same state in another API version: the view follows the version that it lists and watches in.
  const again = order === 0 && (seen.observed || seen.version === known.version);
  const becomesWhole = seen.whole && !known.whole;
  if (again && !becomesWhole) return 'ignore';
  return seen.selected ? 'store' : 'remove';
}

/** Whether a watch's DELETED takes the object under a name away. Pure. */
export function onDeleted(
  known: Known | undefined,
  deleted: { readonly uid: string; readonly resourceVersion: string },
): 'ignore' | 'remove' {
  if (known === undefined || known.uid !== deleted.uid) return 'ignore';
  const order = compareVersions(deleted.resourceVersion, known.resourceVersion);
  return order !== undefined && order < 0 ? 'ignore' : 'remove';
}

/** Whether a complete list of version `listed` that does not name the object takes it away. Pure. */
export function onUnlisted(known: Known, listed: string): 'ignore' | 'remove' {
  const order = compareVersions(known.resourceVersion, listed);
  return order !== undefined && order > 0 ? 'ignore' : 'remove';
}
