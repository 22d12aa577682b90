import type { KubeObject } from './object.ts';
import { isRecord } from './record.ts';
import { gvkOf } from './ref.ts';
import type { Ref } from './ref.ts';

/** The pod template of a workload: of a Pod itself, and of whatever keeps one under `spec.template`, custom kinds included. */
export interface PodTemplate {
  readonly labels: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

export function podTemplateOf(object: KubeObject): PodTemplate | undefined {
  const { group, kind } = gvkOf(object);
  if (kind === 'Pod' && group === '') return templateOf(object);
  const spec = recordAt(object, 'spec');
  const template = kind === 'CronJob' && group === 'batch' ? recordAt(spec, 'jobTemplate', 'spec') : spec;
  return templateOf(recordAt(template, 'template'));
}

function templateOf(pod: unknown): PodTemplate | undefined {
  const spec = recordAt(pod, 'spec');
  if (spec === undefined || !Array.isArray(spec['containers'])) return undefined;
  return { labels: recordAt(pod, 'metadata', 'labels') ?? {}, spec };
}

/** What a pod names that must exist before it can run, in its own namespace or in none. */
export function podReferences(spec: Readonly<Record<string, unknown>>, namespace: string): Ref[] {
  const refs: Ref[] = [];
  const name = (kind: string, value: unknown) => add(refs, { group: '', kind, namespace }, value);
  const account = textAt(spec, 'serviceAccountName') ?? textAt(spec, 'serviceAccount');
  name('ServiceAccount', account);
  for (const secret of recordsAt(spec, 'imagePullSecrets')) name('Secret', secret['name']);
  for (const volume of recordsAt(spec, 'volumes')) {
    for (const [kind, value] of volumeReferences(volume)) name(kind, value);
  }
  for (const field of ['containers', 'initContainers', 'ephemeralContainers']) {
    for (const container of recordsAt(spec, field)) {
      for (const [kind, value] of containerReferences(container)) name(kind, value);
    }
  }
  add(refs, { group: 'scheduling.k8s.io', kind: 'PriorityClass', namespace: '' }, spec['priorityClassName']);
  add(refs, { group: 'node.k8s.io', kind: 'RuntimeClass', namespace: '' }, spec['runtimeClassName']);
  return refs;
}

type NamedKind = readonly ['ConfigMap' | 'Secret' | 'PersistentVolumeClaim', unknown];

function volumeReferences(volume: Readonly<Record<string, unknown>>): NamedKind[] {
  const found: NamedKind[] = [
    ['ConfigMap', recordAt(volume, 'configMap')?.['name']],
    ['Secret', recordAt(volume, 'secret')?.['secretName']],
    ['PersistentVolumeClaim', recordAt(volume, 'persistentVolumeClaim')?.['claimName']],
    ['Secret', recordAt(volume, 'azureFile')?.['secretName']],
    ['Secret', recordAt(volume, 'csi', 'nodePublishSecretRef')?.['name']],
  ];
  for (const source of recordsAt(recordAt(volume, 'projected'), 'sources')) {
    found.push(
      ['ConfigMap', recordAt(source, 'configMap')?.['name']],
      ['Secret', recordAt(source, 'secret')?.['name']],
    );
  }
  // cephfs, rbd, iscsi, flexVolume, scaleIO and storageos name their credentials alike.
  for (const source of Object.values(volume)) found.push(['Secret', recordAt(source, 'secretRef')?.['name']]);
  return found;
}

function containerReferences(container: Readonly<Record<string, unknown>>): NamedKind[] {
  const found: NamedKind[] = [];
  for (const variable of recordsAt(container, 'env')) {
    found.push(
      ['ConfigMap', recordAt(variable, 'valueFrom', 'configMapKeyRef')?.['name']],
      ['Secret', recordAt(variable, 'valueFrom', 'secretKeyRef')?.['name']],
    );
  }
  for (const source of recordsAt(container, 'envFrom')) {
    found.push(
      ['ConfigMap', recordAt(source, 'configMapRef')?.['name']],
      ['Secret', recordAt(source, 'secretRef')?.['name']],
    );
  }
  return found;
}

function add(refs: Ref[], target: Omit<Ref, 'name'>, name: unknown): void {
  if (typeof name === 'string' && name !== '') refs.push({ ...target, name });
}

/** The role that a binding grants. */
export function roleReference(object: KubeObject): Ref | undefined {
  const { group, kind } = gvkOf(object);
  if (group !== 'rbac.authorization.k8s.io' || (kind !== 'RoleBinding' && kind !== 'ClusterRoleBinding'))
    return undefined;
  const roleRef = recordAt(object, 'roleRef');
  const role = textAt(roleRef, 'kind');
  const name = textAt(roleRef, 'name');
  if (role === undefined || name === undefined) return undefined;
  return { group, kind: role, namespace: role === 'Role' ? (object.metadata.namespace ?? '') : '', name };
}

/** The Services that a webhook configuration or an APIService sends requests to. */
export function serviceReferences(object: KubeObject): Ref[] {
  const { group, kind } = gvkOf(object);
  if (group === 'apiregistration.k8s.io' && kind === 'APIService')
    return serviceRefs([recordAt(object, 'spec', 'service')]);
  if (group !== 'admissionregistration.k8s.io' || !kind.endsWith('WebhookConfiguration')) return [];
  return serviceRefs(recordsAt(object, 'webhooks').map((webhook) => recordAt(webhook, 'clientConfig', 'service')));
}

function serviceRefs(services: readonly (Readonly<Record<string, unknown>> | undefined)[]): Ref[] {
  const refs: Ref[] = [];
  for (const service of services) {
    add(refs, { group: '', kind: 'Service', namespace: textAt(service, 'namespace') ?? '' }, service?.['name']);
  }
  return refs;
}

/** The StorageClass of a claim. */
export function storageClassReference(object: KubeObject): Ref | undefined {
  const { group, kind } = gvkOf(object);
  if (group !== '' || kind !== 'PersistentVolumeClaim') return undefined;
  const name = textAt(recordAt(object, 'spec'), 'storageClassName');
  return name === undefined ? undefined : { group: 'storage.k8s.io', kind: 'StorageClass', namespace: '', name };
}

/** The record at a path of fields, if there is one. */
export function recordAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  let found = value;
  for (const field of path) {
    if (!isRecord(found)) return undefined;
    found = found[field];
  }
  return isRecord(found) ? found : undefined;
}

function recordsAt(value: unknown, field: string): readonly Readonly<Record<string, unknown>>[] {
  const list = isRecord(value) ? value[field] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** The text in a field, if there is one and it is not empty. */
export function textAt(value: unknown, field: string): string | undefined {
  const text = isRecord(value) ? value[field] : undefined;
  return typeof text === 'string' && text !== '' ? text : undefined;
}
