import { refKey } from '@homeostat/kube';
import type { Ref, RefKey, RetryHint } from '@homeostat/kube';
import { dueAt, warm } from './heat.ts';
import type { Heat } from './heat.ts';
import { pauseFor } from './pause.ts';
import type { Policy } from './sync.ts';
import { patience } from './turns.ts';
import type { Urgency } from './turns.ts';

/** States are looked at no more often. */
const REFRESH_EVERY = 200;

/** What a loop does next. */
export type Task =
  /** Everything: fetch, plan, apply, prune, report. `since` is when there was a reason first. */
  | { readonly task: 'pass'; readonly urgency: Urgency; readonly since: number }
  /** These objects alone. */
  | { readonly task: 'repair'; readonly drifted: readonly Drifted[]; readonly since: number }
  /** The last report with the objects' present states. */
  | { readonly task: 'refresh' }
  /** Nothing before then, unless something is heard. */
  | { readonly task: 'wait'; readonly until: number };

/** What takes time, so that inputs come meanwhile. */
export type Work = Exclude<Task, { readonly task: 'wait' }>;

export type RepairTask = Work & { readonly task: 'repair' };

export interface Drifted {
  readonly ref: Ref;
  readonly since: number;
}

/** Something that a loop has heard, or has done. */
export type Input =
  /** The source says that this is the newest. */
  | { readonly input: 'revision'; readonly commit: string }
  /** These objects may not be as desired any more. */
  | { readonly input: 'changed'; readonly refs: readonly Ref[] }
  /** Objects are in other states, so the last report may say something else now. */
  | { readonly input: 'statuses' }
  /** From then on objects may be in other states without an event: a verdict rests on time. */
  | { readonly input: 'recheck'; readonly at: number }
  /** Somebody wants a pass, or only a pass can tell what there is: at the start, after lost events, with another term. */
  | { readonly input: 'asked' }
  /** Somebody wants something else than what runs: the set to be left alone, or another commit. */
  | { readonly input: 'asked-to-stop' }
  | { readonly input: 'began'; readonly task: Work }
  /** The pass that runs has asked the source, which names this as newest. */
  | { readonly input: 'took-up'; readonly newest: string }
  /** The task that runs does nothing but wait: for these objects, or to write them. */
  | { readonly input: 'rests'; readonly keys: ReadonlySet<RefKey> }
  /** It works again. */
  | { readonly input: 'works' }
  /** A repair began beside it. */
  | { readonly input: 'began-beside'; readonly task: RepairTask }
  /** A repair found these not as desired. */
  | { readonly input: 'drifted'; readonly keys: readonly RefKey[] }
  /** It came to its end. `hints`: what says when to try again, none if nothing is to be. `random` in [0, 1). */
  | {
      readonly input: 'passed';
      readonly suspended: boolean;
      readonly hints: readonly RetryHint[];
      readonly random: number;
    }
  | {
      readonly input: 'repaired';
      readonly failed: boolean;
      readonly hints: readonly RetryHint[];
      readonly random: number;
    }
  | {
      readonly input: 'repaired-beside';
      readonly failed: boolean;
      readonly hints: readonly RetryHint[];
      readonly random: number;
    }
  | { readonly input: 'broke-off-beside' }
  /** `hints`: when to try again to tell what has changed, where that could not be kept. */
  | { readonly input: 'refreshed'; readonly hints: readonly RetryHint[]; readonly random: number }
  /** What was running ended before its end: superseded, stopped, or the Lease was lost. */
  | { readonly input: 'broke-off' };

/** All that a loop knows of what there is to do. Plain data; times are milliseconds since 1970. */
export interface LoopState {
  readonly rules: Pick<Policy, 'interval' | 'supersede'>;
  /** The newest that the source has told of and no pass has taken up, and since when there is one. */
  readonly revision?: { readonly commit: string; readonly since: number };
  /** Since when a pass is wanted. */
  readonly asked?: number;
  readonly drift: ReadonlyMap<RefKey, Drifted>;
  /** From when on states are worth a look; a storm of events is not worth one each. */
  readonly statuses?: number;
  readonly refreshedAt: number;
  readonly retryAt?: number;
  readonly resyncAt: number;
  /** Attempts in a row that left something to try again. */
  readonly failures: number;
  readonly heat: Heat;
  readonly suspended: boolean;
  /** What the source named as newest when a pass looked last. */
  readonly newest?: string;
  readonly running?: {
    readonly task: Work;
    /** The pass has asked the source: what that says later is newer. */
    readonly resolved?: true;
    /** It waits for these or is yet to write them, and does nothing else at present. */
    readonly rests?: ReadonlySet<RefKey>;
    /** Why it is to end before its end, and with it what runs beside it. */
    readonly stop?: string;
  };
  /** What runs beside it. */
  readonly beside?: RepairTask;
}

/** Before the first pass, which is due. */
export function begin(rules: LoopState['rules'], now: number): LoopState {
  const { interval, supersede } = rules;
  return {
    rules: { interval, supersede },
    asked: now,
    drift: new Map(),
    refreshedAt: -Infinity,
    resyncAt: now + interval,
    failures: 0,
    heat: new Map(),
    suspended: false,
  };
}

/**
 * What a loop knows after one more input. Pure.
 *
 * 1. Inputs only mark what is to be done; a task looks at the state of things itself. So an input may be doubled or come late, and what
 *    is lost is found by the next pass, which comes after `interval` at the latest.
 * 2. What is heard while a task runs is to be done after it: a task answers only for what was known when it began.
 * 3. A task that breaks off leaves all its reasons standing.
 * 4. A newer revision ends a pass or a repair at its next safe point, whatever that waits for (not with `supersede: false`). The revision
 *    that the pass goes for already is none.
 * 5. Whoever wants the set to be left alone, or at another commit, ends what runs, always.
 * 6. What failed is tried again with jittered pauses that double (1 s … 5 min), or when the server says, and no resync comes before that; a
 *    pass that leaves nothing to try again ends it. A repair that failed leads to a pass, never to another repair: the first to one at
 *    once, since it may have met another writer, and the next with those pauses.
 * 7. An object that others keep changing is repaired ever more rarely.
 * 8. While the set is suspended neither drift nor states are kept: the pass that follows the end of that finds them. What is heard while
 *    that pass runs may be newer than what it saw.
 * 9. What runs beside a task ends with it at the latest, and then stays to be done. If it failed, the pass that this leads to comes after the
 *    task, which, if that was a pass that failed too, says when.
 */
export function next(state: LoopState, input: Input, now: number): LoopState {
  switch (input.input) {
    case 'revision': {
      const { revision, ...rest } = state;
      if (input.commit === state.newest) return rest;
      const heard = { ...state, revision: { commit: input.commit, since: revision?.since ?? now } };
      // A pass that has not asked the source yet will be told of it.
      const { task, resolved } = state.running ?? {};
      return task?.task === 'repair' || resolved === true ? superseded(heard) : heard;
    }
    case 'changed': {
      if (isLeft(state)) return state;
      const drift = new Map(state.drift);
      for (const ref of input.refs) {
        const key = refKey(ref);
        if (!drift.has(key)) drift.set(key, { ref, since: now });
      }
      return { ...state, drift };
    }
    case 'statuses':
      return withLook(state, Math.max(now, state.refreshedAt + REFRESH_EVERY));
    case 'recheck':
      return withLook(state, Math.max(input.at, now + REFRESH_EVERY));
    case 'asked':
      return { ...state, asked: state.asked ?? now };
    case 'asked-to-stop':
      return stopped({ ...state, asked: state.asked ?? now }, 'somebody asked for something else');
    case 'began':
      return { ...taken(alone(state), input.task), running: { task: input.task } };
    case 'rests':
      return resting(state, input.keys);
    case 'works':
      return resting(state, undefined);
    case 'began-beside':
      return state.running === undefined ? state : { ...taken(alone(state), input.task), beside: input.task };
    case 'took-up': {
      const { revision, ...rest } = state;
      const { newest } = input;
      const resolved = {
        newest,
        ...(rest.running && { running: { ...rest.running, resolved: true as const } }),
      };
      if (revision === undefined || revision.commit === newest) return { ...rest, ...resolved };
      return superseded({ ...state, ...resolved });
    }
    case 'drifted':
      return { ...state, heat: warm(state.heat, input.keys, now) };
    case 'passed': {
      const { running: _running, retryAt, statuses, ...rest } = alone(state);
      const { interval } = state.rules;
      const isFailed = input.hints.length > 0;
      // What there is to try again by now failed beside it: before it there was nothing left.
      const failures = isFailed ? state.failures + 1 : retryAt === undefined ? 0 : state.failures;
      return {
        ...rest,
        suspended: input.suspended,
        ...(!input.suspended && statuses !== undefined && { statuses }),
        failures,
        resyncAt: now + Math.max(interval * (0.9 + 0.2 * input.random), ...input.hints.map(askedMs)),
        ...(input.suspended && { drift: new Map() }),
        ...(!isFailed && retryAt !== undefined && { retryAt }),
        ...(isFailed && { retryAt: now + pauseFor(input.hints, failures, input.random) }),
      };
    }
    case 'repaired': {
      const { running: _running, ...rest } = alone(state);
      return input.failed ? withFailure(rest, input, now) : rest;
    }
    case 'repaired-beside': {
      const { beside, ...rest } = state;
      // It has been broken off before: what it had to do is to be done anyway.
      if (beside === undefined) return rest;
      return input.failed ? withFailure(rest, input, now) : rest;
    }
    case 'broke-off-beside':
      return alone(state);
    case 'refreshed': {
      const { running: _running, ...rest } = alone(state);
      const looked = { ...rest, refreshedAt: now };
      return input.hints.length > 0 ? withFailure(looked, input, now) : looked;
    }
    case 'broke-off': {
      const { running, ...rest } = alone(state);
      return running === undefined ? rest : restored(rest, running.task);
    }
    default:
      return input satisfies never;
  }
}

/**
 * What to do next, when nothing runs. Pure.
 *
 * 1. A new revision, or a pass that somebody wants, goes before drift, drift before a retry, a retry before a resync, and any of these before
 *    a look at states. Nothing is overtaken for ever: between the latter three `since + patience` decides.
 * 2. A hot object holds up no other.
 * 3. There is always a next pass: a wait ends with the next resync at the latest.
 */
export function decide(state: LoopState, now: number): Task {
  const { revision, asked, drift, heat, retryAt, resyncAt, statuses } = state;
  if (revision !== undefined || asked !== undefined) {
    return { task: 'pass', urgency: 'revision', since: Math.min(revision?.since ?? Infinity, asked ?? Infinity) };
  }
  const open = openDrift(drift, heat);
  const repair = repairOf(open, now);
  const ready: readonly Exclude<Work, { readonly task: 'refresh' }>[] = [
    ...(repair === undefined ? [] : [repair]),
    ...(retryAt === undefined || retryAt > now
      ? []
      : [{ task: 'pass' as const, urgency: 'retry' as const, since: retryAt }]),
    ...(resyncAt > now ? [] : [{ task: 'pass' as const, urgency: 'resync' as const, since: resyncAt }]),
  ];
  const first = ready.toSorted((a, b) => latest(a) - latest(b))[0];
  if (first !== undefined) return first;
  if (statuses !== undefined && statuses <= now) return { task: 'refresh' };
  const times = [resyncAt, retryAt ?? Infinity, statuses ?? Infinity, ...open.map(({ from }) => from)];
  return { task: 'wait', until: times.reduce((a, b) => Math.min(a, b)) };
}

/**
 * What may be done beside the task that runs, or nothing before then, unless something is heard. Pure.
 *
 * 1. Only a repair, one at a time, and only while the task that runs rests.
 * 2. It is about no object that this task waits for, or is yet to write.
 * 3. It begins beside nothing that is to end.
 */
export function decideBeside(
  { running, beside, drift, heat }: LoopState,
  now: number,
): RepairTask | (Task & { readonly task: 'wait' }) {
  const { rests, stop } = running ?? {};
  if (rests === undefined || stop !== undefined || beside !== undefined) return { task: 'wait', until: Infinity };
  const open = openDrift(new Map([...drift].filter(([key]) => !rests.has(key))), heat);
  return (
    repairOf(open, now) ?? { task: 'wait', until: open.reduce((first, { from }) => Math.min(first, from), Infinity) }
  );
}

/** One object that drifted, and from when on it may be repaired. */
interface Open {
  readonly one: Drifted;
  readonly from: number;
}

function openDrift(drift: LoopState['drift'], heat: Heat): readonly Open[] {
  return [...drift].map(([key, one]) => ({ one, from: Math.max(one.since, dueAt(heat, key)) }));
}

function repairOf(open: readonly Open[], now: number): RepairTask | undefined {
  const due = open.filter(({ from }) => from <= now);
  if (due.length === 0) return undefined;
  const since = due.map(({ from }) => from).reduce((a, b) => Math.min(a, b));
  return { task: 'repair', drifted: due.map(({ one }) => one), since };
}

function resting(state: LoopState, keys: ReadonlySet<RefKey> | undefined): LoopState {
  if (state.running === undefined || state.running.rests === keys) return state;
  const { rests: _rests, ...running } = state.running;
  return { ...state, running: { ...running, ...(keys !== undefined && { rests: keys }) } };
}

/** The state with nothing beside the task that runs: what it had to do is to be done. */
function alone(state: LoopState): LoopState {
  const { beside, ...rest } = state;
  return beside === undefined ? state : restored(rest, beside);
}

/** States are looked at then, or sooner. */
function withLook(state: LoopState, at: number): LoopState {
  return isLeft(state) ? state : { ...state, statuses: Math.min(at, state.statuses ?? Infinity) };
}

/** What did not come to its end by itself is followed by a pass: at once the first time, then with growing pauses. */
function withFailure(
  state: LoopState,
  { hints, random }: { readonly hints: readonly RetryHint[]; readonly random: number },
  now: number,
): LoopState {
  const isFirst = state.failures === 0 && hints.every((hint) => typeof hint !== 'object');
  const failures = state.failures + 1;
  const retryAt = isFirst ? now : now + pauseFor(hints, failures, random);
  return { ...state, failures, retryAt: Math.min(retryAt, state.retryAt ?? Infinity) };
}

/** Whether the set is left alone: it was suspended when a pass looked last, and none looks now. */
function isLeft({ suspended, running }: LoopState): boolean {
  return suspended && running?.task.task !== 'pass';
}

/** What the server has asked for. */
function askedMs(hint: RetryHint): number {
  return typeof hint === 'object' ? hint.afterMs : 0;
}

function latest(task: Exclude<Work, { readonly task: 'refresh' }>): number {
  return task.since + patience[task.task === 'repair' ? 'drift' : task.urgency];
}

function superseded(state: LoopState): LoopState {
  return state.rules.supersede ? stopped(state, 'a newer revision is there') : state;
}

function stopped(state: LoopState, stop: string): LoopState {
  const { running } = state;
  return running === undefined || running.stop !== undefined ? state : { ...state, running: { ...running, stop } };
}

/** The state without what this task is going to deal with. */
function taken(state: LoopState, task: Work): LoopState {
  switch (task.task) {
    case 'pass': {
      const { revision: _revision, asked: _asked, retryAt: _retryAt, statuses: _statuses, ...rest } = state;
      return { ...rest, drift: new Map() };
    }
    case 'repair': {
      const drift = new Map(state.drift);
      for (const { ref } of task.drifted) drift.delete(refKey(ref));
      return { ...state, drift };
    }
    case 'refresh': {
      const { statuses: _statuses, ...rest } = state;
      return rest;
    }
    default:
      return task satisfies never;
  }
}

/** The state with what this task has not dealt with. */
function restored(state: LoopState, task: Work): LoopState {
  switch (task.task) {
    case 'pass':
      return { ...state, asked: Math.min(task.since, state.asked ?? Infinity) };
    case 'repair': {
      const drift = new Map(state.drift);
      for (const one of task.drifted) drift.set(refKey(one.ref), one);
      return { ...state, drift };
    }
    case 'refresh':
      return { ...state, statuses: state.statuses ?? state.refreshedAt };
    default:
      return task satisfies never;
  }
}
