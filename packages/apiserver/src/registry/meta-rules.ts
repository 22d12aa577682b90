import type { ObjectMetaRules } from '../custom/embedded.ts';
import type { Decoder } from '../decode/decoder.ts';
import { textAt } from '../draft.ts';
import { pathSegmentName, validateNewMeta } from '../kinds/meta/object-meta.ts';

/** A kind with nothing but metadata and data: what reads its metadata reads any. */
const CARRIER = { component: 'io.k8s.api.core.v1.ConfigMap', group: '', version: 'v1', kind: 'ConfigMap' };

/** How the metadata of custom resources is read and judged: as that of built-in kinds. */
export function metaRules(decoder: Decoder): ObjectMetaRules {
  return {
    decode(metadata) {
      const { object, unknownFields } = decoder.decode({ metadata }, CARRIER);
      return {
        metadata: object.metadata,
        unknownFields: unknownFields.map((field) => field.replace(/^metadata\./, '')),
      };
    },
    // A resource inside of another need not have a name.
    validate: (metadata, path) =>
      validateNewMeta(
        textAt(metadata, 'name') === '' ? { ...metadata, name: 'fakename' } : metadata,
        pathSegmentName,
        path,
      ),
  };
}
