import { readFileSync } from 'node:fs';
import { load, loadAll } from 'js-yaml';
import { builtinScope, gvkOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';

export const MANIFESTS = ['workloads', 'configuration', 'network', 'cluster', 'custom'] as const;

/**
 * The manifests of one file as a user would render them, in `namespace` where their kind lives in one. `unique` goes into
 * the names of cluster-scoped objects and of the API group of the custom ones.
 */
export function manifests(file: (typeof MANIFESTS)[number], namespace: string, unique: string): readonly KubeObject[] {
  const text = readFileSync(new URL(`./manifests/${file}.yaml`, import.meta.url), 'utf8');
  const documents = loadAll(text.replaceAll('UNIQUE', unique).replaceAll('NAMESPACE', namespace)) as KubeObject[];
  return documents.map((object) => inNamespace(object, namespace));
}

/** One object from YAML, in `namespace` unless its kind lives in none. */
export function manifest(text: string, namespace: string): KubeObject {
  return inNamespace(load(text) as KubeObject, namespace);
}

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  const { group, kind } = gvkOf(object);
  if (builtinScope(group, kind) === 'Cluster') return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
