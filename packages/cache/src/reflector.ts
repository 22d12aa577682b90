import type { Client, Clock, KubeErrorCode, Resource, WatchEvent } from '@homeostat/kube';
import { KubeError, PART_OF_LABEL } from '@homeostat/kube';
import type { Backoff } from './backoff.ts';
import { backoffMs } from './backoff.ts';
import { rest } from './rest.ts';
import type { CacheEvent } from './event.ts';
import { compareVersions } from './version.ts';
import type { Input, Scope } from './view.ts';
import { keyOf } from './view.ts';

/** What a reflector works with. */
export interface ReflectorPorts {
  readonly client: Client;
  readonly labelSelector: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly backoff: Backoff;
  /** How long the server keeps a watch open; the client decides when it is left out. */
  readonly watchTimeoutMs: number | undefined;
  /** Takes what was read into the view. What it throws is this program's failure, not the server's. */
  readonly learn: (input: Input) => void;
  readonly tell: (event: CacheEvent) => void;
  /** Called as each list and watch begins. */
  readonly began: (what: 'list' | 'watch') => void;
  /** Asked when the server answers as if it did not know the kind: does it really not? If so, it is all over. */
  readonly isEnded: (resource: Resource) => Promise<boolean>;
  /** Told what is no failure of the server. */
  readonly broken: (error: unknown) => void;
}

/** How often a list is tried before `load` reports its failure. */
const LIST_ATTEMPTS = 3;
/** A watch that ends sooner counts as a failure: a server that closes at once must not be asked at once again. */
const SHORT_WATCH_MS = 1_000;
/** Bookmarks come every minute. A watch that says nothing for so long hangs on a dead connection. */
const SILENCE_MS = 180_000;

interface WatchEnd {
  /** `undefined` when the server closed it, or it was silent for too long. */
  readonly error: KubeError | undefined;
  readonly wasShort: boolean;
  readonly wasSilent: boolean;
}

/**
 * Keeps one scope of the view true: a paged list, and a watch from where it ended.
 *
 * Guarantees
 * 1. A watch that ends is resumed after its last event or bookmark; nothing is listed again.
 * 2. Only `GONE` (the server has forgotten that far back) leads to another list, and a server that was set back.
 * 3. An error takes nothing out of the view. While following it is told once, until it becomes another or is over.
 * 4. Waits between failures grow, with jitter, and honour what the server asks for.
 * 5. There is at most one list at a time, whoever asks for it.
 * 6. A watch that says nothing for three minutes is opened again, after one look whether the server was set back.
 */
export class Reflector {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly #ports: ReflectorPorts;
  readonly #stopping = new AbortController();
  #hangUp = new AbortController();
  #listing: Promise<KubeError | undefined> | undefined;
  #following: Promise<void> | undefined;
  /** Where a watch may start: there is a complete list as of this version. */
  #resume: string | undefined;
  /** The newest version that was told here. */
  #newest: string | undefined;
  /** What fails at present. */
  #failure: { readonly of: 'list' | 'watch'; readonly error: KubeError } | undefined;
  /** Sets whose members were read before anybody asked for them whole. */
  readonly #lacking = new Set<string>();
  /** The last failure that was told and is not known to be over. */
  #told: KubeErrorCode | undefined;

  constructor(resource: Resource, namespace: string, ports: ReflectorPorts) {
    this.resource = resource;
    this.scope = { group: resource.group, kind: resource.kind, namespace };
    this.#ports = ports;
  }

  /**
   * Lists, unless a list stands and no watch of it is failing; then only what is lacking. Tries a few times where the error
   * says that it can help; the last error is the answer. With `again` a list that no watch keeps true counts as none.
   */
  async load({ again = false }: { readonly again?: boolean } = {}): Promise<KubeError | undefined> {
    if (again && this.#following === undefined && this.#listing === undefined) this.#resume = undefined;
    if (this.#isCurrent && this.#lacking.size === 0) return undefined;
    let failures = 0;
    for (;;) {
      const error = await this.#list();
      if (error === undefined && this.#lacking.size === 0) return undefined;
      if (error === undefined) continue;
      failures += 1;
      if (!mayHeal(error) || failures === LIST_ATTEMPTS || this.#stopped) return error;
      await this.#rest(failures, error);
      if (this.#stopped) return error;
    }
  }

  /** Members of this set are known by name alone: the next {@link load} lists them. */
  lack(set: string): void {
    this.#lacking.add(set);
  }

  /** Keeps watching until {@link stop}, listing first where that is needed. Idempotent. */
  follow(): void {
    this.#following ??= this.#run().catch((error: unknown) => this.#ports.broken(error));
  }

  /** There is a complete list, however old. */
  get stands(): boolean {
    return this.#resume !== undefined;
  }

  /** Why it cannot be listed or watched at present. */
  get failure(): KubeError | undefined {
    return this.#failure?.error;
  }

  /** Resolves when nothing runs here any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#hangUp.abort();
    await Promise.allSettled([this.#listing, this.#following]);
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopped) {
      if (this.#resume === undefined) {
        const error = await this.#list();
        if (error === undefined || this.#stopped) continue;
        if (await this.#isEnded(error)) return;
        failures += 1;
        await this.#rest(failures, error);
        continue;
      }

      const { error, wasShort, wasSilent } = await this.#watch(this.#resume);
      if (this.#stopped) return;
      if (wasSilent && (await this.#isSetBack(this.#resume))) this.#resume = undefined;
      if (!wasShort) failures = 0;
      if (error === undefined && !wasShort) continue;
      if (error?.code === 'GONE') {
        this.#resume = undefined;
        if (failures === 0) {
          failures = 1; // the first relist need not wait; a server that says GONE again and again must
          continue;
        }
      } else if (error !== undefined) {
        if (await this.#isEnded(error)) return;
        this.#fail('watch', error);
      }
      failures += 1;
      await this.#rest(failures, error);
    }
  }

  get #isCurrent(): boolean {
    return this.#resume !== undefined && this.#failure === undefined;
  }

  #list(): Promise<KubeError | undefined> {
    this.#listing ??= (this.#isCurrent ? this.#listLacking() : this.#listAll()).finally(
      () => (this.#listing = undefined),
    );
    return this.#listing;
  }

  async #listAll(): Promise<KubeError | undefined> {
    const { labelSelector, learn, tell } = this.#ports;
    const { resource, scope } = this;
    const lacking = [...this.#lacking];
    const newest = this.#newest;
    const listed = await this.#read(labelSelector, (version) => {
      if (newest === undefined || !isOlder(version, newest)) return;
      learn({ input: 'set-back', scope });
      this.#newest = undefined;
    });
    if (listed instanceof KubeError) return this.#fail('list', listed);
    learn({ input: 'list-ended', scope, ...listed });
    this.#resume = listed.resourceVersion;
    this.#newest = listed.resourceVersion;
    for (const set of lacking) this.#lacking.delete(set);
    if (this.#failure?.of === 'list') this.#failure = undefined;
    this.#told = undefined;
    tell({ type: 'synced', resource, namespace: scope.namespace });
    return undefined;
  }

  /** What such a list does not name needs no conclusion here: the watch, or the next list, tells. */
  async #listLacking(): Promise<KubeError | undefined> {
    for (const set of this.#lacking) {
      const listed = await this.#read(`${PART_OF_LABEL}=${set}`);
      if (listed instanceof KubeError) return listed;
      this.#lacking.delete(set);
    }
    return undefined;
  }

  /** Takes in what the server lists, page by page. */
  async #read(
    labelSelector: string,
    begin: (resourceVersion: string) => void = () => undefined,
  ): Promise<{ readonly keys: ReadonlySet<string>; readonly resourceVersion: string } | KubeError> {
    const { client, learn, began } = this.#ports;
    began('list');
    const keys = new Set<string>();
    let resourceVersion = '';
    try {
      const options = { ...this.#where(), labelSelector, signal: this.#stopping.signal };
      for await (const page of client.list(this.resource, options)) {
        if (this.#stopped) break;
        if (resourceVersion === '') begin(page.resourceVersion);
        for (const object of page.items) {
          learn({ input: 'listed', object });
          keys.add(keyOf({ namespace: object.metadata.namespace ?? '', name: object.metadata.name }));
        }
        resourceVersion = page.resourceVersion;
      }
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return error;
    }
    if (this.#stopped) return new KubeError('CANCELLED', `the list of ${this.resource.plural} was stopped`);
    return { keys, resourceVersion };
  }

  async #watch(resourceVersion: string): Promise<WatchEnd> {
    const { client, clock, labelSelector, watchTimeoutMs: timeoutMs, began } = this.#ports;
    began('watch');
    const startedAt = clock.now();
    const hangUp = new AbortController();
    const ended = new AbortController();
    this.#hangUp = hangUp;
    let heardAt = startedAt;
    this.#guard(() => heardAt, hangUp, ended.signal).catch((error: unknown) => this.#ports.broken(error));
    const end = (error?: KubeError): WatchEnd => ({
      error,
      wasShort: clock.now() - startedAt < SHORT_WATCH_MS,
      wasSilent: clock.now() - heardAt >= SILENCE_MS,
    });
    try {
      const when = { resourceVersion, ...(timeoutMs !== undefined && { timeoutMs }) };
      const options = { ...this.#where(), ...when, labelSelector, signal: hangUp.signal };
      for await (const event of client.watch(this.resource, options)) {
        if (this.#stopped) break;
        heardAt = clock.now();
        this.#hear(event);
      }
      return end();
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return hangUp.signal.aborted ? end() : end(error);
    } finally {
      ended.abort();
    }
  }

  #hear(event: WatchEvent): void {
    this.#ports.learn({ input: 'watched', scope: this.scope, event });
    const version = versionOf(event);
    // A late event is no reason to hear again what came after it.
    if (version !== undefined && (this.#newest === undefined || !isOlder(version, this.#newest))) {
      this.#resume = version;
      this.#newest = version;
    }
    this.#failure = undefined;
    if (this.#told === undefined) return;
    this.#told = undefined;
    this.#ports.tell({ type: 'synced', resource: this.resource, namespace: this.scope.namespace });
  }

  /**
   * Whether the server is older than what it told before, as after a backup of etcd was restored. It says nothing to a
   * watch that begins in its future, not even bookmarks, until it gets there.
   */
  async #isSetBack(version: string): Promise<boolean> {
    const { client, labelSelector } = this.#ports;
    try {
      const options = { ...this.#where(), labelSelector, limit: 1, signal: this.#stopping.signal };
      for await (const page of client.list(this.resource, options)) return isOlder(page.resourceVersion, version);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error; // the watch runs into it too
    }
    return false;
  }

  async #guard(heardAt: () => number, hangUp: AbortController, ended: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (!ended.aborted) {
      const left = heardAt() + SILENCE_MS - clock.now();
      if (left <= 0) {
        hangUp.abort();
        return;
      }
      await rest(clock, left, ended);
    }
  }

  #fail(of: 'list' | 'watch', error: KubeError): KubeError {
    if (this.#stopped) return error;
    this.#failure = { of, error };
    // Whoever called `load` has it as a result.
    if (this.#following !== undefined && this.#told !== error.code) {
      this.#told = error.code;
      this.#ports.tell({ type: 'degraded', resource: this.resource, namespace: this.scope.namespace, error });
    }
    return error;
  }

  async #isEnded(error: KubeError): Promise<boolean> {
    return error.code === 'UNKNOWN_KIND' && (await this.#ports.isEnded(this.resource));
  }

  async #rest(failures: number, error: KubeError | undefined): Promise<void> {
    const { clock, random, backoff } = this.#ports;
    await rest(clock, backoffMs(failures, error?.retry ?? 'backoff', random(), backoff), this.#stopping.signal);
  }

  #where(): { readonly namespace?: string } {
    return this.scope.namespace === '' ? {} : { namespace: this.scope.namespace };
  }
}

/** Whether another attempt within seconds can help. */
function mayHeal({ code, retry }: KubeError): boolean {
  return code === 'GONE' || (retry !== 'never' && code !== 'UNKNOWN_KIND');
}

function isOlder(version: string, other: string): boolean {
  const order = compareVersions(version, other);
  return order !== undefined && order < 0;
}

function versionOf(event: WatchEvent): string | undefined {
  return 'object' in event ? event.object.metadata.resourceVersion : event.resourceVersion;
}
