import { KubeError } from '@homeostat/kube';
import type { Client, Clock, GroupKind, KubeObject, Ref, Resource } from '@homeostat/kube';
import { pauseFor } from './pause.ts';

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** As last read: following goes on from there. Without it the object is read first. */
  readonly from?: KubeObject;
  /** The object as it is now, in order; `undefined` when there is none. */
  readonly seen: (object: KubeObject | undefined) => void;
  /** It cannot be followed at present; `isNew` unless it failed for the same reason before. */
  readonly trouble?: (error: KubeError, isNew: boolean) => void;
}

/** Which objects are followed: of one kind, in one namespace or (`''`) everywhere, by label or name. */
export interface Selection extends GroupKind {
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface FollowAllOptions {
  readonly signal: AbortSignal;
  /** The version of a complete reading: following goes on from there. Without it everything is read first. */
  readonly from?: string;
  /** Every object that there is: at the start, and after a failure. */
  readonly listed: (objects: readonly KubeObject[]) => void;
  readonly seen: (object: KubeObject) => void;
  /** It is gone, or selected no longer. */
  readonly gone: (ref: Pick<Ref, 'namespace' | 'name'>) => void;
  readonly trouble?: FollowOptions['trouble'];
}

type FollowPorts = { readonly client: Client; readonly clock: Clock; readonly random: () => number };

const CEILING = 30_000;
/** A server that closes a watch sooner must not be asked again at once. */
const SHORT_WATCH = 1_000;

/**
 * Follows one object by one watch until the signal. Sends nothing else while it stands, and goes on after the last event where the
 * server closes it. After a failure the object is read anew, with pauses that grow (1 s … 30 s).
 */
export async function followObject(
  { group, kind, namespace, name }: Ref,
  ports: FollowPorts,
  { signal, from, seen, trouble }: FollowOptions,
): Promise<void> {
  const resumeAt = from?.metadata.resourceVersion;
  await followSelected({ group, kind, namespace, fieldSelector: `metadata.name=${name}` }, ports, {
    signal,
    ...(resumeAt !== undefined && { from: resumeAt }),
    listed: (objects) => seen(objects[0]),
    seen,
    gone: () => seen(undefined),
    ...(trouble !== undefined && { trouble }),
  });
}

/** Follows every object of a selection in the same way: one watch, and a list at the start and after a failure. */
export async function followSelected(
  { group, kind, namespace, ...selectors }: Selection,
  { client, clock, random }: FollowPorts,
  { signal, from, listed, seen, gone, trouble = () => {} }: FollowAllOptions,
): Promise<void> {
  let resume = from;
  let failures = 0;
  let told: string | undefined;
  const where = { ...selectors, ...(namespace !== '' && { namespace }) };
  while (!signal.aborted) {
    const startedAt = clock.now();
    let error: KubeError | undefined;
    try {
      const resource = await resourceOf({ group, kind }, client, signal);
      if (resume === undefined) {
        const read = await readAll(client, resource, { ...where, signal });
        resume = read.resourceVersion;
        listed(read.objects);
      }
      for await (const event of client.watch(resource, { ...where, resourceVersion: resume, signal })) {
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
            gone(event.ref);
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
      // To be forgotten is no failure: what the objects are now says it all.
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

async function resourceOf({ group, kind }: GroupKind, client: Client, signal: AbortSignal): Promise<Resource> {
  const resource = (await client.resources({ signal })).find({ group, kind });
  if (resource === undefined) throw new KubeError('UNKNOWN_KIND', `the server does not serve ${kind} of ${group}`);
  return resource;
}

async function readAll(
  client: Client,
  resource: Resource,
  options: Parameters<Client['list']>[1],
): Promise<{ readonly objects: readonly KubeObject[]; readonly resourceVersion: string }> {
  const objects: KubeObject[] = [];
  let resourceVersion = '0';
  for await (const page of client.list(resource, options)) {
    objects.push(...page.items);
    ({ resourceVersion } = page);
  }
  return { objects, resourceVersion };
}
