import { isMap } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { fieldErrorText, invalid } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { coerceEmbedded, InvalidEmbedded, validateEmbedded } from './embedded.ts';
import type { ObjectMetaRules } from './embedded.ts';
import { sorted } from './go-values.ts';
import { isPruned } from './prune.ts';
import { asResource } from './structural.ts';
import type { Structural } from './structural.ts';
import { validateValue } from './validate-value.ts';

/**
 * What is wrong with the defaults of a schema by that schema itself: unknown fields, bad values, bad metadata. `schema` is
 * compiled for defaults.
 */
export function defaultErrors(schema: Structural, path: string, rules: ObjectMetaRules): readonly FieldError[] {
  const root = asResource(schema);
  return at(root, path, { rules, root, trail: undefined });
}

interface Place {
  readonly rules: ObjectMetaRules;
  /** The resource around. */
  readonly root: Structural;
  /** The way from there to here, when it leads through the resource's own fields (metadata). */
  readonly trail: readonly string[] | undefined;
}

function at(schema: Structural, path: string, place: Place): readonly FieldError[] {
  const own = schema.default === undefined ? [] : ofDefault(schema, `${path}.default`, place);
  return [...own, ...below(schema, path, schema.embedded ? { ...place, root: schema, trail: undefined } : place)];
}

function below(schema: Structural, path: string, place: Place): readonly FieldError[] {
  const { trail } = place;
  const items =
    schema.items === undefined ? [] : at(schema.items, `${path}.items`, { ...place, trail: trail && [...trail, '[]'] });
  const properties = [...schema.properties].flatMap(([name, property]) => {
    const own = schema.embedded && (name === 'metadata' || name === 'apiVersion' || name === 'kind');
    const inside = own ? [name] : trail && [...trail, name];
    return at(property, `${path}.properties[${name}]`, { ...place, trail: inside });
  });
  return [...items, ...properties];
}

function ofDefault(schema: Structural, path: string, { rules, root, trail }: Place): readonly FieldError[] {
  const value = sorted(schema.default);
  if (trail !== undefined) {
    const why = metadataError(around(trail, structuredClone(value)), root, rules);
    return why === undefined
      ? validateValue(value, schema, { base: path })
      : [invalid(path, value, `must result in valid metadata: ${why}`)];
  }
  const errors = isPruned(value, schema) ? [] : [invalid(path, value, 'must not have unknown fields')];
  const judged = structuredClone(value);
  try {
    if (isMap(judged)) coerceEmbedded(judged, schema, rules);
  } catch (error) {
    if (!(error instanceof InvalidEmbedded)) throw error;
    return [...errors, { ...error.error, field: `${path}.${error.error.field}` }];
  }
  const embedded = validateEmbedded(judged, schema, rules, path);
  return [...errors, ...(embedded.length > 0 ? embedded : validateValue(value, schema, { base: path }))];
}

/** A resource that is empty but for `value` at the end of the trail. */
function around(trail: readonly string[], value: unknown): DraftMap {
  const inner = trail.toReversed().reduce((held, step) => (step === '[]' ? [held] : { [step]: held }), value);
  return { apiVersion: 'validation/v1', kind: 'Validation', ...(isMap(inner) ? inner : {}) };
}

function metadataError(object: DraftMap, root: Structural, rules: ObjectMetaRules): string | undefined {
  try {
    coerceEmbedded(object, root, rules);
  } catch (error) {
    if (error instanceof InvalidEmbedded) return error.message;
    throw error;
  }
  const texts = validateEmbedded(object, root, rules).map((error) => `${error.field}: ${fieldErrorText(error)}`);
  return texts.length <= 1 ? texts[0] : `[${texts.join(', ')}]`;
}
