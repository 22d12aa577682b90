import type { KubeData } from './kube-data.ts';
import { PACKED } from './packed.ts';

/**
 * Schemas, discovery and behaviour of everything that Kubernetes 1.37 serves by itself, frozen. Parses afresh on every
 * call, in some milliseconds: ask once and hand it on.
 */
export function kubeData(): KubeData {
  const data = JSON.parse(PACKED) as KubeData;
  freezeDeep(data);
  return data;
}

function freezeDeep(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) freezeDeep(inner);
  Object.freeze(value);
}
