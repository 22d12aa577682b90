/** An endpoint under which an object can be written. */
export type Endpoint = 'main' | 'status' | 'approval' | 'finalize';

type Paths = readonly (readonly string[])[];

const STATUS: Paths = [['status']];
const SPEC: Paths = [['spec']];
const SPEC_AND_METADATA: Paths = [['spec'], ['metadata']];

/** Kinds whose main endpoint leaves the status alone and whose status endpoint leaves the spec alone, but not metadata. */
const OPEN: ReadonlySet<string> = new Set([
  '/Namespace',
  '/Node',
  '/PersistentVolume',
  '/PersistentVolumeClaim',
  '/ReplicationController',
  '/ResourceQuota',
  '/Service',
  'apps/DaemonSet',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'autoscaling/HorizontalPodAutoscaler',
  'batch/CronJob',
  'batch/Job',
  'networking.k8s.io/Ingress',
  'policy/PodDisruptionBudget',
]);

/** Kinds whose status endpoint leaves metadata alone too. */
const CLOSED: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'certificates.k8s.io/PodCertificateRequest',
  'flowcontrol.apiserver.k8s.io/FlowSchema',
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration',
  'internal.apiserver.k8s.io/StorageVersion',
  'networking.k8s.io/ServiceCIDR',
  'resource.k8s.io/DeviceTaintRule',
  'resource.k8s.io/ResourceClaim',
  'resource.k8s.io/ResourcePoolStatusRequest',
  'scheduling.k8s.io/PodGroup',
  'storage.k8s.io/CSINode',
  'storage.k8s.io/VolumeAttachment',
  'storagemigration.k8s.io/StorageVersionMigration',
]);

const OTHERS: Readonly<Record<string, Paths>> = {
  '/Namespace/finalize': STATUS,
  '/Pod/main': STATUS,
  '/Pod/status': [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']],
  'apps/Deployment/main': STATUS,
  'apps/Deployment/status': [['spec'], ['metadata', 'labels']],
  'certificates.k8s.io/CertificateSigningRequest/approval': [['spec'], ['status', 'certificate']],
  'certificates.k8s.io/CertificateSigningRequest/main': [['spec'], ['status']],
  'certificates.k8s.io/CertificateSigningRequest/status': [['spec'], ['status', 'conditions']],
};

/**
 * The fields that an endpoint does not write, whatever is sent there: nobody comes to own them by a request to it.
 *
 * Source: `GetResetFields` of the strategies of kube-apiserver 1.37.
 */
export function resetFieldsOf(group: string, kind: string, endpoint: Endpoint): Paths {
  const key = `${group}/${kind}`;
  const other = OTHERS[`${key}/${endpoint}`];
  if (other !== undefined) return other;
  const open = OPEN.has(key);
  if (endpoint === 'main' && (open || CLOSED.has(key))) return STATUS;
  if (endpoint === 'status' && open) return SPEC;
  return endpoint === 'status' && CLOSED.has(key) ? SPEC_AND_METADATA : [];
}
