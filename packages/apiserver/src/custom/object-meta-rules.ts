import { isMap } from '../draft.ts';
import { DecodeError } from '../decode/decode-error.ts';
import type { Decoder } from '../decode/decoder.ts';
import { pathSegmentName, validateMetaCreate } from '../kinds/meta/object-meta.ts';
import type { ObjectMetaRules } from './embedded.ts';

/** A built-in kind whose metadata is that of every other. */
const ANY = { group: '', version: 'v1', kind: 'ConfigMap', component: 'io.k8s.api.core.v1.ConfigMap' };

/** ObjectMeta as built-in kinds have it. */
export function objectMetaRules(decoder: Decoder): ObjectMetaRules {
  return {
    decode(metadata) {
      try {
        const { object, unknownFields } = decoder.decode({ apiVersion: 'v1', kind: ANY.kind, metadata }, ANY);
        return {
          metadata: isMap(object.metadata) ? object.metadata : {},
          unknownFields: unknownFields.map((field) => field.replace(/^metadata\./, '')),
        };
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        throw new DecodeError(error.code, withoutKind(error.message), error.said);
      }
    },
    validate(metadata, path) {
      const draft = { apiVersion: '', kind: '', metadata: { ...metadata, name: metadata['name'] || 'fakename' } };
      return validateMetaCreate(draft, pathSegmentName).map((error) => ({
        ...error,
        field: error.field.replace(/^metadata/, path),
      }));
    },
  };
}

/** The message for an ObjectMeta that stands alone. */
function withoutKind(message: string): string {
  return message
    .replace(`Go struct field ${ANY.kind}.metadata of`, 'Go value of')
    .replace(/(Go struct field \w+\.)metadata\./, '$1');
}
