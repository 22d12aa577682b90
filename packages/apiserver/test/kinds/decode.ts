import type { KubeData } from '@homeostat/kube/data';
import type { Decoder } from '../../src/decode/decoder.ts';
import type { Draft } from '../../src/draft.ts';
import { groupKindOf } from './replay.ts';

/** What stands between a body of a built-in kind and its strategy. */
export function builtinDecode(decoder: Decoder, data: KubeData): (object: Draft) => Draft {
  return (object) => {
    const [group, kind] = groupKindOf(object);
    const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
    const resources = data.groupVersions.find((one) => one.group === group && one.version === version)?.resources;
    const component = resources?.find((resource) => resource.kind === kind)?.schema;
    if (component === undefined) throw new Error(`no schema of ${object.apiVersion} ${kind}`);
    return decoder.decode(object, { group, version, kind, component }).object;
  };
}
