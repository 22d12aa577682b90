import type { Draft, DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, invalidUnshown, required } from '../../field-error.ts';
import type { StatusStrategy } from '../../strategy.ts';
import { equal } from '../equal.ts';
import { nonNegative } from '../pod/rules.ts';
import { countIndexes } from './indexes.ts';
import { keepSpec } from './status.ts';

export const jobStatusStrategy: StatusStrategy = {
  prepareUpdate: keepSpec,
  validateUpdate: validateStatus,
};

/**
 * The status of a Job is a history: what is finished stays finished, counters only grow, and the conditions, times and
 * counts agree. A rule is only asked when what it is about has changed.
 */
function validateStatus(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const status = mapAt(draft, 'status') ?? {};
  const before = mapAt(old, 'status') ?? {};
  return [
    ...['active', 'succeeded', 'failed', 'ready', 'terminating'].flatMap((name) => nonNegative(status, name, 'status')),
    ...validateConditions(status, before),
    ...validateTimes(status, before, mapAt(draft, 'spec')?.['suspend'] === true),
    ...validateFinished(status, before),
    ...validateIndexes(status, before, mapAt(draft, 'spec') ?? {}),
    ...validateCounters(status, before, mapAt(draft, 'spec') ?? {}),
  ];
}

function holds(status: DraftMap, type: string): boolean {
  return mapsAt(status, 'conditions').some((one) => one['type'] === type && one['status'] === 'True');
}

function isFinished(status: DraftMap): boolean {
  return holds(status, 'Complete') || holds(status, 'Failed');
}

function validateConditions(status: DraftMap, before: DraftMap): FieldError[] {
  const complete = holds(status, 'Complete');
  const failed = holds(status, 'Failed');
  const met = holds(status, 'SuccessCriteriaMet');
  const target = holds(status, 'FailureTarget');
  const changed = (...types: readonly string[]): boolean =>
    types.some((type) => holds(status, type) !== holds(before, type));
  const rules: readonly (readonly [broken: boolean, text: string])[] = [
    [complete && failed && changed('Complete', 'Failed'), 'cannot set Complete=True and Failed=true conditions'],
    [
      complete && target && changed('Complete', 'FailureTarget'),
      'cannot set Complete=True and FailureTarget=true conditions',
    ],
    [
      failed && !target && changed('Failed'),
      'cannot set Failed=True condition without the FailureTarget=true condition',
    ],
    [
      complete && !met && changed('Complete', 'SuccessCriteriaMet'),
      'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    ],
    [met && failed, 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
    [met && target, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
    ...['Failed', 'Complete', 'FailureTarget'].map(
      (type) =>
        [holds(before, type) && !holds(status, type), `cannot disable the terminal ${type}=True condition`] as const,
    ),
    [holds(before, 'SuccessCriteriaMet') && !met, 'cannot disable the SuccessCriteriaMet=True condition'],
  ];
  return rules.filter(([broken]) => broken).map(([, text]) => invalidUnshown('status.conditions', text));
}

function validateTimes(status: DraftMap, before: DraftMap, suspended: boolean): FieldError[] {
  const complete = holds(status, 'Complete');
  const start = textAt(status, 'startTime');
  const end = textAt(status, 'completionTime');
  const changed = complete !== holds(before, 'Complete') || end !== textAt(before, 'completionTime');
  const errors: FieldError[] = [];
  if (changed && end !== '' && !complete) {
    const text = 'cannot set completionTime when there is no Complete=True condition';
    errors.push(invalid('status.completionTime', end, text));
  }
  if (changed && end === '' && complete) {
    errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'));
  }
  if (start !== '' && end !== '' && Date.parse(end) < Date.parse(start)) {
    errors.push(invalid('status.completionTime', end, 'must be equal to or after `startTime`'));
  }
  if (end !== '' && textAt(before, 'completionTime') !== '' && end !== textAt(before, 'completionTime')) {
    errors.push(invalid('status.completionTime', end, 'field is immutable'));
  }
  const startedBefore = textAt(before, 'startTime');
  if (startedBefore !== '' && startedBefore !== start && !suspended) {
    const text = 'field is immutable for unsuspended job once set';
    errors.push(invalid('status.startTime', start === '' ? null : start, text));
  }
  return errors;
}

function validateFinished(status: DraftMap, before: DraftMap): FieldError[] {
  const count = (name: string): number => numberAt(status, name) ?? 0;
  const uncounted = mapAt(status, 'uncountedTerminatedPods');
  const errors: FieldError[] = [];
  if (numberAt(status, 'ready') !== undefined && count('ready') > count('active')) {
    errors.push(invalid('status.ready', count('ready'), 'cannot set more ready pods than active'));
  }
  if (!isFinished(status) || isFinished(before)) return errors;
  if (count('active') > 0) {
    errors.push(invalid('status.active', count('active'), 'active>0 is invalid for finished job'));
  }
  if (textAt(status, 'startTime') === '') {
    errors.push(required('status.startTime', 'startTime is required for finished job'));
  }
  if (count('terminating') > 0) {
    errors.push(invalid('status.terminating', count('terminating'), 'terminating>0 is invalid for finished job'));
  }
  if (listAt(uncounted, 'succeeded').length + listAt(uncounted, 'failed').length > 0) {
    const shown = { Succeeded: uncounted?.['succeeded'] ?? null, Failed: uncounted?.['failed'] ?? null };
    errors.push(invalid('status.uncountedTerminatedPods', shown, 'must be empty for finished job'));
  }
  return errors;
}

function validateIndexes(status: DraftMap, before: DraftMap, spec: DraftMap): FieldError[] {
  const completions = numberAt(spec, 'completions');
  const completed = textAt(status, 'completedIndexes');
  const field = 'status.completedIndexes';
  if (equal(completed, textAt(before, 'completedIndexes'))) return [];
  const counted = completions === undefined ? 0 : countIndexes(completed, completions);
  const errors: FieldError[] =
    typeof counted === 'string' ? [invalid(field, completed, `error parsing completedIndexes: ${counted}`)] : [];
  if (completed !== '' && spec['completionMode'] !== 'Indexed') {
    errors.push(invalid(field, completed, 'cannot set non-empty completedIndexes when non-indexed completion mode'));
  }
  return errors;
}

function validateCounters(status: DraftMap, before: DraftMap, spec: DraftMap): FieldError[] {
  const isElastic = spec['completionMode'] === 'Indexed' && spec['completions'] === spec['parallelism'];
  return ['failed', 'succeeded']
    .filter((name) => name === 'failed' || !isElastic)
    .flatMap((name) => {
      const count = numberAt(status, name) ?? 0;
      return count < (numberAt(before, name) ?? 0)
        ? [invalid(`status.${name}`, count, `cannot decrease the ${name} counter`)]
        : [];
    });
}
