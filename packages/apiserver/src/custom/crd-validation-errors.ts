import { isMap, textAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { forbidden, invalid } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { schemaErrors } from './crd-schema-errors.ts';
import { schemaOf } from './crd-spec.ts';
import { defaultErrors } from './default-errors.ts';
import type { ObjectMetaRules } from './embedded.ts';
import { internalSchema, SCHEMA_FIELDS } from './internal-form.ts';
import { says } from './raw-schema.ts';
import { isReadable, structuralErrors } from './structural-errors.ts';
import { compileSchema } from './structural.ts';

const WITH_STATUS =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';

/** Everything that is wrong with the schema of a version, or of all. `status`: there is a status subresource. */
export function validationErrors(
  validation: DraftMap | undefined,
  status: boolean,
  path: string,
  rules: ObjectMetaRules,
): readonly FieldError[] {
  const schema = schemaOf(validation);
  if (schema === undefined) return [];
  const at = `${path}.openAPIV3Schema`;
  const errors: FieldError[] = status ? [...statusRootErrors(schema, at)] : [];
  if (schema['nullable'] === true) errors.push(forbidden(`${at}.nullable`, 'nullable cannot be true at the root'));
  if (isReadable(schema)) {
    const structural = structuralErrors(schema, at);
    errors.push(...(structural.length > 0 ? structural : defaultErrors(compileSchema(schema, 'defaults'), at, rules)));
  }
  return [...errors, ...schemaErrors(schema, at)];
}

/** With a status subresource, `status` is validated by its part of the schema alone: the root may say nothing about it. */
function statusRootErrors(schema: DraftMap, path: string): readonly FieldError[] {
  const allowed = WITH_STATUS.split(' ');
  for (const [goName, field] of SCHEMA_FIELDS) {
    const present = isSet(schema, field);
    if (!present) continue;
    if (goName === 'Type' && textAt(schema, 'type') !== 'object') {
      const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      return [invalid(`${path}.type`, textAt(schema, 'type'), why)];
    }
    if (!allowed.includes(goName)) {
      const why = `only [${WITH_STATUS}] fields are allowed at the root of the schema if the status subresource is enabled`;
      return [invalid(path, internalSchema(schema), why)];
    }
  }
  return [];
}

function isSet(schema: DraftMap, field: string): boolean {
  const value = schema[field];
  // Pointers and lists that are there are no zero values, whatever they hold.
  return (
    typeof value === 'number' ||
    Array.isArray(value) ||
    isMap(value) ||
    says(schema, field) ||
    (value === false && field === 'additionalProperties')
  );
}
