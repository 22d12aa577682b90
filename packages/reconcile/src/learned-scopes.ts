import { KubeError, refKey } from '@homeostat/kube';
import type { Client } from '@homeostat/kube';
import type { Report, ReportedObject } from './report.ts';

/**
 * Whether an object failed only because it names no namespace and nobody could know that its kind needs one: the server did not serve
 * the kind when the source was rendered, and serves it now. Sends nothing: the kind was waited for, so discovery knows it.
 */
export async function learnedScopes(
  { objects }: Report,
  client: Pick<Client, 'resources'>,
  { signal }: { readonly signal?: AbortSignal },
): Promise<boolean> {
  const homeless = objects.filter(({ action, ref }) => action === 'failed' && ref.namespace === '');
  if (homeless.length === 0) return false;
  const resources = await client.resources({ ...(signal && { signal }) }).catch((error: unknown) => {
    // Who cannot be told now is told by the next pass.
    if (error instanceof KubeError) return undefined;
    throw error;
  });
  return resources !== undefined && homeless.some(({ ref }) => resources.find(ref)?.namespaced === true);
}

/** What two passes over one revision have done, told as one: what the second found as the first had left it keeps what was done to it. Pure. */
export function inOneReport(first: Report, second: Report): Report {
  const done = new Map(first.objects.map((object) => [refKey(object.ref), object]));
  const objects = second.objects.map((object): ReportedObject => {
    const before = done.get(refKey(object.ref));
    return object.action === 'unchanged' && before !== undefined && WRITTEN.has(before.action)
      ? { ...object, action: before.action, ...(before.message !== undefined && { message: before.message }) }
      : object;
  });
  const counts = { ...second.counts };
  for (const [i, { action }] of objects.entries()) {
    counts[second.objects[i]!.action] -= 1;
    counts[action] += 1;
  }
  return { ...second, objects, counts, durationMs: first.durationMs + second.durationMs };
}

const WRITTEN: ReadonlySet<ReportedObject['action']> = new Set(['created', 'updated', 'adopted', 'replaced']);
