import type { Client, Clock, KubeObject, Ref, Resource, SetIdentity } from '@homeostat/kube';
import { compareRefs, compareText, KubeError, PART_OF_LABEL, refKey, refOf, systemClock } from '@homeostat/kube';
import type { Backoff } from './backoff.ts';
import { DEFAULT_BACKOFF } from './backoff.ts';
import { rest } from './rest.ts';
import type { LiveEntry } from './entry.ts';
import { CacheError } from './error.ts';
import type { CacheEvent } from './event.ts';
import type { ForeignMember } from './foreign.ts';
import { EventQueue } from './event-queue.ts';
import { Packer } from './pack.ts';
import type { ReflectorPorts } from './reflector.ts';
import { Reflector } from './reflector.ts';
import type { Input } from './view.ts';
import { kindKey, View } from './view.ts';

export interface LiveCacheOptions {
  readonly client: Client;
  /**
   * Only this set's members are listed and watched. Without it the members of every set: one watch for each kind, however
   * many sets there are.
   */
  readonly set?: SetIdentity;
  /**
   * Without `set`: the ids of the sets whose members are kept whole; {@link LiveCache.track} adds to them. Of the members of
   * every other set only what names them is kept ({@link LiveCache.foreign}). Default: all are kept whole.
   */
  readonly tracked?: Iterable<string>;
  readonly clock?: Clock;
  /** For jitter: a number in [0, 1). */
  readonly random?: () => number;
  /** Bounds of the wait between failed attempts. Default 0.8–30 s. */
  readonly backoff?: Backoff;
  /** How long the server keeps a watch open. Default: the client's. */
  readonly watchTimeoutMs?: number;
}

/** Makes of an object what readers want to have at hand: a status, a digest. Must be pure and must not throw. */
export type Summarize<S> = (object: KubeObject) => S;

export interface LoadOptions {
  /** Where to list a kind whose members in all namespaces we may not list. */
  readonly namespaces?: readonly string[];
  /** List anew what stands and is not followed. */
  readonly again?: boolean;
  /** Ends the waiting; lists that have begun go on until {@link LiveCache.close}. */
  readonly signal?: AbortSignal;
}

/** A kind, or a kind in one namespace, that could not be listed: what it holds is unknown, not absent. */
export interface DegradedKind {
  readonly resource: Resource;
  /** `''` for the whole cluster. */
  readonly namespace: string;
  readonly error: KubeError;
}

export interface LoadResult {
  readonly degraded: readonly DegradedKind[];
}

/** What a view keeps, and what it took to keep it true. */
export interface CacheUsage {
  /** Objects that are kept whole. */
  readonly members: number;
  /** What these take at rest, without what is kept about each of them. */
  readonly bytes: number;
  /** Begun since the view was made. */
  readonly lists: number;
  readonly watches: number;
  /** What cannot be listed or watched at present. */
  readonly degraded: readonly DegradedKind[];
}

/** All that is given must hold. */
export interface EntryQuery {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly set?: string;
}

export interface EventsOptions {
  readonly signal?: AbortSignal;
  readonly buffer?: number;
  /** A set's id. */
  readonly set?: string;
}

export interface UntilOptions<S> {
  readonly signal: AbortSignal;
  /**
   * When to ask again although nothing changed, in milliseconds since 1970: for verdicts that rest on time. Asked after
   * each check that failed.
   */
  readonly recheckAt?: (entry: LiveEntry<S> | undefined) => number | undefined;
}

/**
 * A live view of the objects that carry the label of a set. Reading costs nothing; what it costs to keep grows with the
 * members, not with the cluster. The view's invariants stand at `View`, those of listing and watching at `Reflector`.
 */
export interface LiveCache<S> extends AsyncDisposable {
  /**
   * Lists the kinds, without watching them. A kind that stands already costs no request; one that cannot be listed is
   * part of the result and holds up no other. A kind loaded in another version than before is listed anew in that one.
   */
  load(kinds: readonly Resource[], options?: LoadOptions): Promise<LoadResult>;
  /** Watches the kinds (or all that were loaded) from where their lists ended, for good. Idempotent. */
  follow(kinds?: readonly Resource[]): void;
  /**
   * Keeps the members of one more set whole. Those that are known by name alone are listed by the next {@link load} of their
   * kinds. Where all are kept whole it changes nothing.
   */
  track(setId: string): void;
  /** Keeps of the set's members what names them alone; there is no event. Where all are kept whole it changes nothing. */
  untrack(setId: string): void;
  get(ref: Ref): LiveEntry<S> | undefined;
  /** The member of that name whose set is not tracked. */
  foreign(ref: Ref): ForeignMember | undefined;
  /** By label alone, sorted by ref; whether one is proven to be ours, its `object()` tells. */
  members(setId: string): readonly LiveEntry<S>[];
  /** Sorted by ref. */
  list(query?: EntryQuery): readonly LiveEntry<S>[];
  /** Looks at every member: for whoever asks now and then. */
  usage(): CacheUsage;
  /**
   * Takes in the answer to a write or GET of our own, never of a dry run. It enters the view if it is newer and carries
   * the label; without the label it takes an older member away, and waiters of {@link until} see it all the same.
   */
  observe(object: KubeObject): void;
  /** Takes in that the object with this uid is confirmed gone. */
  forget(ref: Ref, uid: string): void;
  /**
   * Resolves when the view is at least as new as `resourceVersion` as far as `ref` is concerned.
   *
   * @throws {CacheError} `CANCELLED`, `CLOSED`
   */
  seen(ref: Ref, resourceVersion: string, options: { readonly signal: AbortSignal }): Promise<void>;
  /**
   * Resolves with the first state of `ref` that passes the check, which is asked now and at every change. Objects that do
   * not carry the label are seen only when they are given to {@link observe}.
   *
   * @throws {CacheError} `CANCELLED`, `CLOSED`; and whatever the check throws.
   */
  until(
    ref: Ref,
    check: (entry: LiveEntry<S> | undefined) => boolean,
    options: UntilOptions<S>,
  ): Promise<LiveEntry<S> | undefined>;
  /**
   * Events from this call on, at most `buffer` unread (default 1000; a `dropped` event counts what did not fit); unread changes of
   * one object are one. With `set`,
   * of objects only those that belong to it, or did right before. It ends with the signal, with the cache, or when the reader leaves.
   */
  events(options?: EventsOptions): AsyncIterable<CacheEvent>;
  /** Ends every list, watch and wait; resolves when nothing runs any more. */
  close(): Promise<void>;
}

const DEFAULT_BUFFER = 1_000;
/** A pass reads what it has just listed or written, so that is left as it is for a while. */
const SETTLE_AFTER_MS = 5_000;
/** Kinds listed at a time: bounds what is in memory unpacked, not the server's work. */
const LISTS_AT_A_TIME = 8;

/** Makes a live view; it sends nothing before {@link LiveCache.load} or {@link LiveCache.follow}. */
export function createLiveCache<S>(options: LiveCacheOptions & { readonly summarize: Summarize<S> }): LiveCache<S>;
export function createLiveCache(options: LiveCacheOptions): LiveCache<undefined>;
export function createLiveCache(
  options: LiveCacheOptions & { readonly summarize?: Summarize<unknown> },
): LiveCache<unknown> {
  return new LabelledCache({ summarize: () => undefined, ...options });
}

/** What is known of how to read one kind. */
interface Slot {
  readonly resource: Resource;
  /** By namespace; one under `''` where the whole cluster may be read. */
  readonly reflectors: Map<string, Reflector>;
  following: boolean;
  /** Why the whole cluster may not be read. */
  forbidden?: KubeError;
}

type Listener<S> = (entry: LiveEntry<S> | undefined) => void;

class LabelledCache<S> implements LiveCache<S> {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #view: View<S>;
  readonly #ports: ReflectorPorts;
  readonly #slots = new Map<string, Slot>();
  readonly #queues = new Set<EventQueue>();
  readonly #listeners = new Map<string, Set<Listener<S>>>();
  readonly #progress = new Set<() => void>();
  readonly #closing = new AbortController();
  /** Reflectors that were replaced and may still run out. */
  readonly #retired = new Set<Promise<void>>();
  readonly #begun = { list: 0, watch: 0 };
  #settling = false;

  constructor({
    client,
    set,
    tracked,
    summarize,
    clock = systemClock,
    random = Math.random,
    backoff = DEFAULT_BACKOFF,
    watchTimeoutMs,
  }: LiveCacheOptions & { readonly summarize: Summarize<S> }) {
    this.#client = client;
    this.#clock = clock;
    const selection = set === undefined ? { ...(tracked !== undefined && { tracked }) } : { set };
    this.#view = new View({ summarize, ...selection });
    this.#ports = {
      client,
      clock,
      random,
      backoff,
      watchTimeoutMs,
      labelSelector: set === undefined ? PART_OF_LABEL : `${PART_OF_LABEL}=${set.id}`,
      learn: (input) => this.#learn(input),
      tell: (event) => this.#tell(event),
      began: (what) => (this.#begun[what] += 1),
      isEnded: (resource) => this.#isEnded(resource),
      broken: (error) => this.#end({ error }),
    };
  }

  async load(
    kinds: readonly Resource[],
    { namespaces = [], again = false, signal }: LoadOptions = {},
  ): Promise<LoadResult> {
    this.#assertOpen();
    if (signal?.aborted === true) throw cancelled(signal);
    const waiting = [...kinds];
    const degraded: DegradedKind[] = [];
    const work = async (): Promise<void> => {
      for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift()) {
        degraded.push(...(await this.#loadKind(kind, namespaces, again)));
      }
    };
    await this.#orAbort(signal, Promise.all(Array.from({ length: LISTS_AT_A_TIME }, work)));
    const inOrder = degraded.toSorted(
      (a, b) => compareText(kindKey(a.resource), kindKey(b.resource)) || compareText(a.namespace, b.namespace),
    );
    return { degraded: inOrder };
  }

  follow(kinds?: readonly Resource[]): void {
    this.#assertOpen();
    const slots = kinds?.map((resource) => this.#slot(resource)) ?? [...this.#slots.values()];
    for (const slot of slots) {
      slot.following = true;
      for (const reflector of slot.reflectors.values()) reflector.follow();
    }
  }

  track(setId: string): void {
    for (const kind of this.#view.track(setId)) {
      for (const reflector of this.#slots.get(kindKey(kind))?.reflectors.values() ?? []) reflector.lack(setId);
    }
  }

  untrack(setId: string): void {
    this.#view.untrack(setId);
  }

  get(ref: Ref): LiveEntry<S> | undefined {
    return this.#view.get(ref);
  }

  foreign(ref: Ref): ForeignMember | undefined {
    return this.#view.foreign(ref);
  }

  members(setId: string): readonly LiveEntry<S>[] {
    return this.#view.members(setId);
  }

  list({ group, kind, namespace, set }: EntryQuery = {}): readonly LiveEntry<S>[] {
    const fits = (wanted: string | undefined, found: string | undefined): boolean =>
      wanted === undefined || wanted === found;
    return [...this.#view.entries()]
      .filter(
        (entry) =>
          fits(group, entry.ref.group) &&
          fits(kind, entry.ref.kind) &&
          fits(namespace, entry.ref.namespace) &&
          fits(set, entry.set),
      )
      .toSorted((a, b) => compareRefs(a.ref, b.ref));
  }

  usage(): CacheUsage {
    const degraded = [...this.#slots.values()].flatMap(({ resource, reflectors, forbidden }): DegradedKind[] => {
      if (reflectors.size === 0 && forbidden !== undefined) return [{ resource, namespace: '', error: forbidden }];
      return [...reflectors].flatMap(([namespace, { failure }]) =>
        failure === undefined ? [] : [{ resource, namespace, error: failure }],
      );
    });
    return { ...this.#view.usage(), lists: this.#begun.list, watches: this.#begun.watch, degraded };
  }

  observe(object: KubeObject): void {
    this.#learn({ input: 'observed', object });
    const ref = refOf(object);
    const isAwaited = this.#listeners.has(refKey(ref));
    if (!isAwaited || this.#view.keeps(object) || this.#view.get(ref) !== undefined) return;
    this.#notify(ref, this.#view.passing(object, this.#clock.now()));
  }

  forget(ref: Ref, uid: string): void {
    this.#learn({ input: 'forgotten', ref, uid });
    if (this.#view.get(ref) === undefined) this.#notify(ref, undefined);
  }

  seen(ref: Ref, resourceVersion: string, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    return this.#wait(signal, (resolve) => {
      const look = (): void => {
        if (this.#view.hasSeen(ref, resourceVersion)) resolve(undefined);
      };
      this.#progress.add(look);
      look();
      return () => this.#progress.delete(look);
    });
  }

  until(
    ref: Ref,
    check: (entry: LiveEntry<S> | undefined) => boolean,
    { signal, recheckAt }: UntilOptions<S>,
  ): Promise<LiveEntry<S> | undefined> {
    return this.#wait(signal, (resolve, reject) => {
      const key = refKey(ref);
      let asleep = new AbortController();
      const look: Listener<S> = (entry) => {
        asleep.abort();
        asleep = new AbortController();
        try {
          if (check(entry)) resolve(entry);
          else this.#wakeAt(recheckAt?.(entry), asleep.signal, () => look(entry), reject);
        } catch (error) {
          reject(error);
        }
      };
      const listeners = this.#listeners.get(key) ?? new Set();
      this.#listeners.set(key, listeners.add(look));
      look(this.get(ref));
      return () => {
        asleep.abort();
        listeners.delete(look);
        if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
      };
    });
  }

  events({ signal, buffer = DEFAULT_BUFFER, set }: EventsOptions = {}): AsyncIterable<CacheEvent> {
    const end = (): void => queue.end();
    const queue: EventQueue = new EventQueue(
      buffer,
      () => {
        signal?.removeEventListener('abort', end);
        this.#queues.delete(queue);
      },
      set,
    );
    this.#queues.add(queue);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted === true || this.#closing.signal.aborted) end();
    return queue;
  }

  async close(): Promise<void> {
    this.#end({});
    const reflectors = [...this.#slots.values()].flatMap((slot) => [...slot.reflectors.values()]);
    await Promise.all([...reflectors.map((reflector) => reflector.stop()), ...this.#retired]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #loadKind(resource: Resource, namespaces: readonly string[], again: boolean): Promise<readonly DegradedKind[]> {
    const slot = this.#slot(resource);
    const everywhere = slot.reflectors.get('');
    if (everywhere !== undefined) {
      const error = await everywhere.load({ again });
      if (error === undefined) return [];
      if (error.code === 'UNKNOWN_KIND' && (await this.#isEnded(resource))) {
        const moved = this.#slots.get(kindKey(resource))?.resource;
        if (moved !== undefined && moved !== resource) return await this.#loadKind(moved, namespaces, again);
      }
      if (error.code === 'FORBIDDEN') slot.forbidden = error;
      const mayNarrow = error.code === 'FORBIDDEN' && resource.namespaced && namespaces.length > 0;
      if (!mayNarrow) return [{ resource, namespace: '', error }];
      if (slot.reflectors.delete('')) this.#retire(everywhere);
    }
    if (namespaces.length === 0 && slot.forbidden !== undefined)
      return [{ resource, namespace: '', error: slot.forbidden }];

    const reflectors = namespaces.map((namespace) => this.#reflector(slot, namespace));
    const errors = await Promise.all(
      [...new Set(reflectors)].map(async (one) => ({ one, error: await one.load({ again }) })),
    );
    return errors.flatMap(({ one, error }) =>
      error === undefined ? [] : [{ resource, namespace: one.scope.namespace, error }],
    );
  }

  #slot(resource: Resource): Slot {
    const key = kindKey(resource);
    const known = this.#slots.get(key);
    if (known?.resource.version === resource.version) return known;

    const slot: Slot = {
      resource,
      reflectors: new Map(),
      following: known?.following ?? false,
      ...(known?.forbidden !== undefined && { forbidden: known.forbidden }),
    };
    this.#slots.set(key, slot);
    for (const namespace of known?.reflectors.keys() ?? ['']) this.#reflector(slot, namespace);
    for (const reflector of known?.reflectors.values() ?? []) this.#retire(reflector);
    return slot;
  }

  #reflector({ resource, reflectors, following }: Slot, namespace: string): Reflector {
    const known = reflectors.get(namespace);
    if (known !== undefined) return known;
    const reflector = new Reflector(resource, namespace, this.#ports);
    reflectors.set(namespace, reflector);
    if (following) reflector.follow();
    return reflector;
  }

  #retire(reflector: Reflector): void {
    const stopped = reflector.stop();
    this.#retired.add(stopped);
    void stopped.finally(() => this.#retired.delete(stopped));
  }

  /**
   * Discovery decides whether a kind is gone: a 404 alone may come from a server that does not know it yet. A kind that is
   * served in another version now is read in that one from now on.
   */
  async #isEnded(resource: Resource): Promise<boolean> {
    const { group, kind, version } = resource;
    try {
      const served = await this.#client.resources({ refresh: true, signal: this.#closing.signal });
      const unsure = served.degraded.some((name) => name === group || name === `${group}/${version}`);
      if (unsure || served.find({ group, kind, version }) !== undefined) return false;
      const moved = served.find({ group, kind });
      if (moved !== undefined) {
        this.#slot(moved);
        return true;
      }
    } catch (error) {
      if (error instanceof KubeError) return false;
      throw error;
    }
    this.#endKind(resource);
    return true;
  }

  #endKind(resource: Resource): void {
    const key = kindKey(resource);
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    const reflectors = [...slot.reflectors.values()];
    for (const reflector of reflectors) this.#retire(reflector);
    this.#learn({ input: 'kind-ended', kind: resource });
    if (reflectors.some(({ stands }) => stands)) this.#tell({ type: 'ended', resource });
  }

  #learn(input: Input): void {
    for (const event of this.#view.reduce(input, this.#clock.now())) {
      this.#tell(event);
      this.#notify(event.ref, this.#view.get(event.ref));
    }
    for (const look of this.#progress) look();
    void this.#settle();
  }

  /** Makes entries smaller once they have been at rest for a while, one at a time. */
  async #settle(): Promise<void> {
    if (this.#settling) return;
    this.#settling = true;
    const packer = new Packer();
    for (let since = this.#view.unsettledSince; since !== undefined; since = this.#view.unsettledSince) {
      await rest(this.#clock, Math.max(0, since + SETTLE_AFTER_MS - this.#clock.now()), this.#closing.signal);
      if (this.#closing.signal.aborted) break;
      const entry = this.#view.unsettled(this.#clock.now() - SETTLE_AFTER_MS);
      if (entry !== undefined) this.#view.settle(entry, await packer.pack(entry.text));
    }
    packer.close();
    this.#settling = false;
  }

  #notify(ref: Ref, entry: LiveEntry<S> | undefined): void {
    for (const listener of this.#listeners.get(refKey(ref)) ?? []) listener(entry);
  }

  #tell(event: CacheEvent): void {
    for (const queue of this.#queues) queue.push(event);
  }

  #wakeAt(at: number | undefined, signal: AbortSignal, wake: () => void, broken: (error: unknown) => void): void {
    if (at === undefined) return;
    const asleep = rest(this.#clock, Math.max(0, at - this.#clock.now()), signal);
    asleep.then(() => (signal.aborted ? undefined : wake()), broken);
  }

  /** A promise that the signal and the end of the cache reject; `start` returns what undoes it. */
  #wait<T>(
    signal: AbortSignal | undefined,
    start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const cancel = (): void => reject(cancelled(signal));
    const close = (): void => reject(this.#closedError());
    if (this.#closing.signal.aborted) close();
    else if (signal?.aborted === true) cancel();
    else {
      signal?.addEventListener('abort', cancel, { once: true });
      this.#closing.signal.addEventListener('abort', close, { once: true });
      const undo = start(resolve, reject);
      const clean = (): void => {
        undo();
        signal?.removeEventListener('abort', cancel);
        this.#closing.signal.removeEventListener('abort', close);
      };
      promise.then(clean, clean);
    }
    return promise;
  }

  #orAbort<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
    return this.#wait(signal, (resolve, reject) => {
      work.then(resolve, reject);
      return () => undefined;
    });
  }

  #end(ended: { readonly error?: unknown }): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort('error' in ended ? ended.error : undefined);
    for (const slot of this.#slots.values()) for (const reflector of slot.reflectors.values()) this.#retire(reflector);
    for (const queue of this.#queues) queue.end(ended);
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw this.#closedError();
  }

  #closedError(): CacheError {
    return new CacheError('CLOSED', 'the live cache is closed; make another one', {
      cause: this.#closing.signal.reason,
    });
  }
}

function cancelled(signal: AbortSignal | undefined): CacheError {
  return new CacheError('CANCELLED', 'the wait was cancelled', { cause: signal?.reason });
}
