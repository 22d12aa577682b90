/** Small valid objects of every kind that the stories are told about. */

export interface Sample {
  /** As `at` takes it. */
  readonly resource: string;
  /** Without apiVersion, kind and name. */
  readonly body: Readonly<Record<string, unknown>>;
  /** A merge patch that changes something a user may change. */
  readonly change: Readonly<Record<string, unknown>>;
  readonly apiVersion: string;
  readonly kind: string;
  /** Belongs to the whole cluster: its name holds `{id}`. */
  readonly cluster?: boolean;
  /** The name of the object, where the kind wants a certain one. */
  readonly name?: string;
}

type Body = Readonly<Record<string, unknown>>;

export const podSpec: Body = { containers: [{ name: 'c', image: 'example.com/a:1' }] };

export function template(labels: Body = { app: 'a' }, spec: Body = podSpec): Body {
  return { metadata: { labels }, spec };
}

const selector: Body = { matchLabels: { app: 'a' } };
const never: Body = { ...podSpec, restartPolicy: 'Never' };

function sample(
  apiVersion: string,
  kind: string,
  resource: string,
  body: Body,
  change: Body,
  more: Partial<Sample> = {},
): Sample {
  return { apiVersion, kind, resource, body, change, ...more };
}

export const samples: readonly Sample[] = [
  sample('v1', 'ConfigMap', 'configmaps', { data: { a: '1' } }, { data: { a: '2' } }),
  sample('v1', 'Secret', 'secrets', { stringData: { a: '1' } }, { stringData: { b: '2' } }),
  sample('v1', 'ServiceAccount', 'serviceaccounts', {}, { automountServiceAccountToken: false }),
  sample(
    'v1',
    'Service',
    'services',
    { spec: { selector: { app: 'a' }, ports: [{ port: 80 }] } },
    { spec: { selector: { app: 'b' } } },
  ),
  sample(
    'v1',
    'Endpoints',
    'endpoints',
    { subsets: [{ addresses: [{ ip: '1.2.3.4' }], ports: [{ port: 80 }] }] },
    { subsets: [] },
  ),
  sample(
    'v1',
    'Pod',
    'pods',
    { spec: podSpec },
    { spec: { containers: [{ name: 'c', image: 'example.com/a:1' }], activeDeadlineSeconds: 50 } },
  ),
  sample(
    'v1',
    'PodTemplate',
    'podtemplates',
    { template: template() },
    { template: { metadata: { labels: { app: 'b' } } } },
  ),
  sample(
    'v1',
    'ReplicationController',
    'replicationcontrollers',
    { spec: { replicas: 0, selector: { app: 'a' }, template: template() } },
    { spec: { replicas: 2 } },
  ),
  sample(
    'v1',
    'LimitRange',
    'limitranges',
    { spec: { limits: [{ type: 'Container', default: { cpu: '100m' } }] } },
    { spec: { limits: [] } },
  ),
  sample(
    'v1',
    'ResourceQuota',
    'resourcequotas',
    { spec: { hard: { 'count/jobs.batch': '5' } } },
    { spec: { hard: { 'count/jobs.batch': '6' } } },
  ),
  sample(
    'v1',
    'PersistentVolumeClaim',
    'persistentvolumeclaims',
    { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
    { metadata: { labels: { a: 'b' } } },
  ),
  sample(
    'v1',
    'Event',
    'events',
    {
      involvedObject: { kind: 'Pod', name: 'a', namespace: '{ns}', apiVersion: 'v1' },
      reason: 'Tested',
      message: 'm',
      type: 'Normal',
    },
    { message: 'n' },
  ),
  sample('v1', 'Namespace', 'namespaces', {}, { metadata: { labels: { a: 'b' } } }, { cluster: true }),
  sample('v1', 'Node', 'nodes', {}, { spec: { unschedulable: true } }, { cluster: true }),
  sample(
    'v1',
    'PersistentVolume',
    'persistentvolumes',
    { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/x' } } },
    { spec: { persistentVolumeReclaimPolicy: 'Delete' } },
    { cluster: true },
  ),
  sample(
    'apps/v1',
    'Deployment',
    'apps/v1/deployments',
    { spec: { selector, template: template() } },
    { spec: { replicas: 2 } },
  ),
  sample(
    'apps/v1',
    'StatefulSet',
    'apps/v1/statefulsets',
    { spec: { serviceName: 's', selector, template: template() } },
    { spec: { replicas: 2 } },
  ),
  sample(
    'apps/v1',
    'DaemonSet',
    'apps/v1/daemonsets',
    { spec: { selector, template: template() } },
    { spec: { minReadySeconds: 3 } },
  ),
  sample(
    'apps/v1',
    'ReplicaSet',
    'apps/v1/replicasets',
    { spec: { selector, template: template() } },
    { spec: { replicas: 2 } },
  ),
  sample(
    'apps/v1',
    'ControllerRevision',
    'apps/v1/controllerrevisions',
    { revision: 1, data: { a: 'b' } },
    { revision: 2 },
  ),
  sample('batch/v1', 'Job', 'batch/v1/jobs', { spec: { template: { spec: never } } }, { spec: { parallelism: 3 } }),
  sample(
    'batch/v1',
    'CronJob',
    'batch/v1/cronjobs',
    { spec: { schedule: '1 2 3 * *', jobTemplate: { spec: { template: { spec: never } } } } },
    { spec: { suspend: true } },
  ),
  sample(
    'networking.k8s.io/v1',
    'Ingress',
    'networking.k8s.io/v1/ingresses',
    { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } },
    { spec: { ingressClassName: 'x' } },
  ),
  sample(
    'networking.k8s.io/v1',
    'NetworkPolicy',
    'networking.k8s.io/v1/networkpolicies',
    { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } },
    { spec: { podSelector: { matchLabels: { a: 'b' } } } },
  ),
  sample(
    'networking.k8s.io/v1',
    'IngressClass',
    'networking.k8s.io/v1/ingressclasses',
    { spec: { controller: 'ex.io/c' } },
    { metadata: { labels: { a: 'b' } } },
    { cluster: true },
  ),
  sample(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    'autoscaling/v2/horizontalpodautoscalers',
    { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }, maxReplicas: 3 } },
    { spec: { maxReplicas: 4 } },
  ),
  sample(
    'policy/v1',
    'PodDisruptionBudget',
    'policy/v1/poddisruptionbudgets',
    { spec: { minAvailable: 1, selector } },
    { spec: { minAvailable: '50%' } },
  ),
  sample(
    'storage.k8s.io/v1',
    'StorageClass',
    'storage.k8s.io/v1/storageclasses',
    { provisioner: 'ex.io/p' },
    { allowVolumeExpansion: true },
    { cluster: true },
  ),
  sample(
    'scheduling.k8s.io/v1',
    'PriorityClass',
    'scheduling.k8s.io/v1/priorityclasses',
    { value: 5 },
    { description: 'd' },
    { cluster: true },
  ),
  sample(
    'coordination.k8s.io/v1',
    'Lease',
    'coordination.k8s.io/v1/leases',
    { spec: { holderIdentity: 'me', leaseDurationSeconds: 10 } },
    { spec: { holderIdentity: 'you' } },
  ),
  sample(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    'discovery.k8s.io/v1/endpointslices',
    { addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4'] }], ports: [{ port: 80 }] },
    { endpoints: [] },
  ),
  sample(
    'rbac.authorization.k8s.io/v1',
    'Role',
    'rbac.authorization.k8s.io/v1/roles',
    { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
    { rules: [] },
  ),
  sample(
    'rbac.authorization.k8s.io/v1',
    'RoleBinding',
    'rbac.authorization.k8s.io/v1/rolebindings',
    {
      roleRef: { kind: 'Role', name: 'a', apiGroup: 'rbac.authorization.k8s.io' },
      subjects: [{ kind: 'User', name: 'u' }],
    },
    { subjects: [] },
  ),
  sample(
    'rbac.authorization.k8s.io/v1',
    'ClusterRole',
    'rbac.authorization.k8s.io/v1/clusterroles',
    { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
    { rules: [] },
    { cluster: true },
  ),
  sample(
    'rbac.authorization.k8s.io/v1',
    'ClusterRoleBinding',
    'rbac.authorization.k8s.io/v1/clusterrolebindings',
    {
      roleRef: { kind: 'ClusterRole', name: 'view', apiGroup: 'rbac.authorization.k8s.io' },
      subjects: [{ kind: 'Group', name: 'g' }],
    },
    { subjects: [] },
    { cluster: true },
  ),
  sample(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    { webhooks: [] },
    { metadata: { labels: { a: 'b' } } },
    { cluster: true },
  ),
  sample(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    { webhooks: [] },
    { metadata: { labels: { a: 'b' } } },
    { cluster: true },
  ),
  sample(
    'apiregistration.k8s.io/v1',
    'APIService',
    'apiregistration.k8s.io/v1/apiservices',
    {
      spec: {
        group: '{id}.io',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 10,
        service: { name: 's', namespace: 'default' },
        insecureSkipTLSVerify: true,
      },
    },
    { spec: { versionPriority: 11 } },
    { cluster: true, name: 'v1.{id}.io' },
  ),
  sample(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    'apiextensions.k8s.io/v1/customresourcedefinitions',
    {
      spec: {
        group: '{id}.io',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    },
    { metadata: { labels: { a: 'b' } } },
    { cluster: true, name: 'things.{id}.io' },
  ),
];

export function sampleOf(kind: string): Sample {
  const found = samples.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`no sample of kind ${kind}`);
  return found;
}

/** The sample as an object, with metadata beyond its name and other top-level fields where they are given. */
export function object(kind: string, name = 'a', metadata: Body = {}, fields: Body = {}): Body {
  const { apiVersion, body } = sampleOf(kind);
  return { apiVersion, kind, metadata: { name, ...metadata }, ...body, ...fields };
}

export function configMap(name: string, data: Body = {}, metadata: Body = {}): Body {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

export function deployment(name: string, spec: Body = {}, metadata: Body = {}): Body {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...metadata },
    spec: { selector, template: template(), ...spec },
  };
}
