import type { DraftMap } from '../../draft.ts';
import { mapAt, mapsAt } from '../../draft.ts';
import { CONTAINER_LISTS } from './visit-containers.ts';

/**
 * Removes fields that exist in the schema but whose features a cluster of this version has switched off: the server takes
 * them without a word and forgets them.
 */
export function dropDisabledFields(spec: DraftMap | undefined): void {
  if (spec === undefined) return;
  drop(spec, 'schedulingGroup', 'evictionResponders');
  for (const volume of mapsAt(spec, 'volumes')) dropFromVolume(volume);
  for (const list of CONTAINER_LISTS) for (const container of mapsAt(spec, list)) dropFromContainer(container);
}

function dropFromVolume(volume: DraftMap): void {
  drop(mapAt(volume, 'emptyDir'), 'mode');
  for (const kind of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const source = mapAt(volume, kind);
    drop(source, 'defaultUser');
    const parts = kind === 'projected' ? mapsAt(source, 'sources').flatMap((one) => Object.values(one)) : [source];
    for (const part of parts) {
      if (typeof part !== 'object' || part === null) continue;
      drop(part as DraftMap, 'user');
      for (const item of mapsAt(part as DraftMap, 'items')) drop(item, 'user');
    }
  }
}

function dropFromContainer(container: DraftMap): void {
  const lifecycle = mapAt(container, 'lifecycle');
  if (lifecycle !== undefined && 'stopSignal' in lifecycle) {
    drop(lifecycle, 'stopSignal');
    if (Object.keys(lifecycle).length === 0) drop(container, 'lifecycle');
  }
  for (const mount of mapsAt(container, 'volumeMounts')) drop(mount, 'bindMountOptions');
  const handlers = ['livenessProbe', 'readinessProbe', 'startupProbe']
    .map((name) => mapAt(container, name))
    .concat(['postStart', 'preStop'].map((name) => mapAt(lifecycle, name)));
  for (const handler of handlers) {
    drop(mapAt(handler, 'grpc'), 'mode');
    drop(mapAt(handler, 'httpGet'), 'protocol');
  }
}

function drop(parent: DraftMap | undefined, ...fields: readonly string[]): void {
  for (const field of fields) if (parent !== undefined) Reflect.deleteProperty(parent, field);
}
