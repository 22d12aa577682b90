import type { RequestRecord } from '@homeostat/kube';
import { publish, trace } from './channels.ts';
import type { PassResult, PassTrace, RepairResult } from './channels.ts';
import type { SetName } from './claims.ts';
import type { LoopEvent, PassEvent } from './events.ts';
import type { Labels, Metrics } from './metrics.ts';
import type { Ports } from './ports.ts';
import type { Failure, Report, ReportedObject } from './report.ts';
import type { Sync } from './sync.ts';
import type { Turns } from './turns.ts';

interface Watched extends Pick<Ports, 'clock'> {
  readonly metrics?: Metrics | undefined;
}

/**
 * The same pass, told of on the channels and counted: its steps, each stage that it says it has `entered`, and what it came to. One whose
 * caller leaves it counts as cancelled.
 */
export async function* observePass(
  sync: Sync,
  { clock, metrics }: Watched,
  begin: (entered: (stage: Failure['stage']) => void) => AsyncGenerator<PassEvent, Report>,
): AsyncGenerator<PassEvent, Report> {
  const name = setName(sync);
  const startedAt = clock.now();
  const tracing = trace('homeostat:pass', { sync: name, startedAt });
  const stages = createStages(tracing.message, { clock, metrics });
  const running = begin(stages.enter);
  let known: Partial<PassTrace> = { result: 'Cancelled' };
  let defect: 'defect' | undefined;
  try {
    let step = await running.next();
    try {
      while (step.done !== true) {
        observeEvent(name, step.value);
        yield step.value;
        step = await running.next();
      }
    } finally {
      if (step.done !== true) await running.return(undefined as never);
    }
    known = ended(step.value);
    if (metrics !== undefined) countReport(step.value, metrics);
    return step.value;
  } catch (error) {
    known = { result: 'Failed' };
    defect = 'defect';
    throw error;
  } finally {
    stages.end();
    const durationMs = clock.now() - startedAt;
    tracing.end({ ...known, durationMs }, defect);
    metrics?.add('homeostat_passes_total', { ...labelsOf(name), result: known.result ?? 'Cancelled' });
    metrics?.record('homeostat_pass_duration_seconds', labelsOf(name), durationMs / 1000);
  }
}

interface RepairWatch<R> {
  readonly objects: number;
  /** When the first of these was seen to change. */
  readonly since: number;
  readonly signal: AbortSignal;
  readonly failed?: (result: R) => boolean;
}

/** The same repair, or look at what has drifted, told of and counted. */
export async function* observeRepair<R>(
  sync: Sync,
  { clock, metrics }: Watched,
  { objects, since, signal, failed }: RepairWatch<R>,
  running: AsyncGenerator<LoopEvent, R>,
): AsyncGenerator<LoopEvent, R> {
  const name = setName(sync);
  const labels = labelsOf(name);
  const startedAt = clock.now();
  const tracing = trace('homeostat:repair', { sync: name, startedAt, objects });
  let drifted = 0;
  let result: RepairResult = 'Cancelled';
  try {
    let step = await running.next();
    try {
      while (step.done !== true) {
        const event = step.value;
        observeEvent(name, event);
        if (event.type === 'drift') {
          drifted += 1;
          metrics?.add('homeostat_drifts_total', labels);
        }
        if (event.type === 'apply' && event.event.type === 'outcome') countAction(event.event.action, labels, metrics);
        yield event;
        step = await running.next();
      }
    } finally {
      if (step.done !== true) await running.return(undefined as never);
    }
    if (!signal.aborted) result = failed?.(step.value) === true ? 'failed' : resultOf(drifted, sync);
    return step.value;
  } catch (error) {
    if (!signal.aborted) result = 'failed';
    throw error;
  } finally {
    const now = clock.now();
    tracing.end({ drifted, result, durationMs: now - startedAt });
    metrics?.add('homeostat_repairs_total', { ...labels, result });
    if (result === 'repaired') metrics?.record('homeostat_repair_duration_seconds', {}, (now - since) / 1000);
  }
}

/** The same gate, whose waits are counted. */
export function observeTurns(turns: Turns, { clock, metrics }: Watched): Turns {
  if (metrics === undefined) return turns;
  return {
    async take(options) {
      const since = clock.now();
      const end = await turns.take(options);
      const { urgency } = options;
      if (end !== undefined) metrics.record('homeostat_turn_wait_seconds', { urgency }, (clock.now() - since) / 1000);
      return end;
    },
    get running() {
      return turns.running;
    },
    get waiting() {
      return turns.waiting;
    },
  };
}

/** What counts the requests of a client: its `onRequest`. */
export function countRequests(metrics: Metrics): (record: RequestRecord) => void {
  return ({ verb, status, dryRun, durationMs }) => {
    metrics.add('homeostat_requests_total', { verb, code: `${status}`, dry_run: `${dryRun}` });
    if (verb !== 'watch') metrics.record('homeostat_request_duration_seconds', { verb }, durationMs / 1000);
  };
}

/** How a sync is named in metrics: a scrape gives `namespace` to where the engine runs. */
export function labelsOf({ namespace, name }: SetName): Labels {
  return { sync_namespace: namespace, sync: name };
}

export function setName({ namespace, name }: SetName): SetName {
  return { namespace, name };
}

/** Tells of a step on the channel of its kind. */
export function observeEvent(sync: SetName, event: LoopEvent): void {
  if (event.type === 'apply' && event.event.type === 'outcome') {
    const { ref, action, code } = event.event;
    publish('homeostat:apply', () => ({ sync, ref, action, ...(code !== undefined && { code }) }));
  }
  if (event.type === 'prune' && event.event.type === 'outcome') {
    const { outcome } = event.event;
    const { ref, action } = outcome;
    const reason = outcome.action === 'kept' ? outcome.reason : outcome.action === 'failed' ? outcome.code : undefined;
    publish('homeostat:prune', () => ({ sync, ref, action, ...(reason !== undefined && { reason }) }));
  }
  if (event.type === 'drift') {
    const { type: _type, ...difference } = event;
    publish('homeostat:drift', () => ({ sync, ...difference }));
  }
  if (event.type === 'fight') {
    const { type: _type, ...fight } = event;
    publish('homeostat:fight', () => ({ sync, ...fight }));
  }
  if (event.type === 'standby') {
    const { holder } = event;
    publish('homeostat:lease', () => ({ sync, lease: 'standby', holder }));
  }
}

function createStages(
  pass: PassTrace,
  { clock, metrics }: Watched,
): {
  readonly enter: (stage: Failure['stage']) => void;
  readonly end: () => void;
} {
  let open: { readonly stage: Failure['stage']; readonly end: () => void } | undefined;
  const end = (): void => {
    open?.end();
    open = undefined;
  };
  return {
    enter(stage) {
      if (open?.stage === stage) return;
      end();
      const startedAt = clock.now();
      const tracing = trace('homeostat:stage', { pass, stage, startedAt });
      open = {
        stage,
        end() {
          const durationMs = clock.now() - startedAt;
          tracing.end({ durationMs });
          metrics?.record('homeostat_stage_duration_seconds', { stage }, durationMs / 1000);
        },
      };
    },
    end,
  };
}

function ended({ revision, state, counts, failure }: Report): Partial<PassTrace> {
  const result: PassResult = failure?.code === 'CANCELLED' ? 'Cancelled' : state;
  return {
    result,
    counts,
    ...(revision !== undefined && { revision }),
    ...(failure !== undefined && { failure: { stage: failure.stage, code: failure.code } }),
  };
}

function countReport({ sync, objects, orphans, failure }: Report, metrics: Metrics): void {
  const labels = labelsOf(sync);
  for (const { action, code } of objects) {
    countAction(action, labels, metrics);
    if (code !== undefined) metrics.add('homeostat_object_failures_total', { ...labels, code });
  }
  for (const { action } of orphans)
    if (action !== 'kept') metrics.add('homeostat_prunes_total', { ...labels, result: action });
  if (failure !== undefined && failure.code !== 'CANCELLED')
    metrics.add('homeostat_pass_failures_total', { ...labels, stage: failure.stage });
}

const DONE: ReadonlySet<ReportedObject['action']> = new Set([
  'created',
  'updated',
  'adopted',
  'replaced',
  'failed',
  'blocked',
]);

function countAction(action: ReportedObject['action'], labels: Labels, metrics: Metrics | undefined): void {
  if (DONE.has(action)) metrics?.add('homeostat_applies_total', { ...labels, action });
}

function resultOf(drifted: number, { policy }: Sync): RepairResult {
  if (drifted === 0) return 'unneeded';
  return policy.drift === 'repair' ? 'repaired' : 'reported';
}
