import type { KubeObject } from '@homeostat/kube';
import { timestamp } from './clock.ts';

import { createObject } from './registry/create.ts';
import type { Registry } from './registry/registry.ts';

const RBAC = 'rbac.authorization.k8s.io';
const DEFAULTS = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
};
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

const PUBLIC = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const DISCOVERY = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];

const VIEWED: readonly Rule[] = [
  {
    verbs: READ,
    apiGroups: [''],
    resources: [
      'bindings',
      'configmaps',
      'endpoints',
      'events',
      'limitranges',
      'namespaces',
      'namespaces/status',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'pods',
      'pods/log',
      'pods/status',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'replicationcontrollers/status',
      'resourcequotas',
      'resourcequotas/status',
      'serviceaccounts',
      'services',
      'services/status',
    ],
  },
  {
    verbs: READ,
    apiGroups: ['apps'],
    resources: [
      'controllerrevisions',
      'daemonsets',
      'daemonsets/status',
      'deployments',
      'deployments/scale',
      'deployments/status',
      'replicasets',
      'replicasets/scale',
      'replicasets/status',
      'statefulsets',
      'statefulsets/scale',
      'statefulsets/status',
    ],
  },
  {
    verbs: READ,
    apiGroups: ['autoscaling'],
    resources: ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'],
  },
  { verbs: READ, apiGroups: ['batch'], resources: ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'] },
  { verbs: READ, apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
  {
    verbs: READ,
    apiGroups: ['networking.k8s.io'],
    resources: ['ingresses', 'ingresses/status', 'networkpolicies'],
  },
  { verbs: READ, apiGroups: ['policy'], resources: ['poddisruptionbudgets', 'poddisruptionbudgets/status'] },
];

const EDITED: readonly Rule[] = [
  {
    verbs: READ,
    apiGroups: [''],
    resources: ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'],
  },
  { verbs: ['impersonate'], apiGroups: [''], resources: ['serviceaccounts'] },
  {
    verbs: WRITE,
    apiGroups: [''],
    resources: [
      'pods',
      'pods/attach',
      'pods/exec',
      'pods/portforward',
      'pods/proxy',
      'configmaps',
      'events',
      'persistentvolumeclaims',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'secrets',
      'serviceaccounts',
      'services',
      'services/proxy',
    ],
  },
  { verbs: ['create'], apiGroups: [''], resources: ['pods/eviction', 'serviceaccounts/token'] },
  {
    verbs: WRITE,
    apiGroups: ['apps'],
    resources: [
      'daemonsets',
      'deployments',
      'deployments/rollback',
      'deployments/scale',
      'replicasets',
      'replicasets/scale',
      'statefulsets',
      'statefulsets/scale',
    ],
  },
  { verbs: WRITE, apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'] },
  { verbs: WRITE, apiGroups: ['batch'], resources: ['cronjobs', 'jobs'] },
  { verbs: WRITE, apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'] },
  { verbs: WRITE, apiGroups: ['policy'], resources: ['poddisruptionbudgets'] },
  {
    verbs: [...READ, ...WRITE],
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
  },
];

const ADMINISTERED: readonly Rule[] = [
  { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'] },
  { verbs: [...READ, ...WRITE], apiGroups: [RBAC], resources: ['rolebindings', 'roles'] },
];

const PRIORITIES = [
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    what: 'must not be moved from their current node',
  },
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    what: 'must run in the cluster, but can be moved to another node if necessary',
  },
] as const;

/**
 * What a bare server has from the first moment: its namespaces, the `kubernetes` Service with its address range, the PriorityClasses of the system, the
 * ClusterRoles and bindings that discovery and users' rights rest on. Of `view`, `edit` and `admin` the rules are given as they
 * aggregate.
 */
export async function bootstrap(registry: Registry, port: number): Promise<void> {
  const make = async (object: object, namespace = ''): Promise<void> => {
    const { apiVersion, kind, metadata } = object as KubeObject;
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    const resource = registry.resources.ofKind(group, kind, version);
    if (resource === undefined) throw new Error(`no ${kind} to begin with`);
    const { object: draft } = resource.decode(structuredClone(object));
    await createObject(registry, resource, { namespace, name: metadata.name }, draft, CALLER());
  };
  for (const name of ['kube-system', 'kube-public', 'kube-node-lease', 'default']) {
    await make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const [name, rules] of ROLES) {
    // To these whoever brings kinds of their own adds the rights to them.
    const label = AGGREGATED.has(name) ? `rbac.authorization.k8s.io/aggregate-to-${name}` : undefined;
    const aggregationRule = label && { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] };
    const role = { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name, ...DEFAULTS }, rules };
    await make({ ...role, ...(aggregationRule !== undefined && { aggregationRule }) });
  }
  for (const [role, groups] of BINDINGS) {
    await make({
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: role, ...DEFAULTS },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
      subjects: groups.map((name) => ({ apiGroup: RBAC, kind: 'Group', name })),
    });
  }
  await make(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
      data: { since: timestamp(registry.clock.now()).slice(0, 10) },
    },
    'kube-system',
  );
  for (const { name, value, what } of PRIORITIES) {
    await make({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      description: `Used for system critical pods that ${what}.`,
    });
  }
  await make({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: ['10.0.0.0/16'] },
  });
  await make(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { component: 'apiserver', provider: 'kubernetes' },
      },
      spec: {
        clusterIP: '10.0.0.1',
        ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
        sessionAffinity: 'None',
        type: 'ClusterIP',
      },
    },
    'default',
  );
}

const AGGREGATED = new Set(['admin', 'edit', 'view']);

const ROLES: readonly (readonly [string, readonly Rule[]])[] = [
  [
    'cluster-admin',
    [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
  ],
  ['system:discovery', [{ verbs: ['get'], nonResourceURLs: DISCOVERY }]],
  [
    'system:basic-user',
    [
      {
        verbs: ['create'],
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ],
  ],
  ['system:public-info-viewer', [{ verbs: ['get'], nonResourceURLs: PUBLIC }]],
  ['admin', [...ADMINISTERED, ...EDITED, ...VIEWED]],
  ['edit', [...EDITED, ...VIEWED]],
  ['view', VIEWED],
];

const BINDINGS: readonly (readonly [string, readonly string[]])[] = [
  ['cluster-admin', ['system:masters']],
  ['system:discovery', ['system:authenticated']],
  ['system:basic-user', ['system:authenticated']],
  ['system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']],
];

const CALLER = () => ({
  user: { name: 'system:apiserver', groups: ['system:masters'] },
  options: { dryRun: false, fieldValidation: 'Ignore', manager: 'kube-apiserver', force: false } as const,
  warnings: [],
});
