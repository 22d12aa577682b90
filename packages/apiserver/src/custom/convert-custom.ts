import type { Draft } from '../draft.ts';
import type { CustomResource, CustomVersion } from './custom-resource.ts';
import { fillDefaults } from './fill-defaults.ts';
import { pruneNulls, pruneUnknown } from './prune.ts';

/**
 * The object in another version of its resource, by the conversion `None`: only apiVersion changes, and what the schema of
 * that version does not name goes. Its defaults are not filled in. The same instance where it is of that version already.
 */
export function convertCustom(object: Draft, to: CustomVersion): Draft {
  if (object.apiVersion === to.apiVersion) return object;
  const converted = structuredClone(object);
  converted.apiVersion = to.apiVersion;
  pruneUnknown(converted, to.schema);
  pruneNulls(converted, to.schema);
  return converted;
}

/**
 * A stored object as a reader of one version gets it. Schemas may have changed since it was written: what its own version no
 * longer names goes, and the defaults of its own version (not of the one that is asked for) are filled in.
 */
export function readStored(stored: Readonly<Draft>, resource: CustomResource, to: CustomVersion): Draft {
  const object = structuredClone(stored) as Draft;
  const own = resource.versions.find(({ apiVersion }) => apiVersion === stored.apiVersion);
  if (own !== undefined) {
    pruneUnknown(object, own.schema);
    pruneNulls(object, own.schema);
    fillDefaults(object, own.schema);
  }
  return convertCustom(object, to);
}
