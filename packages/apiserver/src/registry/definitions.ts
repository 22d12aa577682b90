import type { KubeObject } from '@homeostat/kube';
import type { KubeData } from '@homeostat/kube/data';
import { customResourceOf } from '../custom/custom-resource.ts';
import type { CustomResource } from '../custom/custom-resource.ts';
import type { ObjectMetaRules } from '../custom/embedded.ts';

import type { Store } from '../store/store.ts';
import { customResources } from './custom-resources.ts';
import type { Resources } from './resources.ts';

export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/**
 * Serves what the CustomResourceDefinitions in the store define, from now on: a definition that is established is served, and
 * what its change means for discovery and OpenAPI is told to `publish`. Read again is only what has changed.
 */
export function serveDefinitions(
  store: Store,
  resources: Resources,
  data: KubeData,
  rules: ObjectMetaRules,
  publish: (customs: readonly CustomResource[]) => void,
): () => void {
  const read = new Map<string, { readonly object: KubeObject; readonly custom: CustomResource }>();
  const refresh = (): void => {
    const served = store.list(DEFINITIONS).map(({ key, object }) => {
      const known = read.get(key);
      if (known?.object === object) return known;
      const fresh = { object, custom: customResourceOf(object) };
      read.set(key, fresh);
      return fresh;
    });
    const established = served.filter(({ custom }) => custom.established);
    resources.setCustom(established.flatMap(({ custom, object }) => customResources(custom, object, data, rules)));
    publish(established.map(({ custom }) => custom));
  };
  return store.listen(DEFINITIONS, refresh);
}
