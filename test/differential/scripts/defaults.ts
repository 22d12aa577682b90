import { post, script } from '../script.ts';
import type { Request, Script } from '../script.ts';
import { deployment, object, podSpec, template } from './objects.ts';

const never = { ...podSpec, restartPolicy: 'Never' };

/** What the server adds to small objects, for more of them than the lives of kinds do. */
export function defaultScripts(): readonly Script[] {
  const pod = (name: string, spec: Readonly<Record<string, unknown>>): Request =>
    post('pods', object('Pod', name, {}, { spec: { ...podSpec, ...spec } }));
  const container = (name: string, fields: Readonly<Record<string, unknown>>): Request =>
    pod(name, { containers: [{ name: 'c', image: 'i', ...fields }] });
  const volume = (name: string, source: Readonly<Record<string, unknown>>): Request =>
    pod(name, { volumes: [{ name: 'v', ...source }] });
  const service = (name: string, spec: Readonly<Record<string, unknown>>): Request =>
    post('services', object('Service', name, {}, { spec: { ports: [{ port: 80 }], ...spec } }));
  return [
    script('defaults', 'pods', [
      ...['i', 'i:latest', 'i:1', 'i@sha256:' + 'a'.repeat(64), 'r.io:5000/i', 'r.io:5000/i:2'].map((image, index) =>
        container(`image${index}`, { image }),
      ),
      container('policy', { image: 'i:1', imagePullPolicy: 'Always' }),
      container('limits', { resources: { limits: { cpu: '1000m', memory: '1024Mi' } } }),
      container('quantities', {
        resources: {
          requests: { cpu: 0.5, memory: '1e3', 'ephemeral-storage': '1.5Gi' },
          limits: { cpu: '1.50', memory: '1E', 'ephemeral-storage': '2048Mi' },
        },
      }),
      container('probe', {
        livenessProbe: { httpGet: { port: 80 } },
        readinessProbe: { tcpSocket: { port: 'x' } },
        startupProbe: { exec: { command: ['x'] }, timeoutSeconds: 9 },
      }),
      container('grpc', { livenessProbe: { grpc: { port: 80 } } }),
      container('lifecycle', {
        lifecycle: { preStop: { httpGet: { port: 80, path: 'x' } }, postStart: { exec: { command: ['x'] } } },
      }),
      container('ports', { ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }] }),
      container('env', {
        env: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
          { name: 'C', value: '' },
          { name: 'D' },
        ],
      }),
      container('empty', { command: [], args: null, env: [], ports: [], resources: {}, volumeMounts: [] }),
      container('security', { securityContext: {} }),
      pod('host', { hostNetwork: true, containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] }),
      pod('account', { serviceAccountName: 'x' }),
      pod('oldaccount', { serviceAccount: 'x' }),
      pod('tolerations', {
        tolerations: [
          { key: 'a', operator: 'Exists' },
          { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
        ],
      }),
      pod('tolerateall', { tolerations: [{ operator: 'Exists' }] }),
      pod('init', { initContainers: [{ name: 'i', image: 'i' }] }),
      pod('never', {
        restartPolicy: 'Never',
        dnsPolicy: 'Default',
        terminationGracePeriodSeconds: 0,
        enableServiceLinks: false,
        schedulerName: 'x',
      }),
      pod('status', {}),
      pod('affinity', {
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, podAffinityTerm: { topologyKey: 'k', labelSelector: { matchLabels: { a: 'b' } } } },
            ],
          },
        },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'k', whenUnsatisfiable: 'DoNotSchedule' }],
      }),
      pod('priority', { priorityClassName: 'system-node-critical' }),
      pod('nopriority', { priorityClassName: 'none' }),
      post('pods', object('Pod', 'besteffort', {}, { status: { phase: 'Running' } })),
      container('guaranteed', {
        resources: { limits: { cpu: 1, memory: '1Gi' }, requests: { cpu: 1, memory: '1Gi' } },
      }),
      container('burstable', { resources: { requests: { cpu: 1 } } }),
      volume('vempty', {}),
      volume('vcm', { configMap: { name: 'x' } }),
      volume('vsecret', { secret: { secretName: 'x', items: [] } }),
      volume('vhost', { hostPath: { path: '/x' } }),
      volume('vprojected', {
        projected: {
          sources: [
            { serviceAccountToken: { path: 'x' } },
            { downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.name' } }] } },
            { configMap: { name: 'x' } },
          ],
        },
      }),
      volume('vdownward', { downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.name' } }] } }),
      volume('vephemeral', {
        ephemeral: {
          volumeClaimTemplate: {
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        },
      }),
      volume('vimage', { image: { reference: 'x' } }),
      volume('vcsi', { csi: { driver: 'x.y' } }),
      volume('vnfs', { nfs: { server: 's', path: '/p' } }),
    ]),
    script('defaults', 'workloads', [
      post('apps/v1/deployments', deployment('recreate', { strategy: { type: 'Recreate' } })),
      post('apps/v1/deployments', deployment('rolling', { strategy: { rollingUpdate: { maxSurge: 1 } } })),
      post(
        'apps/v1/deployments',
        deployment('zeros', {
          replicas: 0,
          revisionHistoryLimit: 0,
          progressDeadlineSeconds: 700,
          minReadySeconds: 600,
        }),
      ),
      post(
        'apps/v1/deployments',
        deployment('volumes', {
          template: template(
            { app: 'a' },
            {
              ...podSpec,
              volumes: [{ name: 'v', configMap: { name: 'x' } }],
              serviceAccountName: 'x',
              tolerations: [{ key: 'a' }],
            },
          ),
        }),
      ),
      post(
        'apps/v1/statefulsets',
        object(
          'StatefulSet',
          'claims',
          {},
          {
            spec: {
              serviceName: 's',
              selector: { matchLabels: { app: 'a' } },
              template: template(),
              volumeClaimTemplates: [
                {
                  metadata: { name: 'd' },
                  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
                },
              ],
            },
          },
        ),
      ),
      post(
        'apps/v1/statefulsets',
        object(
          'StatefulSet',
          'ondelete',
          {},
          {
            spec: {
              selector: { matchLabels: { app: 'a' } },
              template: template(),
              updateStrategy: { type: 'OnDelete' },
              persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' },
            },
          },
        ),
      ),
      post(
        'apps/v1/statefulsets',
        object(
          'StatefulSet',
          'rolling',
          {},
          {
            spec: {
              selector: { matchLabels: { app: 'a' } },
              template: template(),
              updateStrategy: { rollingUpdate: { partition: 2 } },
              ordinals: {},
            },
          },
        ),
      ),
      post(
        'apps/v1/daemonsets',
        object(
          'DaemonSet',
          'ondelete',
          {},
          {
            spec: {
              selector: { matchLabels: { app: 'a' } },
              template: template(),
              updateStrategy: { type: 'OnDelete' },
            },
          },
        ),
      ),
      post(
        'apps/v1/daemonsets',
        object(
          'DaemonSet',
          'rolling',
          {},
          {
            spec: {
              selector: { matchLabels: { app: 'a' } },
              template: template(),
              updateStrategy: { rollingUpdate: { maxSurge: '10%', maxUnavailable: 0 } },
            },
          },
        ),
      ),
      post(
        'batch/v1/jobs',
        object(
          'Job',
          'indexed',
          {},
          { spec: { completionMode: 'Indexed', completions: 3, parallelism: 3, template: { spec: never } } },
        ),
      ),
      post('batch/v1/jobs', object('Job', 'parallel', {}, { spec: { parallelism: 3, template: { spec: never } } })),
      post(
        'batch/v1/jobs',
        object(
          'Job',
          'manual',
          {},
          {
            spec: {
              manualSelector: true,
              selector: { matchLabels: { a: 'b' } },
              template: { metadata: { labels: { a: 'b' } }, spec: never },
            },
          },
        ),
      ),
      post(
        'batch/v1/jobs',
        object(
          'Job',
          'policy',
          {},
          {
            spec: {
              podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] },
              backoffLimitPerIndex: 1,
              completionMode: 'Indexed',
              completions: 1,
              template: { spec: never },
            },
          },
        ),
      ),
      post(
        'batch/v1/cronjobs',
        object(
          'CronJob',
          'forbid',
          {},
          {
            spec: {
              schedule: '@hourly',
              concurrencyPolicy: 'Forbid',
              startingDeadlineSeconds: 5,
              jobTemplate: { spec: { template: { spec: never } } },
            },
          },
        ),
      ),
      post(
        'replicationcontrollers',
        object('ReplicationController', 'bare', {}, { spec: { template: template({ x: 'y' }) } }),
      ),
      post(
        'apps/v1/replicasets',
        object(
          'ReplicaSet',
          'bare',
          {},
          { spec: { selector: { matchLabels: { app: 'a' } }, replicas: 0, template: template() } },
        ),
      ),
    ]),
    script('defaults', 'services', [
      service('plain', {}),
      service('affinity', { sessionAffinity: 'ClientIP' }),
      service('nodeport', { type: 'NodePort' }),
      service('balancer', { type: 'LoadBalancer' }),
      service('local', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }),
      service('noports', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }),
      service('external', { type: 'ExternalName', externalName: 'example.com', ports: [] }),
      service('headless', { clusterIP: 'None', selector: { a: 'b' } }),
      service('headlessbare', { clusterIP: 'None' }),
      service('target', {
        ports: [
          { port: 80, targetPort: 'http', name: 'x' },
          { port: 53, protocol: 'UDP', name: 'y', appProtocol: 'z' },
        ],
      }),
      service('dual', { ipFamilyPolicy: 'PreferDualStack' }),
      service('requiredual', { ipFamilyPolicy: 'RequireDualStack' }),
      service('v6', { ipFamilies: ['IPv6'] }),
      service('internal', { internalTrafficPolicy: 'Local' }),
    ]),
    script('defaults', 'the rest', [
      post(
        'networking.k8s.io/v1/networkpolicies',
        object('NetworkPolicy', 'egress', {}, { spec: { podSelector: {}, egress: [{}] } }),
      ),
      post('networking.k8s.io/v1/networkpolicies', object('NetworkPolicy', 'bare', {}, { spec: { podSelector: {} } })),
      post(
        'networking.k8s.io/v1/networkpolicies',
        object(
          'NetworkPolicy',
          'ports',
          {},
          {
            spec: {
              podSelector: {},
              ingress: [
                {
                  from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }],
                  ports: [{ port: 80, endPort: 90 }, { protocol: 'UDP' }],
                },
              ],
            },
          },
        ),
      ),
      post(
        'networking.k8s.io/v1/ingresses',
        object(
          'Ingress',
          'paths',
          {},
          {
            spec: {
              rules: [
                {
                  host: 'a.b',
                  http: {
                    paths: [
                      { path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { name: 'x' } } } },
                    ],
                  },
                },
              ],
            },
          },
        ),
      ),
      post(
        'autoscaling/v2/horizontalpodautoscalers',
        object(
          'HorizontalPodAutoscaler',
          'behavior',
          {},
          {
            spec: {
              scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
              maxReplicas: 3,
              behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
            },
          },
        ),
      ),
      post('autoscaling/v1/horizontalpodautoscalers', {
        metadata: { name: 'old' },
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }, maxReplicas: 3 },
      }),
      post(
        'policy/v1/poddisruptionbudgets',
        object('PodDisruptionBudget', 'max', {}, { spec: { maxUnavailable: 1, selector: {} } }),
      ),
      post(
        'persistentvolumeclaims',
        object(
          'PersistentVolumeClaim',
          'block',
          {},
          {
            spec: {
              volumeMode: 'Block',
              accessModes: ['ReadWriteMany'],
              storageClassName: '',
              resources: { requests: { storage: '1024Mi' } },
            },
          },
        ),
      ),
      post(
        'persistentvolumeclaims',
        object(
          'PersistentVolumeClaim',
          'source',
          {},
          {
            spec: {
              accessModes: ['ReadWriteOnce'],
              resources: { requests: { storage: '1Gi' } },
              dataSource: { kind: 'PersistentVolumeClaim', name: 'x' },
            },
          },
        ),
      ),
      post('secrets', { metadata: { name: 'tls' }, type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } }),
      post('secrets', {
        metadata: { name: 'docker' },
        type: 'kubernetes.io/dockerconfigjson',
        stringData: { '.dockerconfigjson': '{}' },
      }),
      post('secrets', { metadata: { name: 'both' }, data: { a: 'Yg==' }, stringData: { a: 'c', d: 'e' } }),
      post('rbac.authorization.k8s.io/v1/rolebindings', {
        metadata: { name: 'short' },
        roleRef: { kind: 'ClusterRole', name: 'view' },
        subjects: [
          { kind: 'User', name: 'u' },
          { kind: 'ServiceAccount', name: 's', namespace: 'n' },
        ],
      }),
      post('limitranges', {
        metadata: { name: 'limits' },
        spec: { limits: [{ type: 'Container', max: { cpu: '1000m' }, default: { memory: '1024Mi' } }] },
      }),
      post('discovery.k8s.io/v1/endpointslices', {
        metadata: { name: 'ports' },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['1.2.3.4'], conditions: {} }],
        ports: [{ name: 'x', port: 80 }, {}],
      }),
      post('endpoints', {
        metadata: { name: 'ports' },
        subsets: [{ addresses: [{ ip: '1.2.3.4' }], notReadyAddresses: [{ ip: '1.2.3.5' }], ports: [{ port: 80 }] }],
      }),
      post('events', { metadata: { name: 'e' }, involvedObject: { kind: 'Pod', name: 'a', namespace: '{ns}' } }),
      post('events.k8s.io/v1/events', {
        metadata: { name: 'new' },
        regarding: { kind: 'Pod', name: 'a', namespace: '{ns}' },
        eventTime: '2020-01-01T00:00:00.000000Z',
        reportingController: 'x.y/z',
        reportingInstance: 'i',
        action: 'A',
        reason: 'R',
        type: 'Normal',
        note: 'n',
      }),
      post('serviceaccounts', {
        metadata: { name: 'full' },
        secrets: [{ name: 'x' }],
        imagePullSecrets: [{ name: 'y' }],
        automountServiceAccountToken: true,
      }),
      post('resourcequotas', {
        metadata: { name: 'quantities' },
        spec: { hard: { 'requests.cpu': '2000m', 'requests.memory': '1024Mi' }, scopes: ['NotTerminating'] },
      }),
    ]),
  ];
}
