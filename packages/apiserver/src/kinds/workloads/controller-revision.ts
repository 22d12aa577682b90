import type { Draft } from '../../draft.ts';
import { isMap } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, required } from '../../field-error.ts';
import type { Strategy } from '../../strategy.ts';
import { same } from '../pod/same.ts';
import { nonNegative } from '../pod/rules.ts';

/** A state that a controller can go back to: written once. */
export const controllerRevisionStrategy: Strategy = {
  setDefaults: () => undefined,
  prepareCreate: () => undefined,
  prepareUpdate: () => undefined,
  validateCreate: (draft) => [...validate(draft), ...validateData(draft['data'])],
  validateUpdate: (draft, old) => [
    ...validate(draft),
    ...(same(draft['data'], old['data']) ? [] : [invalid('data', draft['data'] ?? null, 'field is immutable')]),
  ],
};

function validate(draft: Readonly<Draft>): FieldError[] {
  return nonNegative(draft, 'revision', '').map((error) => ({ ...error, field: 'revision' }));
}

function validateData(data: unknown): FieldError[] {
  if (data === undefined || data === null) return [required('data', 'data is mandatory')];
  return isMap(data) ? [] : [required('data', 'data must be a valid JSON object')];
}
