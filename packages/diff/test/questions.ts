import type { KubeObject } from '@homeostat/kube';

/**
 * Manifests that need one question to the server after they were applied, and why the objects alone do not tell.
 * Everything else in `manifests/` must be in sync at once.
 */
const QUESTIONS: Readonly<Record<string, string>> = {
  'Pod tolerant': 'admission appends two tolerations to an atomic list; Git cannot be told from them',
  'LimitRange limits': 'defaults inside an atomic list are computed from other values there (default := max)',
  'Service node-port': 'nodePort 0 asks for one to be allocated; live has the number',
  'FlowSchema UNIQUE': 'clusterScope false inside an atomic list vanishes; a pointer field would keep it',
  'Widget atomic-default': 'a default of the custom schema inside an atomic list',
  'Widget null-default': 'null makes the default of the custom schema appear',
};

export function questionOf(desired: KubeObject, unique: string): string | undefined {
  return QUESTIONS[`${desired.kind} ${desired.metadata.name.replaceAll(unique, 'UNIQUE')}`];
}
