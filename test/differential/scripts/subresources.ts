import { apply, at, get, jsonPatch, merge, post, put, script, strategic } from '../script.ts';
import type { Script, Step } from '../script.ts';
import { deployment, object, podSpec, samples } from './objects.ts';

/** Kinds with a status of their own, and a change to it that they take. */
const STATUSES: Readonly<Record<string, unknown>> = {
  Pod: { phase: 'Running', podIP: '10.1.1.1' },
  Service: { loadBalancer: { ingress: [{ ip: '5.6.7.8' }] } },
  ReplicationController: { replicas: 1 },
  ResourceQuota: { hard: { 'count/jobs.batch': '5' }, used: { 'count/jobs.batch': '1' } },
  PersistentVolumeClaim: { phase: 'Bound', capacity: { storage: '1Gi' } },
  Deployment: { replicas: 1, observedGeneration: 1 },
  StatefulSet: { replicas: 1 },
  DaemonSet: { numberReady: 1, currentNumberScheduled: 1, desiredNumberScheduled: 1, numberMisscheduled: 0 },
  ReplicaSet: { replicas: 1 },
  Job: { active: 1, startTime: '2020-01-01T00:00:00Z' },
  CronJob: { lastScheduleTime: '2020-01-01T00:00:00Z' },
  Ingress: { loadBalancer: { ingress: [{ ip: '5.6.7.8' }] } },
  HorizontalPodAutoscaler: { currentReplicas: 1, desiredReplicas: 2 },
  PodDisruptionBudget: { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 },
};

export function subresourceScripts(): readonly Script[] {
  const dep = 'apps/v1/deployments a';
  const scale = (replicas: unknown): unknown => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'a' },
    spec: { replicas },
  });
  return [
    ...Object.entries(STATUSES).map(([kind, status]) => {
      const { resource } = samples.find((sample) => sample.kind === kind) ?? { resource: '' };
      return script('subresources', `the status of a ${kind}`, statusSteps(resource, kind, status));
    }),
    script('subresources', 'scale', [
      post('apps/v1/deployments', deployment('a', { replicas: 2 })),
      get(`${dep} scale`),
      get(`${dep} scale`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
      put(`${dep} scale`, scale(3)),
      put(`${dep} scale`, { ...(scale(4) as object), apiVersion: 'autoscaling/v2' }),
      put(`${dep} scale`, { metadata: { name: 'a' }, spec: { replicas: 5 } }),
      put(`${dep} scale`, { metadata: { name: 'b' }, spec: { replicas: 5 } }),
      put(`${dep} scale`, { metadata: {}, spec: { replicas: 5 } }),
      put(`${dep} scale`, {
        metadata: { name: 'a', labels: { x: 'y' } },
        spec: { replicas: 6 },
        status: { replicas: 9, selector: 'z' },
      }),
      put(`${dep} scale`, scale(-1)),
      put(`${dep} scale`, scale('x')),
      put(`${dep} scale`, { metadata: { name: 'a' } }),
      put(`${dep} scale`, deployment('a')),
      merge(`${dep} scale`, { spec: { replicas: 7 } }),
      merge(`${dep} scale`, { spec: { replicas: -7 } }),
      merge(`${dep} scale`, { spec: { replicas: null } }),
      merge(`${dep} scale`, { metadata: { resourceVersion: '1' }, spec: { replicas: 7 } }),
      merge(`${dep} scale`, { metadata: { uid: 'x' }, spec: { replicas: 7 } }),
      strategic(`${dep} scale`, { spec: { replicas: 8 } }),
      jsonPatch(`${dep} scale`, [{ op: 'replace', path: '/spec/replicas', value: 9 }]),
      jsonPatch(`${dep} scale`, [{ op: 'test', path: '/spec/replicas', value: 1 }]),
      apply('m', `${dep} scale`, scale(10)),
      apply('m', `${dep} scale`, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'a' },
        spec: { replicas: 2 },
      }),
      put(`${dep} scale`, scale(0)),
      put(`${dep} scale`, scale(0), { agent: 'other/1' }),
      get(dep),
      get('apps/v1/deployments none scale'),
      put('apps/v1/deployments none scale', scale(1)),
      ...['StatefulSet', 'ReplicaSet', 'ReplicationController'].flatMap((kind): Step[] => {
        const { resource } = samples.find((sample) => sample.kind === kind) ?? { resource: '' };
        return [
          post(resource, object(kind)),
          get(`${resource} a scale`),
          put(`${resource} a scale`, scale(3)),
          merge(`${resource} a scale`, { spec: { replicas: 4 } }),
          get(`${resource} a`),
        ];
      }),
      get('apps/v1/daemonsets a scale'),
      get('batch/v1/jobs a scale'),
    ]),
    script('subresources', 'bindings', [
      post('pods', object('Pod', 'a')),
      post('pods', object('Pod', 'b')),
      {
        send: `POST ${at('pods', 'a', 'binding')}`,
        body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { kind: 'Node', name: 'node-x' } },
      },
      get('pods a'),
      {
        send: `POST ${at('pods', 'a', 'binding')}`,
        body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { kind: 'Node', name: 'node-y' } },
      },
      {
        send: `POST ${at('bindings')}`,
        body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'b' }, target: { kind: 'Node', name: 'node-x' } },
      },
      get('pods b'),
      {
        send: `POST ${at('pods', 'none', 'binding')}`,
        body: {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name: 'none' },
          target: { kind: 'Node', name: 'node-y' },
        },
      },
      {
        send: `POST ${at('pods', 'a', 'binding')}`,
        body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { kind: 'Pod', name: '' } },
      },
    ]),
    script('subresources', 'what a running pod may change', [
      post(
        'pods',
        object(
          'Pod',
          'a',
          {},
          { spec: { ...podSpec, tolerations: [{ key: 'a', operator: 'Exists' }], activeDeadlineSeconds: 100 } },
        ),
      ),
      strategic('pods a', { spec: { containers: [{ name: 'c', image: 'example.com/a:2' }] } }),
      strategic('pods a', { spec: { containers: [{ name: 'c', command: ['x'] }] } }),
      strategic('pods a', { spec: { containers: [{ name: 'd', image: 'x' }] } }),
      merge('pods a', { spec: { nodeName: 'x' } }),
      merge('pods a', { spec: { activeDeadlineSeconds: 50 } }),
      merge('pods a', { spec: { activeDeadlineSeconds: 500 } }),
      merge('pods a', { spec: { tolerations: [{ key: 'b', operator: 'Exists' }] } }),
      merge('pods a', { spec: { terminationGracePeriodSeconds: 1 } }),
      merge('pods a', { spec: { restartPolicy: 'Never' } }),
      merge('pods a', { spec: { hostNetwork: true } }),
      merge('pods a', { status: { phase: 'Running' } }),
      merge('pods a', { metadata: { labels: { a: 'b' } } }),
      strategic('pods a ephemeralcontainers', { spec: { ephemeralContainers: [{ name: 'e', image: 'x' }] } }),
      strategic('pods a ephemeralcontainers', { spec: { ephemeralContainers: [{ name: 'c', image: 'x' }] } }),
      get('pods a ephemeralcontainers'),
    ]),
    script('subresources', 'status of kinds for the whole cluster', [
      post('nodes', object('Node', 'n-{id}', {}, { status: { capacity: { cpu: '4', memory: '8192Mi' } } })),
      merge('nodes n-{id} status', {
        status: { allocatable: { cpu: '2000m' }, conditions: [{ type: 'Ready', status: 'True' }] },
      }),
      merge('nodes n-{id} status', { spec: { unschedulable: true }, metadata: { labels: { a: 'b' } } }),
      get('nodes n-{id}'),
      { send: 'DELETE /api/v1/nodes/n-{id}' },
      post('persistentvolumes', object('PersistentVolume', 'p-{id}')),
      merge('persistentvolumes p-{id} status', { status: { phase: 'Available' } }),
      merge('persistentvolumes p-{id} status', { spec: { storageClassName: 'x' } }),
      merge('persistentvolumes p-{id}', { metadata: { finalizers: null } }),
      { send: 'DELETE /api/v1/persistentvolumes/p-{id}' },
      merge('namespaces {ns} status', {
        status: { conditions: [{ type: 'X', status: 'True' }] },
        metadata: { labels: { a: 'b' } },
      }),
      get('namespaces {ns} status'),
    ]),
  ];
}

function statusSteps(resource: string, kind: string, status: unknown): readonly Step[] {
  const target = `${resource} a`;
  const made = object(kind);
  return [
    post('configmaps', { metadata: { name: 'o' } }, { label: 'o' }),
    post(resource, { ...made, status }, { label: 'made' }),
    get(`${target} status`),
    merge(target, { status }),
    merge(`${target} status`, { status }, { agent: 'controller/1' }),
    merge(`${target} status`, { status }),
    merge(`${target} status`, { metadata: { labels: { a: 'b' } } }),
    merge(`${target} status`, { metadata: { annotations: { a: 'b' } } }),
    merge(`${target} status`, { metadata: { finalizers: ['a.b/c'] } }),
    merge(`${target} status`, {
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '{{o.metadata.uid}}' }] },
    }),
    merge(`${target} status`, { metadata: { managedFields: [] } }),
    merge(`${target} status`, { spec: null }),
    put(`${target} status`, { ...made, status, metadata: { name: 'a', labels: { c: 'd' } } }, { agent: 'other/1' }),
    put(`${target} status`, '{{made}}'),
    apply('m', `${target} status`, { apiVersion: made['apiVersion'], kind, metadata: { name: 'a' }, status }),
    put(target, made),
    merge(`${target} status`, { status: 'x' }),
    merge(`${target} status`, { status: { nope: 1 } }, { query: 'fieldValidation=Strict' }),
    merge(`${target} status`, { metadata: { finalizers: null } }),
    get(target),
  ];
}
