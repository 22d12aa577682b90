// Written by scripts/write-scopes.ts from the discovery of Kubernetes v1.37.2: do not edit.

/** Every kind that Kubernetes serves by itself, by group and scope. */
export const BUILTIN_KINDS: Readonly<Record<string, { readonly cluster: string; readonly namespaced: string }>> = {
  '': {
    cluster: 'ComponentStatus Namespace Node PersistentVolume',
    namespaced:
      'Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  },
  'admissionregistration.k8s.io': {
    cluster:
      'MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration',
    namespaced: '',
  },
  'apiextensions.k8s.io': { cluster: 'CustomResourceDefinition', namespaced: '' },
  'apiregistration.k8s.io': { cluster: 'APIService', namespaced: '' },
  apps: { cluster: '', namespaced: 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet' },
  'authentication.k8s.io': { cluster: 'SelfSubjectReview TokenReview', namespaced: '' },
  'authorization.k8s.io': {
    cluster: 'SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
    namespaced: 'LocalSubjectAccessReview',
  },
  autoscaling: { cluster: '', namespaced: 'HorizontalPodAutoscaler' },
  batch: { cluster: '', namespaced: 'CronJob Job' },
  'certificates.k8s.io': {
    cluster: 'CertificateSigningRequest ClusterTrustBundle',
    namespaced: 'PodCertificateRequest',
  },
  'coordination.k8s.io': { cluster: '', namespaced: 'Lease' },
  'discovery.k8s.io': { cluster: '', namespaced: 'EndpointSlice' },
  'events.k8s.io': { cluster: '', namespaced: 'Event' },
  'flowcontrol.apiserver.k8s.io': { cluster: 'FlowSchema PriorityLevelConfiguration', namespaced: '' },
  'networking.k8s.io': { cluster: 'IPAddress IngressClass ServiceCIDR', namespaced: 'Ingress NetworkPolicy' },
  'node.k8s.io': { cluster: 'RuntimeClass', namespaced: '' },
  policy: { cluster: '', namespaced: 'PodDisruptionBudget' },
  'rbac.authorization.k8s.io': { cluster: 'ClusterRole ClusterRoleBinding', namespaced: 'Role RoleBinding' },
  'resource.k8s.io': {
    cluster: 'DeviceClass DeviceTaintRule ResourceSlice',
    namespaced: 'ResourceClaim ResourceClaimTemplate',
  },
  'scheduling.k8s.io': { cluster: 'PriorityClass', namespaced: '' },
  'storage.k8s.io': {
    cluster: 'CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass',
    namespaced: 'CSIStorageCapacity',
  },
  'storagemigration.k8s.io': { cluster: 'StorageVersionMigration', namespaced: '' },
};
