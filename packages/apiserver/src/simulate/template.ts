import { equalJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapAt, textAt } from '../draft.ts';
import { controllerRef } from './owned.ts';
import { specOf } from './pods.ts';

export const TEMPLATE_HASH = 'pod-template-hash';
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A short name for a value: the same for the same value, and made of the letters that Kubernetes makes names of. It is not
 * the hash of Kubernetes, which is one of Go's memory.
 */
export function hashOf(value: unknown, collisions = 0): string {
  const text = `${sortedJson(value)}${collisions === 0 ? '' : String(collisions)}`;
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return String(hash >>> 0).replaceAll(/[0-9]/g, (digit) => LETTERS[digit.charCodeAt(0) % LETTERS.length] ?? '');
}

function sortedJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, part]) => `${JSON.stringify(name)}:${sortedJson(part)}`).join(',')}}`;
}

export function templateOf(owner: KubeObject): DraftMap {
  return mapAt(specOf(owner), 'template') ?? {};
}

/** Whether two templates make the same Pods. */
export function sameTemplate(a: DraftMap, b: DraftMap): boolean {
  return equalJson(withoutHash(a), withoutHash(b));
}

function withoutHash(template: DraftMap): DraftMap {
  const { [TEMPLATE_HASH]: _hash, ...labels } = mapAt(mapAt(template, 'metadata'), 'labels') ?? {};
  return { ...template, metadata: { ...mapAt(template, 'metadata'), labels } };
}

/** A Pod as a controller makes it from a template. */
export function podFrom(
  owner: KubeObject,
  template: DraftMap,
  more: {
    readonly name?: string;
    readonly labels?: DraftMap;
    readonly annotations?: DraftMap;
    readonly finalizers?: readonly string[];
    readonly spec?: DraftMap;
  } = {},
): DraftMap & { apiVersion: string; kind: string } {
  const metadata = mapAt(template, 'metadata');
  const labels = { ...mapAt(metadata, 'labels'), ...more.labels };
  const annotations = { ...mapAt(metadata, 'annotations'), ...more.annotations };
  const finalizers = [
    ...(Array.isArray(metadata?.['finalizers']) ? metadata['finalizers'] : []),
    ...(more.finalizers ?? []),
  ];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(more.name !== undefined && { name: more.name }),
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ...(finalizers.length > 0 && { finalizers }),
      ownerReferences: [controllerRef(owner)],
    },
    spec: { ...mapAt(template, 'spec'), ...more.spec },
  };
}

/** The name of the node that a Pod is on; `''`: on none. */
export function nodeOf(pod: KubeObject): string {
  return textAt(specOf(pod), 'nodeName');
}
