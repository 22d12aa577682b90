import type { ObjectMetaRules } from '../custom/embedded.ts';
import type { Decoder } from '../decode/decoder.ts';

import { mapAt } from '../draft.ts';
import { validateLabels } from '../kinds/meta/label-selector.ts';
import { validateAnnotations } from '../kinds/meta/object-meta.ts';

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
    validate: (metadata, path) => [
      ...validateLabels(metadata['labels'], `${path}.labels`),
      ...validateAnnotations(mapAt(metadata, 'annotations') ?? {}, `${path}.annotations`),
    ],
  };
}
