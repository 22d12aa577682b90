import { equalJson } from '@homeostat/kube';
import type { KubeObject, ManagedFieldsEntry } from '@homeostat/kube';

/**
 * Whether a write changed anything: contents are compared, not resourceVersions, because some kinds (PersistentVolumeClaim,
 * ValidatingAdmissionPolicy) get a new one once without a change. Status is not compared: it is never written here, and moves
 * on its own. Who owns what is compared, when it was written is not.
 */
export function hasSameContent(before: KubeObject, after: KubeObject): boolean {
  if (before.metadata.uid !== after.metadata.uid) return false;
  return (
    before.metadata.resourceVersion === after.metadata.resourceVersion || equalJson(essence(before), essence(after))
  );
}

function essence(object: KubeObject): unknown {
  const { metadata, status: _status, ...rest } = object;
  const { resourceVersion: _version, generation: _generation, managedFields = [], ...meta } = metadata;
  return { ...rest, metadata: { ...meta, managedFields: managedFields.filter(ofMain).map(timeless) } };
}

function ofMain({ subresource }: ManagedFieldsEntry): boolean {
  return !subresource;
}

function timeless({ time: _time, ...entry }: ManagedFieldsEntry): ManagedFieldsEntry {
  return entry;
}
