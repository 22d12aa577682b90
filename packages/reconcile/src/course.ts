import { startDeadline } from './deadline.ts';
import { ReconcileError } from './error.ts';
import type { PassEvent } from './events.ts';
import { failureOf } from './failure.ts';
import { statusIn } from './health.ts';
import type { PassOptions } from './pass.ts';
import type { Ports } from './ports.ts';
import type { Failure, Results } from './report.ts';
import { rollbackOf } from './requests.ts';
import { cannotGoBack } from './rolled-back.ts';
import type { Sync } from './sync.ts';
import { createWaits, printTime } from './waits.ts';

/** How far a pass has come, what came of it, and what ends it before its end. */
export interface Course {
  /** What the report is made of; filled on the way. */
  readonly results: { -readonly [K in keyof Results]: Results[K] };
  /** The caller's, or aborted when the policy deadline is over. */
  readonly signal: AbortSignal;
  /** A stage begins. */
  readonly enter: (stage: Failure['stage']) => void;
  /** The same steps; what they tell of goes into the report, and a deadline can name what they wait for. */
  through<R>(steps: AsyncGenerator<PassEvent, R>): AsyncGenerator<PassEvent, R>;
  /** @throws what ended it, when the deadline left something undone. */
  assertInTime(): void;
  /** Why it could not come to its end. A defect is thrown on. */
  failure(error: unknown): Failure;
  /** The time, and with it the deadline, is over. */
  end(): void;
}

export function startCourse(
  sync: Sync,
  ports: Ports,
  options: PassOptions & Required<Pick<PassOptions, 'entered'>>,
): Course {
  const { clock, redactor, memory } = ports;
  const startedAt = clock.now();
  const waits = createWaits(clock);
  const results: Course['results'] = { startedAt, endedAt: startedAt, statusOf: (ref) => statusIn(ports, ref) };
  let stage: Failure['stage'] = 'look';
  let late: Failure | undefined;
  const deadline = startDeadline(options.signal, sync.policy.deadline, clock, () => {
    late = timedOut(stage, sync.policy.deadline, redactor.text(waits.print()));
  });
  const { signal } = deadline;

  const note = (event: PassEvent): void => {
    switch (event.type) {
      case 'revision':
        results.revision = event.revision;
        return;
      case 'awaiting':
        results.waits = event.waits;
        if (memory.admitted === undefined) delete results.revision;
        else results.revision = memory.admitted;
        return;
      case 'planned':
        results.plan = event.plan;
        return;
      default:
    }
  };
  const failure = (error: unknown): Failure => {
    if (error instanceof ReconcileError && error.code === 'DEPENDENCY_CYCLE') stage = 'depend';
    // A source of somebody else's may say it in the way of the platform.
    const aborted = signal.aborted && error === signal.reason;
    const cancelled = aborted || (error as { readonly code?: unknown } | null)?.code === 'CANCELLED';
    if (cancelled && deadline.expired() && late !== undefined) return late;
    if (aborted) return { stage, code: 'CANCELLED', message: 'the pass was stopped', retry: 'never' };
    return failureOf(stage, error, redactor);
  };
  return {
    results,
    signal,
    enter(next) {
      stage = next;
      options.entered(next);
    },
    through: (steps) => waits.through(steps, note),
    assertInTime() {
      if (deadline.expired() && isCutShort(results)) throw signal.reason;
    },
    failure(error) {
      const found = failure(error);
      const rollback = options.commit === undefined ? rollbackOf(memory.parent) : undefined;
      return rollback === undefined || found.stage !== 'fetch'
        ? found
        : { ...found, message: cannotGoBack(rollback, found.message, sync) };
    },
    end() {
      deadline.end();
      results.endedAt = clock.now();
    },
  };
}

/** What a pass does in each stage, as its failure says it. */
const DOING: Readonly<Record<Failure['stage'], string>> = {
  depend: 'waiting for other syncs',
  look: 'looking at the cluster',
  fetch: 'waiting for the source',
  render: 'rendering',
  validate: 'having its changes validated',
  apply: 'applying',
  prune: 'pruning',
  wait: 'waiting for objects to be ready',
  record: 'writing its report',
};

function timedOut(stage: Failure['stage'], ms: number, waits: string): Failure {
  const what = waits === '' ? '' : `, and waited for ${waits}`;
  return {
    stage,
    code: 'TIMEOUT',
    message: `the pass took longer than the policy deadline of ${printTime(ms)}: it was ${DOING[stage]}${what}; what was done stays done`,
    retry: 'backoff',
  };
}

/** Whether something was left undone because the pass had to end. */
function isCutShort({ plan, outcomes = new Map(), pruned = [] }: Results): boolean {
  const refusals = (plan?.items ?? []).filter((item) => item.action === 'refused');
  const ended = [...outcomes.values(), ...pruned];
  return (
    ended.some(({ action }) => action === 'blocked') ||
    [...refusals, ...ended].some((one) => 'code' in one && one.code.toLowerCase() === 'cancelled')
  );
}
