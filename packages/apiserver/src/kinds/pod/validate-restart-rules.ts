import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { notSupported, required, tooMany } from '../../field-error.ts';
import { item, oneOf } from './rules.ts';

/** Rules about what to restart, by the exit code of the container. */
export function validateRestartRules(container: DraftMap, field: string): FieldError[] {
  const rules = mapsAt(container, 'restartPolicyRules');
  const policy = container['restartPolicy'];
  const errors: FieldError[] = [];
  if (policy === undefined || policy === null) {
    if (rules.length === 0) return [];
    errors.push(required(`${field}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  } else {
    errors.push(...oneOf(container, 'restartPolicy', field, ['Always', 'Never', 'OnFailure']));
  }
  if (rules.length > 20) errors.push(tooMany(`${field}.restartPolicyRules`, rules.length, 20));
  return [
    ...errors,
    ...rules.flatMap((rule, index) => {
      const at = item(`${field}.restartPolicyRules`, index);
      const codes = mapAt(rule, 'exitCodes');
      const action = textAt(rule, 'action');
      const ofAction = ['Restart', 'RestartAllContainers'].includes(action)
        ? []
        : [notSupported(`${at}.action`, action, ['Restart', 'RestartAllContainers'])];
      if (codes === undefined) return [...ofAction, required(`${at}.exitCodes`, 'must be specified')];
      const operator = textAt(codes, 'operator');
      const count = listAt(codes, 'values').length;
      return [
        ...ofAction,
        ...(operator === 'In' || operator === 'NotIn'
          ? []
          : [notSupported(`${at}.exitCodes.operator`, operator, ['In', 'NotIn'])]),
        ...(count > 255 ? [tooMany(`${at}.exitCodes.values`, count, 255)] : []),
      ];
    }),
  ];
}
