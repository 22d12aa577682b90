import { stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { Stored } from '../store/stored.ts';
import type { ServedResource } from './served-resource.ts';

/** An object in the version in which it is asked for, with its JSON text made when it is needed. */
export interface View {
  readonly object: KubeObject;
  readonly json: () => string;
}

export function viewOf(resource: ServedResource, stored: Stored): View {
  const object = resource.fromStored(stored.object);
  return object === stored.object ? { object, json: () => stored.json } : plainView(object);
}

/** Of an object that is not in the store, such as the answer to a dry run. */
export function plainView(object: KubeObject): View {
  return { object, json: () => stringifyJson(object) };
}
