import { compareRefs } from './ref.ts';
import type { Ref } from './ref.ts';

/**
 * The one order of kinds: earlier rows are applied first. What others refer to comes before what refers to it; what
 * guards or intercepts others comes last. Kinds that stand in no row (custom resources above all) take the row `*`.
 *
 * It only breaks ties: real order comes from `dependencies`.
 */
const ROWS: readonly (readonly string[])[] = [
  ['Namespace'],
  ['CustomResourceDefinition.apiextensions.k8s.io'],
  [
    'PriorityClass.scheduling.k8s.io',
    'StorageClass.storage.k8s.io',
    'CSIDriver.storage.k8s.io',
    'VolumeAttributesClass.storage.k8s.io',
    'RuntimeClass.node.k8s.io',
    'IngressClass.networking.k8s.io',
    'DeviceClass.resource.k8s.io',
  ],
  ['ResourceQuota', 'LimitRange'],
  ['ServiceAccount'],
  ['ClusterRole.rbac.authorization.k8s.io', 'Role.rbac.authorization.k8s.io'],
  ['ClusterRoleBinding.rbac.authorization.k8s.io', 'RoleBinding.rbac.authorization.k8s.io'],
  ['ConfigMap', 'Secret'],
  ['PersistentVolume'],
  ['PersistentVolumeClaim'],
  ['NetworkPolicy.networking.k8s.io'],
  ['Service'],
  ['Endpoints', 'EndpointSlice.discovery.k8s.io'],
  ['PodTemplate', 'ResourceClaimTemplate.resource.k8s.io', 'ResourceClaim.resource.k8s.io'],
  ['DaemonSet.apps'],
  ['StatefulSet.apps', 'Deployment.apps', 'ReplicaSet.apps', 'ReplicationController', 'Pod'],
  ['Job.batch', 'CronJob.batch'],
  ['PodDisruptionBudget.policy', 'HorizontalPodAutoscaler.autoscaling'],
  ['Ingress.networking.k8s.io'],
  ['*'],
  ['APIService.apiregistration.k8s.io'],
  ['ValidatingAdmissionPolicy.admissionregistration.k8s.io', 'MutatingAdmissionPolicy.admissionregistration.k8s.io'],
  [
    'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io',
    'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io',
  ],
  [
    'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
    'MutatingWebhookConfiguration.admissionregistration.k8s.io',
  ],
];

/** By group, then by kind: sorting asks a million times, and must not put texts together for it. */
const RANKS: ReadonlyMap<string, ReadonlyMap<string, number>> = ranksOf(ROWS);
const OTHERS = RANKS.get('')!.get('*')!;

function ranksOf(rows: typeof ROWS): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const ranks = new Map<string, Map<string, number>>();
  rows.forEach((row, rank) => {
    for (const name of row) {
      const dot = name.indexOf('.');
      const [kind, group] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)];
      const kinds = ranks.get(group) ?? new Map<string, number>();
      ranks.set(group, kinds.set(kind, rank));
    }
  });
  return ranks;
}

/**
 * The order in which objects are applied when nothing else decides: by kind (see the table), then by {@link compareRefs}.
 * Total and the same everywhere; pruning goes the other way round.
 */
export function compareForApply(a: Ref, b: Ref): number {
  return rankOf(a) - rankOf(b) || compareRefs(a, b);
}

function rankOf({ group, kind }: Ref): number {
  return RANKS.get(group)?.get(kind) ?? OTHERS;
}
