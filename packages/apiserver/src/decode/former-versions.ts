import type { GroupVersionKind } from './group-version-kind.ts';

const WORKLOADS = ['DaemonSet', 'Deployment', 'ReplicaSet'] as const;
const POLICIES = [
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
] as const;
const ROLES = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'] as const;
const FLOWS = ['FlowSchema', 'PriorityLevelConfiguration'] as const;

/** Kinds in versions that Kubernetes 1.37 does not serve any more, or not yet, but knows. */
const FORMER: Readonly<Record<string, readonly string[]>> = {
  'admissionregistration.k8s.io/v1alpha1': POLICIES,
  'admissionregistration.k8s.io/v1beta1': [
    ...POLICIES,
    'MutatingWebhookConfiguration',
    'ValidatingWebhookConfiguration',
  ],
  'apps/v1beta1': ['ControllerRevision', 'Deployment', 'StatefulSet'],
  'apps/v1beta2': [...WORKLOADS, 'ControllerRevision', 'StatefulSet'],
  'batch/v1beta1': ['CronJob'],
  'certificates.k8s.io/v1beta1': ['CertificateSigningRequest', 'PodCertificateRequest'],
  'coordination.k8s.io/v1beta1': ['Lease'],
  'discovery.k8s.io/v1beta1': ['EndpointSlice'],
  'events.k8s.io/v1beta1': ['Event'],
  'extensions/v1beta1': [...WORKLOADS, 'Ingress', 'NetworkPolicy'],
  'flowcontrol.apiserver.k8s.io/v1beta1': FLOWS,
  'flowcontrol.apiserver.k8s.io/v1beta2': FLOWS,
  'flowcontrol.apiserver.k8s.io/v1beta3': FLOWS,
  'networking.k8s.io/v1beta1': ['IPAddress', 'Ingress', 'IngressClass', 'ServiceCIDR'],
  'policy/v1beta1': ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1alpha1': ROLES,
  'rbac.authorization.k8s.io/v1beta1': ROLES,
  'scheduling.k8s.io/v1beta1': ['PriorityClass'],
  'storage.k8s.io/v1alpha1': ['CSIStorageCapacity', 'VolumeAttachment', 'VolumeAttributesClass'],
  'storage.k8s.io/v1beta1': [
    'CSIDriver',
    'CSINode',
    'CSIStorageCapacity',
    'StorageClass',
    'VolumeAttachment',
    'VolumeAttributesClass',
  ],
};

/** Whether a kind existed in this version: its objects are refused for their version, not as unknown. */
export function isFormer({ group, version, kind }: GroupVersionKind): boolean {
  return FORMER[`${group}/${version}`]?.includes(kind) ?? false;
}
