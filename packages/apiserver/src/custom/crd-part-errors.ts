import { mapAt, textAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { duplicate, invalid, required, tooMany } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { schemaOf } from './crd-spec.ts';
import type { CrdParts, CrdVersion } from './crd-spec.ts';
import { fieldAt } from './field-path.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const MAX_SELECTABLE_FIELDS = 8;

/** What is wrong with the places of a scale. */
export function subresourceErrors(subresources: DraftMap | undefined, path: string): readonly FieldError[] {
  const scale = mapAt(subresources, 'scale');
  if (scale === undefined) return [];
  const selector = textAt(scale, 'labelSelectorPath');
  return [
    ...scalePathErrors(scale, 'specReplicasPath', path, ['.spec.'], 'under .spec'),
    ...scalePathErrors(scale, 'statusReplicasPath', path, ['.status.'], 'under .status'),
    ...(selector === ''
      ? []
      : scalePathErrors(scale, 'labelSelectorPath', path, ['.spec.', '.status.'], 'under either .spec or .status')),
  ];
}

function scalePathErrors(
  scale: DraftMap,
  name: string,
  path: string,
  starts: readonly string[],
  where: string,
): readonly FieldError[] {
  const value = textAt(scale, name);
  const at = `${path}.scale.${name}`;
  if (value === '') return [required(at)];
  const errors = jsonPathErrors(value, at);
  if (errors.length > 0) return errors;
  return starts.some((start) => value.startsWith(start)) ? [] : [invalid(at, value, `should be a json path ${where}`)];
}

function jsonPathErrors(path: string, at: string): readonly FieldError[] {
  return path.startsWith('.') ? [] : [invalid(at, path, 'must be a simple json path starting with .')];
}

/** What is wrong with columns of a Table. */
export function columnErrors(columns: readonly DraftMap[], path: string): readonly FieldError[] {
  return columns.flatMap((column, index) => {
    const at = `${path}[${String(index)}]`;
    const [type, format, jsonPath] = [textAt(column, 'type'), textAt(column, 'format'), textAt(column, 'jsonPath')];
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    const errors: FieldError[] = textAt(column, 'name') === '' ? [required(`${at}.name`)] : [];
    if (type === '') errors.push(required(`${at}.type`, types));
    else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(`${at}.type`, type, types));
    if (format !== '' && !COLUMN_FORMATS.includes(format)) {
      errors.push(invalid(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    return [
      ...errors,
      ...(jsonPath === '' ? [required(`${at}.JSONPath`)] : jsonPathErrors(jsonPath, `${at}.JSONPath`)),
    ];
  });
}

/** What is wrong with the fields that field selectors may name: of one version. */
export function versionSelectableErrors(version: CrdVersion, path: string): readonly FieldError[] {
  const schema = schemaOf(version.validation);
  const at = `${path}.selectableFields`;
  if (schema !== undefined) return selectableErrors(version.selectableFields, schema, at);
  return [invalid(at, '', 'may only be set when `version.schema.openAPIV3Schema` is not included')];
}

/** The same for fields that all versions agree on. */
export function sharedSelectableErrors(shared: CrdParts): readonly FieldError[] {
  if (shared.selectableFields.length === 0) return [];
  const at = 'spec.selectableFields';
  const schema = schemaOf(shared.validation);
  if (schema !== undefined) return selectableErrors(shared.selectableFields, schema, at);
  return [invalid(at, '', 'may only be set when validations.schema is included')];
}

function selectableErrors(fields: readonly DraftMap[], schema: DraftMap, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, field] of fields.entries()) {
    const at = `${path}[${String(index)}].jsonPath`;
    const jsonPath = textAt(field, 'jsonPath');
    if (jsonPath === '') {
      errors.push(required(at));
      continue;
    }
    const found = fieldAt(jsonPath, schema, { brackets: false });
    if ('error' in found) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${found.error}`));
      continue;
    }
    if (found.names[0] === 'metadata') errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(textAt(found.schema, 'type'))) {
      const why =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalid(at, jsonPath, why));
    }
    const name = found.names.join('.');
    if (seen.has(name)) errors.push(duplicate(at, jsonPath));
    seen.add(name);
  }
  return seen.size > MAX_SELECTABLE_FIELDS ? [...errors, tooMany(path, seen.size, MAX_SELECTABLE_FIELDS)] : errors;
}
