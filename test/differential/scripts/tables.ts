import { del, get, merge, post, script, strategic } from '../script.ts';
import type { Script } from '../script.ts';
import { configMap, deployment, object, podSpec, samples, template } from './objects.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** What the status before had and the next one may not have. */
const EMPTY: Readonly<Record<string, unknown>> = { reason: null, conditions: null, containerStatuses: null };

export function tableScripts(): readonly Script[] {
  return [
    script(
      'tables',
      'columns of every kind',
      samples.flatMap(({ resource }) => [
        get(resource, { query: 'labelSelector=no=such', accept: TABLE }),
        get(resource, {
          query: 'labelSelector=no=such&includeObject=None',
          accept: 'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
        }),
      ]),
    ),
    script('tables', 'what the rows carry', [
      post('configmaps', configMap('a', { a: '1' }), { accept: TABLE }),
      get('configmaps a', { accept: TABLE }),
      get('configmaps a', { accept: TABLE, query: 'includeObject=None' }),
      get('configmaps a', { accept: TABLE, query: 'includeObject=Object' }),
      get('configmaps a', { accept: TABLE, query: 'includeObject=Metadata' }),
      get('configmaps a', { accept: TABLE, query: 'includeObject=Nope' }),
      get('configmaps', { accept: TABLE, query: 'fieldSelector=metadata.name=a&includeObject=Object' }),
      get('configmaps', { accept: TABLE, query: 'limit=1' }),
      get('configmaps', { accept: TABLE, query: 'fieldSelector=metadata.name=none' }),
      get('configmaps none', { accept: TABLE }),
      get('configmaps', { accept: 'application/json;as=Table;v=v2;g=meta.k8s.io' }),
      get('configmaps', {
        accept: 'application/json;as=Table;v=v2;g=meta.k8s.io,application/json',
        query: 'fieldSelector=metadata.name=a',
      }),
      get('configmaps', { accept: 'application/json;as=Table;v=v1;g=other' }),
      merge('configmaps a', { data: { b: '2' } }, { accept: TABLE }),
      del('configmaps a', undefined, { accept: TABLE }),
      get('pods', { accept: TABLE }),
    ]),
    script('tables', 'cells of pods', [
      post('pods', object('Pod', 'a')),
      post(
        'pods',
        object(
          'Pod',
          'b',
          {},
          {
            spec: {
              containers: [
                { name: 'c', image: 'i' },
                { name: 'd', image: 'j' },
              ],
              nodeName: 'none',
              readinessGates: [{ conditionType: 'x.y/z' }],
            },
          },
        ),
      ),
      ...[
        {
          phase: 'Running',
          podIP: '10.1.1.1',
          podIPs: [{ ip: '10.1.1.1' }],
          containerStatuses: [
            status('c', true, { running: { startedAt: '2020-01-01T00:00:00Z' } }),
            status('d', false, { waiting: { reason: 'CrashLoopBackOff' } }, 3),
          ],
          conditions: [{ type: 'x.y/z', status: 'True' }],
        },
        { phase: 'Pending', containerStatuses: [status('c', false, { waiting: { reason: 'ImagePullBackOff' } })] },
        {
          phase: 'Succeeded',
          containerStatuses: [status('c', false, { terminated: { exitCode: 0, reason: 'Completed' } })],
        },
        { phase: 'Failed', reason: 'Evicted', containerStatuses: [] },
        { phase: 'Failed', containerStatuses: [status('c', false, { terminated: { exitCode: 3 } }, 1)] },
        { phase: 'Failed', containerStatuses: [status('c', false, { terminated: { exitCode: 0, signal: 9 } }, 1)] },
        {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [
            status('c', true, { running: {} }),
            status('d', false, { terminated: { exitCode: 0, reason: 'Completed' } }),
          ],
        },
      ].flatMap((next) => [
        merge('pods b status', { status: { ...EMPTY, ...next } }),
        get('pods b', { accept: TABLE }),
      ]),
      post(
        'pods',
        object(
          'Pod',
          'i',
          {},
          {
            spec: {
              ...podSpec,
              initContainers: [
                { name: 'i', image: 'i' },
                { name: 'j', image: 'i', restartPolicy: 'Always' },
              ],
            },
          },
        ),
      ),
      get('pods i', { accept: TABLE }),
      merge('pods i status', {
        status: { initContainerStatuses: [status('i', false, { waiting: { reason: 'PodInitializing' } })] },
      }),
      get('pods i', { accept: TABLE }),
      merge('pods i status', {
        status: { initContainerStatuses: [status('i', false, { terminated: { exitCode: 2, reason: 'Error' } })] },
      }),
      get('pods i', { accept: TABLE }),
      merge('pods i status', {
        status: {
          initContainerStatuses: [
            status('i', true, { terminated: { exitCode: 0 } }),
            status('j', true, { running: {} }),
          ],
        },
      }),
      get('pods', { accept: TABLE }),
      merge('pods b', { metadata: { finalizers: ['a.b/c'] } }),
      del('pods b'),
      get('pods b', { accept: TABLE }),
      merge('pods b', { metadata: { finalizers: null } }),
    ]),
    script('tables', 'cells of workloads', [
      post(
        'apps/v1/deployments',
        deployment('a', {
          replicas: 3,
          template: template(
            { app: 'a' },
            {
              containers: [
                { name: 'c', image: 'i:1' },
                { name: 'd', image: 'j:2' },
              ],
            },
          ),
        }),
      ),
      merge('apps/v1/deployments a status', {
        status: { replicas: 3, readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 },
      }),
      get('apps/v1/deployments a', { accept: TABLE }),
      post('apps/v1/statefulsets', object('StatefulSet')),
      get('apps/v1/statefulsets', { accept: TABLE }),
      post('apps/v1/daemonsets', object('DaemonSet')),
      get('apps/v1/daemonsets', { accept: TABLE }),
      post(
        'apps/v1/daemonsets',
        object(
          'DaemonSet',
          'b',
          {},
          {
            spec: {
              selector: { matchLabels: { app: 'a' } },
              template: template({ app: 'a' }, { ...podSpec, nodeSelector: { b: 'c', a: 'b' } }),
            },
          },
        ),
      ),
      get('apps/v1/daemonsets b', { accept: TABLE }),
      post('apps/v1/replicasets', object('ReplicaSet')),
      get('apps/v1/replicasets', { accept: TABLE }),
      post('replicationcontrollers', object('ReplicationController')),
      get('replicationcontrollers', { accept: TABLE }),
      post('batch/v1/jobs', object('Job')),
      get('batch/v1/jobs', { accept: TABLE }),
      merge('batch/v1/jobs a status', {
        status: { startTime: '2020-01-01T00:00:00Z', active: 1, ready: 0, uncountedTerminatedPods: {} },
      }),
      get('batch/v1/jobs', { accept: TABLE }),
      merge('batch/v1/jobs a status', {
        status: {
          active: 0,
          succeeded: 1,
          completionTime: '2020-01-01T00:01:05Z',
          conditions: [
            { type: 'SuccessCriteriaMet', status: 'True', reason: 'CompletionsReached' },
            { type: 'Complete', status: 'True', reason: 'CompletionsReached' },
          ],
        },
      }),
      get('batch/v1/jobs', { accept: TABLE }),
      post(
        'batch/v1/jobs',
        object(
          'Job',
          's',
          {},
          {
            spec: {
              suspend: true,
              completions: 5,
              parallelism: 2,
              template: { spec: { ...podSpec, restartPolicy: 'Never' } },
            },
          },
        ),
      ),
      get('batch/v1/jobs s', { accept: TABLE }),
      post('batch/v1/cronjobs', object('CronJob')),
      get('batch/v1/cronjobs', { accept: TABLE }),
      post(
        'batch/v1/cronjobs',
        object(
          'CronJob',
          'b',
          {},
          {
            spec: {
              schedule: '@daily',
              timeZone: 'Etc/UTC',
              suspend: true,
              jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
            },
          },
        ),
      ),
      merge('batch/v1/cronjobs b status', {
        status: { active: [{ kind: 'Job', name: 'x' }], lastScheduleTime: '2020-01-01T00:00:00Z' },
      }),
      get('batch/v1/cronjobs b', { accept: TABLE, query: 'includeObject=None' }),
      strategic('apps/v1/deployments a', {
        spec: { selector: { matchLabels: { app: 'a' } }, template: { metadata: { labels: { z: 'y' } } } },
      }),
      get('apps/v1/deployments', { accept: TABLE }),
    ]),
    script('tables', 'cells of services and the rest', [
      post('services', object('Service', 'a')),
      post(
        'services',
        object(
          'Service',
          'h',
          {},
          {
            spec: {
              clusterIP: 'None',
              ports: [
                { port: 80, name: 'x' },
                { port: 53, protocol: 'UDP', name: 'y' },
              ],
            },
          },
        ),
      ),
      post(
        'services',
        object('Service', 'n', {}, { spec: { type: 'NodePort', selector: { a: 'b', c: 'd' }, ports: [{ port: 80 }] } }),
      ),
      post(
        'services',
        object('Service', 'l', {}, { spec: { type: 'LoadBalancer', selector: { a: 'b' }, ports: [{ port: 80 }] } }),
      ),
      post('services', object('Service', 'e', {}, { spec: { type: 'ExternalName', externalName: 'example.com' } })),
      post(
        'services',
        object('Service', 'x', {}, { spec: { externalIPs: ['1.2.3.4', '1.2.3.5'], ports: [{ port: 80 }] } }),
      ),
      get('services', { accept: TABLE }),
      merge('services l status', {
        status: { loadBalancer: { ingress: [{ ip: '5.6.7.8' }, { hostname: 'example.com' }] } },
      }),
      get('services l', { accept: TABLE }),
      post('discovery.k8s.io/v1/endpointslices', object('EndpointSlice')),
      post(
        'discovery.k8s.io/v1/endpointslices',
        object(
          'EndpointSlice',
          'b',
          {},
          {
            addressType: 'IPv4',
            endpoints: ['1', '2', '3', '4', '5'].map((n) => ({ addresses: [`1.2.3.${n}`] })),
            ports: [
              { port: 80, name: 'a' },
              { port: 81, name: 'b' },
              { port: 82, name: 'c' },
              { port: 83, name: 'd' },
            ],
          },
        ),
      ),
      post(
        'discovery.k8s.io/v1/endpointslices',
        object('EndpointSlice', 'c', {}, { addressType: 'IPv4', endpoints: [], ports: [] }),
      ),
      get('discovery.k8s.io/v1/endpointslices', { accept: TABLE }),
      post(
        'networking.k8s.io/v1/ingresses',
        object(
          'Ingress',
          'a',
          {},
          { spec: { ingressClassName: 'x', rules: [{ host: 'a.b' }, { host: 'c.d' }], tls: [{ hosts: ['a.b'] }] } },
        ),
      ),
      post('networking.k8s.io/v1/ingresses', object('Ingress', 'b')),
      get('networking.k8s.io/v1/ingresses', { accept: TABLE }),
      post(
        'networking.k8s.io/v1/networkpolicies',
        object(
          'NetworkPolicy',
          'a',
          {},
          {
            spec: {
              podSelector: {
                matchLabels: { a: 'b' },
                matchExpressions: [{ key: 'x', operator: 'In', values: ['y', 'z'] }],
              },
            },
          },
        ),
      ),
      get('networking.k8s.io/v1/networkpolicies', { accept: TABLE }),
      post('persistentvolumeclaims', object('PersistentVolumeClaim')),
      get('persistentvolumeclaims', { accept: TABLE }),
      post('persistentvolumes', object('PersistentVolume', 'pv-{id}', { labels: { story: '{id}' } })),
      get('persistentvolumes', { accept: TABLE, query: 'labelSelector=story={id}' }),
      merge('persistentvolumes pv-{id}', { metadata: { finalizers: null } }, { unseen: true }),
      del('persistentvolumes pv-{id}', undefined, { unseen: true }),
      post('autoscaling/v2/horizontalpodautoscalers', object('HorizontalPodAutoscaler')),
      post(
        'autoscaling/v2/horizontalpodautoscalers',
        object(
          'HorizontalPodAutoscaler',
          'b',
          {},
          {
            spec: {
              scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
              minReplicas: 2,
              maxReplicas: 3,
              metrics: [
                {
                  type: 'Resource',
                  resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } },
                },
                { type: 'Pods', pods: { metric: { name: 'x' }, target: { type: 'AverageValue', averageValue: '5' } } },
                { type: 'External', external: { metric: { name: 'x' }, target: { type: 'Value', value: '5' } } },
              ],
            },
          },
        ),
      ),
      get('autoscaling/v2/horizontalpodautoscalers', { accept: TABLE }),
      post('policy/v1/poddisruptionbudgets', object('PodDisruptionBudget')),
      post(
        'policy/v1/poddisruptionbudgets',
        object('PodDisruptionBudget', 'b', {}, { spec: { maxUnavailable: '10%', selector: {} } }),
      ),
      get('policy/v1/poddisruptionbudgets', { accept: TABLE }),
      post('secrets', object('Secret')),
      get('secrets', { accept: TABLE }),
      get('serviceaccounts', { accept: TABLE }),
      post(
        'events',
        object(
          'Event',
          'a',
          {},
          {
            count: 3,
            firstTimestamp: '2020-01-01T00:00:00Z',
            lastTimestamp: '2020-01-01T00:00:00Z',
            source: { component: 'x', host: 'y' },
          },
        ),
      ),
      get('events', { accept: TABLE }),
      get('events.k8s.io/v1/events', { accept: TABLE }),
      get('namespaces {ns}', { accept: TABLE }),
      post('nodes', object('Node', 'n-{id}', { labels: { 'node-role.kubernetes.io/worker': '', story: '{id}' } })),
      get('nodes', { accept: TABLE, query: 'labelSelector=story={id}' }),
      merge('nodes n-{id}', { spec: { unschedulable: true } }),
      merge('nodes n-{id} status', {
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          nodeInfo: { kubeletVersion: 'v9', osImage: 'o', kernelVersion: 'k', containerRuntimeVersion: 'c' },
          addresses: [{ type: 'InternalIP', address: '1.1.1.1' }],
        },
      }),
      get('nodes', { accept: TABLE, query: 'labelSelector=story={id}' }),
      del('nodes n-{id}'),
      post('rbac.authorization.k8s.io/v1/roles', object('Role')),
      get('rbac.authorization.k8s.io/v1/roles', { accept: TABLE }),
      post(
        'rbac.authorization.k8s.io/v1/rolebindings',
        object(
          'RoleBinding',
          'a',
          {},
          {
            subjects: [
              { kind: 'User', name: 'u' },
              { kind: 'Group', name: 'g' },
              { kind: 'ServiceAccount', name: 's', namespace: 'n' },
            ],
          },
        ),
      ),
      get('rbac.authorization.k8s.io/v1/rolebindings', { accept: TABLE }),
      post('coordination.k8s.io/v1/leases', object('Lease')),
      get('coordination.k8s.io/v1/leases', { accept: TABLE }),
      post('limitranges', object('LimitRange')),
      get('limitranges', { accept: TABLE }),
      post('resourcequotas', object('ResourceQuota')),
      get('resourcequotas', { accept: TABLE }),
      post('endpoints', object('Endpoints')),
      get('endpoints', { accept: TABLE }),
      post('storage.k8s.io/v1/storageclasses', object('StorageClass', 's-{id}', { labels: { story: '{id}' } })),
      get('storage.k8s.io/v1/storageclasses', { accept: TABLE, query: 'labelSelector=story={id}' }),
      del('storage.k8s.io/v1/storageclasses s-{id}', undefined, { unseen: true }),
      post('scheduling.k8s.io/v1/priorityclasses', object('PriorityClass', 's-{id}', { labels: { story: '{id}' } })),
      get('scheduling.k8s.io/v1/priorityclasses', { accept: TABLE, query: 'labelSelector=story={id}' }),
      del('scheduling.k8s.io/v1/priorityclasses s-{id}', undefined, { unseen: true }),
    ]),
  ];
}

function status(name: string, ready: boolean, state: unknown, restartCount = 0): Readonly<Record<string, unknown>> {
  return { name, ready, state, restartCount, image: 'i', imageID: '' };
}
