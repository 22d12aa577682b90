import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { duplicate, invalid, invalidUnshown, notSupported, required, tooLong, tooMany } from '../../field-error.ts';
import { byteLength } from '../meta/formats.ts';
import { internalValue } from '../pod/internal-value.ts';
import { eachOf, nonNegative, qualifiedName } from '../pod/rules.ts';
import { countIndexes } from './indexes.ts';

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const STATES = ['False', 'True', 'Unknown'];

/** What becomes of the Job when one of its Pods fails. */
export function validateFailurePolicy(spec: DraftMap, field: string): FieldError[] {
  const policy = mapAt(spec, 'podFailurePolicy');
  if (policy === undefined) return [];
  const rules = mapsAt(policy, 'rules');
  const podSpec = mapAt(mapAt(spec, 'template'), 'spec');
  const names = ['containers', 'initContainers'].flatMap((list) =>
    mapsAt(podSpec, list).map((container) => textAt(container, 'name')),
  );
  return [
    ...(rules.length > 20 ? [tooMany(`${field}.rules`, rules.length, 20)] : []),
    ...eachOf(policy, 'rules', field, (rule, at) => {
      const codes = mapAt(rule, 'onExitCodes');
      const conditions = listAt(rule, 'onPodConditions');
      const errors = [
        ...validateAction(rule, spec, `${at}.action`),
        ...(codes === undefined ? [] : validateExitCodes(codes, names, `${at}.onExitCodes`)),
        ...validateConditions(rule, at),
      ];
      if (codes !== undefined && conditions.length > 0) {
        const text = 'specifying both OnExitCodes and OnPodConditions is not supported';
        errors.push(invalidUnshown(at, text));
      }
      if (codes === undefined && conditions.length === 0) {
        errors.push(invalidUnshown(at, 'specifying one of OnExitCodes and OnPodConditions is required'));
      }
      return errors;
    }),
  ];
}

/** A list as Go's `%q` prints it. */
function validValues(values: readonly string[]): string {
  return `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}

function validateAction(rule: DraftMap, spec: DraftMap, field: string): FieldError[] {
  const action = textAt(rule, 'action');
  if (action === '') return [required(field, validValues(ACTIONS))];
  if (!ACTIONS.includes(action)) return [notSupported(field, action, ACTIONS)];
  return action === 'FailIndex' && numberAt(spec, 'backoffLimitPerIndex') === undefined
    ? [invalid(field, action, 'requires the backoffLimitPerIndex to be set')]
    : [];
}

function validateConditions(rule: DraftMap, ruleField: string): FieldError[] {
  const count = listAt(rule, 'onPodConditions').length;
  return [
    ...(count > 20 ? [tooMany(`${ruleField}.onPodConditions`, count, 20)] : []),
    ...eachOf(rule, 'onPodConditions', ruleField, (pattern, field) => {
      const state = textAt(pattern, 'status');
      const errors = qualifiedName(textAt(pattern, 'type'), `${field}.type`);
      if (state === '') errors.push(required(`${field}.status`, validValues(STATES)));
      else if (!STATES.includes(state)) errors.push(notSupported(`${field}.status`, state, STATES));
      return errors;
    }),
  ];
}

function validateExitCodes(codes: DraftMap, names: readonly string[], field: string): FieldError[] {
  const operator = textAt(codes, 'operator');
  const name = codes['containerName'];
  const values = listAt(codes, 'values').map(Number);
  const errors: FieldError[] = [];
  if (operator === '') errors.push(required(`${field}.operator`, validValues(['In', 'NotIn'])));
  else if (!['In', 'NotIn'].includes(operator)) {
    errors.push(notSupported(`${field}.operator`, operator, ['In', 'NotIn']));
  }
  if (typeof name === 'string' && !names.includes(name)) {
    const text = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(`${field}.containerName`, name, text));
  }
  if (values.length === 0) {
    errors.push(invalid(`${field}.values`, null, 'at least one value is required'));
  }
  if (values.length > 255) errors.push(tooMany(`${field}.values`, values.length, 255));
  values.forEach((value, index) => {
    const at = `${field}.values[${String(index)}]`;
    if (operator === 'In' && value === 0) errors.push(invalid(at, value, 'must not be 0 for the In operator'));
    if (values.indexOf(value) < index) errors.push(duplicate(at, value));
  });
  const ordered = values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value);
  return ordered ? errors : [...errors, invalid(`${field}.values`, values, 'must be ordered')];
}

/** Which part of an indexed Job is enough for all of it to succeed. */
export function validateSuccessPolicy(spec: DraftMap, mode: string, field: string): FieldError[] {
  const policy = mapAt(spec, 'successPolicy');
  if (policy === undefined) return [];
  if (mode !== 'Indexed') {
    return [invalid(field, internalValue('SuccessPolicy', policy), 'requires indexed completion mode')];
  }
  const rules = mapsAt(policy, 'rules');
  const errors: FieldError[] = [];
  if (rules.length === 0) {
    const text = 'at least one rules must be specified when the successPolicy is specified';
    errors.push(required(`${field}.rules`, text));
  }
  if (rules.length > 20) errors.push(tooMany(`${field}.rules`, rules.length, 20));
  const completions = numberAt(spec, 'completions') ?? 0;
  return [...errors, ...eachOf(policy, 'rules', field, (rule, at) => validateSuccessRule(rule, completions, at))];
}

function validateSuccessRule(rule: DraftMap, completions: number, field: string): FieldError[] {
  const count = numberAt(rule, 'succeededCount');
  const indexes = rule['succeededIndexes'];
  const errors: FieldError[] = [];
  if (count === undefined && typeof indexes !== 'string') {
    errors.push(required(field, 'at least one of succeededCount or succeededIndexes must be specified'));
  }
  let total: number | undefined;
  if (typeof indexes === 'string') {
    const at = `${field}.succeededIndexes`;
    if (byteLength(indexes) > 64 * 1024) errors.push(tooLong(at, 64 * 1024));
    const counted = countIndexes(indexes, completions);
    total = typeof counted === 'number' ? counted : 0;
    if (typeof counted === 'string') {
      errors.push(invalid(at, indexes, `error parsing succeededIndexes: ${counted}`));
    }
  }
  if (count === undefined) return errors;
  const at = `${field}.succeededCount`;
  errors.push(...nonNegative(rule, 'succeededCount', field));
  if (count > completions) {
    const text = `must be less than or equal to ${String(completions)} (the number of specified completions)`;
    errors.push(invalid(at, count, text));
  }
  if (total !== undefined && count > total) {
    const text = `must be less than or equal to ${String(total)} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(invalid(at, count, text));
  }
  return errors;
}
