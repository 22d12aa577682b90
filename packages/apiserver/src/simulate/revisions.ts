import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { ensureMap, textAt } from '../draft.ts';
import { DESIRED, MAXIMUM, REVISION, REVISION_HISTORY } from './rollout.ts';

/** Not handed on from a Deployment to its ReplicaSets. */
const OWN = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED,
  MAXIMUM,
  'deprecated.deployment.rollback.to',
]);
const HISTORY_LIMIT = 2000;

export function revisionOf({ metadata }: KubeObject): number | undefined {
  const text = metadata.annotations?.[REVISION];
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

/** Gives a ReplicaSet its Deployment's annotations, and the revision unless it has a later one; those it had are remembered. */
export function annotateSet(draft: DraftMap, deployment: KubeObject, revision: number): void {
  const annotations = ensureMap(ensureMap(draft, 'metadata'), 'annotations');
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!OWN.has(name)) annotations[name] = value;
  }
  const before = annotations[REVISION];
  if (before !== undefined && Number(before) >= revision) return;
  annotations[REVISION] = String(revision);
  if (typeof before !== 'string') return;
  const history = [...textAt(annotations, REVISION_HISTORY).split(','), before].filter((one) => one !== '');
  while (history.join(',').length > HISTORY_LIMIT) history.shift();
  annotations[REVISION_HISTORY] = history.join(',');
}
