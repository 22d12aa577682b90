/** One object of a kind with everything in it that its Table shows, and the statuses that it is to be shown with. */
export interface RichObject {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly body: Readonly<Record<string, unknown>>;
  /** Each is written to its own copy of the object, through /status. */
  readonly statuses?: readonly Readonly<Record<string, unknown>>[];
}

const CSR =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIRk1HNENBUUF3RERFS01BZ0dBMVVFQXd3QmVEQlpNQk1HQnlxR1NNNDlBZ0VHQ0NxR1NNNDlBd0VIQTBJQQpCRktNOVE3ZWJDNCtnbkQweHRKU2l1OXVJamlmY0ZSY1AxQkNKY3NzK1ZqdzErMTZMUHZsNWlSblp5OHJxOWFJClRxRFhnalpqNHpNR0Y1WlM4SVYwbFNPZ0FEQUtCZ2dxaGtqT1BRUURBZ05IQURCRUFpQXhxQ2tDMThZVWxOVU8Kbkh4RkZjL2lpanFqTjR6a1BNU25wVnhtZmpuYkVRSWdVR21KL2Q4UUhWYW5KQTI1Yjh6d3luclJYYmh6emtIdQovUXhQalhZZHkzUT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==';

const past = (seconds: number): string =>
  new Date(Math.floor(Date.now() / 1000) * 1000 - seconds * 1000).toISOString().replace('.000Z', 'Z');

const DAY = 86_400;

const template = {
  metadata: { labels: { app: 'x', tier: 'b' } },
  spec: {
    schedulerName: 'nobody',
    nodeSelector: { disk: 'ssd', arch: 'arm' },
    containers: [
      { name: 'a', image: 'a:1' },
      { name: 'b', image: 'registry/b@sha256:0' },
    ],
  },
};
const jobTemplate = { spec: { ...template.spec, restartPolicy: 'Never' } };
const selector = {
  matchLabels: { tier: 'b', app: 'x' },
  matchExpressions: [
    { key: 'app', operator: 'In', values: ['y', 'x'] },
    { key: 'none', operator: 'DoesNotExist' },
    { key: 'tier', operator: 'Exists' },
    { key: 'zone', operator: 'NotIn', values: ['q'] },
  ],
};

function namespaced(
  apiVersion: string,
  plural: string,
  body: Readonly<Record<string, unknown>>,
  statuses?: readonly Readonly<Record<string, unknown>>[],
): RichObject {
  return { ...of(apiVersion, plural, body, statuses), namespaced: true };
}

function of(
  apiVersion: string,
  plural: string,
  body: Readonly<Record<string, unknown>>,
  statuses?: readonly Readonly<Record<string, unknown>>[],
): RichObject {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return {
    group: group as string,
    version: version as string,
    plural,
    namespaced: false,
    body,
    ...(statuses && { statuses }),
  };
}

type Container = Readonly<Record<string, unknown>>;

const status = (name: string, state: object, more: object = {}): Container => ({
  name,
  state,
  image: 'i',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...more,
});
const running = { running: { startedAt: past(100) } };
const waiting = (reason: string) => ({ waiting: { reason } });
const ended = (more: object) => ({ terminated: { exitCode: 0, startedAt: past(90), finishedAt: past(80), ...more } });
const restarted = (ago: number) => ({ lastState: { terminated: { exitCode: 1, finishedAt: past(ago) } } });
const condition = (type: string, state: string, more: object = {}) => ({ type, status: state, ...more });

const podSpec = {
  ...template.spec,
  readinessGates: [{ conditionType: 'example.com/gate' }, { conditionType: 'example.com/other' }],
  initContainers: [
    { name: 'i', image: 'i' },
    { name: 's', image: 's', restartPolicy: 'Always' },
    { name: 'j', image: 'j' },
  ],
};

const initDone = [
  status('i', ended({}), { restartCount: 2, ...restarted(500) }),
  status('s', running, { started: true, ready: true, restartCount: 3, ...restarted(300) }),
  status('j', ended({})),
];

const podStatuses = [
  { phase: 'Pending', conditions: [condition('PodScheduled', 'False', { reason: 'SchedulingGated' })] },
  { phase: 'Pending', reason: 'Evicted', nominatedNodeName: 'n' },
  { phase: 'Pending', initContainerStatuses: [status('i', waiting('PodInitializing'))] },
  {
    phase: 'Pending',
    initContainerStatuses: [status('i', waiting('CrashLoopBackOff'), { restartCount: 4, ...restarted(7000) })],
  },
  { phase: 'Pending', initContainerStatuses: [status('i', ended({ exitCode: 3 }))] },
  { phase: 'Pending', initContainerStatuses: [status('i', ended({ exitCode: 1, signal: 9 }))] },
  { phase: 'Pending', initContainerStatuses: [status('i', ended({ exitCode: 1, reason: 'Error' }))] },
  { phase: 'Pending', initContainerStatuses: [status('i', ended({})), status('s', running, { started: false })] },
  {
    phase: 'Pending',
    initContainerStatuses: [status('i', ended({})), status('s', running, { started: true }), status('j', running)],
  },
  {
    phase: 'Running',
    conditions: [
      condition('Initialized', 'True'),
      condition('example.com/gate', 'True'),
      condition('example.com/other', 'False'),
    ],
    initContainerStatuses: [status('i', running)],
    containerStatuses: [status('a', running, { ready: true, restartCount: 5, ...restarted(40 * DAY) })],
    podIP: '10.1.2.3',
    podIPs: [{ ip: '10.1.2.3' }, { ip: 'fd00::1' }],
  },
  {
    phase: 'Running',
    conditions: [condition('Ready', 'True')],
    initContainerStatuses: initDone,
    containerStatuses: [status('a', running, { ready: true }), status('b', ended({ reason: 'Completed' }))],
  },
  {
    phase: 'Running',
    initContainerStatuses: initDone,
    containerStatuses: [status('a', ended({ reason: 'Completed' })), status('b', running, { ready: true })],
  },
  {
    phase: 'Running',
    initContainerStatuses: initDone,
    containerStatuses: [status('a', ended({ reason: 'Completed' })), status('b', ended({ exitCode: 2, signal: 15 }))],
  },
  {
    phase: 'Running',
    initContainerStatuses: initDone,
    containerStatuses: [
      status('a', ended({ reason: 'Completed' })),
      status('b', ended({ exitCode: 2 }), { restartCount: 1, ...restarted(5 * 3600) }),
    ],
  },
  {
    phase: 'Running',
    containerStatuses: [
      status('a', waiting('ImagePullBackOff')),
      status('b', running, { ready: true, restartCount: 1 }),
    ],
  },
  { phase: 'Running', containerStatuses: [status('a', waiting('')), status('b', running)] },
  { phase: 'Failed', reason: 'NodeLost' },
  { phase: 'Failed', containerStatuses: [status('a', ended({ exitCode: 137, reason: 'OOMKilled' }))] },
  { phase: 'Succeeded', containerStatuses: [status('a', ended({ reason: 'Completed' }))] },
];

const quantity = (value: object) => ({ type: 'Value', ...value });
const external = { metric: { name: 'q' } };
const object = { metric: { name: 'q' }, describedObject: { kind: 'Service', name: 's' } };

const hpaMetrics: readonly (readonly [spec: object, status: object])[] = [
  [
    { type: 'External', external: { ...external, target: { type: 'AverageValue', averageValue: '100m' } } },
    { type: 'External', external: { ...external, current: { averageValue: '50m' } } },
  ],
  [
    { type: 'External', external: { ...external, target: quantity({ value: '5k' }) } },
    { type: 'External', external: { ...external, current: { value: '3' } } },
  ],
  [
    { type: 'Pods', pods: { ...external, target: { type: 'AverageValue', averageValue: '1' } } },
    { type: 'Pods', pods: { ...external, current: { averageValue: '2' } } },
  ],
  [
    { type: 'Object', object: { ...object, target: { type: 'AverageValue', averageValue: '1Gi' } } },
    { type: 'Object', object: { ...object, current: { averageValue: '2Gi', value: '1' } } },
  ],
  [
    { type: 'Object', object: { ...object, target: quantity({ value: '7' }) } },
    { type: 'Object', object: { ...object, current: { value: '8' } } },
  ],
  [
    { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Mi' } } },
    { type: 'Resource', resource: { name: 'memory', current: { averageValue: '2Mi' } } },
  ],
  [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
    { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 35, averageValue: '1' } } },
  ],
  [
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 70 } },
    },
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'c', current: { averageUtilization: 3, averageValue: '1' } },
    },
  ],
  [
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'c', target: { type: 'AverageValue', averageValue: '2' } },
    },
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', current: { averageValue: '1' } } },
  ],
];

function autoscaler(metrics: readonly object[], current: readonly object[]): RichObject {
  return namespaced(
    'autoscaling/v2',
    'horizontalpodautoscalers',
    { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' }, maxReplicas: 9, metrics } },
    [{ currentReplicas: 3, desiredReplicas: 4, currentMetrics: current }],
  );
}

const endpointsOf = (count: number): object[] =>
  Array.from({ length: count }, (_, i) => ({ addresses: [`10.0.0.${String(i + 1)}`] }));

const servicePorts = [
  { name: 'http', port: 80, targetPort: 'web' },
  { name: 'dns', port: 53, protocol: 'UDP', nodePort: 0 },
];

const jobCondition = (type: string, state = 'True') => condition(type, state, { lastTransitionTime: past(5) });

export const richObjects: readonly RichObject[] = [
  namespaced('v1', 'configmaps', { data: { a: '1' }, binaryData: { b: 'AA==', c: 'AA==' } }),
  namespaced('v1', 'secrets', { stringData: { a: '1' }, type: 'example.com/x' }),
  namespaced('v1', 'serviceaccounts', {}),
  namespaced('v1', 'limitranges', { spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '1Ti' } }] } }),
  namespaced('v1', 'pods', { spec: { ...podSpec, terminationGracePeriodSeconds: 0 } }, podStatuses),
  namespaced('v1', 'pods', { metadata: { finalizers: ['example.com/x'] }, spec: template.spec }, [
    { phase: 'Running', reason: 'deleted' },
    { phase: 'Running', reason: 'NodeLost' },
    { phase: 'Failed', reason: 'deleted' },
  ]),
  namespaced('v1', 'podtemplates', { template }),
  namespaced('v1', 'replicationcontrollers', { spec: { replicas: 0, selector: { app: 'x' }, template } }, [
    { replicas: 3, readyReplicas: 2 },
  ]),
  namespaced('apps/v1', 'replicasets', { spec: { replicas: 0, selector, template } }, [
    { replicas: 3, readyReplicas: 2 },
  ]),
  namespaced('apps/v1', 'deployments', { spec: { replicas: 0, selector, template } }, [
    { replicas: 5, readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 },
  ]),
  namespaced('apps/v1', 'statefulsets', { spec: { replicas: 0, selector, template } }, [
    { replicas: 2, readyReplicas: 2 },
  ]),
  namespaced('apps/v1', 'daemonsets', { spec: { selector, template } }, [
    {
      currentNumberScheduled: 1,
      desiredNumberScheduled: 2,
      numberMisscheduled: 0,
      numberReady: 3,
      updatedNumberScheduled: 4,
      numberAvailable: 5,
    },
  ]),
  namespaced('apps/v1', 'daemonsets', {
    spec: {
      selector: { matchLabels: { app: 'x' } },
      template: { ...template, spec: { ...template.spec, nodeSelector: {} } },
    },
  }),
  namespaced('apps/v1', 'controllerrevisions', { revision: 7, data: { a: 1 } }),
  namespaced('apps/v1', 'controllerrevisions', {
    metadata: {
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 's', uid: '$namespace', controller: true }],
    },
    revision: 8,
    data: {},
  }),
  namespaced('batch/v1', 'jobs', { spec: { suspend: true, completions: 3, template: jobTemplate } }, [
    { conditions: [jobCondition('Suspended')] },
    {
      startTime: past(1000),
      conditions: [jobCondition('Suspended', 'False')],
      succeeded: 1,
      uncountedTerminatedPods: {},
    },
  ]),
  namespaced('batch/v1', 'jobs', { spec: { suspend: true, parallelism: 2, template: jobTemplate } }),
  namespaced('batch/v1', 'jobs', { spec: { suspend: true, template: jobTemplate } }),
  namespaced(
    'batch/v1',
    'cronjobs',
    {
      spec: {
        schedule: '0 0 1 1 *',
        suspend: true,
        timeZone: 'Etc/UTC',
        jobTemplate: { spec: { template: jobTemplate } },
      },
    },
    [
      {
        lastScheduleTime: past(4000),
        active: [
          { kind: 'Job', name: 'x' },
          { kind: 'Job', name: 'y' },
        ],
      },
    ],
  ),
  namespaced('batch/v1', 'cronjobs', {
    spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: jobTemplate } } },
  }),
  namespaced('v1', 'services', {
    spec: { ports: servicePorts, selector: { b: '2', a: '1' }, externalIPs: ['192.0.2.7'] },
  }),
  namespaced('v1', 'services', { spec: { clusterIP: 'None' } }),
  namespaced('v1', 'services', { spec: { type: 'NodePort', ports: servicePorts } }),
  namespaced('v1', 'services', { spec: { type: 'ExternalName', externalName: 'example.com' } }),
  namespaced('v1', 'services', { spec: { type: 'LoadBalancer', ports: servicePorts } }, [
    {},
    {
      loadBalancer: {
        ingress: [{ hostname: 'b.example.com' }, { ip: '192.0.2.9' }, { hostname: 'a.very.long.name.example.com' }],
      },
    },
  ]),
  namespaced('v1', 'services', { spec: { type: 'LoadBalancer', ports: servicePorts, externalIPs: ['192.0.2.8'] } }, [
    { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } },
  ]),
  namespaced('v1', 'endpoints', {
    subsets: [
      {
        addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }],
        ports: [
          { name: 'w', port: 80 },
          { name: 'x', port: 81 },
        ],
      },
      { addresses: [{ ip: 'fd00::1' }] },
    ],
  }),
  namespaced('v1', 'endpoints', { subsets: [{ addresses: [{ ip: 'fd00::1' }], ports: [{ port: 80 }] }] }),
  namespaced('v1', 'endpoints', { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }),
  namespaced('v1', 'endpoints', {}),
  namespaced('discovery.k8s.io/v1', 'endpointslices', {
    addressType: 'IPv4',
    endpoints: endpointsOf(5),
    ports: [{ port: 80 }, { name: 'all' }],
  }),
  namespaced('discovery.k8s.io/v1', 'endpointslices', { addressType: 'IPv4', endpoints: [], ports: [] }),
  namespaced('discovery.k8s.io/v1', 'endpointslices', {
    addressType: 'IPv6',
    endpoints: [{ addresses: ['fd00::1'] }],
    ports: [1, 2, 3, 4].map((port) => ({ port, name: `p${String(port)}` })),
  }),
  namespaced('networking.k8s.io/v1', 'ingresses', {
    spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
  }),
  namespaced(
    'networking.k8s.io/v1',
    'ingresses',
    {
      spec: {
        ingressClassName: 'c',
        tls: [{ hosts: ['a.b'] }],
        rules: ['a.b', '', 'c.d', 'e.f', 'g.h', 'i.j'].map((host) => ({
          ...(host !== '' && { host }),
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }],
          },
        })),
      },
    },
    [{ loadBalancer: { ingress: [{ hostname: 'some.rather.long.name.example.com' }, { ip: '192.0.2.1' }] } }],
  ),
  namespaced('networking.k8s.io/v1', 'networkpolicies', { spec: { podSelector: selector } }),
  namespaced('networking.k8s.io/v1', 'networkpolicies', { spec: { podSelector: {} } }),
  of('networking.k8s.io/v1', 'ingressclasses', {
    metadata: { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: {
      controller: 'example.com/c',
      parameters: { apiGroup: 'example.com', kind: 'K', name: 'n', scope: 'Cluster' },
    },
  }),
  of('networking.k8s.io/v1', 'ingressclasses', {
    spec: { controller: 'example.com/c', parameters: { kind: 'K', name: 'n' } },
  }),
  of('networking.k8s.io/v1', 'ingressclasses', { spec: { controller: 'example.com/c' } }),
  ...hpaMetrics.map(([spec, state]) => autoscaler([spec], [state])),
  ...hpaMetrics.map(([spec]) => autoscaler([spec], [])),
  autoscaler(
    hpaMetrics.slice(0, 4).map(([spec]) => spec),
    [],
  ),
  namespaced('policy/v1', 'poddisruptionbudgets', { spec: { minAvailable: '30%', selector } }, [
    { disruptionsAllowed: 2, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  ]),
  namespaced('policy/v1', 'poddisruptionbudgets', { spec: { maxUnavailable: 0, selector } }),
  namespaced('coordination.k8s.io/v1', 'leases', { spec: { holderIdentity: 'me' } }),
  namespaced('coordination.k8s.io/v1', 'leases', {}),
  namespaced('rbac.authorization.k8s.io/v1', 'roles', {
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  }),
  namespaced('rbac.authorization.k8s.io/v1', 'rolebindings', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
    subjects: [
      { kind: 'User', name: 'u' },
      { kind: 'User', name: 'v' },
      { kind: 'Group', name: 'g' },
      { kind: 'ServiceAccount', name: 's', namespace: 'n' },
    ],
  }),
  of('rbac.authorization.k8s.io/v1', 'clusterroles', { rules: [] }),
  of('rbac.authorization.k8s.io/v1', 'clusterrolebindings', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'nobody-has-this' },
  }),
  of('scheduling.k8s.io/v1', 'priorityclasses', { value: -7, preemptionPolicy: 'Never' }),
  of('storage.k8s.io/v1', 'storageclasses', {
    provisioner: 'example.com/p',
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  }),
  of('storage.k8s.io/v1', 'storageclasses', {
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'example.com/p',
  }),
  of('storage.k8s.io/v1', 'storageclasses', {
    metadata: { annotations: { 'storageclass.beta.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'example.com/p',
  }),
  of('storage.k8s.io/v1', 'volumeattributesclasses', { driverName: 'example.com', parameters: { a: 'b' } }),
  of('storage.k8s.io/v1', 'csidrivers', {
    spec: {
      attachRequired: false,
      podInfoOnMount: true,
      storageCapacity: true,
      tokenRequests: [{ audience: 'a' }, { audience: 'b' }],
      requiresRepublish: true,
      volumeLifecycleModes: ['Persistent', 'Ephemeral'],
    },
  }),
  of('storage.k8s.io/v1', 'csidrivers', { spec: {} }),
  of('storage.k8s.io/v1', 'csinodes', { spec: { drivers: [{ name: 'd', nodeID: 'n' }] } }),
  namespaced('storage.k8s.io/v1', 'csistoragecapacities', { storageClassName: 'c', capacity: '1Gi' }),
  of(
    'storage.k8s.io/v1',
    'volumeattachments',
    { spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'p' } } },
    [{ attached: true }],
  ),
  namespaced('v1', 'persistentvolumeclaims', {
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'nothing',
      volumeMode: 'Block',
      resources: { requests: { storage: '1Gi' } },
    },
  }),
  namespaced(
    'v1',
    'persistentvolumeclaims',
    {
      spec: {
        accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
        volumeName: 'nothing',
        storageClassName: '',
        resources: { requests: { storage: '1Gi' } },
      },
    },
    [{ phase: 'Lost', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteMany', 'ReadOnlyMany', 'ReadWriteOnce'] }],
  ),
  of(
    'v1',
    'persistentvolumes',
    {
      spec: {
        capacity: { storage: '1000Mi' },
        accessModes: ['ReadWriteOncePod'],
        claimRef: { namespace: 'nowhere', name: 'c', uid: 'u' },
        storageClassName: 'nothing',
        hostPath: { path: '/x' },
      },
    },
    [{ phase: 'Failed', reason: 'Broken' }],
  ),
  of('v1', 'persistentvolumes', {
    metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'beta' } },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadOnlyMany'],
      hostPath: { path: '/x' },
      persistentVolumeReclaimPolicy: 'Delete',
    },
  }),
  of('v1', 'nodes', {
    metadata: {
      labels: { 'node-role.kubernetes.io/b': '', 'node-role.kubernetes.io/a': '', 'kubernetes.io/role': 'c' },
    },
    spec: { unschedulable: true },
    status: {
      conditions: [condition('Ready', 'Unknown')],
      addresses: [
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'ExternalIP', address: '192.0.2.1' },
      ],
      nodeInfo: {
        kubeletVersion: 'v1',
        kernelVersion: '6',
        architecture: 'arm64',
        osImage: 'OS',
        containerRuntimeVersion: 'cr',
        machineID: '',
        systemUUID: '',
        bootID: '',
        kubeProxyVersion: '',
        operatingSystem: '',
      },
    },
  }),
  of('v1', 'nodes', {}),
  of('v1', 'namespaces', {}),
  of('node.k8s.io/v1', 'runtimeclasses', { handler: 'h' }),
  of('admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations', {
    webhooks: [
      {
        name: 'a.b.c',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        clientConfig: { url: 'https://example.invalid' },
      },
    ],
  }),
  of('admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations', {}),
  of('admissionregistration.k8s.io/v1', 'validatingadmissionpolicies', {
    spec: {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['nothing.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['x'] },
        ],
      },
      validations: [{ expression: 'true' }, { expression: '1 == 1' }],
    },
  }),
  ...[
    { name: 'n', parameterNotFoundAction: 'Allow' },
    { name: 'n', namespace: 'm', parameterNotFoundAction: 'Allow' },
    {
      selector: {
        matchLabels: { b: '1', a: '2' },
        matchExpressions: [
          { key: 'k', operator: 'In', values: ['x', 'y'] },
          { key: 'q', operator: 'Exists' },
        ],
      },
      parameterNotFoundAction: 'Allow',
    },
    undefined,
  ].flatMap((paramRef) => [
    of('admissionregistration.k8s.io/v1', 'validatingadmissionpolicybindings', {
      spec: { policyName: 'nothing', validationActions: ['Warn'], ...(paramRef && { paramRef }) },
    }),
    of('admissionregistration.k8s.io/v1', 'mutatingadmissionpolicybindings', {
      spec: { policyName: 'nothing', ...(paramRef && { paramRef }) },
    }),
  ]),
  of('admissionregistration.k8s.io/v1', 'mutatingadmissionpolicies', {
    spec: {
      reinvocationPolicy: 'Never',
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['nothing.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['x'] },
        ],
      },
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
    },
  }),
  of('flowcontrol.apiserver.k8s.io/v1', 'flowschemas', {
    spec: {
      priorityLevelConfiguration: { name: 'nothing' },
      matchingPrecedence: 9000,
      distinguisherMethod: { type: 'ByUser' },
    },
  }),
  of('flowcontrol.apiserver.k8s.io/v1', 'prioritylevelconfigurations', {
    spec: {
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: 1,
        limitResponse: { type: 'Queue', queuing: { queues: 4, handSize: 2, queueLengthLimit: 5 } },
      },
    },
  }),
  of('flowcontrol.apiserver.k8s.io/v1', 'prioritylevelconfigurations', {
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 0, limitResponse: { type: 'Reject' } } },
  }),
  of('certificates.k8s.io/v1', 'certificatesigningrequests', {
    spec: { request: CSR, signerName: 'example.com/s', usages: ['client auth'], expirationSeconds: 90_000 },
  }),
  of('certificates.k8s.io/v1', 'certificatesigningrequests', {
    spec: { request: CSR, signerName: 'example.com/s', usages: ['client auth'] },
  }),
  of('resource.k8s.io/v1', 'deviceclasses', { spec: {} }),
  namespaced('resource.k8s.io/v1', 'resourceclaims', {
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'nothing' } }] } },
  }),
  namespaced('resource.k8s.io/v1', 'resourceclaimtemplates', {
    spec: { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'nothing' } }] } } },
  }),
  of('resource.k8s.io/v1', 'resourceslices', {
    spec: { driver: 'example.com', nodeName: 'nothing', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } },
  }),
  of('resource.k8s.io/v1', 'devicetaintrules', { spec: { taint: { key: 'k', value: 'v', effect: 'NoSchedule' } } }),
  of('storagemigration.k8s.io/v1', 'storageversionmigrations', {
    spec: { resource: { group: 'nothing.example.com', resource: 'xs' } },
  }),
  namespaced('v1', 'events', {
    involvedObject: { kind: 'Pod', name: 'p', namespace: '$namespace', fieldPath: 'spec.containers{a}' },
    type: 'Normal',
    reason: 'R',
    message: '  hello\n',
    source: { component: 'c', host: 'h' },
    firstTimestamp: past(3 * DAY),
    lastTimestamp: past(100),
    count: 7,
  }),
  namespaced('v1', 'events', {
    involvedObject: { kind: 'Pod', namespace: '$namespace' },
    type: 'Warning',
    eventTime: past(700).replace('Z', '.000000Z'),
    reportingComponent: 'rc',
    reportingInstance: 'ri',
    action: 'A',
    reason: 'R',
    series: { count: 3, lastObservedTime: past(10).replace('Z', '.000000Z') },
  }),
  namespaced('events.k8s.io/v1', 'events', {
    regarding: { kind: 'Pod', name: 'p', namespace: '$namespace' },
    type: 'Normal',
    eventTime: past(800).replace('Z', '.000000Z'),
    reportingController: 'example.com/rc',
    reportingInstance: 'ri',
    action: 'A',
    reason: 'R',
    note: ' n ',
  }),
  // Last, for they refuse others.
  namespaced('v1', 'resourcequotas', { spec: { hard: { secrets: '100' } } }, [
    {
      hard: { pods: '10', 'limits.cpu': '2', 'limits.memory': '2Gi', 'requests.cpu': '1500m' },
      used: { pods: '1', 'limits.cpu': '0' },
    },
  ]),
];
