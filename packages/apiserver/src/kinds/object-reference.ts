import type { DraftMap } from '../draft.ts';
import { textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { invalid } from '../field-error.ts';
import { needText, wrong } from './checks.ts';
import { pathSegmentErrors } from './meta/formats.ts';

/** A reference to an object by kind and name. */
export function referenceErrors(reference: DraftMap, path: string): FieldError[] {
  return ['kind', 'name'].flatMap((field) => {
    const value = textAt(reference, field);
    if (value === '') return needText(reference, field, path);
    return wrong(`${path}.${field}`, value, pathSegmentErrors(value));
  });
}

/** The `apiVersion` of a reference; `groupless`: objects of the core group are meant too. */
export function versionErrors(reference: DraftMap, path: string, groupless: boolean): FieldError[] {
  const version = textAt(reference, 'apiVersion');
  const parts = version.split('/');
  const field = `${path}.apiVersion`;
  if (parts.length > 2) return [invalid(field, version, `unexpected GroupVersion string: ${version}`)];
  const group = parts.length === 2 ? (parts[0] ?? '') : '';
  return groupless || group !== '' ? [] : [invalid(field, version, 'apiVersion must specify API group')];
}
