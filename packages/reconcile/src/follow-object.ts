import { KubeError } from '@homeostat/kube';
import type { Client, KubeObject, Ref, Resource } from '@homeostat/kube';
import { pauseFor } from './pause.ts';
import type { Clock } from './ports.ts';

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** As last read: following goes on from there. Without it the object is read first. */
  readonly from?: KubeObject;
  /** The object as it is now, in order; `undefined` when there is none. */
  readonly seen: (object: KubeObject | undefined) => void;
  /** It cannot be followed at present; `isNew` unless it failed for the same reason before. */
  readonly trouble?: (error: KubeError, isNew: boolean) => void;
}

const CEILING = 30_000;
/** A server that closes a watch sooner must not be asked again at once. */
const SHORT_WATCH = 1_000;

/**
 * Follows one object by one watch until the signal. Sends nothing else while it stands, and goes on after the last event where the
 * server closes it. After a failure the object is read anew, with pauses that grow (1 s … 30 s).
 */
export async function followObject(
  ref: Ref,
  { client, clock, random }: { readonly client: Client; readonly clock: Clock; readonly random: () => number },
  { signal, from, seen, trouble = () => {} }: FollowOptions,
): Promise<void> {
  const fieldSelector = `metadata.name=${ref.name}`;
  let resume = from?.metadata.resourceVersion;
  let failures = 0;
  let told: string | undefined;
  while (!signal.aborted) {
    const startedAt = clock.now();
    let error: KubeError | undefined;
    try {
      const resource = await resourceOf(ref, client, signal);
      if (resume === undefined) {
        const page = await firstPage(client, resource, { namespace: ref.namespace, fieldSelector, signal });
        resume = page.resourceVersion;
        seen(page.items[0]);
      }
      const watch = { namespace: ref.namespace, fieldSelector, resourceVersion: resume, signal };
      for await (const event of client.watch(resource, watch)) {
        failures = 0;
        told = undefined;
        switch (event.type) {
          case 'ADDED':
          case 'MODIFIED':
            resume = event.object.metadata.resourceVersion;
            seen(event.object);
            break;
          case 'DELETED':
            resume = event.resourceVersion;
            seen(undefined);
            break;
          case 'BOOKMARK':
            resume = event.resourceVersion;
            break;
          default:
            event satisfies never;
        }
      }
    } catch (thrown) {
      if (signal.aborted) return;
      if (!(thrown instanceof KubeError)) throw thrown;
      error = thrown;
      resume = undefined;
      // To be forgotten is no failure: what the object is now says it all.
      if (error.code !== 'GONE') {
        trouble(error, error.code !== told);
        told = error.code;
      }
    }
    if (error === undefined && clock.now() - startedAt >= SHORT_WATCH) {
      failures = 0;
      told = undefined;
      continue;
    }
    failures += 1;
    await clock.sleep(pauseFor([error?.retry ?? 'backoff'], failures, random(), { ceiling: CEILING }), signal);
  }
}

async function resourceOf({ group, kind }: Ref, client: Client, signal: AbortSignal): Promise<Resource> {
  const resource = (await client.resources({ signal })).find({ group, kind });
  if (resource === undefined) throw new KubeError('UNKNOWN_KIND', `the server does not serve ${kind} of ${group}`);
  return resource;
}

async function firstPage(
  client: Client,
  resource: Resource,
  options: Parameters<Client['list']>[1],
): Promise<{ readonly items: readonly KubeObject[]; readonly resourceVersion: string }> {
  for await (const page of client.list(resource, options)) return page;
  return { items: [], resourceVersion: '0' };
}
