import { refKey, setIdentity } from '@homeostat/kube';
import type { Ref, RefKey, RetryHint } from '@homeostat/kube';
import { createBroadcast } from './broadcast.ts';
import { publish } from './channels.ts';
import { weightOf } from './events.ts';
import type { Difference, LoopEvent } from './events.ts';
import { failureOf } from './failure.ts';
import { createClaimsFollower } from './follow-claims.ts';
import type { ClaimsFollower } from './follow-claims.ts';
import { createMembersFollower } from './follow-members.ts';
import type { MembersFollower } from './follow-members.ts';
import { sampleShared, sampleSync } from './gauges.ts';
import type { Standing } from './gauges.ts';
import { followSource } from './follow-source.ts';
import { explainReport } from './explain-report.ts';
import { statusIn } from './health.ts';
import { holdLease, noLease } from './hold-lease.ts';
import type { Term } from './hold-lease.ts';
import { fights } from './heat.ts';
import { begin, decide, decideBeside, next } from './machine.ts';
import type { Input, LoopState, RepairTask, Work } from './machine.ts';
import { observeEvent, observeRepair, observeTurns, setName } from './observe.ts';
import { createParentFollower } from './parent-follower.ts';
import type { ParentFollower } from './parent-follower.ts';
import { pass } from './pass.ts';
import type { PassOptions } from './pass.ts';
import type { Ports } from './ports.ts';
import { recordReport } from './record.ts';
import type { Remaining } from './remaining.ts';
import { repair } from './repair.ts';
import type { Repaired } from './repair.ts';
import { withDrift, withFindings, withStatuses } from './report.ts';
import type { Report, ReportedOrphan } from './report.ts';
import { retryHints } from './retry-hints.ts';
import type { Sync } from './sync.ts';
import { tellDrift } from './tell-drift.ts';
import { createTurn } from './turns.ts';
import type { Turn, Turns } from './turns.ts';

/** A sync that stays: it follows its source, repairs drift, tries again what failed, and looks at everything now and then. */
export interface Loop {
  /** Runs until `stop` or the signal; rejects only on a defect. */
  run(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Ends what is under way at the next request, and resolves when nothing runs any more. */
  stop(): Promise<void>;
  /** Looks at everything now. What the policy `drift: report` leaves stays left: `requestSync` asks for more. */
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
  /** Limit, gate and a live view of many are somebody else's to sample for `ports.metrics`, as an engine's. Default false. */
  readonly isPart?: boolean;
}

/**
 * The loop of one sync: it runs what `machine.ts` decides, and lets that know what it hears and what came of it.
 *
 * 1. One thing at a time: a pass, a repair of the objects that drifted, or a look at their states. But while a pass or a repair does nothing but
 *    wait, for objects to be ready, gone or served, one repair of others may run beside it.
 * 2. While it works it has a turn of `ports.turns`; while it waits for anything it has none.
 * 3. What is broken off tells no report and keeps none at the parent.
 * 4. What somebody asks for at the parent is dealt with at once: one watch of that one object tells.
 * 5. With a Lease, nothing is read or written for the set before it is held, and nothing is written once it is lost. It is given
 *    back when the loop stops.
 * 6. When `run` has ended nothing of the loop is left: no request, no watch of its own, no timer. The live view is the caller's to close.
 */
export function createLoop(sync: Sync, ports: Ports, options: LoopOptions = {}): Loop {
  return new SyncLoop(sync, ports, options);
}

type Beside = NonNullable<PassOptions['beside']>;

/** A timer of Node.js cannot be longer. */
const LONGEST_SLEEP = 2 ** 31 - 1;

class SyncLoop implements Loop {
  readonly #sync: Sync;
  readonly #ports: Ports;
  readonly #options: LoopOptions;
  readonly #parent: ParentFollower;
  readonly #members: MembersFollower;
  readonly #claims: ClaimsFollower;
  readonly #turns: Turns;
  readonly #broadcast = createBroadcast<LoopEvent>({
    dropped: (count) => ({ type: 'dropped', count }),
    weigh: weightOf,
  });
  readonly #stop = new AbortController();
  #state: LoopState;
  #arrival = Promise.withResolvers<void>();
  /** Ends what runs, and nothing else. */
  #breakOff: AbortController | undefined;
  #term: Term | undefined;
  #done: Promise<void> | undefined;
  #report: Report | undefined;
  /** The last report is not at the parent, and a pass is going to try again. */
  #unkept = false;
  /** Of the last report, or of the look at states since. */
  #health: Report['health'] | undefined;
  #succeededAt: number | undefined;
  #isStandby = false;

  constructor(sync: Sync, ports: Ports, options: LoopOptions) {
    this.#sync = sync;
    this.#ports = ports;
    this.#options = options;
    this.#state = begin(sync.policy, ports.clock.now());
    this.#turns = observeTurns(ports.turns, ports);
    const trouble = (message: string): void => this.#send({ type: 'degraded', message });
    this.#parent = createParentFollower(sync, ports, {
      wasSuspended: () => this.#report && this.#report.state === 'Suspended',
      asked: (what) => {
        ports.pauses.forget();
        this.#tell({ input: what === 'stop' ? 'asked-to-stop' : 'asked' });
      },
      wake: () => this.#wake(),
      trouble,
    });
    this.#claims = createClaimsFollower(sync, ports, { wake: () => this.#wake() });
    this.#members = createMembersFollower(sync, ports, {
      // Another set has taken it, or somebody deleted it: the report still says that it is kept.
      gone: (key) => {
        if (this.#report?.orphans.some((orphan) => isKept(orphan, key)) === true) this.#wake();
      },
      changed: () => this.#tell({ input: 'statuses' }),
      lost: () => this.#wake(),
      trouble,
    });
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
    await this.#done;
  }

  syncNow(): void {
    this.#ports.pauses.forget();
    this.#wake();
  }

  events(options?: { readonly signal?: AbortSignal }): AsyncIterable<LoopEvent> {
    return this.#broadcast.subscribe(options);
  }

  /** Only a pass can tell what there is. */
  #wake(): void {
    this.#tell({ input: 'asked' });
  }

  /** What is new was not asked for before. */
  #learn(commit: string): void {
    if (commit !== this.#state.newest) this.#ports.pauses.forget();
  }

  #tell(input: Input): void {
    this.#state = next(this.#state, input, this.#ports.clock.now());
    const stop = this.#state.running?.stop;
    if (stop !== undefined) this.#breakOff?.abort(new Error(stop));
    this.#arrival.resolve();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { poll, drift } = this.#sync.policy;
    const stopSampling = this.#sample();
    const following = [
      followSource(this.#ports, {
        signal,
        pollMs: poll,
        seen: ({ commit }) => {
          this.#learn(commit);
          this.#tell({ input: 'revision', commit });
        },
        lost: () => this.#wake(),
      }),
      this.#parent.run(signal),
      this.#claims.run(signal),
      ...(drift === 'off' ? [] : [this.#members.run(signal)]),
    ];
    // A defect in one of them ends the loop, which throws it.
    for (const one of following) one.catch(() => this.#stop.abort());
    try {
      while (!signal.aborted) await this.#serve(signal);
    } finally {
      this.#stop.abort();
      await Promise.all(following);
      this.#ports.claims?.withdraw(this.#sync);
      stopSampling();
      this.#broadcast.close();
    }
  }

  /** One term: as long as this engine is the one of the set. */
  async #serve(signal: AbortSignal): Promise<void> {
    const { lease } = this.#options;
    const { clock, memory } = this.#ports;
    if (lease === undefined) {
      while (!signal.aborted) await this.#step(Infinity, signal);
      return;
    }
    const term = await holdLease(setIdentity(this.#sync.namespace, this.#sync.name), this.#ports, {
      signal,
      holder: lease.holder,
      standby: (holder) => {
        this.#isStandby = true;
        this.#send({ type: 'standby', holder });
      },
      trouble: (message) => this.#send({ type: 'degraded', message }),
    });
    if (term === undefined) return;
    this.#term = term;
    this.#isStandby = false;
    this.#tellLease(term.without === undefined ? 'held' : 'without');
    // Another engine may have been at work: what was known of the parent does not count any more.
    if (term.without === undefined) memory.parent = undefined;
    this.#wake();
    const until = term.without === undefined ? Infinity : clock.now() + this.#sync.policy.interval;
    try {
      while (!term.signal.aborted && clock.now() < until) await this.#step(until, term.signal);
    } finally {
      await term.end();
      this.#term = undefined;
      if (term.without === undefined) this.#tellLease(signal.aborted ? 'released' : 'lost');
    }
  }

  /** What is decided next, to its end; or sleep until something is heard, at most until then. */
  async #step(until: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const refs = this.#members.take();
    if (refs.length > 0) this.#tell({ input: 'changed', refs });
    // What is heard from here on ends the sleep.
    this.#arrival = Promise.withResolvers();
    const task = decide(this.#state, clock.now());
    if (task.task !== 'wait') {
      await this.#perform(task, signal);
      return;
    }
    await this.#sleep(Math.min(task.until, until), signal);
  }

  /** Until then, the next input or the signal. */
  async #sleep(until: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const awake = new AbortController();
    const ms = Math.min(until - clock.now(), LONGEST_SLEEP);
    await Promise.race([this.#arrival.promise, clock.sleep(ms, AbortSignal.any([signal, awake.signal]))]);
    awake.abort();
  }

  async #perform(task: Work, until: AbortSignal): Promise<void> {
    const breakOff = new AbortController();
    const signal = AbortSignal.any([until, breakOff.signal]);
    this.#breakOff = breakOff;
    this.#tell({ input: 'began', task });
    try {
      const ended = await this.#work(task, signal);
      this.#tell(signal.aborted ? { input: 'broke-off' } : ended);
    } finally {
      this.#breakOff = undefined;
    }
  }

  #work(task: Work, signal: AbortSignal): Promise<Input> {
    const [urgency, since] =
      task.task === 'pass'
        ? [task.urgency, task.since]
        : (['drift', task.task === 'repair' ? task.since : this.#ports.clock.now()] as const);
    const { beside, rests } = this.#besides(signal);
    const turn = createTurn(this.#turns, { urgency, since, signal, rests });
    return turn.work(() => {
      switch (task.task) {
        case 'pass':
          return this.#pass(turn, signal, beside);
        case 'repair':
          return this.#sync.policy.drift === 'report'
            ? this.#tellDrift(task, turn, signal)
            : this.#repair(task, turn, signal, beside);
        case 'refresh':
          return this.#refresh(signal);
        default:
          return task satisfies never;
      }
    });
  }

  /** What repairs other objects beside a task while that rests. */
  #besides(signal: AbortSignal): { readonly beside?: Beside; readonly rests: (rests: boolean) => void } {
    let remaining: Remaining | undefined;
    let alone = new AbortController();
    let running: Promise<void> | undefined;
    const rests = (is: boolean): void => {
      if (!is) this.#tell({ input: 'works' });
      if (!is || remaining === undefined) return;
      // What a first pass has listed is not followed yet.
      this.#ports.live.follow();
      this.#tell({ input: 'rests', keys: remaining() });
    };
    // Without repairs there is nothing to be done beside it.
    if (this.#sync.policy.drift !== 'repair') return { rests };
    const beside = async (now: Remaining | undefined): Promise<void> => {
      remaining = now;
      if (now !== undefined) {
        if (running !== undefined) return;
        alone = new AbortController();
        running = this.#watchBeside(AbortSignal.any([signal, alone.signal]));
        // It is thrown when it is awaited; until then nobody need wait for the rest.
        running.catch(() => this.#breakOff?.abort());
        return;
      }
      this.#tell({ input: 'works' });
      alone.abort();
      const ended = running;
      running = undefined;
      await ended;
    };
    return { beside, rests };
  }

  async #watchBeside(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { running: { rests } = {}, beside } = this.#state;
      if (rests !== undefined && beside === undefined) {
        const refs = this.#members.take(rests);
        if (refs.length > 0) this.#tell({ input: 'changed', refs });
      }
      this.#arrival = Promise.withResolvers();
      const task = decideBeside(this.#state, this.#ports.clock.now());
      if (task.task === 'wait') await this.#sleep(task.until, signal);
      else await this.#repairBeside(task, signal);
    }
  }

  async #repairBeside(task: RepairTask, signal: AbortSignal): Promise<void> {
    this.#tell({ input: 'began-beside', task });
    const turn = createTurn(this.#turns, { urgency: 'drift', since: task.since, signal });
    const ended = await turn.work(() => this.#repaired(task, turn, signal));
    this.#tell(signal.aborted ? { input: 'broke-off-beside' } : { input: 'repaired-beside', ...ended });
  }

  async #pass(turn: Turn, signal: AbortSignal, beside?: Beside): Promise<Input> {
    this.#parent.adopt();
    this.#claims.began();
    const running = pass(this.#sync, this.#ports, { signal, turn, leaveDrift: true, ...(beside && { beside }) });
    let step = await running.next();
    while (step.done !== true) {
      if (step.value.type === 'revision') {
        const { revision, newest = revision } = step.value;
        this.#learn(newest.commit);
        this.#tell({ input: 'took-up', newest: newest.commit });
      }
      this.#broadcast.send(step.value);
      step = await running.next();
    }
    if (signal.aborted) return { input: 'broke-off' };
    // Without a watch every pass lists anew.
    if (this.#sync.policy.drift !== 'off') this.#ports.live.follow();
    const { without } = this.#term ?? {};
    const report = withFindings(step.value, without === undefined ? [] : [noLease(without)]);
    this.#claims.reported(report);
    const unkept = await this.#publish(report, signal);
    this.#recheck();
    const suspended = report.state === 'Suspended';
    if (!suspended && report.state !== 'Failed') this.#succeededAt = this.#ports.clock.now();
    return { input: 'passed', suspended, hints: [...retryHints(report), ...unkept], random: this.#ports.random() };
  }

  async #repair(task: RepairTask, turn: Turn, signal: AbortSignal, beside?: Beside): Promise<Input> {
    return { input: 'repaired', ...(await this.#repaired(task, turn, signal, beside)) };
  }

  async #repaired(
    task: RepairTask,
    turn: Turn,
    signal: AbortSignal,
    beside?: Beside,
  ): Promise<Repaired & { readonly random: number }> {
    const { random, redactor } = this.#ports;
    const repairing = repair(refsOf(task), this.#sync, this.#ports, { signal, turn, ...(beside && { beside }) });
    const about = { ...watchOf(task), signal, failed: ({ failed }: Repaired) => failed };
    const running = observeRepair(this.#sync, this.#ports, about, repairing);
    try {
      let step = await running.next();
      let found: Difference[] = [];
      while (step.done !== true) {
        this.#broadcast.send(step.value);
        if (step.value.type === 'drift') found.push(step.value);
        step = await running.next();
        // All drift is told before anything is done about it; so is a fight.
        if (found.length > 0 && (step.done === true || step.value.type !== 'drift')) {
          this.#heatUp(found);
          found = [];
        }
      }
      return { ...step.value, random: random() };
    } catch (error) {
      await beside?.(undefined);
      // A defect goes on being thrown. Anything else a whole pass meets too, and reports.
      const { retry } = failureOf('apply', error, redactor);
      return { failed: true, hints: [retry], random: random() };
    }
  }

  /** What drifted is told, and stands in the report; what others change all the time is looked at ever more rarely. */
  async #tellDrift(task: RepairTask, turn: Turn, signal: AbortSignal): Promise<Input> {
    const { random, redactor } = this.#ports;
    const telling = tellDrift(refsOf(task), this.#sync, this.#ports, { signal, turn });
    const running = observeRepair(this.#sync, this.#ports, { ...watchOf(task), signal }, telling);
    try {
      let step = await running.next();
      while (step.done !== true) {
        this.#broadcast.send(step.value);
        if (step.value.type === 'drift') this.#tell({ input: 'drifted', keys: [refKey(step.value.ref)] });
        step = await running.next();
      }
      const before = this.#report;
      const report = before && withDrift(before, step.value);
      const hints = report === undefined || report === before ? [] : await this.#publish(report, signal, false);
      return { input: 'repaired', failed: hints.length > 0, hints, random: random() };
    } catch (error) {
      const { retry } = failureOf('look', error, redactor);
      return { input: 'repaired', failed: true, hints: [retry], random: random() };
    }
  }

  /** Drift alone is heat: a controller that writes the status of an object ten times a second fights nobody. */
  #heatUp(found: readonly Difference[]): void {
    const keys = found.map(({ ref }) => refKey(ref));
    this.#tell({ input: 'drifted', keys });
    for (const { ref, fields, managers } of found) {
      const pauseMs = this.#state.heat.get(refKey(ref))?.pause ?? 0;
      if (pauseMs > 0) this.#send({ type: 'fight', ref, fields, managers, pauseMs });
    }
  }

  /** The same report with the objects' present states; told only if its own state changes. */
  async #refresh(signal: AbortSignal): Promise<Input> {
    const before = this.#report;
    const fresh = before && withStatuses(before, (ref) => statusIn(this.#ports, ref));
    if (fresh !== undefined) this.#health = fresh.health;
    const isNews = fresh !== undefined && fresh.state !== before?.state;
    const hints = isNews ? await this.#publish(fresh, signal, false) : [];
    this.#recheck();
    return { input: 'refreshed', hints, random: this.#ports.random() };
  }

  /** Time alone changes some verdicts, and tells nobody. Without a watch a report is as of its pass. */
  #recheck(): void {
    if (this.#sync.policy.drift === 'off') return;
    const unready = (this.#report?.objects ?? []).filter(({ status }) => status?.state === 'InProgress');
    const times = unready.flatMap(({ ref }) => statusIn(this.#ports, ref)?.recheckAt ?? []);
    if (times.length > 0) this.#tell({ input: 'recheck', at: times.reduce((a, b) => Math.min(a, b)) });
  }

  /** Returns when to try again to keep it at the parent; nothing where it is kept, or never can be. */
  async #publish(told: Report, signal: AbortSignal, narrows = true): Promise<readonly RetryHint[]> {
    const report = told.state === 'Failed' ? await explainReport(told, this.#ports, { signal }) : told;
    this.#report = report;
    this.#health = report.health;
    this.#broadcast.send({ type: 'report', report });
    // The pass that tries again keeps it: the server does not want to hear of it sooner.
    this.#unkept ||= typeof report.failure?.retry === 'object';
    if (this.#unkept && (!narrows || typeof report.failure?.retry === 'object')) return [];
    const failure = await recordReport(report, this.#sync, this.#ports, { signal, narrows });
    this.#unkept = failure !== undefined && failure.retry !== 'never';
    if (failure === undefined || signal.aborted) return [];
    this.#send({ type: 'degraded', message: failure.message });
    return failure.retry === 'never' ? [] : [failure.retry];
  }

  /** What no pass or repair tells. */
  #send(event: LoopEvent): void {
    observeEvent(setName(this.#sync), event);
    this.#broadcast.send(event);
  }

  #tellLease(lease: 'held' | 'lost' | 'released' | 'without'): void {
    publish('homeostat:lease', () => ({ sync: setName(this.#sync), lease }));
  }

  #standing(): Standing {
    const isStandby = this.#isStandby;
    const holdsLease = this.#options.lease && this.#term !== undefined && this.#term.without === undefined;
    const fought = fights(this.#state.heat, this.#ports.clock.now());
    const here = { isStandby, holdsLease, fights: fought };
    // What it once knew of a set that another engine keeps is of no interest.
    if (isStandby) return { ...here, report: undefined, objects: {}, succeededAt: undefined };
    const { counts: objects = {} } = this.#health ?? {};
    return { ...here, report: this.#report, objects, succeededAt: this.#succeededAt };
  }

  #sample(): () => void {
    const { metrics, limit, turns, live } = this.#ports;
    if (metrics === undefined) return () => {};
    const { isPart = false } = this.#options;
    const ends = [
      sampleSync(this.#sync, metrics, () => this.#standing()),
      ...(isPart
        ? // Whoever acts as somebody else has a view of its own.
          this.#sync.impersonate === undefined
          ? []
          : [sampleShared(metrics, { live })]
        : [
            sampleShared(metrics, { limit, turns, live }),
            metrics.sample('homeostat_events_dropped_total', () => [{ labels: {}, value: this.#broadcast.lost }]),
          ]),
    ];
    return () => ends.forEach((end) => end());
  }
}

function refsOf({ drifted }: RepairTask): readonly Ref[] {
  return drifted.map(({ ref }) => ref);
}

function watchOf({ drifted }: RepairTask): { readonly objects: number; readonly since: number } {
  return { objects: drifted.length, since: drifted.reduce((first, { since }) => Math.min(first, since), Infinity) };
}

function isKept({ ref, action }: ReportedOrphan, key: RefKey): boolean {
  return action === 'kept' && refKey(ref) === key;
}
