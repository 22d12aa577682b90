import { equalJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { fieldOf } from './field.ts';

/** What a write may move without changing anything that anybody asked for. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['resourceVersion', 'managedFields', 'generation']);

/**
 * Whether two states of an object have the same content: everything but status, resourceVersion, managedFields and
 * generation. So it tells whether a write changed anything, also where the server counts a version up for nothing (the
 * first write to a PersistentVolumeClaim or a ValidatingAdmissionPolicy does), and where a controller reports its status in
 * between: our writes never touch that.
 */
export function equalContent(a: KubeObject, b: KubeObject): boolean {
  return equalBut(a, b, OTHERWISE) && equalBut(a.metadata, b.metadata, BOOKKEEPING);
}

/** What is compared on its own, or not at all. */
const OTHERWISE: ReadonlySet<string> = new Set(['metadata', 'status']);

function equalBut(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
  but: ReadonlySet<string>,
): boolean {
  for (const name in a) if (!but.has(name) && !equalJson(a[name], fieldOf(b, name))) return false;
  for (const name in b) if (!but.has(name) && b[name] !== undefined && !Object.hasOwn(a, name)) return false;
  return true;
}
