import { SET_ID_LABEL, printRef, refKey, refOf } from '@homeostat/kube';
import type { KubeObject, SetIdentity } from '@homeostat/kube';
import { parentRef } from '@homeostat/prune';
import { LEASE_LABEL, leaseRef } from './lease.ts';

/**
 * Why a desired object may be in no set, for people; undefined when it may. Pure. A set is recorded in its parent and held by its
 * Lease: applied or pruned as members, they would lose a set, this one or another.
 */
export function refusalOfReserved(object: KubeObject, set: SetIdentity): string | undefined {
  const ref = refOf(object);
  const key = refKey(ref);
  const refuse = (why: string): string => `${printRef(ref)} may not be in this set: ${why}`;
  const rename = 'give it another name in the source, or give the sync one';
  if (key === refKey(parentRef(set))) return refuse(`it is the parent, in which this very set is recorded; ${rename}`);
  if (key === refKey(leaseRef(set))) return refuse(`it is the Lease, by which this very set is held; ${rename}`);
  const part = reservedAs(object);
  return part === undefined ? undefined : refuse(`it is ${part}, which is never made from a source; remove it there`);
}

/** What an object is to some set or engine, by its label; undefined when it is nothing of the kind. */
export function reservedAs(object: KubeObject): string | undefined {
  const { labels = {} } = object.metadata;
  const { group, kind } = refOf(object);
  // A custom resource may well be a parent and come from a source: tools only put their label on it.
  const id = group === '' && (kind === 'ConfigMap' || kind === 'Secret') ? labels[SET_ID_LABEL] : undefined;
  if (id !== undefined) return `the parent of the set ${id} (label ${SET_ID_LABEL})`;
  const isLease = group === 'coordination.k8s.io' && kind === 'Lease' && labels[LEASE_LABEL] !== undefined;
  return isLease ? `a Lease of an engine (label ${LEASE_LABEL})` : undefined;
}
