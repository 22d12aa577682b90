import { createLimit } from '@homeostat/apply';
import type { Limit } from '@homeostat/apply';
import { createLiveCache } from '@homeostat/cache';
import type { LiveCache } from '@homeostat/cache';
import type { Revision, Source } from '@homeostat/git';
import { createRedactor, SET_ID_LABEL, setIdentity } from '@homeostat/kube';
import type { Client, Clock, Redactor } from '@homeostat/kube';
import type { Status } from '@homeostat/status';
import { createBroadcast } from './broadcast.ts';
import { createClaims } from './claims.ts';
import type { Claims, SetName } from './claims.ts';
import { dependantsOf, setNeeded } from './dependants.ts';
import { createDependencies } from './dependencies.ts';
import type { Peer, Peers } from './dependencies.ts';
import { destroySet } from './destroy.ts';
import type { DestroyOptions } from './destroy.ts';
import { createEngineLease } from './engine-lease.ts';
import type { EngineLease } from './engine-lease.ts';
import { ReconcileError } from './error.ts';
import { weightOf } from './events.ts';
import type { LoopEvent, PassEvent } from './events.ts';
import { failureOf } from './failure.ts';
import { sampleShared } from './gauges.ts';
import { createSummarizer } from './health.ts';
import { createPauses, heedPauses } from './heed-pauses.ts';
import { lockDown } from './identity.ts';
import type { Lockdown } from './identity.ts';
import { createInformer } from './informer.ts';
import type { Informer } from './informer.ts';
import { createLoop } from './loop.ts';
import type { Loop } from './loop.ts';
import type { Metrics } from './metrics.ts';
import { reconcileOnce } from './once.ts';
import type { PassOptions } from './pass.ts';
import { steadyClock } from './steady-clock.ts';
import { createPorts } from './ports.ts';
import type { Ports } from './ports.ts';
import { report as reportOf } from './report.ts';
import type { Report } from './report.ts';
import { shareLimit } from './share-limit.ts';
import { shareSource } from './share-source.ts';
import type { SharedSource } from './share-source.ts';
import { inOrder, syncKey } from './sync-graph.ts';
import type { Sync } from './sync.ts';
import { createTurn, createTurns } from './turns.ts';
import { untilAborted } from './until-aborted.ts';

export interface EngineOptions {
  readonly client: Client;
  /**
   * Keep other engines away from the sets: `holder` as for {@link LoopOptions}. This process has one Lease, `homeostat-engine-<digest>` in
   * `namespace`, and holds those of its sets through it. Default: no Lease.
   */
  readonly lease?: { readonly holder: string; readonly namespace: string };
  /** Leave no sync anything of this engine's own rights on objects: {@link lockDown} of each that is added. Default: as they say. */
  readonly lockdown?: Lockdown;
  /** How many syncs work at the same time. Default 8. */
  readonly atOnce?: number;
  readonly limit?: Limit;
  readonly redactor?: Redactor;
  /** Where figures of all syncs go. Default: nowhere, at no cost. */
  readonly metrics?: Metrics;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** What a loop tells, and of which sync; without one it is of all of them. */
export interface EngineEvent {
  readonly sync?: SetName;
  readonly event: LoopEvent;
}

export interface EngineOnceOptions extends Pick<PassOptions, 'signal'> {
  /** Called with each plan before anything of it is written; throwing here, or rejecting, means that nothing is. */
  readonly approve?: (sync: Sync, ...args: Parameters<NonNullable<PassOptions['approve']>>) => void | Promise<void>;
}

/**
 * Many syncs in one process.
 *
 * 1. One live view (one watch for each kind), one watch of all parents, one Lease, one budget of requests, one gate of turns, one redactor.
 *    Idle it sends nothing but its watches and one renewal per 10 s, however many syncs there are. A sync that impersonates somebody has a
 *    live view of its own.
 * 2. Syncs that are added with the same source share it: it is asked and fetched once for all.
 * 3. A sync moves on to a revision when those that it depends on are ready at it; a broken one delays nobody else.
 * 4. The sources and the client are their owner's to close.
 */
export interface Engine extends AsyncDisposable {
  /** Runs it from now on, or with {@link run}. @throws {ReconcileError} `SYNC_KNOWN`, `IDENTITY_REFUSED`. @throws what {@link createPorts} throws. */
  add(sync: Sync, source: Source): void;
  /** Stops the sync and gives its set back; the objects stay as they are. Nothing if there is no such sync. */
  remove(sync: SetName): Promise<void>;
  /** Runs every sync until `stop` or the signal; rejects only on a defect. */
  run(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Ends what is under way, gives all sets back, and resolves when nothing runs any more. */
  stop(): Promise<void>;
  /** Looks at everything of this sync now, or of all. */
  syncNow(sync?: SetName): void;
  /** Bounded: a reader that is too slow loses the oldest events and is told how many. */
  events(options?: { readonly signal?: AbortSignal }): AsyncIterable<EngineEvent>;
  /** The last report of each sync that has one, each behind those that it depends on. */
  readonly reports: readonly Report[];
  /**
   * One pass of each sync to its end, as {@link reconcileOnce}, each behind those that it depends on. Instead of {@link run}. What `approve` throws
   * ends the pass of that sync, without a report, and is thrown when the others have come to their end.
   */
  reconcile(options?: EngineOnceOptions): Promise<readonly Report[]>;
  /**
   * Ends these sets, each before those that it depends on, as {@link destroySet}; they are no syncs of the engine any more. One that others
   * depend on stays, and its report says so (`SET_NEEDED`).
   */
  destroy(syncs: readonly SetName[], options: DestroyOptions): Promise<readonly Report[]>;
}

export function createEngine(options: EngineOptions): Engine {
  return new SyncEngine(options);
}

/** One sync of the engine. */
interface Member {
  readonly sync: Sync;
  readonly source: Source;
  readonly shared: SharedSource;
  readonly ports: Ports;
  readonly loop: Loop;
  report: Report | undefined;
  /** Another engine holds the set. */
  standby: boolean;
  isOver: boolean;
  running: Promise<unknown> | undefined;
}

const SAME_TROUBLE_MS = 1_000;

class SyncEngine implements Engine {
  readonly #shared: Pick<Ports, 'client' | 'limit' | 'redactor' | 'turns' | 'clock' | 'random'> & {
    readonly claims: Claims;
    readonly parents: Informer;
    readonly metrics?: Metrics;
  };
  readonly #live: LiveCache<Status>;
  readonly #lockdown: Lockdown | undefined;
  readonly #lease: { readonly holder: string; readonly through: EngineLease } | undefined;
  readonly #members = new Map<string, Member>();
  readonly #sources = new Map<Source, SharedSource>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #broadcast = createBroadcast<EngineEvent>({
    dropped: (count) => ({ event: { type: 'dropped', count } }),
    weigh: ({ event }) => weightOf(event),
  });
  readonly #stop = new AbortController();
  /** Ends what the syncs share, when none of them runs any more. */
  readonly #end = new AbortController();
  readonly #troubles = new Map<string, number>();
  readonly #broken = Promise.withResolvers<never>();
  readonly #stopSampling: () => void;
  #signal: AbortSignal | undefined;
  #serving: Promise<unknown> | undefined;
  #done: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const { client, lease, clock = steadyClock(), random = Math.random } = options;
    const { limit = createLimit(), redactor = createRedactor(), metrics } = options;
    this.#lockdown = options.lockdown;
    // What is asked for all syncs; each of them has a client of its own that knows what it has to wait with.
    const outside = { client: heedPauses(client, createPauses(clock)), clock, random };
    this.#shared = {
      client,
      clock,
      random,
      limit,
      redactor,
      turns: createTurns(options.atOnce === undefined ? {} : { atOnce: options.atOnce }),
      claims: createClaims(),
      parents: createInformer({ group: '', kind: 'ConfigMap', labelSelector: SET_ID_LABEL }, outside),
      ...(metrics !== undefined && { metrics }),
    };
    this.#live = createLiveCache({
      ...outside,
      tracked: [],
      summarize: createSummarizer(clock),
    });
    this.#stopSampling = metrics === undefined ? () => {} : this.#sample(metrics);
    const trouble = (message: string): void => this.#broadcast.send({ event: { type: 'degraded', message } });
    this.#lease = lease && { holder: lease.holder, through: createEngineLease(outside, { ...lease, trouble }) };
    this.#broken.promise.catch(() => {});
  }

  get reports(): readonly Report[] {
    return this.#inOrder().flatMap(({ report }) => report ?? []);
  }

  add(given: Sync, source: Source): void {
    const sync = this.#lockdown === undefined ? given : lockDown(given, this.#lockdown);
    const key = syncKey(sync);
    if (this.#members.has(key)) {
      throw new ReconcileError('SYNC_KNOWN', `there are two syncs ${key} in this engine: each needs a name of its own`);
    }
    const shared = this.#sources.get(source) ?? shareSource(source, () => this.#pathsOf(source));
    const { id } = setIdentity(sync.namespace, sync.name);
    const ports = createPorts(sync, {
      ...this.#shared,
      limit: shareLimit(this.#shared.limit),
      source: shared,
      dependencies: createDependencies(sync, this.#shared, this.#peersOf(shared)),
      ...(sync.impersonate === undefined && { live: this.#live }),
      ...(this.#lease !== undefined && { engineLease: this.#lease.through }),
    });
    if (sync.impersonate === undefined) this.#live.track(id);
    this.#sources.set(source, shared);
    const loop = createLoop(sync, ports, {
      isPart: true,
      ...(this.#lease !== undefined && { lease: { holder: this.#lease.holder } }),
    });
    const member: Member = {
      sync,
      source,
      shared,
      ports,
      loop,
      report: undefined,
      standby: false,
      isOver: false,
      running: undefined,
    };
    this.#members.set(key, member);
    if (this.#signal !== undefined) this.#start(member, this.#signal);
    this.#tell(key);
  }

  async remove(sync: SetName): Promise<void> {
    const key = syncKey(sync);
    const member = this.#members.get(key);
    if (member === undefined) return;
    this.#members.delete(key);
    await this.#halt(member);
    await this.#release(member);
    this.#tell(key);
  }

  run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#done ??= this.#run(signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]));
    return this.#done;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    this.#end.abort();
    await this.#serving;
    await Promise.all([...this.#members.values()].map((member) => this.#release(member)));
    await this.#live.close();
    this.#stopSampling();
    this.#broadcast.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  syncNow(sync?: SetName): void {
    for (const source of this.#sources.values()) source.notify();
    if (sync !== undefined) this.#members.get(syncKey(sync))?.loop.syncNow();
    else for (const { loop } of this.#members.values()) loop.syncNow();
  }

  events(options?: { readonly signal?: AbortSignal }): AsyncIterable<EngineEvent> {
    return this.#broadcast.subscribe(options);
  }

  async reconcile({ signal = new AbortController().signal, approve }: EngineOnceOptions = {}): Promise<
    readonly Report[]
  > {
    const members = this.#inOrder();
    // Nobody watches parents for a single pass but whoever waits for a set that is not one of these.
    if (members.some(({ sync }) => sync.dependsOn.some((other) => !this.#members.has(syncKey(other))))) this.#serve();
    const ended = await Promise.allSettled(
      members.map((member) => this.#once(member, { signal, ...(approve !== undefined && { approve }) })),
    );
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    return members.flatMap(({ report }) => report ?? []);
  }

  async destroy(syncs: readonly SetName[], options: DestroyOptions): Promise<readonly Report[]> {
    const named = new Set(syncs.map(syncKey));
    const members = this.#inOrder().filter(({ sync }) => named.has(syncKey(sync)));
    const reports: Report[] = [];
    for (const member of members.toReversed()) reports.push(await this.#destroy(member, options));
    return reports;
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#serve();
    for (const member of this.#members.values()) this.#start(member, signal);
    try {
      await Promise.race([untilAborted(signal), this.#broken.promise]);
    } finally {
      this.#stop.abort();
      await Promise.all([...this.#members.values()].map((member) => this.#halt(member)));
      this.#end.abort();
      await this.#serving;
      this.#broadcast.close();
    }
  }

  #sample(metrics: Metrics): () => void {
    const { limit, turns } = this.#shared;
    const ends = [
      sampleShared(metrics, { limit, turns, live: this.#live }),
      metrics.sample('homeostat_events_dropped_total', () => [{ labels: {}, value: this.#broadcast.lost }]),
    ];
    return () => ends.forEach((end) => end());
  }

  /** What the syncs share, until none of them runs any more. */
  #serve(): void {
    if (this.#serving !== undefined) return;
    const { signal } = this.#end;
    const lease = this.#lease === undefined ? [] : [this.#lease.through.run(signal)];
    this.#serving = Promise.all([this.#shared.parents.run(signal), ...lease]).catch((error: unknown) =>
      this.#broken.reject(error),
    );
  }

  #start(member: Member, signal: AbortSignal): void {
    const { loop } = member;
    const events = loop.events();
    const forwarding = (async () => {
      for await (const event of events) this.#hear(member, event);
    })();
    member.running = Promise.all([loop.run({ signal }), forwarding]).catch((error: unknown) =>
      this.#broken.reject(error),
    );
  }

  #hear(member: Member, event: LoopEvent): void {
    const { sync } = member;
    if (event.type === 'standby') member.standby = true;
    if (event.type === 'report') {
      member.standby = false;
      member.report = event.report;
    }
    if (event.type === 'degraded' && this.#isTold(event.message)) return;
    this.#send(sync, event);
    if (event.type === 'standby' || event.type === 'report') this.#tell(syncKey(sync));
  }

  /** What is wrong with the one live view every loop tells, in the same words and at the same time. */
  #isTold(message: string): boolean {
    const now = this.#shared.clock.now();
    for (const [before, at] of this.#troubles) if (now - at >= SAME_TROUBLE_MS) this.#troubles.delete(before);
    if (this.#troubles.has(message)) return true;
    this.#troubles.set(message, now);
    return false;
  }

  #send({ namespace, name }: SetName, event: LoopEvent): void {
    this.#broadcast.send({ sync: { namespace, name }, event });
  }

  async #halt({ loop, running }: Member): Promise<void> {
    if (running === undefined) return;
    await loop.stop();
    await running;
  }

  async #release({ sync, ports, source }: Member): Promise<void> {
    this.#shared.claims.withdraw(sync);
    if (![...this.#members.values()].some((other) => other.source === source)) this.#sources.delete(source);
    if (sync.impersonate === undefined) this.#live.untrack(setIdentity(sync.namespace, sync.name).id);
    else await ports.live.close();
  }

  async #once(
    member: Member,
    { approve, signal }: EngineOnceOptions & { readonly signal: AbortSignal },
  ): Promise<void> {
    const { sync, ports } = member;
    const turn = createTurn(ports.turns, { urgency: 'revision', since: ports.clock.now(), signal });
    const approval =
      approve === undefined
        ? {}
        : { approve: (...args: Parameters<NonNullable<PassOptions['approve']>>) => approve(sync, ...args) };
    const running = reconcileOnce(sync, ports, { signal, turn, ...approval });
    try {
      member.report = await this.#drive(sync, running);
      this.#send(sync, { type: 'report', report: member.report });
    } finally {
      member.isOver = true;
      this.#tell(syncKey(sync));
    }
  }

  async #destroy(member: Member, options: DestroyOptions): Promise<Report> {
    const { sync, ports, source } = member;
    const startedAt = ports.clock.now();
    const key = syncKey(sync);
    try {
      if (options.force !== true) await this.#refuseNeeded(sync, options);
      await this.#halt(member);
      this.#members.delete(key);
      // Whatever the loop remembers of it may be old by now.
      ports.memory.parent = undefined;
      const report = await this.#drive(sync, destroySet(sync, ports, options));
      await this.#release(member);
      this.#tell(key);
      this.#send(sync, { type: 'report', report });
      return report;
    } catch (error) {
      const failure = failureOf('prune', error, ports.redactor);
      // Nothing was done: then it goes on as before.
      if (!this.#members.has(key)) {
        await this.#release(member);
        this.add(sync, source);
      }
      return reportOf(
        sync,
        { startedAt, endedAt: ports.clock.now(), failure, statusOf: () => undefined },
        ports.redactor,
      );
    }
  }

  /** @throws {ReconcileError} `SET_NEEDED`. */
  async #refuseNeeded(sync: Sync, { signal = new AbortController().signal }: DestroyOptions): Promise<void> {
    const key = syncKey(sync);
    const isNeeding = (other: Sync): boolean => other.dependsOn.some((one) => syncKey(one) === key);
    const here = [...this.#members.values()].flatMap((other) => (isNeeding(other.sync) ? [other.sync] : []));
    const { sets } = await dependantsOf(sync, this.#shared, { signal });
    const needing = new Map([...here, ...sets].map((one) => [syncKey(one), one]));
    if (needing.size > 0) throw setNeeded(sync, [...needing.values()]);
  }

  async #drive(sync: SetName, running: AsyncGenerator<PassEvent, Report>): Promise<Report> {
    let step = await running.next();
    while (step.done !== true) {
      this.#send(sync, step.value);
      step = await running.next();
    }
    return step.value;
  }

  /** What the syncs of this source read. A path that leads out of the repository is a finding of render, and no matter of the source. */
  #pathsOf(source: Source): readonly string[] {
    const members = [...this.#members.values()].filter((member) => member.source === source);
    const paths = members.map(({ sync }) => (sync.render.path ?? '').replace(/^\/+/, ''));
    return [...new Set(paths.filter((path) => !path.split('/').includes('..')))].toSorted();
  }

  #inOrder(): readonly Member[] {
    const syncs = inOrder([...this.#members.values()].map(({ sync }) => sync));
    return syncs.flatMap((sync) => this.#members.get(syncKey(sync)) ?? []);
  }

  #peersOf(source: SharedSource): Peers {
    const peerOf = ({ report, shared, isOver }: Member): Peer => ({
      state: report?.state,
      isOver,
      hasReached: ({ commit }: Revision) =>
        shared === source
          ? report?.revision !== undefined && source.hasReached(report.revision.commit, commit)
          : undefined,
    });
    return {
      get: (other) => {
        const member = this.#members.get(syncKey(other));
        return member === undefined || member.standby ? undefined : peerOf(member);
      },
      dependenciesOf: (other) => this.#members.get(syncKey(other))?.sync.dependsOn,
      follow: (other, changed) => {
        const key = syncKey(other);
        const listeners = this.#listeners.get(key) ?? new Set();
        this.#listeners.set(key, listeners.add(changed));
        return () => listeners.delete(changed);
      },
    };
  }

  /** Whoever depends on this sync looks again. */
  #tell(key: string): void {
    for (const changed of this.#listeners.get(key) ?? []) changed();
  }
}
