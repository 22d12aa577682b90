import type { Case } from '../replay.ts';
import {
  container,
  controller,
  cronJob,
  daemonSet,
  deployment,
  job,
  metadata,
  pod,
  podOf,
  replicaSet,
  statefulSet,
  template,
} from './manifests.ts';

const dotted = { name: 'x-RANDOM.y' };
const all = (value: unknown): Record<string, unknown> => ({ requiredDuringSchedulingIgnoredDuringExecution: value });
const zone = 'failure-domain.beta.kubernetes.io/zone';

/** What a real server accepts with a warning, all in one: each object of another kind of reason. */
export const warnedWorkloads: readonly Case['object'][] = [
  pod({}, dotted),
  { ...deployment(), metadata: dotted },
  { ...replicaSet(), metadata: dotted },
  { ...controller(), metadata: dotted },
  { ...job(), metadata: dotted },
  { ...cronJob(), metadata: dotted },
  pod({ nodeSelector: { 'beta.kubernetes.io/os': 'linux' }, terminationGracePeriodSeconds: -1 }),
  deployment({
    template: template({
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: 'ScheduleAnyway' }],
      affinity: {
        nodeAffinity: {
          ...all({ nodeSelectorTerms: [{ matchExpressions: [{ key: zone, operator: 'Exists' }] }] }),
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b c'] }] } },
          ],
        },
        podAffinity: all([{ topologyKey: 'z' }]),
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'z' } }],
        },
      },
    }),
  }),
  pod(
    {},
    {
      annotations: {
        'scheduler.alpha.kubernetes.io/critical-pod': '',
        'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
        'container.seccomp.security.alpha.kubernetes.io/c': 'unconfined',
        'container.apparmor.security.beta.kubernetes.io/c': 'unconfined',
      },
    },
  ),
  daemonSet({
    template: template(
      {},
      { labels: { app: 'web' }, annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' } },
    ),
  }),
  pod({
    volumes: [
      { name: 'a', gitRepo: { repository: 'x' } },
      { name: 'b', glusterfs: { endpoints: 'e', path: 'p' } },
      { name: 'c', cephfs: { monitors: ['a'] } },
      { name: 'd', rbd: { monitors: ['a'], image: 'i' } },
      { name: 'e', storageos: { volumeName: 'x' } },
      { name: 'f', flocker: { datasetName: 'x' } },
      { name: 'g', quobyte: { registry: 'a:1', volume: 'v' } },
      { name: 'h', photonPersistentDisk: { pdID: 'x' } },
      { name: 'i', scaleIO: { gateway: 'g', system: 's', volumeName: 'v', secretRef: { name: 'x' } } },
    ],
  }),
  pod({
    volumes: [
      {
        name: 'a',
        configMap: {
          name: 'm',
          items: [
            { key: 'a', path: 'x' },
            { key: 'b', path: 'x/y' },
          ],
        },
      },
      {
        name: 'b',
        secret: {
          secretName: 's',
          items: [
            { key: 'a', path: 'x' },
            { key: 'b', path: 'x' },
          ],
        },
      },
      {
        name: 'c',
        projected: {
          sources: [
            { configMap: { name: 'm', items: [{ key: 'a', path: 'x' }] } },
            { secret: { name: 's', items: [{ key: 'a', path: 'x/y' }] } },
            {},
          ],
        },
      },
    ],
  }),
  pod({
    hostAliases: [{ ip: '1.1.1.1' }, { ip: '1.1.1.1' }, { ip: '0:0::1' }],
    imagePullSecrets: [{ name: 'a' }, { name: 'a' }, { name: '' }],
    dnsConfig: { nameservers: ['2001:DB8::1'] },
  }),
  podOf({ resources: { limits: { memory: '1500m', 'ephemeral-storage': '100m' } } }),
  podOf({
    env: [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
      { name: 'A', value: '$(A)3' },
    ],
  }),
  pod({
    containers: [
      {
        ...container,
        ports: [
          { containerPort: 80 },
          { containerPort: 80 },
          { containerPort: 80, hostPort: 8080 },
          { containerPort: 81, hostIP: '1.1.1.1' },
        ],
      },
      {
        ...container,
        name: 'd',
        ports: [
          { name: 'http', containerPort: 90, hostPort: 90, hostIP: '1.1.1.1' },
          { name: 'web', containerPort: 90, hostPort: 90 },
        ],
      },
      { ...container, name: 'e', ports: [{ name: 'http', containerPort: 99 }] },
    ],
  }),
  statefulSet({
    revisionHistoryLimit: -1,
    volumeClaimTemplates: [
      {
        metadata: { name: 'd' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1500m' } } },
      },
    ],
  }),
  {
    ...cronJob(
      {},
      { template: template({ restartPolicy: 'Never', nodeSelector: { 'beta.kubernetes.io/arch': 'amd64' } }, {}) },
    ),
    metadata,
  },
];
