import { setTimeout as sleep } from 'node:timers/promises';
import { KubeError, builtinScope, gvkOf, payloadOf, printRef, refOf } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';

export const MANAGER = { current: 'homeostat', former: [] };

/** Applies what is desired as our manager does, and waits for a CRD that was applied a moment ago to be served. */
export async function apply(
  client: Client,
  desired: KubeObject,
  manager: string = MANAGER.current,
): Promise<KubeObject> {
  const payload = payloadOf(desired);
  return await eventually(async () => {
    try {
      return (await client.apply(payload, { manager, force: true, fieldValidation: 'Strict' })).object;
    } catch (error) {
      if (!(error instanceof KubeError) || (error.code !== 'UNKNOWN_KIND' && error.code !== 'THROTTLED')) throw error;
      await client.resources({ refresh: true });
      return undefined;
    }
  });
}

/** What the server has now, in the version of `object`. */
export async function liveOf(client: Client, object: KubeObject): Promise<KubeObject> {
  const live = await client.get(refOf(object), { version: gvkOf(object).version });
  if (live === undefined) throw new Error(`${printRef(refOf(object))} is gone`);
  return live;
}

/** Looks again until there is an answer; gives up after 20 seconds. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`still not so after 20 s: ${look.toString()}`);
    await sleep(20);
  }
}

/** Deletes those of the objects that no namespace takes with it, and lets go of those that a finalizer would hold. */
export async function cleanUp(client: Client, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects.toReversed()) {
    const { group, kind } = gvkOf(object);
    const isCluster = builtinScope(group, kind) === 'Cluster';
    const isHeld = object.metadata.finalizers !== undefined && (await client.get(refOf(object))) !== undefined;
    if (isHeld) await client.patch(refOf(object), { type: 'merge', value: { metadata: { finalizers: null } } });
    if (isCluster) await client.delete(refOf(object));
  }
}
