import { setIdentity } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { parentRef, parseParent, PruneError } from '@homeostat/prune';
import type { Parent } from '@homeostat/prune';
import { followObject } from './follow-object.ts';
import type { Watcher } from './informer.ts';
import type { Ports } from './ports.ts';
import { isSuspended, pendingRequests, rollbackOf } from './requests.ts';
import type { Sync } from './sync.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Watches the parent of one set for what people ask for there: by a watch of its own, or by the one that many sets share; and what the set
 * depends on, because that too leads to a pass.
 */
export interface ParentFollower {
  /** Until the signal. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Lets the memory know the parent as it is now. Call it right before a pass and never later: hints are narrowed only to what the pass
   * has listed, and the version of the parent from before that listing is what proves it.
   */
  adopt(): void;
}

export interface ParentFollowerOptions {
  /** Whether the last pass left the set alone; `undefined` before the first. */
  readonly wasSuspended: () => boolean | undefined;
  /** Somebody wants something: what runs to `stop` as soon as possible, or another pass. */
  readonly asked: (what: 'stop' | 'pass') => void;
  /** Nobody asks, but only a pass can tell what there is. */
  readonly wake: () => void;
  readonly trouble: (message: string) => void;
}

type Seen = { readonly state: 'parent'; readonly parent: Parent } | { readonly state: 'gone' | 'blind' };

/** Level-triggered: what it tells only leads to a pass, which reads what the parent says then. */
export function createParentFollower(
  sync: Pick<Sync, 'namespace' | 'name' | 'suspend'>,
  {
    client,
    clock,
    random,
    memory,
    parents,
    dependencies,
    source,
  }: Pick<Ports, 'client' | 'clock' | 'random' | 'memory' | 'parents' | 'dependencies' | 'source'>,
  { wasSuspended, asked, wake, trouble }: ParentFollowerOptions,
): ParentFollower {
  const set = setIdentity(sync.namespace, sync.name);
  let known: Seen | undefined;
  /** What was told last: a request that a pass cannot deal with yet must not lead to one pass after the other. */
  let told = '';
  /** The commit that the set was to stay at; `undefined` before the first look. */
  let stayed: string | undefined;

  const seen = (object: KubeObject | undefined): void => {
    const parent = object === undefined ? undefined : readable(object);
    known = parent === undefined ? { state: 'gone' } : { state: 'parent', parent };
    if (parent === undefined) {
      if (memory.parent !== undefined) wake();
      return;
    }
    const suspended = isSuspended(sync, parent);
    const requests = pendingRequests(parent);
    const pending = JSON.stringify(requests.map(({ request, value }) => [request, value]));
    const isNew = pending !== '[]' && pending !== told;
    told = pending;
    // Whoever asks for a pass may know of a revision that is newer than what the source was last asked for.
    if (isNew && requests.some(({ request }) => request === 'sync-now')) source.notify();
    const before = wasSuspended();
    const stay = rollbackOf(parent)?.argument ?? '';
    const moves = stayed !== undefined && stayed !== stay;
    stayed = stay;
    if (isNew || moves || (before !== undefined && before !== suspended)) asked(suspended || moves ? 'stop' : 'pass');
  };

  /** What somebody has put in its place is the business of the pass, which refuses it in words. */
  const readable = (object: KubeObject): Parent | undefined => {
    try {
      return parseParent(object, set);
    } catch (error) {
      if (!(error instanceof PruneError)) throw error;
      return undefined;
    }
  };

  const watcher: Watcher = {
    seen,
    trouble(error, isNew) {
      known = { state: 'blind' };
      if (isNew) trouble(`requests at the parent are seen with the next pass only: ${error.message}`);
    },
  };

  return {
    async run(signal) {
      const following = dependencies.run(signal, wake);
      if (parents === undefined) {
        await followObject(parentRef(set), { client, clock, random }, { signal, ...watcher });
      } else {
        const leave = parents.follow(parentRef(set), watcher);
        await untilAborted(signal);
        leave();
      }
      await following;
    },
    adopt() {
      memory.noParent = false;
      if (known === undefined) return;
      if (known.state === 'gone') memory.noParent = memory.parent === undefined;
      // The watch may lag behind the write that made it.
      if (known.state !== 'parent') memory.parent = undefined;
      else if (isOutdated(memory.parent, known.parent)) memory.parent = known.parent;
    },
  };
}

/** What the watch tells may be older than what a write of ours has answered since. */
function isOutdated(before: Parent | undefined, now: Parent): boolean {
  if (before === undefined || before.uid !== now.uid) return true;
  const [a, b] = [before.resourceVersion, now.resourceVersion];
  return a.length === b.length ? a < b : a.length < b.length;
}
