import { DecodeError } from '../decode/decode-error.ts';
import type { Draft, DraftMap } from '../draft.ts';
import type { CustomResource, CustomVersion } from './custom-resource.ts';
import { coerceEmbedded, InvalidEmbedded, messageOfMetadata } from './embedded.ts';
import type { ObjectMetaRules } from './embedded.ts';
import { fillDefaults } from './fill-defaults.ts';
import { pruneNulls, pruneUnknown } from './prune.ts';

/**
 * Makes an object of a custom resource out of a parsed body, in place: metadata is read as the real ObjectMeta; fields that
 * the schema does not name go, and so do nulls where there may be none; then defaults are filled in.
 *
 * `unknownFields` are the paths of what went, ordered as Kubernetes lists them (`metadata.foo` first). An object of another
 * kind is left as it is: validation refuses it.
 *
 * @throws {DecodeError} for metadata that is none, and {InvalidEmbedded}, whose message is the whole answer.
 */
export function decodeCustom(
  value: DraftMap,
  resource: CustomResource,
  version: CustomVersion,
  rules: ObjectMetaRules,
): { readonly object: Draft; readonly unknownFields: readonly string[] } {
  const decoded = ownMetadata(value, version, rules);
  const unknownFields = decoded.unknownFields.map((field) => `metadata.${field}`);
  value['metadata'] = decoded.metadata;
  const object = value as Draft;
  if (object.kind !== resource.names.kind || object.apiVersion !== version.apiVersion) return { object, unknownFields };

  unknownFields.push(...pruneUnknown(object, version.schema));
  pruneNulls(object, version.schema);
  unknownFields.push(...embeddedFields(object, version, rules));
  // A schema may speak of metadata, and of more than names: it does not decide what metadata is.
  object.metadata = decoded.metadata;
  fillDefaults(object, version.schema);
  return { object, unknownFields };
}

/**
 * Makes an object of what server-side apply merged, in place: its metadata is read and defaults are filled in. Nothing goes: a
 * configuration with a field that the schema does not have was refused before, and nulls are for validation to judge.
 *
 * @throws {DecodeError} as {@link decodeCustom}.
 */
export function readMerged(value: DraftMap, version: CustomVersion, rules: ObjectMetaRules): Draft {
  value['metadata'] = ownMetadata(value, version, rules).metadata;
  fillDefaults(value, version.schema);
  return value as Draft;
}

function embeddedFields(object: Draft, version: CustomVersion, rules: ObjectMetaRules): readonly string[] {
  try {
    return coerceEmbedded(object, version.schema, rules);
  } catch (error) {
    if (!(error instanceof InvalidEmbedded)) throw error;
    const before = `${object.kind} in version "${version.name}" cannot be handled as a ${object.kind}: `;
    throw new InvalidEmbedded(error.error, { before, cause: error });
  }
}

function ownMetadata(
  value: DraftMap,
  version: CustomVersion,
  rules: ObjectMetaRules,
): ReturnType<ObjectMetaRules['decode']> {
  if (!Object.hasOwn(value, 'metadata')) return { metadata: {}, unknownFields: [] };
  try {
    return rules.decode(value['metadata']);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const { kind } = value;
    throw new DecodeError(error.code, messageOfMetadata(error), {
      version: version.name,
      kind: typeof kind === 'string' ? kind : '',
    });
  }
}
