import { mapAt, textAt } from '../draft.ts';
import type { Draft, DraftMap } from '../draft.ts';
import { readCrdSpec, schemaOf, schemasOf } from './crd-spec.ts';
import { knownFormat } from './formats.ts';
import { allSchemas } from './raw-schema.ts';
import { rulePaths } from './structural-errors.ts';

/**
 * What to tell whoever writes a CRD that is accepted: formats that nothing checks, sets of things that cannot be owned one
 * by one, and (of this server only) rules that are not evaluated. On update, only what is new.
 */
export function crdWarnings(crd: Readonly<Draft>, old: Readonly<Draft> | undefined): readonly string[] {
  const formats = new Set(old === undefined ? [] : unknownFormats(old));
  const sets = new Set(old === undefined ? [] : setsOfParts(old));
  const rules = new Set(old === undefined ? [] : unevaluated(old));
  return [
    ...unknownFormats(crd).filter((format) => !formats.has(format)),
    ...setsOfParts(crd).filter((warning) => !sets.has(warning)),
    ...unevaluated(crd).filter((warning) => !rules.has(warning)),
  ];
}

function unknownFormats(crd: Readonly<DraftMap>): readonly string[] {
  return everySchema(crd).flatMap((schema) => {
    const [format, type] = [textAt(schema, 'format'), textAt(schema, 'type')];
    const known = format === '' || knownFormat(format, [type]) !== undefined;
    return known ? [] : [`unrecognized format ${JSON.stringify(format)}`];
  });
}

function setsOfParts(crd: Readonly<DraftMap>): readonly string[] {
  const warnings = everySchema(crd).flatMap((schema) => {
    const type = textAt(mapAt(schema, 'items'), 'type');
    if (schema['x-kubernetes-list-type'] !== 'set' || (type !== 'object' && type !== 'array')) return [];
    return [
      `x-kubernetes-list-type: set for items of type "${type}" is not supported by server-side apply or CEL validation rules`,
    ];
  });
  return [...new Set(warnings)].sort();
}

function unevaluated(crd: Readonly<DraftMap>): readonly string[] {
  const { versions, shared } = readCrdSpec(crd);
  const places = [
    ...versions.map(
      (version, index) => [schemaOf(version.validation), `spec.versions[${String(index)}].schema`] as const,
    ),
    [schemaOf(shared.validation), 'spec.validation'] as const,
  ];
  return places.flatMap(([schema, path]) =>
    (schema === undefined ? [] : rulePaths(schema, `${path}.openAPIV3Schema`)).map(
      (rule) => `${rule}: this server does not evaluate CEL rules; objects that violate this one are accepted`,
    ),
  );
}

function everySchema(crd: Readonly<DraftMap>): readonly DraftMap[] {
  return schemasOf(crd).flatMap((schema) => [...allSchemas(schema)]);
}
