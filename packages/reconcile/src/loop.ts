import type { CacheEvent } from '@homeostat/cache';
import type { Revision } from '@homeostat/git';
import { refKey, setIdentity } from '@homeostat/kube';
import type { Ref, RefKey, RetryHint } from '@homeostat/kube';
import { createBroadcast } from './broadcast.ts';
import { failureOf } from './failure.ts';
import { createHeat } from './heat.ts';
import { holdLease, noLease } from './hold-lease.ts';
import type { Term } from './hold-lease.ts';
import type { LoopEvent } from './events.ts';
import { pass } from './pass.ts';
import { createParentFollower } from './parent-follower.ts';
import type { ParentFollower } from './parent-follower.ts';
import { pauseFor } from './pause.ts';
import type { Ports } from './ports.ts';
import { recordReport } from './record.ts';
import { repair } from './repair.ts';
import { withFindings, withStatuses } from './report.ts';
import type { Report, ReportedOrphan } from './report.ts';
import type { Sync } from './sync.ts';
import { createTurn } from './turns.ts';
import type { Urgency } from './turns.ts';

/** A sync that stays: it follows its source, repairs drift, tries again what failed, and looks at everything now and then. */
export interface Loop {
  /** Runs until `stop` or the signal; rejects only on a defect. */
  run(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Ends what is under way at the next request, and resolves when nothing runs any more. */
  stop(): Promise<void>;
  /** Looks at everything now. */
  syncNow(): void;
  /** Bounded: a reader that is too slow loses the oldest events and is told how many. */
  events(options?: { readonly signal?: AbortSignal }): AsyncIterable<LoopEvent>;
  readonly report: Report | undefined;
}

export interface LoopOptions {
  /**
   * Keep other engines away from this set by a Lease (`coordination.k8s.io`, `homeostat-<name>` beside the parent): wait until it is had,
   * renew it every 10 s, write nothing once it is lost, give it back at the end. `holder` names this engine to people and to
   * other engines, as `<host>/<process>/<something random>`; no two may ever have the same. Where it may not be had at all, every report
   * says so (`NO_LEASE`) and the loop goes on without it. Default: no Lease.
   */
  readonly lease?: { readonly holder: string };
}

/** Why there is something to do. Level-triggered: what was forgotten here is found by the next full pass. */
interface Dirty {
  revision: boolean;
  everything: boolean;
  /** The state of an object changed, so the last report may say something else now. */
  status: boolean;
  readonly refs: Map<RefKey, Ref>;
}

/**
 * The loop of one sync.
 *
 * 1. Events only mark what is dirty; the pass looks at the state and decides. Any event may be lost, doubled or late.
 * 2. One thing at a time: a full pass, or a repair of the objects that drifted.
 * 3. A newer revision cancels the pass that is under way, so a broken revision never holds its fix.
 * 4. What failed is tried again with jittered, doubling pauses (1 s … 5 min), or when the server says; a success ends that.
 * 5. An object that others keep changing is repaired ever more rarely, and `fight` says so.
 * 6. What somebody asks for at the parent is dealt with at once: one watch of that one object tells.
 * 7. With a Lease, nothing is read or written for the set before it is held, and nothing is written once it is lost. It is given
 *    back when the loop stops.
 */
export function createLoop(sync: Sync, ports: Ports, options: LoopOptions = {}): Loop {
  return new SyncLoop(sync, ports, options);
}

class SyncLoop implements Loop {
  readonly #sync: Sync;
  readonly #ports: Ports;
  readonly #options: LoopOptions;
  readonly #parent: ParentFollower;
  readonly #dirty: Dirty = { revision: true, everything: true, status: false, refs: new Map() };
  readonly #broadcast = createBroadcast<LoopEvent>((count) => ({ type: 'dropped', count }));
  readonly #heat: ReturnType<typeof createHeat>;
  readonly #stop = new AbortController();
  #wake: () => void = () => {};
  #superseded: AbortController | undefined;
  #term: Term | undefined;
  #failures = 0;
  #done: Promise<void> | undefined;
  #report: Report | undefined;

  constructor(sync: Sync, ports: Ports, options: LoopOptions) {
    this.#sync = sync;
    this.#ports = ports;
    this.#options = options;
    this.#parent = createParentFollower(sync, ports, {
      wasSuspended: () => this.#report && this.#report.state === 'Suspended',
      asked: (what) => this.#onRequest(what),
      trouble: (message) => this.#broadcast.send({ type: 'degraded', message }),
    });
    this.#heat = createHeat(ports.clock);
  }

  get report(): Report | undefined {
    return this.#report;
  }

  run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#done ??= this.#run(signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]));
    return this.#done;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#done;
  }

  syncNow(): void {
    this.#dirty.everything = true;
    this.#wake();
  }

  events(options?: { readonly signal?: AbortSignal }): AsyncIterable<LoopEvent> {
    return this.#broadcast.subscribe(options);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const followers = Promise.all([
      this.#followSource(signal),
      this.#followCluster(signal),
      this.#parent.run(signal),
      this.#resync(signal),
      this.#followClaims(signal),
    ]);
    try {
      while (!signal.aborted) await this.#serve(signal);
    } finally {
      this.#stop.abort();
      await followers;
      this.#ports.claims?.withdraw(this.#sync);
      this.#broadcast.close();
    }
  }

  /** One term: as long as this engine is the one of the set. */
  async #serve(signal: AbortSignal): Promise<void> {
    const { lease } = this.#options;
    const { clock, memory } = this.#ports;
    if (lease === undefined) {
      while (!signal.aborted) await this.#turn(signal);
      return;
    }
    const term = await holdLease(setIdentity(this.#sync.namespace, this.#sync.name), this.#ports, {
      signal,
      holder: lease.holder,
      standby: (holder) => this.#broadcast.send({ type: 'standby', holder }),
      trouble: (message) => this.#broadcast.send({ type: 'degraded', message }),
    });
    if (term === undefined) return;
    this.#term = term;
    // Another engine may have been at work: what was known of the parent does not count any more.
    if (term.without === undefined) memory.parent = undefined;
    this.#dirty.everything = true;
    const until = term.without === undefined ? Infinity : clock.now() + this.#sync.policy.interval;
    try {
      while (!term.signal.aborted && clock.now() < until) await this.#turn(term.signal);
    } finally {
      await term.end();
      this.#term = undefined;
    }
  }

  /** One turn: the most important thing that is dirty, or sleep until something is. */
  async #turn(signal: AbortSignal): Promise<void> {
    const { revision, everything, refs } = this.#dirty;
    if (revision || everything) {
      this.#dirty.revision = false;
      this.#dirty.everything = false;
      refs.clear();
      await this.#passOnce(revision ? 'revision' : 'resync', signal);
      return;
    }
    // Suspended: what drifts meanwhile is found by the pass that follows the end of that.
    if (this.#report?.state === 'Suspended') {
      refs.clear();
      this.#dirty.status = false;
    }
    const due = [...refs.values()].filter((ref) => this.#heat.isDue(refKey(ref)));
    if (due.length > 0) {
      for (const ref of due) refs.delete(refKey(ref));
      await this.#repair(due, signal);
      return;
    }
    if (this.#dirty.status) {
      this.#dirty.status = false;
      await this.#refresh(signal);
      return;
    }
    await this.#sleep(this.#heat.next([...refs.keys()]), signal);
  }

  async #passOnce(urgency: Urgency, signal: AbortSignal): Promise<void> {
    const superseded = new AbortController();
    this.#superseded = superseded;
    const until = AbortSignal.any([signal, superseded.signal]);
    const turn = createTurn(this.#ports.turns, { urgency, since: this.#ports.clock.now(), signal: until });
    await turn.work(async () => {
      this.#parent.adopt();
      const running = pass(this.#sync, this.#ports, { signal: until, turn });
      let step = await running.next();
      while (step.done !== true) {
        this.#broadcast.send(step.value);
        step = await running.next();
      }
      this.#superseded = undefined;
      if (until.aborted) return;
      this.#ports.live.follow();
      await this.#conclude(step.value, signal);
    });
  }

  /** Tells the report, keeps it at the parent, and plans the next attempt where one can help. */
  async #conclude(passed: Report, signal: AbortSignal): Promise<void> {
    const report = withFindings(passed, this.#term?.without === undefined ? [] : [noLease(this.#term.without)]);
    await this.#publish(report, signal);
    const hints = retryHints(report);
    if (hints.length === 0) {
      this.#failures = 0;
      return;
    }
    this.#failures += 1;
    void this.#later(pauseFor(hints, this.#failures, this.#ports.random()), signal);
  }

  async #publish(report: Report, signal: AbortSignal, narrows = true): Promise<void> {
    this.#report = report;
    this.#broadcast.send({ type: 'report', report });
    const failure = await recordReport(report, this.#sync, this.#ports, { signal, narrows });
    if (failure !== undefined && !signal.aborted) this.#broadcast.send({ type: 'degraded', message: failure.message });
  }

  /** The same report with the objects' present states; told only if its own state changes. */
  async #refresh(signal: AbortSignal): Promise<void> {
    if (this.#report === undefined) return;
    const fresh = withStatuses(this.#report, (ref) => this.#ports.live.get(ref)?.summary);
    if (fresh.state !== this.#report.state) await this.#publish(fresh, signal, false);
  }

  async #later(ms: number, signal: AbortSignal): Promise<void> {
    await this.#ports.clock.sleep(ms, signal);
    if (signal.aborted) return;
    this.#dirty.everything = true;
    this.#wake();
  }

  async #repair(refs: readonly Ref[], signal: AbortSignal): Promise<void> {
    const superseded = new AbortController();
    this.#superseded = superseded;
    const until = AbortSignal.any([signal, superseded.signal]);
    const turn = createTurn(this.#ports.turns, { urgency: 'drift', since: this.#ports.clock.now(), signal: until });
    const running = repair(refs, this.#sync, this.#ports, { signal: until, turn });
    try {
      await turn.work(async () => {
        let step = await running.next();
        while (step.done !== true) {
          this.#broadcast.send(step.value);
          if (step.value.type === 'drift') this.#heatUp(step.value.ref);
          step = await running.next();
        }
        if (step.value === 'failed' && !signal.aborted) this.#dirty.everything = true;
      });
    } catch (error) {
      // A defect goes on being thrown. Anything else a whole pass meets too, and reports.
      failureOf('apply', error, this.#ports.redactor);
      this.#dirty.everything = true;
    } finally {
      this.#superseded = undefined;
    }
  }

  /** Drift alone is heat: a controller that writes the status of an object ten times a second fights nobody. */
  #heatUp(ref: Ref): void {
    const pauseMs = this.#heat.add(refKey(ref));
    if (pauseMs > 0) this.#broadcast.send({ type: 'fight', ref, pauseMs });
  }

  async #followSource(signal: AbortSignal): Promise<void> {
    const { source, clock } = this.#ports;
    while (!signal.aborted) {
      try {
        for await (const revision of source.changes({ signal, intervalMs: this.#sync.policy.poll }))
          this.#onRevision(revision);
      } catch {
        // The next pass resolves the source itself and reports what is wrong with it.
        if (!signal.aborted) this.syncNow();
      }
      await clock.sleep(this.#sync.policy.poll, signal);
    }
  }

  #onRequest(what: 'stop' | 'pass'): void {
    this.#dirty.everything = true;
    if (what === 'stop') this.#superseded?.abort(new Error('somebody asked to leave the set alone'));
    this.#wake();
  }

  #onRevision(revision: Revision): void {
    if (revision.commit === this.#ports.memory.snapshot?.revision.commit) return;
    this.#dirty.revision = true;
    this.#superseded?.abort(new Error('a newer revision is there'));
    this.#wake();
  }

  async #followCluster(signal: AbortSignal): Promise<void> {
    if (this.#sync.policy.drift === 'off') return;
    try {
      const { id: set } = setIdentity(this.#sync.namespace, this.#sync.name);
      for await (const event of this.#ports.live.events({ signal, set })) this.#onCacheEvent(event);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #onCacheEvent(event: CacheEvent): void {
    const { memory, live } = this.#ports;
    switch (event.type) {
      case 'changed':
      case 'gone': {
        const { ref } = event;
        const key = refKey(ref);
        const desired = memory.desired.get(key);
        if (desired === undefined) {
          // Another set has taken it, or somebody deleted it: the report still says that it is kept.
          if (event.type === 'gone' && this.#report?.orphans.some((orphan) => isKept(orphan, key)) === true)
            this.syncNow();
          return;
        }
        if (this.#report !== undefined) {
          this.#dirty.status = true;
          this.#wake();
        }
        if (desired.directives.apply !== 'always') return;
        const entry = live.get(ref);
        const verified = memory.verified.get(key);
        if (entry !== undefined && entry.uid === verified?.uid && entry.resourceVersion === verified.resourceVersion)
          return;
        if (entry === undefined && verified === undefined) return;
        this.#dirty.refs.set(key, ref);
        this.#wake();
        return;
      }
      case 'degraded':
        this.#broadcast.send({ type: 'degraded', message: event.error.message });
        return;
      case 'dropped':
        this.syncNow();
        return;
      case 'synced':
      case 'ended':
        return;
      default:
        event satisfies never;
    }
  }

  async #resync(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#ports;
    while (!signal.aborted) {
      await clock.sleep(this.#sync.policy.interval * (0.9 + 0.2 * random()), signal);
      if (signal.aborted) return;
      this.syncNow();
    }
  }

  /** What another sync of this process has said may be what this one waits for. */
  async #followClaims(signal: AbortSignal): Promise<void> {
    if (this.#ports.claims === undefined) return;
    for await (const _ of this.#ports.claims.changes({ signal }))
      if (this.#report !== undefined && this.#isOthersBusiness(this.#report)) this.syncNow();
  }

  #isOthersBusiness(report: Report): boolean {
    const told = report.findings.filter(({ code }) => code === 'DESIRED_TWICE').length;
    return hangsOnOthers(report) || told !== this.#ports.claims?.contested(this.#sync).length;
  }

  /** Until woken, or for so many milliseconds. */
  async #sleep(ms: number | undefined, signal: AbortSignal): Promise<void> {
    const woken = Promise.withResolvers<void>();
    const wake = new AbortController();
    this.#wake = () => {
      wake.abort();
      woken.resolve();
    };
    signal.addEventListener('abort', this.#wake, { once: true });
    try {
      // What became dirty while the last turn was under way must not be slept over.
      const { revision, everything, status } = this.#dirty;
      if (revision || everything || status || signal.aborted) return;
      const due = [...this.#dirty.refs.keys()].some((key) => this.#heat.isDue(key));
      if (due) return;
      const timer = ms === undefined ? [] : [this.#ports.clock.sleep(ms, wake.signal)];
      await Promise.race([woken.promise, ...timer]);
    } finally {
      wake.abort();
      signal.removeEventListener('abort', this.#wake);
    }
  }
}

/** Whether something is held, or refused, for what other syncs of this process desire or may desire. */
function hangsOnOthers({ objects, orphans }: Report): boolean {
  return (
    orphans.some(({ reason }) => reason === 'claimed' || reason === 'claim-unknown') ||
    objects.some(({ action, code }) => action === 'failed' && code === 'conflict')
  );
}

function isKept({ ref, action }: ReportedOrphan, key: RefKey): boolean {
  return action === 'kept' && refKey(ref) === key;
}

function retryHints(report: Report): readonly RetryHint[] {
  const hints = report.objects.flatMap(({ retry }) => (retry === undefined ? [] : [retry]));
  if (report.failure !== undefined) hints.push(report.failure.retry);
  if (report.orphans.some(({ action, reason }) => action === 'failed' || reason === 'claim-unknown'))
    hints.push('backoff');
  return hints.filter((hint) => hint !== 'never');
}
