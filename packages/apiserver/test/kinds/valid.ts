import type { Case } from './replay.ts';

const b64 = (text: string): string => Buffer.from(text).toString('base64');
const metadata = { name: 'x-RANDOM' };
const service = (spec: Record<string, unknown>): Case['object'] => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec,
});
const rbac = 'rbac.authorization.k8s.io/v1';
const admission = 'admissionregistration.k8s.io/v1';
const flow = 'flowcontrol.apiserver.k8s.io/v1';
const web = { service: { name: 'web', port: { number: 80 } } };
// A class keeps the default class, which another test may just have made, out of it.
const claim = { storageClassName: '', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const volume = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } };
const hook = {
  name: 'a.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { url: 'https://example.com/hook' },
};
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

/** A real request for a certificate of `CN=me`. */
const certificateRequest =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlISU1HOENBUUF3RFRFTE1Ba0dBMVVFQXd3Q2JXVXdXVEFUQmdjcWhrak9QUUlCQmdncWhrak9QUU1CQndOQwpBQVNnL1JFcmJZWHVtMjNHNE5SMFR4eHF6VElkVTVscUZyL2wyVnhiWTExUG1kSVVOUkVUckZCQUo5UGhjcDg0Ck5jd09QQWwxa1NnRi9abXZBcWFwcDdEQ29BQXdDZ1lJS29aSXpqMEVBd0lEU1FBd1JnSWhBUGtPN1A0Zy9qSWoKb0NkWGxwWDFZbTFOeW5LRkVGUnpwU1BZbVNIQVFSMTdBaUVBKzc5OGFxc1pleEx4RnVsK3dvamwzbERiYm1HbQpWbTVlck1rM3FraThJRDA9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=';
const signing = { request: certificateRequest, usages: ['client auth'], signerName: 'example.com/s' };

/** What a server accepts, and must store as the real one does. `RANDOM` stands for letters of each run,
 * `NAMESPACE` for its namespace. */
export const validCases: readonly Case[] = [
  // ConfigMap, Secret, ServiceAccount
  {
    title: 'ConfigMap: data',
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1', 'b.c_d-e': '' } },
  },
  { title: 'ConfigMap: nothing', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata } },
  {
    title: 'ConfigMap: binary data, labels, annotations, an owner and a finalizer',
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        ...metadata,
        labels: { app: 'web', 'example.com/x': '' },
        annotations: { 'Example.COM/Note': 'anything\nat all' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' }],
        finalizers: ['example.com/f'],
      },
      binaryData: { blob: b64('\u0000\u0001') },
    },
  },
  {
    title: 'ConfigMap: an immutable one gets a label',
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, immutable: true, data: { a: '1' } },
    update: { metadata: { labels: { a: 'b' } } },
  },
  {
    title: 'Secret: stringData over data',
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      data: { a: b64('old'), b: b64('kept') },
      stringData: { a: 'new', c: 'grün' },
    },
  },
  {
    title: 'Secret: kubernetes.io/tls',
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': '', 'tls.key': '' },
    },
  },
  {
    title: 'Secret: kubernetes.io/dockerconfigjson',
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': '{"auths":{}}' },
    },
  },
  {
    title: 'Secret: kubernetes.io/basic-auth with one of two keys',
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'kubernetes.io/basic-auth',
      stringData: { username: 'u' },
    },
  },
  {
    title: 'Secret: its type is kept when an update leaves it out',
    object: { apiVersion: 'v1', kind: 'Secret', metadata, type: 'example.com/t', data: { a: b64('1') } },
    update: { data: { a: b64('2'), b: b64('3') } },
  },
  {
    title: 'ServiceAccount: of a Secret the name alone is kept',
    object: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata,
      secrets: [{ name: 's', namespace: 'elsewhere' }],
      imagePullSecrets: [{ name: 'p' }],
      automountServiceAccountToken: false,
    },
  },
  // Service
  { title: 'Service: one port', object: service({ selector: { a: 'b' }, ports: [{ port: 80 }] }) },
  {
    title: 'Service: named ports, a named target, another protocol',
    object: service({
      ports: [
        { name: 'http', port: 80, targetPort: 'web', appProtocol: 'kubernetes.io/h2c' },
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 5353 },
      ],
    }),
  },
  {
    title: 'Service: headless with selector',
    object: service({ clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 80 }] }),
  },
  { title: 'Service: headless without selector', object: service({ clusterIP: 'None', ports: [{ port: 80 }] }) },
  {
    title: 'Service: headless without selector, one family',
    object: service({ clusterIP: 'None', ipFamilyPolicy: 'SingleStack' }),
  },
  { title: 'Service: ExternalName', object: service({ type: 'ExternalName', externalName: 'example.com.' }) },
  {
    title: 'Service: ExternalName with an internal policy that is not shown',
    object: service({ type: 'ExternalName', externalName: 'example.com', internalTrafficPolicy: 'Local' }),
  },
  { title: 'Service: NodePort', object: service({ type: 'NodePort', ports: [{ port: 80 }] }) },
  {
    title: 'Service: NodePort, TCP and UDP on one port',
    object: service({
      type: 'NodePort',
      ports: [
        { name: 'a', port: 53 },
        { name: 'b', port: 53, protocol: 'UDP' },
      ],
    }),
  },
  { title: 'Service: LoadBalancer', object: service({ type: 'LoadBalancer', ports: [{ port: 80 }] }) },
  {
    title: 'Service: LoadBalancer, local, without node ports, of a class',
    object: service({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      allocateLoadBalancerNodePorts: false,
      loadBalancerClass: 'example.com/lb',
      loadBalancerSourceRanges: ['192.0.2.0/24'],
      ports: [{ port: 80 }],
    }),
  },
  { title: 'Service: session affinity', object: service({ sessionAffinity: 'ClientIP', ports: [{ port: 80 }] }) },
  {
    title: 'Service: session affinity with a time',
    object: service({
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
      ports: [{ port: 80 }],
    }),
  },
  { title: 'Service: external addresses', object: service({ externalIPs: ['192.0.2.1'], ports: [{ port: 80 }] }) },
  {
    title: 'Service: PreferDualStack on one family',
    object: service({ ipFamilyPolicy: 'PreferDualStack', ports: [{ port: 80 }] }),
  },
  {
    title: 'Service: traffic distribution, not ready addresses',
    object: service({ trafficDistribution: 'PreferSameNode', publishNotReadyAddresses: true, ports: [{ port: 80 }] }),
  },
  {
    title: 'Service: an update keeps address and node port',
    object: service({ type: 'NodePort', ports: [{ port: 80 }] }),
    update: { spec: { selector: { a: 'b' }, ports: [{ port: 81 }], clusterIP: null, clusterIPs: null } },
  },
  {
    title: 'Lease: a finalizer without domain',
    object: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { ...metadata, finalizers: ['mine'] } },
  },
  {
    title: 'Service: ClusterIP becomes NodePort',
    object: service({ ports: [{ port: 80 }] }),
    update: { spec: { type: 'NodePort' } },
  },
  {
    title: 'Service: NodePort becomes ClusterIP',
    object: service({ type: 'NodePort', ports: [{ port: 80 }] }),
    update: { spec: { type: 'ClusterIP' } },
  },
  {
    title: 'Service: LoadBalancer becomes ClusterIP',
    object: service({ type: 'LoadBalancer', loadBalancerClass: 'example.com/lb', ports: [{ port: 80 }] }),
    update: { spec: { type: 'ClusterIP' } },
  },
  {
    title: 'Service: ClusterIP becomes ExternalName',
    object: service({ ports: [{ port: 80 }] }),
    update: { spec: { type: 'ExternalName', externalName: 'example.com' } },
  },
  {
    title: 'Service: ExternalName becomes ClusterIP',
    object: service({ type: 'ExternalName', externalName: 'example.com' }),
    update: { spec: { type: 'ClusterIP', externalName: null, ports: [{ port: 80 }] } },
  },
  {
    title: 'Service: its status names an address',
    object: service({ type: 'LoadBalancer', ports: [{ port: 80 }] }),
    update: { status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } } },
    endpoint: 'status',
  },
  // Endpoints and slices
  {
    title: 'Endpoints: addresses and ports',
    object: {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata,
      subsets: [{ addresses: [{ ip: '192.0.2.1', hostname: 'a', nodeName: 'n' }], ports: [{ port: 80 }] }],
    },
  },
  {
    title: 'EndpointSlice: addresses and ports',
    object: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata,
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['192.0.2.1'], conditions: { ready: true }, zone: 'z', hints: { forZones: [{ name: 'z' }] } },
      ],
      ports: [{ port: 80 }],
    },
  },
  {
    title: 'EndpointSlice: IPv6',
    object: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata,
      addressType: 'IPv6',
      endpoints: [{ addresses: ['2001:db8::1'] }],
      ports: [],
    },
  },
  // Namespace and Node
  { title: 'Namespace: bare', object: { apiVersion: 'v1', kind: 'Namespace', metadata } },
  {
    title: 'Namespace: with a finalizer and labels',
    object: {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { ...metadata, labels: { a: 'b', 'kubernetes.io/metadata.name': 'another' } },
      spec: { finalizers: ['example.com/f'] },
    },
  },
  {
    title: 'Node: taints, addresses and what it holds',
    object: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata,
      spec: {
        podCIDR: '10.9.0.0/24',
        podCIDRs: ['10.9.0.0/24'],
        taints: [{ key: 'k', effect: 'NoSchedule' }],
        unschedulable: true,
      },
      status: { capacity: { cpu: '4', memory: '8Gi', pods: '10', 'example.com/gpu': '2' } },
    },
  },
  // Storage in the core group
  {
    title: 'PersistentVolume: hostPath',
    object: { apiVersion: 'v1', kind: 'PersistentVolume', metadata, spec: volume },
  },
  {
    title: 'PersistentVolume: csi with Secrets and a class',
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata,
      spec: {
        accessModes: ['ReadWriteMany', 'ReadOnlyMany'],
        capacity: { storage: '10Gi' },
        csi: { driver: 'csi.example.com', volumeHandle: 'v', nodePublishSecretRef: { name: 's', namespace: 'n' } },
        storageClassName: 'fast',
        persistentVolumeReclaimPolicy: 'Delete',
        volumeMode: 'Block',
      },
    },
  },
  {
    title: 'PersistentVolume: local with node affinity',
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata,
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        local: { path: '/mnt' },
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }] },
        },
      },
    },
  },
  {
    title: 'PersistentVolume: nfs gets another reclaim policy',
    controllersWriteStatus: true,
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata,
      spec: {
        accessModes: ['ReadWriteMany'],
        capacity: { storage: '1Gi' },
        nfs: { server: 's', path: '/p' },
        claimRef: { namespace: 'default', name: 'nobody' },
      },
    },
    update: { spec: { persistentVolumeReclaimPolicy: 'Delete', capacity: { storage: '2Gi' } } },
  },
  {
    title: 'PersistentVolumeClaim: small',
    object: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: claim },
  },
  {
    title: 'PersistentVolumeClaim: from a snapshot',
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: {
        ...claim,
        selector: { matchLabels: { a: 'b' } },
        dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' },
      },
    },
  },
  {
    title: 'PersistentVolumeClaim: a source that only the new field knows',
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: { ...claim, dataSourceRef: { apiGroup: 'example.com', kind: 'Populator', name: 'p' } },
    },
  },
  {
    title: 'PersistentVolumeClaim: an unknown source in the old field is dropped',
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: { ...claim, dataSource: { apiGroup: 'example.com', kind: 'Populator', name: 'p' } },
    },
  },
  // Limits
  {
    title: 'LimitRange: containers get defaults from the rest',
    object: {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata,
      spec: {
        limits: [
          { type: 'Container', max: { cpu: '2', memory: '1Gi' }, min: { cpu: '100m' }, default: { cpu: '500m' } },
          { type: 'Pod', max: { cpu: '4' }, maxLimitRequestRatio: { cpu: '2' } },
          { type: 'PersistentVolumeClaim', min: { storage: '1Gi' } },
        ],
      },
    },
  },
  {
    title: 'ResourceQuota: amounts, counts, scopes',
    object: {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata,
      spec: { hard: { 'requests.cpu': '1', 'limits.cpu': '2', pods: '10' }, scopes: ['NotBestEffort'] },
    },
  },
  {
    title: 'ResourceQuota: a scope selector, objects of other groups',
    object: {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata,
      spec: {
        hard: { pods: '10', 'count/widgets.example.com': '3', 'requests.example.com/gpu': '4' },
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] },
      },
    },
  },
  {
    title: 'ResourceQuota: larger',
    controllersWriteStatus: true,
    object: { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { pods: '10' } } },
    update: { spec: { hard: { pods: '20', services: '1' } } },
  },
  // Events and leases
  {
    title: 'Event: an old one',
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata,
      involvedObject: { kind: 'Pod', namespace: 'NAMESPACE', name: 'p' },
      reason: 'R',
      message: 'm',
      type: 'Normal',
      count: 1,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'c' },
    },
  },
  {
    title: 'Event: a new one',
    object: {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata,
      eventTime: '2026-01-01T00:00:00.000000Z',
      regarding: { kind: 'Pod', namespace: 'NAMESPACE', name: 'p' },
      reason: 'R',
      note: 'n',
      action: 'A',
      type: 'Normal',
      reportingController: 'example.com/c',
      reportingInstance: 'c-1',
    },
  },
  {
    title: 'Lease: held',
    object: {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      spec: {
        holderIdentity: 'me',
        leaseDurationSeconds: 15,
        renewTime: '2026-01-01T00:00:00.000000Z',
        leaseTransitions: 0,
      },
    },
  },
  // Networking
  {
    title: 'Ingress: rules, hosts, TLS',
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: ['example.com', '*.example.com'], secretName: 's' }],
        rules: [
          { host: '*.example.com', http: { paths: [{ path: '/a', pathType: 'Prefix', backend: web }] } },
          {
            http: {
              paths: [
                { pathType: 'ImplementationSpecific', backend: { service: { name: 'w', port: { name: 'http' } } } },
              ],
            },
          },
        ],
      },
    },
  },
  {
    title: 'Ingress: a default backend of another kind',
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: { defaultBackend: { resource: { apiGroup: 'example.com', kind: 'Bucket', name: 'b' } } },
    },
  },
  {
    title: 'Ingress: its status names a host',
    object: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { defaultBackend: web } },
    update: {
      status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } },
      metadata: { labels: { a: 'b' } },
    },
    endpoint: 'status',
  },
  {
    title: 'IngressClass: parameters',
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata,
      spec: { controller: 'example.com/ingress', parameters: { apiGroup: 'example.com', kind: 'P', name: 'p' } },
    },
  },
  {
    title: 'NetworkPolicy: nobody may come in',
    object: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: { podSelector: {} } },
  },
  {
    title: 'NetworkPolicy: both directions, ports, blocks',
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: { matchLabels: { a: 'b' } },
        ingress: [
          {
            from: [
              { podSelector: {}, namespaceSelector: {} },
              { ipBlock: { cidr: '192.0.2.0/24', except: ['192.0.2.0/25'] } },
            ],
            ports: [{ port: 80, endPort: 90 }, { port: 'http', protocol: 'UDP' }, {}],
          },
        ],
        egress: [{ to: [{ ipBlock: { cidr: '2001:db8::/64' } }] }],
      },
    },
  },
  // Scaling and disruption
  {
    title: 'HorizontalPodAutoscaler: little said',
    object: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: { scaleTargetRef: target, maxReplicas: 3 },
    },
  },
  {
    title: 'HorizontalPodAutoscaler: metrics of all kinds, behaviour',
    object: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: {
        scaleTargetRef: target,
        minReplicas: 2,
        maxReplicas: 3,
        metrics: [
          { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
          { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '10' } } },
          {
            type: 'Object',
            object: {
              describedObject: { kind: 'Service', name: 's' },
              metric: { name: 'm' },
              target: { type: 'Value', value: '1' },
            },
          },
          { type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value', value: '1' } } },
          {
            type: 'ContainerResource',
            containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 50 } },
          },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 60 }, scaleUp: { selectPolicy: 'Min' } },
      },
    },
  },
  {
    title: 'PodDisruptionBudget: at least one',
    object: {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { minAvailable: 1, selector: { matchLabels: { a: 'b' } } },
    },
  },
  {
    title: 'PodDisruptionBudget: a share',
    object: {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { maxUnavailable: '25%', selector: {}, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    },
  },
  // storage.k8s.io
  {
    title: 'StorageClass: with parameters and topologies',
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata,
      provisioner: 'csi.example.com',
      parameters: { type: 'ssd' },
      allowVolumeExpansion: true,
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a', 'b'] }] }],
    },
  },
  {
    title: 'StorageClass: becomes expandable',
    object: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata, provisioner: 'csi.example.com' },
    update: { allowVolumeExpansion: true, mountOptions: ['ro'] },
  },
  {
    title: 'VolumeAttributesClass',
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttributesClass',
      metadata,
      driverName: 'csi.example.com',
      parameters: { iops: '100' },
    },
  },
  {
    title: 'CSIDriver: little said',
    object: { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata, spec: {} },
  },
  {
    title: 'CSIDriver: tokens',
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata,
      spec: {
        tokenRequests: [{ audience: 'a', expirationSeconds: 3600 }],
        volumeLifecycleModes: ['Ephemeral'],
        fsGroupPolicy: 'File',
        attachRequired: false,
      },
    },
  },
  {
    title: 'CSINode: drivers',
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata,
      spec: {
        drivers: [
          { name: 'csi.example.com', nodeID: 'n', topologyKeys: ['example.com/zone'], allocatable: { count: 3 } },
        ],
      },
    },
  },
  // scheduling, node
  {
    title: 'PriorityClass',
    object: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata, value: 1000, description: 'd' },
  },
  {
    title: 'PriorityClass: another description',
    object: {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata,
      value: -5,
      preemptionPolicy: 'Never',
    },
    update: { description: 'new' },
  },
  {
    title: 'RuntimeClass: overhead and scheduling',
    object: {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata,
      handler: 'kata',
      overhead: { podFixed: { cpu: '250m' } },
      scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'k', operator: 'Exists' }] },
    },
  },
  // RBAC
  {
    title: 'Role: rules',
    object: {
      apiVersion: rbac,
      kind: 'Role',
      metadata: { name: 'a:b' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    },
  },
  { title: 'Role: none', object: { apiVersion: rbac, kind: 'Role', metadata } },
  {
    title: 'ClusterRole: aggregation, URLs',
    object: {
      apiVersion: rbac,
      kind: 'ClusterRole',
      metadata,
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
      rules: [{ nonResourceURLs: ['/healthz'], verbs: ['get'] }],
    },
  },
  {
    title: 'RoleBinding: subjects of all kinds',
    object: {
      apiVersion: rbac,
      kind: 'RoleBinding',
      metadata,
      roleRef: { kind: 'ClusterRole', name: 'view' },
      subjects: [
        { kind: 'User', name: 'u' },
        { kind: 'Group', name: 'g' },
        { kind: 'ServiceAccount', name: 's', namespace: 'default' },
      ],
    },
  },
  {
    title: 'ClusterRoleBinding: another subject',
    object: {
      apiVersion: rbac,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', name: 'u' }],
    },
    update: { subjects: [{ kind: 'Group', name: 'g' }] },
  },
  // Admission
  {
    title: 'ValidatingWebhookConfiguration: a URL',
    object: {
      apiVersion: admission,
      kind: 'ValidatingWebhookConfiguration',
      metadata,
      webhooks: [{ ...hook, rules: [rule], failurePolicy: 'Ignore' }],
    },
  },
  {
    title: 'MutatingWebhookConfiguration: a Service',
    object: {
      apiVersion: admission,
      kind: 'MutatingWebhookConfiguration',
      metadata,
      webhooks: [
        {
          ...hook,
          clientConfig: { service: { name: 's', namespace: 'default', path: '/a/b' } },
          rules: [{ ...rule, resources: ['pods/exec'] }],
          matchConditions: [{ name: 'c', expression: 'true' }],
          failurePolicy: 'Ignore',
        },
      ],
    },
  },
  {
    title: 'ValidatingAdmissionPolicy',
    object: {
      apiVersion: admission,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression: 'object.metadata.name != "x"', message: 'no' }],
        variables: [{ name: 'v', expression: '1' }],
      },
    },
  },
  {
    title: 'ValidatingAdmissionPolicyBinding',
    object: {
      apiVersion: admission,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: {
        policyName: 'p',
        validationActions: ['Audit'],
        matchResources: { namespaceSelector: { matchLabels: { a: 'b' } } },
      },
    },
  },
  {
    title: 'MutatingAdmissionPolicy',
    object: {
      apiVersion: admission,
      kind: 'MutatingAdmissionPolicy',
      metadata,
      spec: {
        matchConstraints: { resourceRules: [rule] },
        reinvocationPolicy: 'Never',
        mutations: [
          { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/metadata/labels"}]' } },
        ],
      },
    },
  },
  {
    title: 'MutatingAdmissionPolicyBinding',
    object: {
      apiVersion: admission,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: 'p', matchResources: { resourceRules: [rule] } },
    },
  },
  // Kinds that are stored as they come
  {
    title: 'ResourceClaim: one device, or one of two',
    object: {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata,
      spec: {
        devices: {
          requests: [
            { name: 'a', exactly: { deviceClassName: 'c' } },
            { name: 'b', firstAvailable: [{ name: 'x', deviceClassName: 'c', allocationMode: 'All' }] },
          ],
        },
      },
    },
  },
  {
    title: 'ResourceClaimTemplate',
    object: {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaimTemplate',
      metadata,
      spec: { spec: { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'c', count: 2 } }] } } },
    },
  },
  { title: 'DeviceClass', object: { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata, spec: {} } },
  {
    title: 'ResourceSlice',
    object: {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceSlice',
      metadata,
      spec: { driver: 'd.example.com', allNodes: true, pool: { name: 'p', generation: 1, resourceSliceCount: 1 } },
    },
  },
  {
    title: 'VolumeAttachment',
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata,
      spec: { attacher: 'csi.example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } },
    },
  },
  {
    title: 'CSIStorageCapacity',
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIStorageCapacity',
      metadata,
      storageClassName: 's',
      capacity: '1024Mi',
    },
  },
  {
    title: 'IPAddress',
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IPAddress',
      metadata: { name: '192.0.2.77' },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 's' } },
    },
  },
  {
    title: 'ServiceCIDR',
    object: { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata, spec: { cidrs: ['10.77.0.0/24'] } },
  },
  // The status endpoints
  {
    title: 'PodDisruptionBudget: its status, and a label',
    object: {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { minAvailable: 1, selector: { matchLabels: { no: 'pod' } } },
    },
    update: { status: { expectedPods: 3 }, metadata: { labels: { a: 'b' } }, spec: { minAvailable: 9 } },
    endpoint: 'status',
    controllersWriteStatus: true,
  },
  {
    title: 'FlowSchema: its status, labels apart',
    object: {
      apiVersion: flow,
      kind: 'FlowSchema',
      metadata,
      spec: { priorityLevelConfiguration: { name: 'global-default' } },
    },
    update: {
      status: { conditions: [{ type: 'Example', status: 'True' }] },
      metadata: { labels: { a: 'b' }, finalizers: ['a.b/c'] },
    },
    endpoint: 'status',
    controllersWriteStatus: true,
  },
  {
    title: 'HorizontalPodAutoscaler: its status',
    object: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: { scaleTargetRef: target, maxReplicas: 3 },
    },
    update: { status: { currentReplicas: 2 }, spec: { maxReplicas: 9 }, metadata: { annotations: { a: 'b' } } },
    endpoint: 'status',
    controllersWriteStatus: true,
  },
  {
    title: 'ResourceQuota: its status',
    object: { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { pods: '10' } } },
    update: { status: { hard: { pods: '10' }, used: { pods: '3' } } },
    endpoint: 'status',
    controllersWriteStatus: true,
  },
  {
    title: 'APIService: its status, labels apart',
    object: {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.RANDOM.example.com' },
      spec: {
        group: 'RANDOM.example.com',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 10,
        service: { namespace: 'default', name: 's' },
      },
    },
    update: { status: { conditions: [{ type: 'Example', status: 'True' }] }, metadata: { labels: { a: 'b' } } },
    endpoint: 'status',
    controllersWriteStatus: true,
  },
  {
    title: 'CertificateSigningRequest: who asks is recorded',
    object: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata,
      spec: { ...signing, username: 'somebody else' },
    },
  },
  {
    title: 'CertificateSigningRequest: approved',
    object: { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata, spec: signing },
    update: {
      status: {
        certificate: b64('ignored'),
        conditions: [
          {
            type: 'Approved',
            status: 'True',
            reason: 'R',
            message: 'm',
            lastUpdateTime: '2026-01-01T00:00:00Z',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    },
    endpoint: 'approval',
  },
  // The rest
  {
    title: 'APIService: local',
    object: {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.RANDOM.example.com' },
      spec: { group: 'RANDOM.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10 },
    },
  },
  {
    title: 'APIService: of a Service',
    object: {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.RANDOM.example.com' },
      spec: {
        group: 'RANDOM.example.com',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 10,
        insecureSkipTLSVerify: true,
        service: { namespace: 'default', name: 's' },
      },
    },
  },
  {
    title: 'FlowSchema',
    object: {
      apiVersion: flow,
      kind: 'FlowSchema',
      metadata,
      spec: {
        priorityLevelConfiguration: { name: 'global-default' },
        distinguisherMethod: { type: 'ByUser' },
        rules: [
          {
            subjects: [{ kind: 'User', user: { name: 'nobody' } }],
            resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['default'] }],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/x/*'] }],
          },
        ],
      },
    },
  },
  {
    title: 'PriorityLevelConfiguration: queues',
    object: {
      apiVersion: flow,
      kind: 'PriorityLevelConfiguration',
      metadata,
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } },
    },
  },
  {
    title: 'PriorityLevelConfiguration: rejects',
    object: {
      apiVersion: flow,
      kind: 'PriorityLevelConfiguration',
      metadata,
      spec: { type: 'Limited', limited: { nominalConcurrencyShares: 0, limitResponse: { type: 'Reject' } } },
    },
  },
];
