import type { ReadyOptions } from '@homeostat/apply';
import { KubeError, refKey } from '@homeostat/kube';
import type { Ref } from '@homeostat/kube';
import { statusOf, statusOfAbsent } from '@homeostat/status';
import type { Status } from '@homeostat/status';
import type { Ports } from './ports.ts';

/**
 * Resolves when the object is ready, or can no longer become so; reports every change on the way.
 *
 * A member is judged from the live view, which starts to follow its kind now if it did not before, and never from a state
 * older than our own write. An object outside the set is watched by name.
 */
export function readiness({ live, client, actor, clock }: Ports): (ref: Ref, options: ReadyOptions) => Promise<Status> {
  return async (ref, { resourceVersion, inSet, signal, progress }) => {
    const resources = await client.resources({ signal });
    const resource = resources.find(ref);
    if (inSet && resource !== undefined && live.get(ref) !== undefined) {
      live.follow([resource]);
      if (resourceVersion !== undefined) await live.seen(ref, resourceVersion, { signal });
      let last = '';
      let verdict: Status = statusOfAbsent();
      await live.until(
        ref,
        (entry) => {
          verdict = entry === undefined ? statusOfAbsent() : entry.summary;
          const now = `${verdict.state} ${verdict.reason} ${verdict.message}`;
          if (now !== last) progress(verdict);
          last = now;
          return verdict.state === 'Current' || verdict.state === 'Failed';
        },
        { signal },
      );
      return verdict;
    }
    return watchOne(ref, { client: actor, clock }, { signal, progress });
  };
}

/** Looks at one object and follows it by name until it is ready or has failed. */
async function watchOne(
  ref: Ref,
  { client, clock }: Pick<Ports, 'client' | 'clock'>,
  { signal, progress }: Pick<ReadyOptions, 'signal' | 'progress'>,
): Promise<Status> {
  for (;;) {
    const resource = (await client.resources({ signal })).find(ref);
    if (resource === undefined)
      throw new KubeError('UNKNOWN_KIND', `the server does not serve ${refKey(ref)}`, { retry: 'backoff', ref });
    const scope = {
      ...(resource.namespaced && { namespace: ref.namespace }),
      fieldSelector: `metadata.name=${ref.name}`,
    };
    let resourceVersion = '';
    let seen: Status = statusOfAbsent();
    for await (const page of client.list(resource, { ...scope, signal })) {
      resourceVersion = page.resourceVersion;
      for (const object of page.items) seen = statusOf(object, { now: clock.now() });
    }
    progress(seen);
    if (isFinal(seen)) return seen;
    try {
      for await (const event of client.watch(resource, { ...scope, resourceVersion, signal })) {
        if (event.type === 'BOOKMARK') continue;
        seen = event.type === 'DELETED' ? statusOfAbsent() : statusOf(event.object, { now: clock.now() });
        progress(seen);
        if (isFinal(seen)) return seen;
      }
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 'GONE') throw error;
    }
  }
}

function isFinal({ state }: Status): boolean {
  return state === 'Current' || state === 'Failed';
}
