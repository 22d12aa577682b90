import type { ServedResource } from '../registry/served-resource.ts';
import type { Registry } from '../registry/registry.ts';
import type { StoreEvent } from '../store/store.ts';
import type { WorkQueue } from './work-queue.ts';

/** What controllers work on. */
export interface ControllerWorld {
  readonly registry: Registry;
  readonly queue: WorkQueue;
}

/**
 * One controller: what it looks at, and what it makes of one key. `settle` decides from the state alone, so that doing it
 * once more changes nothing.
 */
export interface Controller {
  readonly name: string;
  /** By shelf: the keys that a change concerns. */
  readonly watches: Readonly<Record<string, (event: StoreEvent) => readonly string[]>>;
  /** Answers after how many milliseconds to look again though nothing has changed; `undefined`: not before something has. */
  readonly settle: (key: string) => Promise<number | undefined>;
}

export interface RunningController {
  /** Has a key looked at again. */
  readonly mark: (key: string) => void;
  readonly stop: () => void;
}

/** Runs a controller, on what there is and on every change. */
export function runController({ registry, queue }: ControllerWorld, controller: Controller): RunningController {
  const { name, watches, settle } = controller;
  const mark = (key: string): void => {
    const id = `${name} ${key}`;
    const work = async (): Promise<void> => {
      const again = await settle(key);
      // Never at once: that would be for ever, on a clock that stands still.
      if (again !== undefined) queue.addAfter(id, work, Math.max(1, again));
    };
    queue.add(id, work);
  };
  const stops = Object.entries(watches).map(([shelf, keysOf]) => {
    const tell = (event: StoreEvent): void => {
      for (const key of keysOf(event)) mark(key);
    };
    for (const stored of registry.store.list(shelf)) {
      tell({ type: 'ADDED', version: stored.version, stored, previous: undefined });
    }
    return registry.store.listen(shelf, tell);
  });
  return {
    mark,
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/**
 * Tells of every object there is, and of every change of one, whatever is served now or later. Events are left out unless
 * `withEvents`. Returns what ends it.
 */
export function listenToAll(
  { store, resources }: Registry,
  tell: (shelf: string, event: StoreEvent) => void,
  { withEvents = false }: { readonly withEvents?: boolean } = {},
): () => void {
  const stops = new Map<string, () => void>();
  const follow = (): void => {
    for (const { shelf } of resources.all()) {
      if (stops.has(shelf) || (shelf === 'events' && !withEvents)) continue;
      for (const stored of store.list(shelf)) {
        tell(shelf, { type: 'ADDED', version: stored.version, stored, previous: undefined });
      }
      stops.set(
        shelf,
        store.listen(shelf, (event) => tell(shelf, event)),
      );
    }
  };
  follow();
  resources.onChange(follow);
  return () => {
    for (const stop of stops.values()) stop();
  };
}

/** The key of what has changed. */
export function ownKey({ stored }: StoreEvent): readonly string[] {
  return [stored.key];
}

/** The resource whose objects lie on a shelf, in the version that clients prefer. */
export function resourceOfShelf(registry: Registry, shelf: string): ServedResource | undefined {
  for (const resource of registry.resources.all()) if (resource.shelf === shelf) return resource;
  return undefined;
}

/** `namespace/name` in its two parts; a cluster-scoped object has no namespace. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
