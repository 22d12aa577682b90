import { refKey, setIdentity } from '@homeostat/kube';
import type { RefKey } from '@homeostat/kube';
import type { Revision } from '@homeostat/git';
import { applyPlan } from './apply-plan.ts';
import { startCourse } from './course.ts';
import { claimsOn, decideOrphans } from './decide-orphans.ts';
import type { PassEvent } from './events.ts';
import { asPlanned, assertNothingLeft, changedSince } from './exactly.ts';
import { assertFresh, assertInForce } from './fresh.ts';
import { inOneReport, learnedScopes } from './learned-scopes.ts';
import { knowParent } from './look.ts';
import { addMade, beginMaking } from './made.ts';
import { observePass } from './observe.ts';
import type { Plan } from './plan.ts';
import { planAdmitted } from './plan-admitted.ts';
import type { Ports } from './ports.ts';
import { prunePlan } from './prune-plan.ts';
import { createWorklist } from './remaining.ts';
import { removeAdditions } from './remove-additions.ts';
import { handledRequests, isSuspended } from './requests.ts';
import { report } from './report.ts';
import type { Failure, Report } from './report.ts';
import type { Sync } from './sync.ts';
import { freeTurn, portsWithin } from './turns.ts';
import type { Turn } from './turns.ts';

export interface PassOptions {
  readonly signal?: AbortSignal;
  /** This commit instead of the newest revision. */
  readonly commit?: string;
  /** The same with its name, for whoever has resolved it. */
  readonly revision?: Revision;
  /** What it has at the gate of the process while it works. Default: it need not wait for anybody. */
  readonly turn?: Turn;
  /**
   * A stored plan to be carried out: its commit, and what it shows, or nothing. What moved between plan and pass ends the pass with
   * `PLAN_STALE` before anything is written; what moves while it writes is left as it is, and the report names that.
   */
  readonly exactly?: Plan;
  /**
   * Called as it begins steps that may wait for long, with what tells which objects it still has to write or to delete, or waits for: meanwhile
   * others may be repaired. Called with nothing, and awaited, when these have ended: from then on it has to be alone again.
   */
  readonly beside?: (remaining: (() => ReadonlySet<RefKey>) | undefined) => void | Promise<void>;
  /** Called as each stage begins. */
  readonly entered?: (stage: Failure['stage']) => void;
  /** Called with the plan before anything is written; throwing here, or rejecting, means that nothing is. */
  readonly approve?: (plan: Plan) => void | Promise<void>;
  /**
   * With the policy `drift: report`, leave what somebody changed since it was made as desired by this revision and document. Nobody
   * wants this pass to make it so; where a request to sync at the parent does, that counts. Default: everything is made as desired.
   */
  readonly leaveDrift?: boolean;
}

/**
 * One pass: make the cluster equal to one revision of the source.
 *
 * Level-triggered: it looks at desired and live state, never at events, so running it twice is running it once. It may be
 * cancelled at any time: every write stands by itself, and the next pass goes on from what it finds.
 *
 * Guarantees
 * 1. Nothing is written before rendering has ended and every changed object has been validated.
 * 2. Nothing is pruned unless the render is complete and every apply succeeded.
 * 3. It ends with exactly one report, whatever happens.
 * 4. A set that is suspended, by its document or at its parent, costs no more than a look at that.
 * 5. An object that names no namespace, of a kind that came with this very pass, is applied in it too: whether it needs one is known
 *    once the kind is there, and then everything is planned once more.
 */
export function pass(sync: Sync, given: Ports, options: PassOptions = {}): AsyncGenerator<PassEvent, Report> {
  return observePass(sync, given, (told) => {
    const entered = (stage: Failure['stage']): void => {
      told(stage);
      options.entered?.(stage);
    };
    return settledIn(sync, given, { ...options, entered });
  });
}

async function* settledIn(sync: Sync, given: Ports, options: StepsOptions): AsyncGenerator<PassEvent, Report> {
  const before = yield* stepsOf(sync, given, options);
  if (options.exactly !== undefined || options.signal?.aborted === true) return before;
  if (!(await learnedScopes(before, given.client, options))) return before;
  return inOneReport(before, yield* stepsOf(sync, given, options));
}

type StepsOptions = PassOptions & Required<Pick<PassOptions, 'entered'>>;

async function* stepsOf(sync: Sync, given: Ports, options: StepsOptions): AsyncGenerator<PassEvent, Report> {
  const { turn = freeTurn, exactly } = options;
  const commit = exactly?.source.commit ?? options.commit;
  const ports = portsWithin(given, turn);
  const { memory, redactor } = ports;
  const set = setIdentity(sync.namespace, sync.name);
  const course = startCourse(sync, ports, options);
  const { results, signal } = course;
  try {
    course.enter('look');
    await knowParent(set, ports, { signal });
    const suspended = isSuspended(sync, memory.parent);
    results.suspended = suspended;
    results.requests = handledRequests(memory.parent, { suspended, now: results.startedAt });
    if (suspended) ports.claims?.rest(sync);
    if (exactly !== undefined) assertInForce(exactly, sync, memory.parent);
    if (suspended) return report(sync, results, redactor);

    course.enter('fetch');
    const wished = {
      ...options,
      ...(commit !== undefined && { commit }),
      signal,
      lookOnly: false,
      entered: course.enter,
    };
    const planned = yield* course.through(planAdmitted(sync, given, wished));
    if (planned === undefined) return report(sync, { ...results, endedAt: ports.clock.now() }, redactor);
    const { settled, wanted, view, plan } = planned;
    if (exactly !== undefined) assertFresh(exactly, plan);
    await options.approve?.(plan);

    course.enter('apply');
    const made = beginMaking(sync, plan, wanted, ports, options);
    const worklist = createWorklist(settled);
    await options.beside?.(worklist.remaining);
    const applying = applyPlan(settled, sync, set, ports, { signal, turn, exactly: exactly !== undefined });
    const outcomes = yield* course.through(worklist.through(turn.rest(applying)));
    results.outcomes = outcomes;
    const removing = removeAdditions(settled, outcomes, sync, set, ports, { signal });
    results.removals = yield* course.through(turn.rest(removing));
    addMade(made, settled, outcomes, results.removals);

    course.enter('prune');
    const claimed = claimsOn(wanted, view, sync, ports);
    const decided = decideOrphans(wanted, view, settled, sync, claimed, outcomes);
    results.decisions = exactly === undefined ? decided : asPlanned(decided, exactly);
    const going = new Set(results.decisions.map(({ member }) => refKey(member.ref)));
    await options.beside?.(() => going);
    const unless = exactly === undefined ? {} : { changed: changedSince(exactly) };
    const pruning = prunePlan(results.decisions, set, sync.policy, ports, { signal, ...unless });
    results.pruned = yield* course.through(turn.rest(pruning));
    await options.beside?.(undefined);
    results.requests = handledRequests(view.parent, { decisions: results.decisions, now: results.startedAt });
    course.assertInTime();
    if (exactly !== undefined) assertNothingLeft(settled, results);
  } catch (error) {
    await options.beside?.(undefined);
    results.failure = course.failure(error);
  } finally {
    course.end();
    memory.noParent = false;
  }
  return report(sync, results, redactor);
}
