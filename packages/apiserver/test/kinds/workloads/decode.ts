import { kubeData } from '@homeostat/kube/data';
import { createDecoder } from '../../../src/decode/decoder.ts';
import type { Draft } from '../../../src/draft.ts';
import { groupKindOf } from '../replay.ts';

const UID = '11111111-2222-3333-4444-555555555555';

/** Decodes as the server does, and gives the object a uid, which Jobs need before they are prepared. */
export function objectDecoder(): (object: Draft) => Draft {
  const data = kubeData();
  const decoder = createDecoder(data);
  return (object) => {
    const [group, kind] = groupKindOf(object);
    const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
    const resources = data.groupVersions.find((one) => one.group === group && one.version === version)?.resources;
    const component = resources?.find((resource) => resource.kind === kind)?.schema;
    if (component === undefined) throw new Error(`no schema of ${object.apiVersion} ${kind}`);
    const decoded = decoder.decode(object, { group, version, kind, component }).object;
    decoded.metadata['uid'] ??= UID;
    return decoded;
  };
}
