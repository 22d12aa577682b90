import type { CacheEvent } from '@homeostat/cache';
import { refKey, setIdentity } from '@homeostat/kube';
import type { Ref, RefKey } from '@homeostat/kube';
import type { Ports } from './ports.ts';
import type { Sync } from './sync.ts';

/** Collects which desired objects were seen to change. As many as are desired are kept at most, however many events come. */
export interface MembersFollower {
  /** Until the signal. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Those of the objects seen since the last time that may not be as desired: what is known by now to be exactly what we wrote, or found as
   * desired, is not among them. Those of `but` are left for another time.
   */
  take(but?: ReadonlySet<RefKey>): readonly Ref[];
}

export interface MembersFollowerOptions {
  /** A desired object changed: there may be something to {@link MembersFollower.take}, and its state may be another. */
  readonly changed: () => void;
  /** Something that is not desired is gone. */
  readonly gone: (key: RefKey) => void;
  /** Events were missed. */
  readonly lost: () => void;
  readonly trouble: (message: string) => void;
}

/** Level-triggered: an event only names an object; what it is like is read from the live view when somebody takes it. */
export function createMembersFollower(
  { namespace, name }: Pick<Sync, 'namespace' | 'name'>,
  { live, memory }: Pick<Ports, 'live' | 'memory'>,
  { changed, gone, lost, trouble }: MembersFollowerOptions,
): MembersFollower {
  const seen = new Map<RefKey, Ref>();
  const hear = (event: CacheEvent): void => {
    switch (event.type) {
      case 'changed':
      case 'gone': {
        const key = refKey(event.ref);
        if (!memory.desired.has(key)) {
          if (event.type === 'gone') gone(key);
          return;
        }
        seen.set(key, event.ref);
        changed();
        return;
      }
      case 'degraded':
        trouble(event.error.message);
        return;
      case 'dropped':
        lost();
        return;
      case 'synced':
      case 'ended':
        return;
      default:
        event satisfies never;
    }
  };
  const mayDiffer = (key: RefKey, ref: Ref): boolean => {
    if (memory.desired.get(key)?.directives.apply !== 'always') return false;
    const entry = live.get(ref);
    const verified = memory.verified.get(key);
    if (entry === undefined) return verified !== undefined;
    return entry.uid !== verified?.uid || entry.resourceVersion !== verified.resourceVersion;
  };
  return {
    async run(signal) {
      try {
        for await (const event of live.events({ signal, set: setIdentity(namespace, name).id })) hear(event);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    take(but = new Set()) {
      const taken = [...seen].filter(([key]) => !but.has(key));
      for (const [key] of taken) seen.delete(key);
      return taken.flatMap(([key, ref]) => (mayDiffer(key, ref) ? [ref] : []));
    },
  };
}
