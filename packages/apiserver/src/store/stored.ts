import { stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';

/** One state of one object: frozen through and through, and never changed. */
export interface Stored {
  /** `namespace/name`, or the name of a cluster-scoped object. */
  readonly key: string;
  /** The resourceVersion as a number. */
  readonly version: number;
  readonly object: KubeObject;
  /** The object as JSON text, made once: answers, lists and watches share it. */
  readonly json: string;
}

export function storedOf(key: string, version: number, object: KubeObject): Stored {
  return { key, version, object: deepFreeze(object), json: stringifyJson(object) };
}

/** The same content under another version: what a DELETED event carries. */
export function withVersion(stored: Stored, version: number): Stored {
  const metadata = { ...stored.object.metadata, resourceVersion: String(version) };
  return storedOf(stored.key, version, { ...stored.object, metadata });
}

/** A part that is frozen already was frozen through and through: it is shared with an older state. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

export function keyOf(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}
