import type { Draft, DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, invalidUnshown, required } from '../../field-error.ts';
import type { StatusStrategy } from '../../strategy.ts';
import { same } from '../pod/same.ts';
import { nonNegative } from '../pod/rules.ts';
import { countIndexes, sharedIndex } from './indexes.ts';
import { keepSpec } from './status.ts';

export const jobStatusStrategy: StatusStrategy = { prepareUpdate: keepSpec, validateUpdate: validateStatus };

/**
 * The status of a Job is a history: what is finished stays finished, counters only grow, and the conditions, times and
 * counts agree. Most rules are asked only when something that they are about has changed.
 */
function validateStatus(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const status = mapAt(draft, 'status') ?? {};
  const before = mapAt(old, 'status') ?? {};
  return [
    ...['active', 'succeeded', 'failed', 'ready', 'terminating'].flatMap((name) => nonNegative(status, name, 'status')),
    ...validateOutcome(status, before),
    ...validateFinished(status, before, spec),
    ...validateIndexes(status, before, spec),
    ...validateCounts(status, before),
    ...validateSuccess(status, spec),
    ...validateHistory(status, before, spec),
  ];
}

/** `error` where a rule is broken. */
function when(broken: boolean, error: FieldError): readonly FieldError[] {
  return broken ? [error] : [];
}

function conditions(text: string): FieldError {
  return invalidUnshown('status.conditions', text);
}

function holds(status: DraftMap, type: string): boolean {
  return mapsAt(status, 'conditions').some((one) => one['type'] === type && one['status'] === 'True');
}

function isFinished(status: DraftMap): boolean {
  return holds(status, 'Complete') || holds(status, 'Failed');
}

function count(status: DraftMap, name: string): number {
  return numberAt(status, name) ?? 0;
}

/** Complete or failed, not both; either is announced by another condition, and a complete Job has an end. */
function validateOutcome(status: DraftMap, before: DraftMap): FieldError[] {
  const complete = holds(status, 'Complete');
  const failed = holds(status, 'Failed');
  const target = holds(status, 'FailureTarget');
  const met = holds(status, 'SuccessCriteriaMet');
  const end = textAt(status, 'completionTime');
  const start = textAt(status, 'startTime');
  const turned = (...types: readonly string[]): boolean =>
    types.some((type) => holds(status, type) !== holds(before, type));
  const moved = (...names: readonly string[]): boolean => names.some((name) => status[name] !== before[name]);
  const ended = turned('Complete') || moved('completionTime');
  const atEnd = 'status.completionTime';
  return [
    ...when(
      turned('Complete', 'Failed') && complete && failed,
      conditions('cannot set Complete=True and Failed=true conditions'),
    ),
    ...when(
      turned('Complete', 'FailureTarget') && complete && target,
      conditions('cannot set Complete=True and FailureTarget=true conditions'),
    ),
    ...when(
      ended && end !== '' && !complete,
      invalid(atEnd, end, 'cannot set completionTime when there is no Complete=True condition'),
    ),
    ...when(ended && end === '' && complete, required(atEnd, 'completionTime is required for Complete jobs')),
    ...when(
      moved('startTime', 'completionTime') && start !== '' && end !== '' && Date.parse(end) < Date.parse(start),
      invalid(atEnd, end, 'must be equal to or after `startTime`'),
    ),
    ...when(
      (turned('Failed') || moved('failedIndexes')) && failed && !target,
      conditions('cannot set Failed=True condition without the FailureTarget=true condition'),
    ),
    ...when(
      turned('Complete', 'SuccessCriteriaMet') && complete && !met,
      conditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
    ),
  ];
}

/** A finished Job has begun, and nothing of it runs or waits to be counted. */
function validateFinished(status: DraftMap, before: DraftMap, spec: DraftMap): FieldError[] {
  if (!isFinished(status)) return [];
  const finishes = !isFinished(before);
  const moved = (name: string): boolean => finishes || !same(status[name], before[name]);
  const active = count(status, 'active');
  const uncounted = mapAt(status, 'uncountedTerminatedPods');
  const waiting = listAt(uncounted, 'succeeded').length + listAt(uncounted, 'failed').length;
  const shown = { Succeeded: uncounted?.['succeeded'] ?? null, Failed: uncounted?.['failed'] ?? null };
  const neverRan = spec['suspend'] === true && spec['completions'] === 0;
  return [
    ...when(moved('active') && active > 0, invalid('status.active', active, 'active>0 is invalid for finished job')),
    ...when(
      moved('startTime') && textAt(status, 'startTime') === '' && !neverRan,
      required('status.startTime', 'startTime is required for finished job'),
    ),
    ...when(
      moved('uncountedTerminatedPods') && waiting > 0,
      invalid('status.uncountedTerminatedPods', shown, 'must be empty for finished job'),
    ),
  ];
}

/** Which indexes are done and which have failed: none both, and only of a Job that has such. */
function validateIndexes(status: DraftMap, before: DraftMap, spec: DraftMap): FieldError[] {
  const completions = numberAt(spec, 'completions') ?? Infinity;
  const completed = textAt(status, 'completedIndexes');
  const failed = status['failedIndexes'];
  const completedMoved = completed !== textAt(before, 'completedIndexes');
  const failedMoved = failed !== before['failedIndexes'];
  const perIndex = numberAt(spec, 'backoffLimitPerIndex') !== undefined;
  const counted = completedMoved ? countIndexes(completed, completions) : 0;
  const failedText = typeof failed === 'string' ? failed : '';
  const countedFailed = failedMoved && perIndex ? countIndexes(failedText, completions) : 0;
  const shared = completedMoved || failedMoved ? sharedIndex(completed, failedText, completions) : undefined;
  const at = 'status.completedIndexes';
  const atFailed = 'status.failedIndexes';
  return [
    ...when(typeof counted === 'string', invalid(at, completed, `error parsing completedIndexes: ${String(counted)}`)),
    ...when(
      typeof countedFailed === 'string',
      invalid(atFailed, failed, `error parsing failedIndexes: ${String(countedFailed)}`),
    ),
    ...when(
      completedMoved && completed !== '' && spec['completionMode'] !== 'Indexed',
      invalid(at, completed, 'cannot set non-empty completedIndexes when non-indexed completion mode'),
    ),
    ...when(
      failedMoved && typeof failed === 'string' && !perIndex,
      invalid(atFailed, failed, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'),
    ),
    ...when(
      shared !== undefined,
      invalid(atFailed, failed, `failedIndexes and completedIndexes overlap at index: ${String(shared)}`),
    ),
  ];
}

function validateCounts(status: DraftMap, before: DraftMap): FieldError[] {
  const moved = (name: string): boolean => status[name] !== before[name];
  const finishes = isFinished(status) !== isFinished(before);
  const ending = count(status, 'terminating');
  const ready = count(status, 'ready');
  return [
    ...when(
      (finishes || moved('terminating')) && ending > 0 && isFinished(status),
      invalid('status.terminating', ending, 'terminating>0 is invalid for finished job'),
    ),
    ...when(
      (moved('ready') || moved('active')) && status['ready'] !== undefined && ready > count(status, 'active'),
      invalid('status.ready', ready, 'cannot set more ready pods than active'),
    ),
  ];
}

function validateSuccess(status: DraftMap, spec: DraftMap): FieldError[] {
  const met = holds(status, 'SuccessCriteriaMet');
  return [
    ...when(
      met && holds(status, 'Failed'),
      conditions('cannot set SuccessCriteriaMet=True and Failed=true conditions'),
    ),
    ...when(
      met && holds(status, 'FailureTarget'),
      conditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'),
    ),
    ...when(
      mapAt(spec, 'successPolicy') !== undefined && !met && holds(status, 'Complete'),
      conditions('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'),
    ),
  ];
}

/** What was, and cannot be taken back. */
function validateHistory(status: DraftMap, before: DraftMap, spec: DraftMap): FieldError[] {
  const isElastic = spec['completionMode'] === 'Indexed' && spec['completions'] === spec['parallelism'];
  const less = (name: string): boolean => count(status, name) < count(before, name);
  const changed = (name: string): boolean => textAt(before, name) !== '' && status[name] !== before[name];
  const met = holds(status, 'SuccessCriteriaMet');
  return [
    ...['Failed', 'Complete', 'FailureTarget'].flatMap((type) =>
      when(
        holds(before, type) && !holds(status, type),
        conditions(`cannot disable the terminal ${type}=True condition`),
      ),
    ),
    ...when(less('failed'), invalid('status.failed', count(status, 'failed'), 'cannot decrease the failed counter')),
    ...when(
      less('succeeded') && !isElastic,
      invalid('status.succeeded', count(status, 'succeeded'), 'cannot decrease the succeeded counter'),
    ),
    ...when(
      changed('completionTime') && textAt(status, 'completionTime') !== '',
      invalid('status.completionTime', status['completionTime'], 'field is immutable'),
    ),
    ...when(
      changed('startTime') && spec['suspend'] !== true,
      invalid('status.startTime', status['startTime'] ?? null, 'field is immutable for unsuspended job once set'),
    ),
    ...when(
      holds(before, 'SuccessCriteriaMet') && !met,
      conditions('cannot disable the SuccessCriteriaMet=True condition'),
    ),
    ...when(
      holds(before, 'Complete') && !holds(before, 'SuccessCriteriaMet') && met,
      conditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'),
    ),
  ];
}
