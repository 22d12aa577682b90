import type { Draft, DraftMap } from '../../draft.ts';
import { mapAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, notSupported, required } from '../../field-error.ts';
import type { Strategy } from '../../strategy.ts';
import { same } from '../pod/same.ts';
import { byteLength } from '../meta/formats.ts';
import { nonNegative, requiredOneOf } from '../pod/rules.ts';
import { nameWarnings } from '../pod/warnings.ts';
import { shownSelector } from '../pod/shown-selector.ts';
import { isTimeZone, scheduleProblem } from './cron-schedule.ts';
import { defaultCronJob } from './defaults.ts';
import { jobWarnings } from './job.ts';
import { validateJobSpec } from './job-spec.ts';
import { keepStatus, prepareWorkload } from './prepare.ts';
import { keepSpec } from './status.ts';

export const cronJobStrategy: Strategy = {
  setDefaults: defaultCronJob,
  prepareCreate: (draft) => prepareWorkload(draft, {}),
  prepareUpdate: keepStatus,
  validateCreate: (draft) => [...validateSpec(draft, undefined), ...validateName(textAt(draft.metadata, 'name'))],
  validateUpdate: validateSpec,
  warnings,
  status: { prepareUpdate: keepSpec, validateUpdate: () => [] },
};

function warnings(draft: Readonly<Draft>, old: Readonly<Draft> | undefined): readonly string[] {
  const spec = mapAt(draft, 'spec');
  const changed = old === undefined || !same(spec, old['spec']);
  const ofJobs = changed ? jobWarnings(mapAt(mapAt(spec, 'jobTemplate'), 'spec'), 'spec.jobTemplate.spec') : [];
  if (old === undefined) return [...nameWarnings(textAt(draft.metadata, 'name')), ...ofJobs];
  const text =
    'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';
  return textAt(spec, 'schedule').includes('TZ') ? [...ofJobs, text] : ofJobs;
}

/** The names of its Jobs are its own and eleven characters more. */
function validateName(name: string): FieldError[] {
  return byteLength(name) > 52 ? [invalid('metadata.name', name, 'must be no more than 52 characters')] : [];
}

function validateSpec(draft: Readonly<Draft>, old: Readonly<Draft> | undefined): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const before = mapAt(old, 'spec');
  const zoneChanged = before === undefined || before['timeZone'] !== spec['timeZone'];
  return [
    ...validateSchedule(spec, textAt(before, 'schedule').includes('TZ')),
    ...nonNegative(spec, 'startingDeadlineSeconds', 'spec'),
    ...(zoneChanged ? validateTimeZone(spec['timeZone']) : []),
    ...requiredOneOf(spec, 'concurrencyPolicy', 'spec', ['Allow', 'Forbid', 'Replace']),
    ...validateJobTemplate(mapAt(mapAt(spec, 'jobTemplate'), 'spec') ?? {}, 'spec.jobTemplate.spec'),
    ...nonNegative(spec, 'successfulJobsHistoryLimit', 'spec'),
    ...nonNegative(spec, 'failedJobsHistoryLimit', 'spec'),
  ];
}

function validateSchedule(spec: DraftMap, hadZone: boolean): FieldError[] {
  const schedule = textAt(spec, 'schedule');
  const field = 'spec.schedule';
  if (schedule === '') return [required(field)];
  const problem = scheduleProblem(schedule);
  const errors = problem === undefined ? [] : [invalid(field, schedule, problem)];
  if (!schedule.includes('TZ')) return errors;
  if (!hadZone) {
    const text = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    return [...errors, invalid(field, schedule, text)];
  }
  const text = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
  return typeof spec['timeZone'] === 'string' ? [...errors, invalid(field, schedule, text)] : errors;
}

function validateTimeZone(zone: unknown): FieldError[] {
  const field = 'spec.timeZone';
  if (typeof zone !== 'string') return [];
  if (zone === '') return [invalid(field, zone, 'timeZone must be nil or non-empty string')];
  const isWritable = zone
    .split('/')
    .every((part) => part !== '.' && part !== '..' && /^(?!-)[A-Za-z.\-_0-9+]{1,14}$/.test(part));
  const unknown = invalid(field, zone, `unknown time zone ${zone}`);
  if (!isWritable) return [unknown];
  const text = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
  return [
    ...(zone.toLowerCase() === 'local' ? [invalid(field, zone, text)] : []),
    ...(isTimeZone(zone) ? [] : [unknown]),
  ];
}

function validateJobTemplate(spec: DraftMap, field: string): FieldError[] {
  const errors = validateJobSpec(spec, field);
  if (mapAt(spec, 'selector') !== undefined) {
    errors.push(invalid(`${field}.selector`, shownSelector(spec['selector']), '`selector` will be auto-generated'));
  }
  if (spec['manualSelector'] === true) {
    errors.push(notSupported(`${field}.manualSelector`, true, ['nil', 'false']));
  }
  return errors;
}
