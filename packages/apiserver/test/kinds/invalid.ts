import type { DraftMap } from '../../src/draft.ts';
import type { Case } from './replay.ts';

const b64 = (text: string): string => Buffer.from(text).toString('base64');
const metadata = { name: 'x-RANDOM' };

/** Cases of one kind, each with something wrong in `fields`, and perhaps in its `update`. */
function of(
  apiVersion: string,
  kind: string,
  base: DraftMap,
  cases: readonly (readonly [string, DraftMap, DraftMap?])[],
): Case[] {
  return cases.map(([title, fields, update]) => ({
    title: `${kind}: ${title}`,
    object: { apiVersion, kind, metadata, ...base, ...fields },
    ...(update !== undefined && { update }),
  }));
}

const configMaps = of('v1', 'ConfigMap', {}, [
  ['a name with capitals', { metadata: { name: 'A_B' } }],
  ['no name', { metadata: {} }],
  ['a name that is too long', { metadata: { name: 'a'.repeat(254) } }],
  ['a label with a bad key and a bad value', { metadata: { ...metadata, labels: { '-a': 'b c' } } }],
  ['a label with a long key', { metadata: { ...metadata, labels: { [`a/${'b'.repeat(64)}`]: 'c'.repeat(64) } } }],
  ['a label with two slashes', { metadata: { ...metadata, labels: { 'a/b/c': '' } } }],
  ['a label with an empty prefix', { metadata: { ...metadata, labels: { '/b': '' } } }],
  ['a label with a prefix of capitals', { metadata: { ...metadata, labels: { 'A.b/c': '' } } }],
  ['an annotation with a bad key', { metadata: { ...metadata, annotations: { 'a b': '' } } }],
  ['annotations that are too large', { metadata: { ...metadata, annotations: { a: 'x'.repeat(262_144) } } }],
  ['a finalizer with spaces', { metadata: { ...metadata, finalizers: ['a b'] } }],
  ['finalizers that exclude each other', { metadata: { ...metadata, finalizers: ['orphan', 'foregroundDeletion'] } }],
  ['an owner without anything', { metadata: { ...metadata, ownerReferences: [{}] } }],
  [
    'two controllers',
    {
      metadata: {
        ...metadata,
        ownerReferences: ['a', 'b'].map((name) => ({
          apiVersion: 'v1',
          kind: 'Pod',
          name,
          uid: name,
          controller: true,
        })),
      },
    },
  ],
  [
    'an Event as owner',
    { metadata: { ...metadata, ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'e', uid: 'u' }] } },
  ],
  [
    'an owner of three-part version',
    { metadata: { ...metadata, ownerReferences: [{ apiVersion: 'a/b/c', kind: 'K', name: 'n', uid: 'u' }] } },
  ],
  ['a key with a slash', { data: { 'a/b': '' } }],
  ['keys of folders', { data: { '..': '', '..a': '', '.': '' } }],
  ['a key in both maps', { data: { a: '' }, binaryData: { a: b64('x') } }],
  ['too much data', { data: { a: 'x'.repeat(1024 * 1024 + 1) } }],
  ['immutable, other data', { immutable: true, data: { a: '1' } }, { data: { a: '2' }, binaryData: { b: b64('x') } }],
  ['immutable no longer', { immutable: true }, { immutable: false }],
  ['a bad label later', {}, { metadata: { labels: { 'a b': 'c' } } }],
  ['another uid', {}, { metadata: { uid: 'abc' } }],
  ['a bad finalizer later', {}, { metadata: { finalizers: ['mine', 'a b'] } }],
]);

const secrets = of('v1', 'Secret', {}, [
  ['a key with a space', { data: { 'a b': b64('x') } }],
  ['tls without its parts', { type: 'kubernetes.io/tls' }],
  ['dockercfg without it', { type: 'kubernetes.io/dockercfg' }],
  [
    'dockerconfigjson of no JSON',
    { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'hello' } },
  ],
  [
    'dockerconfigjson cut off',
    { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{"a":' } },
  ],
  ['dockerconfigjson of a list', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '[]' } }],
  [
    'dockerconfigjson with a comma too many',
    { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{"a":1,}' } },
  ],
  [
    'dockerconfigjson of a number',
    { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '1' } },
  ],
  ['basic-auth without a key', { type: 'kubernetes.io/basic-auth', stringData: { a: 'b' } }],
  ['ssh-auth without a key', { type: 'kubernetes.io/ssh-auth' }],
  ['a token without account', { type: 'kubernetes.io/service-account-token' }],
  ['another type', { type: 'example.com/a' }, { type: 'example.com/b' }],
  ['immutable, other data', { immutable: true, data: { a: b64('1') } }, { data: { a: b64('2') } }],
]);

const ports = [{ port: 80 }];
const serviceCases: readonly (readonly [string, DraftMap, DraftMap?])[] = [
  ['no ports', {}],
  ['port 0', { ports: [{ port: 0 }] }],
  ['port 70000 and a long name', { ports: [{ port: 70_000, name: 'a'.repeat(64) }] }],
  ['ports without names', { ports: [{ port: 80 }, { port: 81 }] }],
  [
    'the same port and name twice',
    {
      ports: [
        { port: 80, name: 'a' },
        { port: 80, name: 'a' },
      ],
    },
  ],
  ['an unknown protocol', { ports: [{ port: 80, protocol: 'ICMP' }] }],
  ['a target port that is too long a name', { ports: [{ port: 80, targetPort: 'a--very-long-name-of-a-port' }] }],
  ['an application protocol with spaces', { ports: [{ port: 80, appProtocol: 'a b' }] }],
  ['a selector with a bad value', { ports, selector: { a: 'b c' } }],
  ['an unknown type', { ports, type: 'Balancer' }],
  ['an unknown affinity', { ports, sessionAffinity: 'Cookie' }],
  [
    'an affinity of no time',
    { ports, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } },
  ],
  ['ExternalName without a name', { type: 'ExternalName' }],
  ['ExternalName with an address', { type: 'ExternalName', externalName: 'A_b', clusterIP: 'None' }],
  ['an address that is none', { ports, clusterIP: 'abc' }],
  ['an address of IPv6', { ports, clusterIP: '2001:db8::1' }],
  ['addresses that differ', { ports, clusterIP: '10.0.0.9', clusterIPs: ['10.0.0.10'] }],
  ['addresses without the first', { ports, clusterIPs: ['10.0.0.9'] }],
  ['None and another', { ports, clusterIP: 'None', clusterIPs: ['None', '10.0.0.9'] }],
  ['a family that is not there', { ports, ipFamilies: ['IPv6'] }],
  ['an unknown family', { ports, ipFamilies: ['IPv5'] }],
  ['a family twice', { ports, ipFamilies: ['IPv4', 'IPv4'] }],
  ['two families in one stack', { ports, ipFamilies: ['IPv4', 'IPv6'] }],
  ['two stacks required', { ports, ipFamilyPolicy: 'RequireDualStack' }],
  ['an unknown family policy', { ports, ipFamilyPolicy: 'Dual' }],
  ['a node port out of range', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }, {}],
  ['a node port without the type', { ports: [{ port: 80, nodePort: 30_500 }] }],
  ['headless and NodePort', { type: 'NodePort', clusterIP: 'None', ports }],
  ['headless and LoadBalancer', { type: 'LoadBalancer', clusterIP: 'None', ports }],
  [
    'what only load balancers have',
    { ports, loadBalancerClass: 'a/b', allocateLoadBalancerNodePorts: true, loadBalancerSourceRanges: ['10.0.0.0/8'] },
  ],
  [
    'a bad class and ranges',
    {
      type: 'LoadBalancer',
      ports,
      loadBalancerClass: 'a b',
      loadBalancerSourceRanges: ['10.0.0.1/8', 'x', '010.0.0.0/8'],
    },
  ],
  ['an external policy on the inside', { ports, externalTrafficPolicy: 'Local' }],
  [
    'unknown policies',
    { type: 'NodePort', ports, externalTrafficPolicy: 'X', internalTrafficPolicy: 'Y', trafficDistribution: 'Z' },
  ],
  ['a health check without need', { ports, healthCheckNodePort: 30_500 }],
  [
    'external addresses that lead nowhere',
    { ports, externalIPs: ['127.0.0.1', '0.0.0.0', '169.254.1.1', '224.0.0.1', 'a', '01.2.3.4'] },
  ],
  ['another address', { ports }, { spec: { clusterIP: '10.0.1.1', clusterIPs: ['10.0.1.1'] } }],
  ['no longer headless', { clusterIP: 'None', ports }, { spec: { clusterIP: '10.0.1.1', clusterIPs: ['10.0.1.1'] } }],
  ['another class', { type: 'LoadBalancer', loadBalancerClass: 'a/b', ports }, { spec: { loadBalancerClass: 'a/c' } }],
  ['no ports any more', { ports }, { spec: { ports: null } }],
];
const services: Case[] = [
  ...serviceCases.map(([title, spec, update]) => ({
    title: `Service: ${title}`,
    object: { apiVersion: 'v1', kind: 'Service', metadata, spec },
    ...(update !== undefined && { update }),
  })),
  ...of('v1', 'Service', { spec: { ports } }, [
    ['a name with dots', { metadata: { name: 'a.b' } }],
    [
      'annotations that contradict',
      {
        metadata: {
          ...metadata,
          annotations: {
            'service.kubernetes.io/topology-mode': 'a',
            'service.kubernetes.io/topology-aware-hints': 'b',
          },
        },
      },
    ],
  ]),
  {
    title: 'Service: a status that has no place',
    object: { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports } },
    update: { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } },
    endpoint: 'status',
  },
  {
    title: 'Service: a status of bad addresses',
    object: { apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'LoadBalancer', ports } },
    update: {
      status: {
        loadBalancer: {
          ingress: [{ ip: 'x' }, { hostname: '1.2.3.4', ipMode: 'VIP' }, { ip: '192.0.2.1', ipMode: 'X' }],
        },
      },
    },
    endpoint: 'status',
  },
];

const endpoints = [
  ...of('v1', 'Endpoints', {}, [
    ['a subset of nothing', { subsets: [{ ports: [{ port: 80 }] }] }],
    [
      'bad addresses, ports and names',
      {
        subsets: [
          {
            addresses: [{ ip: '127.0.0.1', hostname: 'A', nodeName: 'B_' }, { ip: 'x' }, { ip: '::ffff:1.2.3.4' }],
            ports: [{ port: 0 }, { name: 'A', port: 80, protocol: 'X', appProtocol: 'a b' }],
          },
        ],
      },
    ],
  ]),
  ...of('discovery.k8s.io/v1', 'EndpointSlice', {}, [
    ['no type', { endpoints: [], ports: [] }],
    ['an unknown type', { addressType: 'IPX', endpoints: [] }],
    ['no address', { addressType: 'IPv4', endpoints: [{ addresses: [] }] }],
    [
      'addresses of another family, and bad ones',
      {
        addressType: 'IPv4',
        endpoints: [{ addresses: ['2001:db8::1', 'x', '127.0.0.1'], nodeName: 'A', hostname: 'B' }],
      },
    ],
    ['IPv6 written at length', { addressType: 'IPv6', endpoints: [{ addresses: ['2001:0db8::1', '1.2.3.4'] }] }],
    ['domain names that are none', { addressType: 'FQDN', endpoints: [{ addresses: ['localhost', 'a b.c', ''] }] }],
    [
      'ports that are called the same',
      { addressType: 'IPv4', endpoints: [], ports: [{ port: 1 }, { port: 2 }, { name: 'A', protocol: 'X' }] },
    ],
    [
      'zones that repeat',
      {
        addressType: 'IPv4',
        endpoints: [{ addresses: ['192.0.2.1'], hints: { forZones: [{ name: 'a' }, { name: 'a' }, { name: 'b c' }] } }],
      },
    ],
    ['another type later', { addressType: 'IPv4', endpoints: [] }, { addressType: 'IPv6' }],
  ]),
];

const cluster = [
  ...of('v1', 'Namespace', {}, [
    ['a name with dots', { metadata: { name: 'a.b' } }],
    ['a finalizer that is neither', { spec: { finalizers: ['mine', 'a b'] } }],
  ]),
  ...of('v1', 'Node', {}, [
    ['bad taints', { spec: { taints: [{ key: 'a b', value: 'c d', effect: 'X' }, { key: 'k' }] } }],
    [
      'a taint twice',
      {
        spec: {
          taints: [
            { key: 'k', effect: 'NoSchedule' },
            { key: 'k', value: 'v', effect: 'NoSchedule' },
          ],
        },
      },
    ],
    ['networks of one family', { spec: { podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'], podCIDR: '10.0.0.0/24' } }],
    ['a network that is none', { spec: { podCIDRs: ['10.0.0.1/24'], podCIDR: '10.0.0.1/24' } }],
    ['amounts below zero and halves', { status: { capacity: { cpu: '-1', pods: '500m' } } }],
    [
      'another network',
      { spec: { podCIDRs: ['10.0.0.0/24'], podCIDR: '10.0.0.0/24' } },
      { spec: { podCIDRs: ['10.0.1.0/24'], podCIDR: '10.0.1.0/24' } },
    ],
    ['another provider', { spec: { providerID: 'a' } }, { spec: { providerID: 'b' } }],
  ]),
];

// Neither the default class nor a volume that another test may just have made is for it.
const claim = {
  storageClassName: '',
  selector: { matchLabels: { no: 'volume' } },
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
};
const volume = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } };
const statuses: readonly Case[] = [
  {
    title: 'Namespace: terminating, but not deleted',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata },
    update: { status: { phase: 'Terminating' } },
    endpoint: 'status',
  },
  {
    title: 'PodDisruptionBudget: counts below zero',
    object: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata },
    update: { status: { expectedPods: -1, currentHealthy: -2, desiredHealthy: -3, disruptionsAllowed: -4 } },
    endpoint: 'status',
  },
  {
    title: 'ResourceQuota: unknown resources in use',
    object: { apiVersion: 'v1', kind: 'ResourceQuota', metadata },
    update: { status: { used: { foo: '1', pods: '-1' } } },
    endpoint: 'status',
  },
  {
    title: 'Ingress: a status of bad addresses',
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: { defaultBackend: { service: { name: 'a', port: { number: 1 } } } },
    },
    update: { status: { loadBalancer: { ingress: [{ ip: 'x' }, { hostname: 'A' }] } } },
    endpoint: 'status',
  },
  {
    title: 'Node: an address twice',
    object: { apiVersion: 'v1', kind: 'Node', metadata },
    update: {
      status: {
        addresses: [
          { type: 'Hostname', address: 'a' },
          { type: 'Hostname', address: 'a' },
        ],
      },
    },
    endpoint: 'status',
  },
  {
    title: 'CertificateSigningRequest: approved and denied',
    object: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata,
      spec: {
        request:
          'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlISU1HOENBUUF3RFRFTE1Ba0dBMVVFQXd3Q2JXVXdXVEFUQmdjcWhrak9QUUlCQmdncWhrak9QUU1CQndOQwpBQVNnL1JFcmJZWHVtMjNHNE5SMFR4eHF6VElkVTVscUZyL2wyVnhiWTExUG1kSVVOUkVUckZCQUo5UGhjcDg0Ck5jd09QQWwxa1NnRi9abXZBcWFwcDdEQ29BQXdDZ1lJS29aSXpqMEVBd0lEU1FBd1JnSWhBUGtPN1A0Zy9qSWoKb0NkWGxwWDFZbTFOeW5LRkVGUnpwU1BZbVNIQVFSMTdBaUVBKzc5OGFxc1pleEx4RnVsK3dvamwzbERiYm1HbQpWbTVlck1rM3FraThJRDA9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=',
        usages: ['client auth'],
        signerName: 'example.com/s',
      },
    },
    update: {
      status: {
        conditions: [
          { type: 'Approved', status: 'True' },
          { type: 'Denied', status: 'False' },
          { type: '', status: '' },
        ],
      },
    },
    endpoint: 'approval',
  },
];

const volumes = [
  ...of('v1', 'PersistentVolume', {}, [
    ['nothing', { spec: {} }],
    [
      'unknown modes',
      {
        spec: {
          ...volume,
          accessModes: ['X', 'ReadWriteOncePod', 'ReadWriteOnce'],
          volumeMode: 'Y',
          persistentVolumeReclaimPolicy: 'Z',
        },
      },
    ],
    ['a capacity of something else', { spec: { ...volume, capacity: { cpu: '1' } } }],
    ['a capacity below zero', { spec: { ...volume, capacity: { storage: '-1Gi' } } }],
    ['a path upwards', { spec: { ...volume, hostPath: { path: '/a/../b', type: 'X' } } }],
    ['two sources', { spec: { ...volume, nfs: { server: 's', path: '/' } } }],
    ['nfs of a relative path', { spec: { ...volume, hostPath: undefined, nfs: { path: 'a' } } }],
    ['local without affinity', { spec: { ...volume, hostPath: undefined, local: { path: '/a' } } }],
    ['csi with nothing', { spec: { ...volume, hostPath: undefined, csi: { nodePublishSecretRef: {} } } }],
    [
      'an affinity of bad terms',
      {
        spec: {
          ...volume,
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: 'a b', operator: 'X' },
                    { key: 'a', operator: 'In' },
                    { key: 'a', operator: 'Gt', values: ['1', '2'] },
                  ],
                  matchFields: [{ key: 'x', operator: 'Exists' }],
                },
              ],
            },
          },
        },
      },
    ],
    ['a class with capitals', { spec: { ...volume, storageClassName: 'A' } }],
    ['root recycled', { spec: { ...volume, hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' } }],
    ['another mode', { spec: volume }, { spec: { volumeMode: 'Block' } }],
    ['another path', { spec: volume }, { spec: { hostPath: { path: '/other' } } }],
  ]),
  ...of('v1', 'PersistentVolumeClaim', {}, [
    ['nothing', { spec: {} }],
    ['no amount', { spec: { ...claim, resources: { requests: { storage: '0' } } } }],
    ['unknown modes', { spec: { ...claim, accessModes: ['X'], volumeMode: 'Y', storageClassName: 'Z' } }],
    [
      'a bad selector',
      {
        spec: {
          ...claim,
          selector: {
            matchExpressions: [
              { key: 'a', operator: 'X' },
              { key: 'a', operator: 'Exists', values: ['b'] },
              { key: '', operator: 'In' },
            ],
          },
        },
      },
    ],
    [
      'sources that differ',
      {
        spec: {
          ...claim,
          dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
          dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
        },
      },
    ],
    ['a source of an unknown kind', { spec: { ...claim, dataSourceRef: { kind: 'Pod', name: '' } } }],
    ['smaller', { spec: claim }, { spec: { resources: { requests: { storage: '1Mi' } } } }],
    ['another mode', { spec: claim }, { spec: { accessModes: ['ReadWriteMany'] } }],
    ['block later', { spec: claim }, { spec: { volumeMode: 'Block' } }],
  ]),
];

const limits = [
  ...of('v1', 'LimitRange', {}, [
    ['an unknown type', { spec: { limits: [{ type: 'Node' }, { type: 'a b' }] } }],
    ['a type twice', { spec: { limits: [{ type: 'Pod' }, { type: 'Pod' }] } }],
    ['unknown resources', { spec: { limits: [{ type: 'Container', max: { pods: '1', foo: '1', 'a b': '1' } }] } }],
    [
      'pods with defaults',
      { spec: { limits: [{ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }] } },
    ],
    ['a claim without storage', { spec: { limits: [{ type: 'PersistentVolumeClaim' }] } }],
    [
      'amounts in the wrong order',
      {
        spec: {
          limits: [
            {
              type: 'Container',
              min: { cpu: '3' },
              max: { cpu: '1' },
              default: { cpu: '2' },
              defaultRequest: { cpu: '2500m' },
            },
          ],
        },
      },
    ],
    [
      'ratios',
      {
        spec: {
          limits: [
            { type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '4', memory: '500m' } },
          ],
        },
      },
    ],
  ]),
  ...of('v1', 'ResourceQuota', {}, [
    ['unknown and bad resources', { spec: { hard: { foo: '1', storage: '1', pods: '500m', cpu: '-1' } } }],
    ['unknown scopes', { spec: { hard: { pods: '1' }, scopes: ['X'] } }],
    ['scopes that conflict', { spec: { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] } }],
    ['a scope that does not fit', { spec: { hard: { services: '1' }, scopes: ['BestEffort'] } }],
    [
      'a bad selector',
      {
        spec: {
          hard: { pods: '1' },
          scopeSelector: {
            matchExpressions: [
              { scopeName: 'Terminating', operator: 'In' },
              { scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] },
              { scopeName: 'Y', operator: 'Z' },
            ],
          },
        },
      },
    ],
    ['other scopes', { spec: { hard: { pods: '1' } } }, { spec: { scopes: ['BestEffort'] } }],
  ]),
];

const event = {
  metadata: { ...metadata },
  eventTime: '2026-01-01T00:00:00.000000Z',
  reason: 'R',
  action: 'A',
  type: 'Normal',
  reportingInstance: 'i',
};
const events = [
  ...of('v1', 'Event', {}, [
    ['about an object elsewhere', { involvedObject: { namespace: 'other', name: 'p' } }],
    ['a new one without a source', { eventTime: event.eventTime, involvedObject: { namespace: 'NAMESPACE' } }],
  ]),
  ...of('events.k8s.io/v1', 'Event', { ...event, reportingController: 'c', regarding: { namespace: 'NAMESPACE' } }, [
    ['no time and an unknown type', { eventTime: undefined, type: 'Other' }],
    [
      'texts that are too long',
      {
        note: 'n'.repeat(1025),
        action: 'a'.repeat(129),
        reason: 'r'.repeat(129),
        reportingInstance: 'i'.repeat(129),
        reportingController: 'a b',
      },
    ],
    [
      'fields of old',
      { deprecatedCount: 1, deprecatedSource: { component: 'c' }, deprecatedFirstTimestamp: '2026-01-01T00:00:00Z' },
    ],
    ['a series of one', { series: { count: 1 } }],
    ['another note', {}, { note: 'new', reason: 'Other', regarding: { name: 'q' } }],
  ]),
  ...of('coordination.k8s.io/v1', 'Lease', {}, [
    ['no duration', { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }],
  ]),
];

const web = { service: { name: 'web', port: { number: 80 } } };
const rules = (...paths: readonly DraftMap[]): DraftMap => ({ spec: { rules: [{ http: { paths } }] } });
const networking = [
  ...of('networking.k8s.io/v1', 'Ingress', {}, [
    ['nothing', { spec: {} }],
    ['no paths', rules()],
    ['no path type', rules({ path: '/', backend: web })],
    ['an unknown path type', rules({ pathType: 'X', backend: web })],
    [
      'bad paths',
      rules(
        { pathType: 'Exact', path: 'a//b/./c/..', backend: web },
        { pathType: 'ImplementationSpecific', path: 'a', backend: web },
      ),
    ],
    [
      'bad backends',
      rules(
        { pathType: 'Prefix', path: '/', backend: {} },
        { pathType: 'Prefix', path: '/', backend: { service: { name: 'A', port: {} } } },
        { pathType: 'Prefix', path: '/', backend: { service: { name: 'a', port: { name: 'A', number: 1 } } } },
      ),
    ],
    [
      'bad hosts',
      {
        spec: {
          rules: [{ host: '1.2.3.4' }, { host: '*' }, { host: 'A' }],
          tls: [{ hosts: ['a*', 'B'], secretName: 'C' }],
          ingressClassName: 'D',
        },
      },
    ],
    [
      'a class that contradicts',
      {
        metadata: { ...metadata, annotations: { 'kubernetes.io/ingress.class': 'a' } },
        spec: { ingressClassName: 'b', defaultBackend: web },
      },
    ],
    ['a resource without kind', { spec: { defaultBackend: { resource: { apiGroup: 'A', name: 'a/b' } } } }],
  ]),
  ...of('networking.k8s.io/v1', 'IngressClass', {}, [
    ['no controller', { spec: {} }],
    ['a controller without path', { spec: { controller: 'example.com' } }],
    [
      'parameters in a namespace',
      { spec: { controller: 'A/b c', parameters: { kind: 'P', name: 'p', namespace: 'n' } } },
    ],
    ['parameters without one', { spec: { controller: 'a.b/c', parameters: { scope: 'Namespace' } } }],
    ['another controller', { spec: { controller: 'a.b/c' } }, { spec: { controller: 'a.b/d' } }],
  ]),
  ...of('networking.k8s.io/v1', 'NetworkPolicy', {}, [
    [
      'an empty peer, both kinds of peer',
      { spec: { podSelector: {}, ingress: [{ from: [{}, { podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] } },
    ],
    [
      'bad blocks',
      {
        spec: {
          podSelector: {},
          egress: [
            {
              to: [
                { ipBlock: { cidr: '' } },
                { ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/8', 'x', '10.0.0.0/8'] } },
                { ipBlock: { cidr: '10.0.0.1/8' } },
              ],
            },
          ],
        },
      },
    ],
    [
      'bad ports',
      {
        spec: {
          podSelector: {},
          ingress: [
            {
              ports: [
                { port: 0 },
                { port: 'A' },
                { port: 80, endPort: 70 },
                { port: 'a', endPort: 1 },
                { endPort: 1 },
                { protocol: 'X' },
              ],
            },
          ],
        },
      },
    ],
    ['unknown types', { spec: { podSelector: { matchLabels: { 'a b': '' } }, policyTypes: ['X'] } }],
  ]),
];

const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const scaled = (spec: DraftMap): DraftMap => ({ spec: { scaleTargetRef: target, maxReplicas: 3, ...spec } });
const scaling = [
  ...of('autoscaling/v2', 'HorizontalPodAutoscaler', {}, [
    ['nothing', { spec: { scaleTargetRef: { kind: '', name: '' }, maxReplicas: 0 } }],
    ['more at least than at most', scaled({ minReplicas: 5 })],
    ['zero without a reason', scaled({ minReplicas: 0 })],
    ['a target without group', scaled({ scaleTargetRef: { kind: 'Deployment', name: 'a/b' } })],
    ['metrics without their source', scaled({ metrics: [{ type: 'Pods' }, { type: 'X' }] })],
    [
      'a resource without target',
      scaled({ metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'X' } } }] }),
    ],
    [
      'two sources',
      scaled({
        metrics: [
          {
            type: 'Pods',
            pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1' } },
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 1 } },
          },
        ],
      }),
    ],
    [
      'targets below zero',
      scaled({
        metrics: [
          {
            type: 'Object',
            object: {
              describedObject: { kind: 'K', name: 'n' },
              metric: { name: '' },
              target: { type: 'Value', value: '-1' },
            },
          },
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 0 } } },
        ],
      }),
    ],
    [
      'a container of bad names',
      scaled({
        metrics: [
          {
            type: 'ContainerResource',
            containerResource: {
              name: 'foo',
              container: 'A',
              target: { type: 'Utilization', averageUtilization: 1, averageValue: '1' },
            },
          },
        ],
      }),
    ],
    [
      'bad behaviour',
      scaled({
        behavior: {
          scaleUp: {
            stabilizationWindowSeconds: 4000,
            selectPolicy: 'X',
            policies: [{ type: 'Y', value: 0, periodSeconds: 2000 }],
          },
          scaleDown: { stabilizationWindowSeconds: -1 },
        },
      }),
    ],
  ]),
  ...of('policy/v1', 'PodDisruptionBudget', {}, [
    ['both amounts', { spec: { minAvailable: 1, maxUnavailable: '50%', selector: { matchLabels: { a: 'b' } } } }],
    ['bad amounts', { spec: { minAvailable: -1 } }],
    ['a share above all', { spec: { maxUnavailable: '101%', unhealthyPodEvictionPolicy: 'X' } }],
    [
      'a share that is none',
      { spec: { maxUnavailable: 'half', selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } } },
    ],
  ]),
];

const storage = [
  ...of('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a.b' }, [
    ['no provisioner', { provisioner: '' }],
    ['unknown words', { provisioner: 'a b', reclaimPolicy: 'Recycle', volumeBindingMode: 'X' }],
    [
      'bad topologies',
      {
        allowedTopologies: [
          {
            matchLabelExpressions: [
              { key: 'a b', values: [] },
              { key: 'c', values: ['d', 'd'] },
              { key: 'c', values: ['d'] },
            ],
          },
        ],
      },
    ],
    [
      'other parameters and policies',
      { parameters: { a: 'b' } },
      {
        parameters: { a: 'c' },
        reclaimPolicy: 'Retain',
        volumeBindingMode: 'WaitForFirstConsumer',
        provisioner: 'c.d',
      },
    ],
  ]),
  ...of('storage.k8s.io/v1', 'VolumeAttributesClass', { driverName: 'a.b' }, [
    ['no parameters', {}],
    ['other parameters', { parameters: { a: 'b' } }, { parameters: { a: 'c' } }],
  ]),
  ...of('storage.k8s.io/v1', 'CSIDriver', {}, [
    [
      'unknown words',
      { spec: { fsGroupPolicy: 'X', volumeLifecycleModes: ['Y'], serviceAccountTokenInSecrets: true } },
    ],
    [
      'tokens of a minute',
      {
        spec: {
          tokenRequests: [{ audience: 'a', expirationSeconds: 60 }, { audience: 'a' }],
          nodeAllocatableUpdatePeriodSeconds: 1,
        },
      },
    ],
    ['no attachment later', { spec: {} }, { spec: { attachRequired: false, volumeLifecycleModes: ['Ephemeral'] } }],
  ]),
  ...of('storage.k8s.io/v1', 'CSINode', {}, [
    [
      'bad drivers',
      {
        spec: {
          drivers: [
            { name: 'A_', nodeID: '' },
            { name: 'a', nodeID: 'n', topologyKeys: ['b c', 'd', 'd'], allocatable: { count: -1 } },
            { name: 'a', nodeID: 'n' },
          ],
        },
      },
    ],
    [
      'another node',
      { spec: { drivers: [{ name: 'a', nodeID: 'n' }] } },
      { spec: { drivers: [{ name: 'a', nodeID: 'm' }] } },
    ],
  ]),
];

const scheduling = [
  ...of('scheduling.k8s.io/v1', 'PriorityClass', {}, [
    ['too high', { value: 1_000_000_001 }],
    ['a name of the system', { metadata: { name: 'system-RANDOM' }, value: 1 }],
    ['an unknown policy', { value: 1, preemptionPolicy: 'X' }],
    ['another value', { value: 1 }, { value: 2 }],
    ['another policy', { value: 1 }, { preemptionPolicy: 'Never' }],
  ]),
  ...of('node.k8s.io/v1', 'RuntimeClass', {}, [
    ['no handler', { handler: '' }],
    ['a handler with dots', { handler: 'a.b', scheduling: { nodeSelector: { 'a b': '' } } }],
    [
      'tolerations that repeat',
      {
        handler: 'a',
        scheduling: {
          tolerations: [{ key: 'k', operator: 'Exists' }, { key: 'k', operator: 'Exists' }, { operator: 'Equal' }],
        },
      },
    ],
    ['an overhead of unknown things', { handler: 'a', overhead: { podFixed: { foo: '1', cpu: '-1' } } }],
    ['another handler', { handler: 'a' }, { handler: 'b' }],
  ]),
];

const rbac = 'rbac.authorization.k8s.io/v1';
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const access = [
  ...of(rbac, 'Role', {}, [
    ['a rule of nothing', { rules: [{}] }],
    ['URLs in a namespace', { rules: [{ nonResourceURLs: ['/x'], apiGroups: [''], verbs: ['get'] }] }],
    ['a name with a slash', { metadata: { name: 'a/b%' } }],
  ]),
  ...of(rbac, 'ClusterRole', {}, [
    ['a rule of nothing', { rules: [{}, { verbs: ['get'] }] }],
    ['a finalizer without domain', { metadata: { ...metadata, finalizers: ['mine'] } }],
    ['aggregation of nothing', { aggregationRule: {} }],
    ['a bad selector', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'a b': '' } }] } }],
  ]),
  ...of(rbac, 'RoleBinding', { roleRef }, [
    ['a reference to nothing', { roleRef: { apiGroup: 'x', kind: 'y', name: '' } }],
    [
      'bad subjects',
      {
        subjects: [
          { kind: 'Robot', name: '' },
          { kind: 'User', name: 'u', apiGroup: 'x' },
          { kind: 'ServiceAccount', name: 'A', apiGroup: 'y' },
        ],
      },
    ],
    ['another role', {}, { roleRef: { name: 'edit' } }],
  ]),
  ...of(rbac, 'ClusterRoleBinding', { roleRef }, [
    ['a Role', { roleRef: { ...roleRef, kind: 'Role', name: 'a/b' } }],
    ['an account without namespace', { subjects: [{ kind: 'ServiceAccount', name: 's' }] }],
    ['another role', {}, { roleRef: { name: 'edit' } }],
  ]),
];

const hook = {
  name: 'a.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { url: 'https://example.com/hook' },
};
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
const admission = 'admissionregistration.k8s.io/v1';
const admissions = [
  ...of(admission, 'ValidatingWebhookConfiguration', {}, [
    ['a webhook of nothing', { webhooks: [{}] }],
    ['bad names', { webhooks: [{ ...hook, name: 'a.b' }, { ...hook, name: 'A_' }, hook, hook] }],
    [
      'unknown words',
      {
        webhooks: [
          {
            ...hook,
            sideEffects: 'Some',
            failurePolicy: 'X',
            matchPolicy: 'Y',
            timeoutSeconds: 60,
            admissionReviewVersions: ['v2', 'v2', '1'],
          },
        ],
      },
    ],
    [
      'bad URLs',
      {
        webhooks: [
          { ...hook, clientConfig: { url: 'http://u:p@/x?q#f' } },
          { ...hook, name: 'b.example.com', clientConfig: { url: 'example' } },
        ],
      },
    ],
    [
      'a Service without names',
      { webhooks: [{ ...hook, clientConfig: { service: { name: 's', namespace: '', port: 0, path: 'a//B' } } }] },
    ],
    [
      'both ways to call',
      { webhooks: [{ ...hook, clientConfig: { url: 'https://a', service: { name: 's', namespace: 'n' } } }] },
    ],
    [
      'rules of nothing',
      {
        webhooks: [
          {
            ...hook,
            rules: [
              {},
              {
                ...rule,
                operations: ['*', 'X'],
                apiGroups: ['*', 'a'],
                apiVersions: ['*', ''],
                resources: ['*', 'pods'],
                scope: 'Z',
              },
            ],
          },
        ],
      },
    ],
    [
      'resources that overlap',
      { webhooks: [{ ...hook, rules: [{ ...rule, resources: ['pods/*', 'pods/log', '*/log', 'a/log', '', '*/*'] }] }] },
    ],
    [
      'conditions without name',
      {
        webhooks: [
          {
            ...hook,
            matchConditions: [
              { name: '', expression: '' },
              { name: 'a', expression: 'true' },
              { name: 'a', expression: 'true' },
            ],
          },
        ],
      },
    ],
  ]),
  ...of(admission, 'MutatingWebhookConfiguration', {}, [
    [
      'an unknown reinvocation',
      { webhooks: [{ ...hook, reinvocationPolicy: 'X', namespaceSelector: { matchLabels: { 'a b': '' } } }] },
    ],
  ]),
  ...of(admission, 'ValidatingAdmissionPolicy', {}, [
    ['nothing', { spec: {} }],
    [
      'bad parts',
      {
        spec: {
          failurePolicy: 'X',
          paramKind: { apiVersion: 'a/b/c' },
          matchConstraints: { matchPolicy: 'Y', resourceRules: [{ ...rule, resourceNames: ['a/b', 'c', 'c'] }] },
          variables: [{ name: 'a b', expression: '' }],
          validations: [{ expression: '', message: ' ', reason: 'Z' }],
        },
      },
    ],
    [
      'a kind of parameters with capitals',
      {
        spec: {
          paramKind: { apiVersion: 'A/1', kind: 'K_' },
          matchConstraints: {},
          auditAnnotations: [
            { key: 'a b', valueExpression: '' },
            { key: 'a b', valueExpression: '' },
          ],
        },
      },
    ],
    [
      'a reserved name',
      {
        metadata: { name: 'RANDOM.static.k8s.io' },
        spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] },
      },
    ],
  ]),
  ...of(admission, 'ValidatingAdmissionPolicyBinding', {}, [
    ['nothing', { spec: {} }],
    [
      'bad parts',
      {
        spec: {
          policyName: 'A',
          paramRef: { name: 'a/b', selector: {} },
          validationActions: ['Deny', 'Warn', 'X', 'X'],
        },
      },
    ],
    [
      'parameters of nothing',
      { spec: { policyName: 'a', paramRef: { parameterNotFoundAction: 'X' }, validationActions: ['Audit'] } },
    ],
  ]),
];

const flow = 'flowcontrol.apiserver.k8s.io/v1';
const level = { priorityLevelConfiguration: { name: 'global-default' } };
const rest = [
  ...of('apiregistration.k8s.io/v1', 'APIService', {}, [
    ['nothing', { spec: { groupPriorityMinimum: 0, versionPriority: 0 } }],
    [
      'another name',
      { spec: { group: 'A', version: '1', groupPriorityMinimum: 30_000, versionPriority: 2000, caBundle: b64('x') } },
    ],
    [
      'a Service without names',
      {
        metadata: { name: 'v1.RANDOM.x' },
        spec: {
          group: 'RANDOM.x',
          version: 'v1',
          groupPriorityMinimum: 1,
          versionPriority: 1,
          insecureSkipTLSVerify: true,
          caBundle: b64('x'),
          service: { port: 0 },
        },
      },
    ],
  ]),
  ...of('certificates.k8s.io/v1', 'CertificateSigningRequest', {}, [
    [
      'no request',
      { spec: { request: b64('x'), usages: ['any', 'any', 'x'], signerName: 'a', expirationSeconds: 60 } },
    ],
    ['a signer of bad labels', { spec: { request: b64('x'), usages: [], signerName: 'a b/C' } }],
  ]),
  ...of(flow, 'FlowSchema', {}, [
    ['nothing', { spec: { rules: [{ subjects: [] }] } }],
    ['precedences', { spec: { ...level, matchingPrecedence: 1, distinguisherMethod: { type: 'X' } } }],
    [
      'a precedence that is too high',
      { spec: { priorityLevelConfiguration: { name: 'A' }, matchingPrecedence: 20_000 } },
    ],
    [
      'bad rules',
      {
        spec: {
          ...level,
          rules: [
            {
              subjects: [
                { kind: 'X' },
                { kind: 'User', group: { name: 'g' } },
                { kind: 'ServiceAccount', serviceAccount: { name: 'A', namespace: '' } },
              ],
              resourceRules: [
                { verbs: ['*', 'get'], apiGroups: [], resources: ['*', 'a'], namespaces: ['A'] },
                { verbs: ['walk'], apiGroups: ['*'], resources: ['a'] },
              ],
              nonResourceRules: [{ verbs: [], nonResourceURLs: ['a', '/a//b', '/*/a'] }],
            },
          ],
        },
      },
    ],
  ]),
  ...of(flow, 'PriorityLevelConfiguration', {}, [
    ['no type', { spec: { type: '' } }],
    ['an exempt one', { spec: { type: 'Exempt', limited: { limitResponse: { type: 'Reject' } } } }],
    ['nothing limited', { spec: { type: 'Limited', exempt: {} } }],
    [
      'a queue without numbers',
      {
        spec: {
          type: 'Limited',
          limited: {
            lendablePercent: 101,
            borrowingLimitPercent: -1,
            nominalConcurrencyShares: -1,
            limitResponse: { type: 'Queue' },
          },
        },
      },
    ],
    [
      'hands that are too large',
      {
        spec: {
          type: 'Limited',
          limited: { limitResponse: { type: 'Queue', queuing: { handSize: 30, queues: 64, queueLengthLimit: -1 } } },
        },
      },
    ],
    ['an unknown response', { spec: { type: 'Limited', limited: { limitResponse: { type: 'X' } } } }],
  ]),
];

/** What a server refuses, for the causes that the real one names. `RANDOM`, `NAMESPACE`: see the valid cases. */
export const invalidCases: readonly Case[] = [
  ...configMaps,
  ...secrets,
  ...services,
  ...endpoints,
  ...cluster,
  ...statuses,
  ...volumes,
  ...limits,
  ...events,
  ...networking,
  ...scaling,
  ...storage,
  ...scheduling,
  ...access,
  ...admissions,
  ...rest,
];
