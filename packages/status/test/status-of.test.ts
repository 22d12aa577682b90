import type { KubeObject } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import type { StatusOptions } from '../src/index.ts';
import { statusOf, statusOfAbsent } from '../src/index.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();
const inSeconds = (seconds: number): number => NOW + seconds * 1000;

type Fields = Readonly<Record<string, unknown>>;
const object = (apiVersion: string, kind: string, fields: Fields = {}, metadata: Fields = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'web', namespace: 'demo', ...metadata },
  ...fields,
});
const is = (type: string, status: string, more: Fields = {}): Fields => ({ type, status, ...more });

/** `[what it is, the object, the verdict under strict, the verdict under kstatus where it differs]`. */
type Story = readonly [title: string, object: KubeObject, strict: string, kstatus?: string];

function tell(stories: readonly Story[], options: StatusOptions = {}): void {
  test.each(stories.map(([title, ...rest]) => ({ title, rest })))(
    '$title',
    ({ rest: [told, strict, kstatus = strict] }) => {
      const verdict = (rules: 'strict' | 'kstatus'): string => {
        const { state, reason } = statusOf(told, { ...options, rules, now: NOW });
        return `${state} ${reason}`;
      };
      expect(verdict('strict')).toBe(strict);
      expect(verdict('kstatus')).toBe(kstatus);
    },
  );
}

describe('any object', () => {
  const widget = (fields: Fields = {}, metadata: Fields = {}): KubeObject =>
    object('shop.example/v1', 'Widget', fields, metadata);
  tell([
    ['that merely exists is there', widget(), 'Current Exists'],
    [
      'that is being deleted is Terminating, whatever its conditions say',
      widget({ status: { conditions: [is('Stalled', 'True')] } }, { deletionTimestamp: ago(5) }),
      'Terminating Terminating',
    ],
    [
      'whose latest generation nobody has seen is in progress',
      widget({ status: { observedGeneration: 1, conditions: [is('Ready', 'True')] } }, { generation: 2 }),
      'InProgress LatestGenerationNotObserved',
    ],
    [
      'whose generations are 64-bit integers is read all the same',
      widget({ status: { observedGeneration: 9007199254740993n } }, { generation: 9007199254740993n }),
      'Current Exists',
    ],
    [
      'that is reconciling is in progress',
      widget({ status: { conditions: [is('Reconciling', 'True', { reason: 'Syncing' }), is('Stalled', 'True')] } }),
      'InProgress Syncing',
    ],
    [
      'that stalled first has failed',
      widget({ status: { conditions: [is('Stalled', 'True'), is('Reconciling', 'True')] } }),
      'Failed Stalled',
    ],
    ['that is Ready is there', widget({ status: { conditions: [is('Ready', 'True')] } }), 'Current Ready'],
    [
      'that is not Ready is in progress, never failed',
      widget({ status: { conditions: [is('Ready', 'False', { reason: 'NoDisk' })] } }),
      'InProgress NoDisk',
    ],
    [
      'whose readiness is unknown is in progress',
      widget({ status: { conditions: [is('Ready', 'Unknown')] } }),
      'InProgress NotReady',
    ],
    [
      'whose Ready is about an older generation is in progress',
      widget({ status: { conditions: [is('Ready', 'True', { observedGeneration: 1 })] } }, { generation: 2 }),
      'InProgress ConditionNotObserved',
      'Current Ready',
    ],
    [
      'that stalled in an older generation has not failed',
      widget({ status: { conditions: [is('Stalled', 'True', { observedGeneration: 1 })] } }, { generation: 2 }),
      'Current Exists',
      'Failed Stalled',
    ],
    ['without a kind is no object', {} as KubeObject, 'Unknown NotAnObject'],
  ]);

  test('names the finalizers that hold a deletion', () => {
    const held = widget({}, { deletionTimestamp: ago(5), finalizers: ['shop.example/cleanup', 'other/x'] });
    expect(statusOf(held, { now: NOW }).message).toBe(
      'the object is being deleted; waits for shop.example/cleanup, other/x',
    );
  });

  test('of an unknown kind without a status is awaited, if the policy says so', () => {
    const options: StatusOptions = { unknownKind: 'wait-observed', now: NOW };
    expect(statusOf(widget(), options)).toMatchObject({ state: 'InProgress', reason: 'NotObserved' });
    expect(statusOf(widget({ status: {} }), options)).toMatchObject({ state: 'InProgress', reason: 'NotObserved' });
    expect(statusOf(widget({ status: { phase: 'Fine' } }), options)).toMatchObject({ state: 'Current' });
    expect(statusOf(object('rbac.authorization.k8s.io/v1', 'Role'), options)).toMatchObject({ state: 'Current' });
    expect(statusOf(object('v1', 'ServiceAccount'), options)).toMatchObject({ state: 'Current' });
  });
});

describe('a Deployment', () => {
  const available = [is('Progressing', 'True', { reason: 'NewReplicaSetAvailable' }), is('Available', 'True')];
  const deployment = (spec: Fields, status: Fields): KubeObject =>
    object(
      'apps/v1',
      'Deployment',
      { spec: { progressDeadlineSeconds: 600, ...spec }, status: { observedGeneration: 1, ...status } },
      { generation: 1 },
    );
  const counts = { replicas: 3, updatedReplicas: 3, availableReplicas: 3, readyReplicas: 3 };
  tell([
    [
      'that was just created',
      object('apps/v1', 'Deployment', { spec: { replicas: 0, progressDeadlineSeconds: 600 } }, { generation: 1 }),
      'InProgress ReplicaSetNotAvailable',
    ],
    ['that has too few replicas', deployment({ replicas: 3 }, { ...counts, replicas: 1 }), 'InProgress LessReplicas'],
    [
      'whose replicas are old',
      deployment({ replicas: 3 }, { ...counts, updatedReplicas: 1 }),
      'InProgress LessUpdated',
    ],
    [
      'whose old replicas are still there',
      deployment({ replicas: 3 }, { ...counts, replicas: 4 }),
      'InProgress ExtraPods',
    ],
    [
      'whose replicas are not available',
      deployment({ replicas: 3 }, { ...counts, availableReplicas: 2 }),
      'InProgress LessAvailable',
    ],
    [
      'whose replicas are not ready',
      deployment({ replicas: 3 }, { ...counts, readyReplicas: 2 }),
      'InProgress LessReady',
    ],
    [
      'whose new ReplicaSet is not available',
      deployment({ replicas: 3 }, { ...counts, conditions: [is('Available', 'True')] }),
      'InProgress ReplicaSetNotAvailable',
    ],
    [
      'that is not Available',
      deployment({ replicas: 3 }, { ...counts, conditions: [available[0]] }),
      'InProgress DeploymentNotAvailable',
    ],
    ['that has rolled out', deployment({ replicas: 3 }, { ...counts, conditions: available }), 'Current Available'],
    [
      'without a progress deadline needs no Progressing condition',
      deployment(
        { replicas: 3, progressDeadlineSeconds: 2147483647 },
        { ...counts, conditions: [is('Available', 'True')] },
      ),
      'Current Available',
    ],
    ['without replicas in its spec wants one', deployment({}, { replicas: 0 }), 'InProgress LessReplicas'],
    [
      'that missed its deadline has failed, even if the condition is not False',
      deployment({ replicas: 3 }, { conditions: [is('Progressing', 'True', { reason: 'ProgressDeadlineExceeded' })] }),
      'Failed ProgressDeadlineExceeded',
    ],
    [
      'that is paused is left in peace',
      deployment({ replicas: 3, paused: true }, { ...counts, updatedReplicas: 0 }),
      'Current Paused',
      'InProgress LessUpdated',
    ],
    [
      'that is paused but was never seen is awaited',
      object('apps/v1', 'Deployment', { spec: { paused: true } }, { generation: 1 }),
      'InProgress LessReplicas',
    ],
  ]);
});

describe('a StatefulSet', () => {
  const statefulSet = (spec: Fields, status: Fields): KubeObject =>
    object('apps/v1', 'StatefulSet', { spec, status: { observedGeneration: 1, ...status } }, { generation: 1 });
  const counts = {
    replicas: 3,
    readyReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    currentRevision: 'a',
    updateRevision: 'a',
  };
  const partition = (number: number): Fields => ({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: number } },
  });
  tell([
    [
      'that updates on deletion',
      statefulSet({ replicas: 3, updateStrategy: { type: 'OnDelete' } }, {}),
      'Current OnDelete',
    ],
    [
      'with no replicas that nobody has seen',
      object('apps/v1', 'StatefulSet', { spec: { replicas: 0 } }, { generation: 1 }),
      'InProgress NotObserved',
      'Current RolledOut',
    ],
    ['that has too few replicas', statefulSet({ replicas: 3 }, { ...counts, replicas: 2 }), 'InProgress LessReplicas'],
    [
      'whose replicas are not ready',
      statefulSet({ replicas: 3 }, { ...counts, readyReplicas: 2 }),
      'InProgress LessReady',
    ],
    ['that shrinks', statefulSet({ replicas: 1 }, counts), 'InProgress ExtraPods'],
    [
      'that rolls out above a partition',
      statefulSet({ replicas: 3, ...partition(1) }, { ...counts, updatedReplicas: 1, updateRevision: 'b' }),
      'InProgress PartitionRollout',
    ],
    [
      'that has rolled out above a partition',
      statefulSet({ replicas: 3, ...partition(1) }, { ...counts, updatedReplicas: 2, updateRevision: 'b' }),
      'Current PartitionRolloutComplete',
    ],
    [
      'whose replicas are not all current',
      statefulSet({ replicas: 3 }, { ...counts, currentReplicas: 2 }),
      'InProgress LessCurrent',
    ],
    [
      'that changes its revision',
      statefulSet({ replicas: 3 }, { ...counts, updateRevision: 'b' }),
      'InProgress RevisionMismatch',
    ],
    ['that has rolled out', statefulSet({ replicas: 3 }, counts), 'Current RolledOut'],
  ]);
});

describe('a DaemonSet', () => {
  const daemonSet = (status: Fields, spec: Fields = {}): KubeObject =>
    object('apps/v1', 'DaemonSet', { spec, status: { observedGeneration: 1, ...status } }, { generation: 1 });
  const counts = {
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberReady: 2,
  };
  tell([
    [
      'without a generation',
      object('apps/v1', 'DaemonSet', { status: { observedGeneration: 1, desiredNumberScheduled: 0 } }),
      'InProgress NoGeneration',
    ],
    ['that nobody has seen', object('apps/v1', 'DaemonSet', {}, { generation: 1 }), 'InProgress NoObservedGeneration'],
    ['whose nodes are not counted', daemonSet({}), 'InProgress NoDesiredNumber'],
    ['that is not scheduled everywhere', daemonSet({ ...counts, currentNumberScheduled: 1 }), 'InProgress LessCurrent'],
    ['that is not updated everywhere', daemonSet({ ...counts, updatedNumberScheduled: 1 }), 'InProgress LessUpdated'],
    [
      'that is not updated, because it updates on deletion',
      daemonSet({ ...counts, updatedNumberScheduled: 1 }, { updateStrategy: { type: 'OnDelete' } }),
      'Current RolledOut',
      'InProgress LessUpdated',
    ],
    ['that is not available everywhere', daemonSet({ ...counts, numberAvailable: 1 }), 'InProgress LessAvailable'],
    ['that is not ready everywhere', daemonSet({ ...counts, numberReady: 1 }), 'InProgress LessReady'],
    ['that runs everywhere', daemonSet(counts), 'Current RolledOut'],
    ['that has no node to run on', daemonSet({ desiredNumberScheduled: 0 }), 'Current RolledOut'],
  ]);
});

describe('a ReplicaSet', () => {
  const replicaSet = (status: Fields): KubeObject =>
    object(
      'apps/v1',
      'ReplicaSet',
      { spec: { replicas: 2 }, status: { observedGeneration: 1, ...status } },
      { generation: 1 },
    );
  const counts = { replicas: 2, fullyLabeledReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
  const failure = (since?: string): Fields => ({
    conditions: [
      is('ReplicaFailure', 'True', {
        reason: 'FailedCreate',
        message: 'exceeded quota',
        ...(since && { lastTransitionTime: since }),
      }),
    ],
  });
  tell([
    ['that has too few replicas', replicaSet({ ...counts, fullyLabeledReplicas: 1 }), 'InProgress LessLabelled'],
    ['whose replicas are not available', replicaSet({ ...counts, availableReplicas: 1 }), 'InProgress LessAvailable'],
    ['whose replicas are not ready', replicaSet({ ...counts, readyReplicas: 1 }), 'InProgress LessReady'],
    ['that shrinks', replicaSet({ ...counts, replicas: 3 }), 'InProgress ExtraPods'],
    ['that is complete', replicaSet(counts), 'Current Available'],
    [
      'that nobody has seen',
      object('apps/v1', 'ReplicaSet', { spec: { replicas: 0 } }, { generation: 1 }),
      'InProgress NotObserved',
      'Current Available',
    ],
    ['that has not been able to create Pods for a minute', replicaSet(failure(ago(60))), 'InProgress ReplicaFailure'],
    [
      'that has not been able to create Pods for ten minutes',
      replicaSet(failure(ago(600))),
      'Failed ReplicaFailure',
      'InProgress ReplicaFailure',
    ],
    [
      'that has not been able to create Pods since nobody knows when',
      replicaSet(failure()),
      'InProgress ReplicaFailure',
    ],
  ]);

  test('says when its failure will be final', () => {
    expect(statusOf(replicaSet(failure(ago(60))), { now: NOW })).toEqual({
      state: 'InProgress',
      reason: 'ReplicaFailure',
      message: 'FailedCreate: exceeded quota',
      recheckAt: inSeconds(540),
    });
  });
});

describe('a Job', () => {
  const job = (status: Fields, spec: Fields = {}): KubeObject => object('batch/v1', 'Job', { spec, status });
  const started = { startTime: ago(9), active: 1 };
  tell([
    ['that has not started', job({}), 'InProgress JobNotStarted'],
    ['that runs is not done', job(started), 'InProgress JobRunning', 'Current JobInProgress'],
    [
      'that has completed',
      job({ ...started, conditions: [is('SuccessCriteriaMet', 'True'), is('Complete', 'True')] }),
      'Current JobComplete',
    ],
    [
      'that has failed',
      job({
        ...started,
        conditions: [is('FailureTarget', 'True'), is('Failed', 'True', { reason: 'BackoffLimitExceeded' })],
      }),
      'Failed JobFailed',
    ],
    [
      'whose failure is denied has not failed',
      job({ ...started, conditions: [is('Failed', 'False')] }),
      'InProgress JobRunning',
      'Current JobInProgress',
    ],
    ['that is suspended', job({ conditions: [is('Suspended', 'True')] }, { suspend: true }), 'Current JobSuspended'],
    [
      'that was resumed is not suspended any more',
      job({ ...started, conditions: [is('Suspended', 'False')] }),
      'InProgress JobRunning',
      'Current JobInProgress',
    ],
    [
      'that is about to be resumed is not suspended',
      job({ conditions: [is('Suspended', 'True')] }, { suspend: false }),
      'InProgress JobNotStarted',
    ],
  ]);

  test('that vanished after completing, as it asked to, is done; any other absence is NotFound', () => {
    const complete = { conditions: [is('Complete', 'True')] };
    expect(statusOfAbsent(job(complete, { ttlSecondsAfterFinished: 0 }))).toMatchObject({
      state: 'Current',
      reason: 'JobExpired',
    });
    expect(statusOfAbsent(job(complete))).toMatchObject({ state: 'NotFound' });
    expect(statusOfAbsent(job(started, { ttlSecondsAfterFinished: 0 }))).toMatchObject({ state: 'NotFound' });
    expect(statusOfAbsent()).toMatchObject({ state: 'NotFound' });
  });
});

describe('a Pod', () => {
  const pod = (status: Fields, created = 5): KubeObject =>
    object('v1', 'Pod', { status }, { creationTimestamp: ago(created) });
  const waiting = (reason: string, message = ''): Fields => ({ name: 'app', state: { waiting: { reason, message } } });
  const notReady = (seconds: number): Fields => is('Ready', 'False', { lastTransitionTime: ago(seconds) });
  const unschedulable = {
    phase: 'Pending',
    conditions: [is('PodScheduled', 'False', { reason: 'Unschedulable', message: '0/3 nodes are available' })],
  };
  tell([
    ['that nobody has seen', pod({}), 'InProgress PodNotObserved'],
    ['that has succeeded', pod({ phase: 'Succeeded' }), 'Current PodCompleted'],
    ['that has failed', pod({ phase: 'Failed' }), 'Failed PodFailed', 'Current PodCompleted'],
    [
      'that was evicted',
      pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
      'Failed Evicted',
      'Current PodCompleted',
    ],
    ['that is ready', pod({ phase: 'Running', conditions: [is('Ready', 'True')] }), 'Current PodReady'],
    [
      'that runs but is not ready',
      pod({ phase: 'Running', conditions: [notReady(3)] }),
      'InProgress PodRunningNotReady',
    ],
    [
      'that crashes again and again',
      pod({ phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] }),
      'Failed ContainerCrashLooping',
    ],
    [
      'whose init container crashes again and again',
      pod({ phase: 'Pending', initContainerStatuses: [waiting('CrashLoopBackOff')] }),
      'Failed ContainerCrashLooping',
      'InProgress PodPending',
    ],
    [
      'whose image cannot be pulled yet',
      pod({ phase: 'Pending', conditions: [notReady(29)], containerStatuses: [waiting('ErrImagePull')] }),
      'InProgress ErrImagePull',
      'InProgress PodPending',
    ],
    [
      'whose image could not be pulled for 30 s',
      pod({ phase: 'Pending', conditions: [notReady(30)], containerStatuses: [waiting('ImagePullBackOff')] }),
      'Failed ImagePullBackOff',
      'InProgress PodPending',
    ],
    [
      'whose ConfigMap is missing for 30 s',
      pod({ phase: 'Pending', startTime: ago(30), containerStatuses: [waiting('CreateContainerConfigError')] }),
      'Failed CreateContainerConfigError',
      'InProgress PodPending',
    ],
    [
      'whose image name is no name, long after its creation',
      pod({ phase: 'Pending', containerStatuses: [waiting('InvalidImageName')] }, 31),
      'Failed InvalidImageName',
      'InProgress PodPending',
    ],
    [
      'whose containers are being created',
      pod({ phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] }, 300),
      'InProgress PodPending',
    ],
    ['that no node can take yet', pod(unschedulable, 14), 'InProgress PodNotScheduled'],
    ['that no node could take for 15 s', pod(unschedulable, 15), 'Failed PodUnschedulable'],
    ['in a phase that nobody defined', pod({ phase: 'Dreaming' }), 'Unknown PodPhaseUnknown'],
  ]);

  test('says when time will decide, and what it waits for', () => {
    expect(statusOf(pod(unschedulable, 5), { now: NOW })).toEqual({
      state: 'InProgress',
      reason: 'PodNotScheduled',
      message: '0/3 nodes are available',
      recheckAt: inSeconds(10),
    });
    const pulling = pod({
      phase: 'Pending',
      conditions: [notReady(10)],
      containerStatuses: [waiting('ErrImagePull', 'no such image')],
    });
    expect(statusOf(pulling, { now: NOW })).toEqual({
      state: 'InProgress',
      reason: 'ErrImagePull',
      message: 'container app: ErrImagePull: no such image',
      recheckAt: inSeconds(20),
    });
  });

  test('at the very instant it asked to be looked at again, the verdict is final', () => {
    const { recheckAt } = statusOf(pod(unschedulable, 5), { now: NOW });
    expect(statusOf(pod(unschedulable, 5), { now: recheckAt! })).toMatchObject({ state: 'Failed' });
    expect(statusOf(pod(unschedulable, 5), { now: recheckAt! - 1 })).toMatchObject({ state: 'InProgress' });
  });

  test('that failed names its container', () => {
    const status = {
      phase: 'Failed',
      containerStatuses: [{ name: 'app', state: { terminated: { reason: 'OOMKilled' } } }],
    };
    expect(statusOf(pod(status), { now: NOW }).message).toBe('container app: OOMKilled');
  });
});

describe('storage and networks', () => {
  const claim = (phase: string, metadata: Fields = {}): KubeObject =>
    object('v1', 'PersistentVolumeClaim', { spec: { storageClassName: 'local' }, status: { phase } }, metadata);
  const loadBalancer = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
  tell([
    ['a claim that is bound', claim('Bound'), 'Current Bound'],
    ['a claim that is pending', claim('Pending'), 'InProgress NotBound'],
    ['a claim that lost its volume', claim('Lost'), 'Failed ClaimLost', 'InProgress NotBound'],
    ['a Service', object('v1', 'Service', { spec: { type: 'ClusterIP' } }), 'Current Serving'],
    [
      'a load balancer without an IP',
      object('v1', 'Service', { spec: { type: 'LoadBalancer' } }),
      'InProgress NoIPAssigned',
    ],
    [
      'a load balancer that nobody provides',
      object('v1', 'Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } }),
      'InProgress NoLoadBalancer',
      'Current Serving',
    ],
    [
      'a load balancer that is there',
      object('v1', 'Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' }, status: loadBalancer }),
      'Current Serving',
    ],
    ['an Ingress without a class', object('networking.k8s.io/v1', 'Ingress'), 'Current Serving', 'Current Exists'],
    [
      'an Ingress whose class has not answered',
      object('networking.k8s.io/v1', 'Ingress', { spec: { ingressClassName: 'nginx' } }),
      'InProgress NoLoadBalancer',
      'Current Exists',
    ],
    [
      'an Ingress whose class stands in the old annotation',
      object('networking.k8s.io/v1', 'Ingress', {}, { annotations: { 'kubernetes.io/ingress.class': 'nginx' } }),
      'InProgress NoLoadBalancer',
      'Current Exists',
    ],
    [
      'an Ingress that has an address',
      object('networking.k8s.io/v1', 'Ingress', { spec: { ingressClassName: 'nginx' }, status: loadBalancer }),
      'Current Serving',
      'Current Exists',
    ],
  ]);

  const storageClass = object('storage.k8s.io/v1', 'StorageClass', { volumeBindingMode: 'WaitForFirstConsumer' });
  describe('a claim of a class that waits for a consumer', () => {
    tell(
      [
        ['needs none to be done', claim('Pending'), 'Current WaitForFirstConsumer', 'InProgress NotBound'],
        [
          'is awaited once a Pod uses it',
          claim('Pending', { annotations: { 'volume.kubernetes.io/selected-node': 'n1' } }),
          'InProgress NotBound',
        ],
      ],
      { lookup: (ref) => (ref.kind === 'StorageClass' && ref.name === 'local' ? storageClass : undefined) },
    );
  });

  const api = 'gateway.networking.k8s.io/v1';
  const accepted = is('Accepted', 'True', { observedGeneration: 2 });
  const route = (parents: readonly Fields[]): KubeObject =>
    object(
      api,
      'HTTPRoute',
      { spec: { parentRefs: [{ name: 'a' }, { name: 'b' }] }, status: { parents } },
      { generation: 2 },
    );
  const parent = (name: string, condition: Fields): Fields => ({ parentRef: { name }, conditions: [condition] });
  tell([
    [
      'a Gateway that nobody has seen',
      object(api, 'Gateway', {}, { generation: 2 }),
      'InProgress NotObserved',
      'Current Exists',
    ],
    [
      'a Gateway that is accepted, not programmed',
      object(
        api,
        'Gateway',
        { status: { conditions: [accepted, is('Programmed', 'False', { reason: 'Pending' })] } },
        { generation: 2 },
      ),
      'InProgress Pending',
      'Current Exists',
    ],
    [
      'a Gateway that was programmed for an older generation',
      object(
        api,
        'Gateway',
        { status: { conditions: [accepted, is('Programmed', 'True', { observedGeneration: 1 })] } },
        { generation: 2 },
      ),
      'InProgress NotObserved',
      'Current Exists',
    ],
    [
      'a Gateway that is programmed',
      object(
        api,
        'Gateway',
        { status: { conditions: [accepted, is('Programmed', 'True', { observedGeneration: 2 })] } },
        { generation: 2 },
      ),
      'Current Programmed',
      'Current Exists',
    ],
    [
      'a GatewayClass that is accepted',
      object(api, 'GatewayClass', { status: { conditions: [accepted] } }, { generation: 2 }),
      'Current Accepted',
      'Current Exists',
    ],
    [
      'a route that one of two parents has answered',
      route([parent('a', accepted)]),
      'InProgress NoParent',
      'Current Exists',
    ],
    [
      'a route that one of two parents refuses',
      route([parent('a', accepted), parent('b', is('Accepted', 'False', { reason: 'NoMatchingListenerHostname' }))]),
      'InProgress NoMatchingListenerHostname',
      'Current Exists',
    ],
    [
      'a route that both parents accept',
      route([parent('a', accepted), parent('b', accepted)]),
      'Current Accepted',
      'Current Exists',
    ],
  ]);
});

describe('kinds of the cluster', () => {
  const crd = (...conditions: Fields[]): KubeObject =>
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions } });
  const names = is('NamesAccepted', 'True');
  const hpa = (condition: Fields): KubeObject =>
    object('autoscaling/v2', 'HorizontalPodAutoscaler', { status: { conditions: [condition] } });
  const inactive = (reason: string, seconds: number): KubeObject =>
    hpa(is('ScalingActive', 'False', { reason, lastTransitionTime: ago(seconds) }));
  const apiService = (...conditions: Fields[]): KubeObject =>
    object('apiregistration.k8s.io/v1', 'APIService', { status: { conditions } });
  tell([
    ['a definition that nobody has seen', crd(), 'InProgress Installing'],
    [
      'a definition that is being installed',
      crd(names, is('Established', 'False', { reason: 'Installing' })),
      'InProgress Installing',
    ],
    ['a definition that is established', crd(names, is('Established', 'True')), 'Current Established'],
    [
      'a definition whose names are taken',
      crd(
        is('NamesAccepted', 'False', { reason: 'ListKindConflict' }),
        is('Established', 'False', { reason: 'NotAccepted' }),
      ),
      'Failed ListKindConflict',
    ],
    [
      'a definition that cannot be established',
      crd(names, is('Established', 'False', { reason: 'NotAccepted' })),
      'Failed NotAccepted',
    ],
    [
      'a Namespace that is active',
      object('v1', 'Namespace', { status: { phase: 'Active' } }),
      'Current Active',
      'Current Exists',
    ],
    ['a Namespace without a phase', object('v1', 'Namespace'), 'InProgress NotActive', 'Current Exists'],
    ['an API that answers', apiService(is('Available', 'True')), 'Current Available', 'Current Exists'],
    [
      'an API whose backend is missing',
      apiService(is('Available', 'False', { reason: 'ServiceNotFound' })),
      'InProgress ServiceNotFound',
      'Current Exists',
    ],
    ['an API that nobody has tried', apiService(), 'InProgress NotObserved', 'Current Exists'],
    ['an autoscaler at work', hpa(is('ScalingActive', 'True')), 'Current Scaling', 'Current Exists'],
    [
      'an autoscaler of a workload scaled to nothing',
      inactive('ScalingDisabled', 900),
      'Current ScalingDisabled',
      'Current Exists',
    ],
    [
      'an autoscaler that waits for its first metrics',
      inactive('FailedGetResourceMetric', 60),
      'InProgress FailedGetResourceMetric',
      'Current Exists',
    ],
    [
      'an autoscaler that never got metrics',
      inactive('FailedGetResourceMetric', 300),
      'Failed FailedGetResourceMetric',
      'Current Exists',
    ],
    ['an autoscaler with a wrong selector', inactive('InvalidSelector', 1), 'Failed InvalidSelector', 'Current Exists'],
    ['a ConfigMap', object('v1', 'ConfigMap'), 'Current Exists'],
    ['a CronJob', object('batch/v1', 'CronJob'), 'Current Exists'],
    [
      'a disruption budget whose generation was seen',
      object('policy/v1', 'PodDisruptionBudget', { status: { observedGeneration: 1 } }, { generation: 1 }),
      'Current Exists',
    ],
  ]);
});
