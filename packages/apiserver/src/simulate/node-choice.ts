import type { KubeObject } from '@homeostat/kube';
import { listAt, mapAt, mapsAt, textAt } from '../draft.ts';
import { specOf } from './pods.ts';

/** The node that a Pod is on, or the one that it must be on; `''`: any will do. */
export function nodeNamed(pod: KubeObject): string {
  const spec = specOf(pod);
  const node = textAt(spec, 'nodeName');
  if (node !== '') return node;
  const required = mapAt(
    mapAt(mapAt(spec, 'affinity'), 'nodeAffinity'),
    'requiredDuringSchedulingIgnoredDuringExecution',
  );
  for (const term of mapsAt(required, 'nodeSelectorTerms')) {
    for (const field of mapsAt(term, 'matchFields')) {
      const [value] = listAt(field, 'values');
      if (field['key'] === 'metadata.name' && typeof value === 'string') return value;
    }
  }
  return '';
}

/** What a node is to be like for a Pod: its name, and its labels. */
export function suits(pod: KubeObject, { metadata }: KubeObject): boolean {
  const name = nodeNamed(pod);
  if (name !== '' && name !== metadata.name) return false;
  const wanted = Object.entries(mapAt(specOf(pod), 'nodeSelector') ?? {});
  return wanted.every(([key, value]) => metadata.labels?.[key] === value);
}

/** Whether a node takes a Pod at all: a cordoned one only those that tolerate that. */
export function takes(node: KubeObject, pod: KubeObject): boolean {
  if (specOf(node)['unschedulable'] !== true) return true;
  return mapsAt(specOf(pod), 'tolerations').some(
    ({ key, operator }) => operator === 'Exists' && (key === undefined || key === 'node.kubernetes.io/unschedulable'),
  );
}
