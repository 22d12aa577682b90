import type { Case } from '../replay.ts';
import {
  claim,
  container,
  controller,
  cronJob,
  daemonSet,
  deployment,
  job,
  jobSpec,
  labels,
  metadata,
  pod,
  podOf,
  podTemplate,
  podWith,
  replicaSet,
  revision,
  statefulSet,
  template,
} from './manifests.ts';

type Fields = Record<string, unknown>;

const long = 'a'.repeat(70);
const mount = { name: 'v', mountPath: '/a' };
const volumes = [{ name: 'v', emptyDir: {} }];

/** One case for each entry: the words after the name, and what is wrong. */
function each(name: string, given: Readonly<Record<string, Fields>>, make: (fields: Fields) => Case['object']): Case[] {
  return Object.entries(given).map(([title, fields]) => ({ title: `${name}: ${title}`, object: make(fields) }));
}

/** Updates of one object: the words after the name, and the merge patch. */
function updates(name: string, object: Case['object'], given: Readonly<Record<string, Fields>>): Case[] {
  return Object.entries(given).map(([title, update]) => ({ title: `${name}: ${title}`, object, update }));
}

/** Pods and workloads that a real server refuses, and must be refused for the same causes. */
export const invalidWorkloads: readonly Case[] = [
  ...each(
    'Pod',
    {
      'no containers': { containers: [] },
      'an unknown restart policy': { restartPolicy: 'Sometimes' },
      'an unknown DNS policy': { dnsPolicy: 'Never' },
      'no DNS configuration': { dnsPolicy: 'None' },
      'no name server': { dnsPolicy: 'None', dnsConfig: { searches: ['a'] } },
      'too many name servers': { dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] } },
      'a bad name server, search and option': {
        dnsConfig: { nameservers: ['dns'], searches: ['A_b'], options: [{ value: 'x' }] },
      },
      'bad host aliases': { hostAliases: [{ ip: '1.2.3', hostnames: ['A'] }, { ip: '010.1.1.1' }] },
      'bad labels of nodes': { nodeSelector: { 'a b': 'c d' } },
      'a bad service account': { serviceAccountName: 'Robot' },
      'a bad node': { nodeName: 'Node_1' },
      'a deadline of nothing': { activeDeadlineSeconds: 0 },
      'bad host name and subdomain': { hostname: 'a.b', subdomain: '-a' },
      'processes shared twice': { shareProcessNamespace: true, hostPID: true },
      'ephemeral containers at once': { ephemeralContainers: [{ name: 'd', image: 'x' }] },
      'a gate and a node': { schedulingGates: [{ name: 'a' }], nodeName: 'n' },
      'bad gates': {
        schedulingGates: [{ name: 'a b' }, { name: 'a' }, { name: 'a' }],
        readinessGates: [{ conditionType: 'x y' }],
      },
      'a token without an account': {
        volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }],
      },
      'host ports that differ': {
        hostNetwork: true,
        containers: [{ ...container, ports: [{ containerPort: 80, hostPort: 81 }] }],
      },
      'users of its own beside the node': { hostUsers: false, hostNetwork: true, hostPID: true, hostIPC: true },
      'an unknown operating system': { os: { name: 'beos' } },
      'Windows with Linux security': {
        os: { name: 'windows' },
        hostPID: true,
        securityContext: { runAsUser: 1, sysctls: [{ name: 'a', value: 'b' }] },
        containers: [{ ...container, securityContext: { privileged: true } }],
      },
      'Linux with Windows options': {
        os: { name: 'linux' },
        securityContext: { windowsOptions: { runAsUserName: 'x' } },
      },
      'a bad Windows user': { securityContext: { windowsOptions: { runAsUserName: 'a\\b\\c' } } },
      'a host name that is not its own': { hostnameOverride: 'A', hostNetwork: true },
      'a negative overhead': { overhead: { cpu: '-1' } },
      'resources of the whole that are too small': {
        resources: { requests: { cpu: '100m' } },
        containers: [{ ...container, resources: { requests: { cpu: '1' } } }],
      },
      'resources of the whole of an unknown kind': { resources: { requests: { 'ephemeral-storage': '1Gi' } } },
      'two init containers of one name': {
        initContainers: [
          { name: 'i', image: 'x' },
          { name: 'i', image: 'x' },
        ],
      },
      'an init container of a name taken': { initContainers: [{ name: 'c', image: 'x' }] },
      'an init container with probes': {
        initContainers: [
          {
            name: 'i',
            image: 'x',
            livenessProbe: { exec: { command: ['a'] } },
            lifecycle: { preStop: { exec: { command: ['a'] } } },
          },
        ],
      },
      'a sidecar with a bad probe': {
        initContainers: [{ name: 'i', image: 'x', restartPolicy: 'Always', readinessProbe: {} }],
      },
      'an init container with an unknown restart policy': {
        initContainers: [{ name: 'i', image: 'x', restartPolicy: 'Maybe' }],
      },
      'two containers of one name': { containers: [container, container] },
      'a host port taken': {
        containers: [
          { ...container, ports: [{ containerPort: 80, hostPort: 80 }] },
          { ...container, name: 'd', ports: [{ containerPort: 81, hostPort: 80 }] },
        ],
      },
      'a claim of a device, wrong in all ways': {
        resourceClaims: [
          { name: 'g' },
          { name: 'g', resourceClaimName: 'a', resourceClaimTemplateName: 'b' },
          { name: 'H', resourceClaimName: 'X' },
        ],
      },
      'a file for a variable that is nowhere': {
        volumes: [{ name: 'v', secret: { secretName: 's' } }],
        containers: [
          {
            ...container,
            env: [
              { name: 'A', valueFrom: { fileKeyRef: { volumeName: 'w', path: 'f', key: 'K' } } },
              { name: 'B', valueFrom: { fileKeyRef: { volumeName: 'v', path: '../f', key: 'K' } } },
            ],
          },
        ],
      },
    },
    (spec) => pod(spec),
  ),
  { title: 'Pod: a bad name', object: pod({}, { name: 'Web_1' }) },
  { title: 'Pod: no name', object: { ...pod(), metadata: {} } },
  {
    title: 'Pod: bad labels and annotations',
    object: pod({}, { labels: { 'a b': 'c', d: 'e f' }, annotations: { 'x y': '' } }),
  },
  {
    title: 'Pod: bad annotations of its own',
    object: pod(
      {},
      {
        annotations: {
          'controller.kubernetes.io/pod-deletion-cost': '+1',
          'container.apparmor.security.beta.kubernetes.io/z': 'foo',
          'seccomp.security.alpha.kubernetes.io/pod': 'foo',
          'kubernetes.io/config.mirror': 'x',
        },
      },
    ),
  },
  {
    title: 'Pod: profiles that differ',
    object: pod(
      { securityContext: { seccompProfile: { type: 'Unconfined' }, appArmorProfile: { type: 'Unconfined' } } },
      {
        annotations: {
          'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default',
          'container.apparmor.security.beta.kubernetes.io/c': 'localhost/a',
        },
      },
    ),
  },
  ...each(
    'Security of a Pod',
    {
      'ids that are none': { runAsUser: -1, runAsGroup: -1, fsGroup: -2, supplementalGroups: [1, -1] },
      'bad sysctls': {
        sysctls: [
          { name: '', value: 'x' },
          { name: 'A', value: 'x' },
          { name: 'a.b', value: '1' },
          { name: 'a.b', value: '1' },
        ],
      },
      'an unknown policy for groups': {
        fsGroupChangePolicy: 'X',
        supplementalGroupsPolicy: 'Y',
        seLinuxChangePolicy: 'Z',
      },
      'a local seccomp profile without its file': { seccompProfile: { type: 'Localhost' } },
      'a seccomp profile of no kind': { seccompProfile: { type: 'Foo', localhostProfile: 'x' } },
      'no kind of seccomp profile': { seccompProfile: { localhostProfile: '/x' } },
      'an AppArmor profile of no kind': { appArmorProfile: { type: 'Foo' } },
      'an AppArmor profile with too much': { appArmorProfile: { type: 'Unconfined', localhostProfile: 'x' } },
      'an AppArmor profile with spaces': { appArmorProfile: { type: 'Localhost', localhostProfile: ' x' } },
    },
    (securityContext) => pod({ securityContext }),
  ),
  {
    title: 'Security of a Pod: sysctls of the node',
    object: pod({
      hostNetwork: true,
      hostIPC: true,
      securityContext: {
        sysctls: [
          { name: 'net.core.x', value: '1' },
          { name: 'kernel.shmmax', value: '1' },
        ],
      },
    }),
  },
  ...each(
    'Security of a container',
    {
      'ids that are none': { runAsUser: -1, runAsGroup: 4_294_967_296 },
      'privileged and not': { privileged: true, allowPrivilegeEscalation: false },
      'all rights and not': { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } },
      'an unmasked /proc': { procMount: 'Unmasked' },
      'an unknown /proc': { procMount: 'Foo' },
      'a seccomp profile outside': { seccompProfile: { type: 'Localhost', localhostProfile: '../x' } },
    },
    (securityContext) => podOf({ securityContext }),
  ),
  ...each(
    'Container',
    {
      'no image': { image: '' },
      'an image with spaces': { image: ' nginx ' },
      'a bad name': { name: 'My.Container' },
      'no name': { name: '' },
      'a name too long': { name: long },
      'unknown policies': { imagePullPolicy: 'Sometimes', terminationMessagePolicy: 'Foo' },
      'ports that are none': {
        ports: [
          { containerPort: 0 },
          { containerPort: 70_000, hostPort: 70_000 },
          { containerPort: 80, protocol: 'HTTP' },
        ],
      },
      'bad names of ports': {
        ports: [
          { name: 'A_', containerPort: 80 },
          { name: 'name-that-is-too-long', containerPort: 81 },
          { name: '1--', containerPort: 82 },
        ],
      },
      'a name of ports twice': {
        ports: [
          { name: 'http', containerPort: 80 },
          { name: 'http', containerPort: 81 },
        ],
      },
      'a host port twice': {
        ports: [
          { containerPort: 80, hostPort: 80 },
          { containerPort: 81, hostPort: 80 },
        ],
      },
      'variables of no name': { env: [{ value: 'x' }, { name: 'a=b' }] },
      'a variable of two values': {
        env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      },
      'a variable of two sources': {
        env: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: { name: 's', key: 'k' } } },
        ],
      },
      'a variable of no source': { env: [{ name: 'A', valueFrom: {} }] },
      'fields that no variable can have': {
        env: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } },
          { name: 'B', valueFrom: { fieldRef: { fieldPath: 'spec.foo' } } },
          { name: 'C', valueFrom: { fieldRef: { fieldPath: '' } } },
          { name: 'D', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } } },
        ],
      },
      subscripts: {
        env: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a b']" } } },
          { name: 'B', valueFrom: { fieldRef: { fieldPath: "metadata.name['a']" } } },
        ],
      },
      'resources that no variable can have': {
        env: [
          { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.disk' } } },
          { name: 'B', valueFrom: { resourceFieldRef: { resource: '' } } },
          { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
          { name: 'D', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1m' } } },
        ],
      },
      'keys that are none': {
        env: [
          { name: 'A', valueFrom: { configMapKeyRef: { name: 'M', key: 'a b' } } },
          { name: 'B', valueFrom: { secretKeyRef: { name: 's' } } },
          { name: 'C', valueFrom: { secretKeyRef: { key: '..' } } },
        ],
      },
      'maps that are none': {
        envFrom: [
          { configMapRef: { name: '' } },
          { secretRef: { name: 'A_b' } },
          { prefix: 'a=' },
          { configMapRef: { name: 'a' }, secretRef: { name: 'b' } },
        ],
      },
      'mounts of nothing': { volumeMounts: [{ name: 'x', mountPath: '/a' }] },
      'a restart policy of nobody': { restartPolicy: 'Maybe' },
      'restart rules alone': {
        restartPolicyRules: [{ action: 'Jump', exitCodes: { operator: 'Is', values: [1] } }, { action: 'Restart' }],
      },
      'a bad resize policy': {
        resizePolicy: [
          { resourceName: 'disk', restartPolicy: 'Foo' },
          { resourceName: 'cpu', restartPolicy: 'NotRequired' },
          { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        ],
      },
    },
    (fields) => podOf(fields),
  ),
  ...each(
    'Mount',
    {
      'a path twice': { volumeMounts: [mount, mount] },
      'no path': { volumeMounts: [{ name: 'v' }] },
      'sub-paths that leave': {
        volumeMounts: [
          { ...mount, subPath: '../x' },
          { ...mount, mountPath: '/b', subPath: '/x' },
          { ...mount, mountPath: '/c', subPath: 'x', subPathExpr: 'y/../z' },
        ],
      },
      propagation: {
        volumeMounts: [
          { ...mount, mountPropagation: 'Bidirectional' },
          { ...mount, mountPath: '/b', mountPropagation: 'Foo' },
        ],
      },
      'read only, all the way': {
        volumeMounts: [
          { ...mount, recursiveReadOnly: 'Enabled' },
          { ...mount, mountPath: '/b', recursiveReadOnly: 'Foo' },
          {
            ...mount,
            mountPath: '/c',
            readOnly: true,
            mountPropagation: 'HostToContainer',
            recursiveReadOnly: 'IfPossible',
          },
        ],
      },
      'a device that is a directory': {
        volumeDevices: [
          { name: 'v', devicePath: '/dev/x' },
          { name: 'w', devicePath: '/dev/../y' },
          { name: 'w', devicePath: '' },
        ],
      },
      'a device that is mounted': { volumeMounts: [mount], volumeDevices: [{ name: 'v', devicePath: '/a' }] },
    },
    (fields) => podOf(fields, { volumes }),
  ),
  ...each(
    'Resources',
    {
      'less than nothing': { limits: { cpu: '-1' } },
      'more requested than allowed': { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1500m', memory: '2Gi' } },
      'of unknown kinds': { limits: { disk: '1', 'a b': '1', 'requests.example.com/x': '1', pods: '1' } },
      'half a device': { limits: { 'example.com/gpu': '500m' } },
      'other devices requested': { limits: { 'example.com/gpu': '1' }, requests: { 'example.com/gpu': '2' } },
      'devices without a limit': { requests: { 'example.com/gpu': '2' } },
      'huge pages alone': { limits: { 'hugepages-2Mi': '2Mi' } },
      'a part of a huge page': { limits: { cpu: '1', 'hugepages-2Mi': '3Mi' } },
      'a claim of nobody': { claims: [{ name: 'g' }] },
    },
    (resources) => podOf({ resources }),
  ),
  ...each(
    'Probe',
    {
      'of no kind': {},
      'of two kinds': { exec: { command: ['a'] }, httpGet: { port: 80 } },
      'no command': { exec: {} },
      'a port that is none': { httpGet: { port: 0 } },
      'a name that is no port': { tcpSocket: { port: 'My_Port' } },
      'an unknown scheme and a bad header': {
        httpGet: { port: 80, scheme: 'ftp', httpHeaders: [{ name: 'a b', value: '' }] },
      },
      'a gRPC port that is none': { grpc: { port: 70_000 } },
      'less than nothing': {
        exec: { command: ['a'] },
        initialDelaySeconds: -1,
        timeoutSeconds: -1,
        periodSeconds: -1,
        failureThreshold: -1,
        terminationGracePeriodSeconds: 0,
      },
      'more than one success': { exec: { command: ['a'] }, successThreshold: 2 },
    },
    (livenessProbe) => podOf({ livenessProbe }),
  ),
  {
    title: 'Probe: a grace period for readiness',
    object: podOf({ readinessProbe: { exec: { command: ['a'] }, terminationGracePeriodSeconds: 3 } }),
  },
  {
    title: 'Lifecycle: sleeps too long, and nothing',
    object: podOf({ lifecycle: { preStop: { sleep: { seconds: 60 } }, postStart: {} } }),
  },
  ...each(
    'Volume',
    {
      'of two kinds': { emptyDir: {}, secret: { secretName: 's' }, configMap: { name: 'm' } },
      'a negative limit': { emptyDir: { sizeLimit: '-1' } },
      'a host path that leaves': { hostPath: { path: '/a/../b', type: 'Foo' } },
      'no host path': { hostPath: { path: '' } },
      'a secret of no name, of a bad mode': {
        secret: {
          secretName: '',
          defaultMode: 1000,
          items: [
            { key: '', path: '' },
            { key: 'a', path: '/x' },
            { key: 'a', path: '..x', mode: 512 },
          ],
        },
      },
      'a map of no name': { configMap: { name: '' } },
      'no claim': { persistentVolumeClaim: { claimName: '' } },
      'NFS of nowhere': { nfs: { server: '', path: 'x' } },
      'fields that no file can have': {
        downwardAPI: {
          items: [
            { path: 'a' },
            { path: '', fieldRef: { fieldPath: 'metadata.name' } },
            { path: 'b', fieldRef: { fieldPath: 'spec.nodeName' } },
            { path: 'c', resourceFieldRef: { resource: 'limits.cpu' } },
          ],
        },
      },
      'files over each other': {
        projected: {
          sources: [
            { configMap: { name: 'm', items: [{ key: 'a', path: 'x' }] } },
            { secret: { name: 's', items: [{ key: 'b', path: 'x' }] } },
          ],
        },
      },
      'two kinds in one source': {
        projected: { defaultMode: 1000, sources: [{ configMap: { name: 'm' }, secret: { name: '' } }] },
      },
      'tokens for too short': { projected: { sources: [{ serviceAccountToken: { path: '', expirationSeconds: 5 } }] } },
      'trust in nothing': {
        projected: {
          sources: [
            { clusterTrustBundle: { path: '' } },
            { clusterTrustBundle: { name: 'a', signerName: 'b.c/d', path: 'x' } },
            { clusterTrustBundle: { signerName: 'foo', path: 'y' } },
          ],
        },
      },
      'a certificate of nothing': {
        projected: { sources: [{ podCertificate: { signerName: 'a.b/c', keyType: 'RSA1', maxExpirationSeconds: 5 } }] },
      },
      'a driver of no name': { csi: { driver: '' } },
      'a driver of a bad name': { csi: { driver: 'A_b', nodePublishSecretRef: { name: '' } } },
      'no template of a claim': { ephemeral: {} },
      'a claim of nothing': { ephemeral: { volumeClaimTemplate: { spec: {} } } },
      'a claim of a bad mode': {
        ephemeral: {
          volumeClaimTemplate: {
            metadata: { name: 'x' },
            spec: {
              ...claim,
              accessModes: ['ReadWriteOncePod', 'ReadWriteOnce', 'Foo'],
              volumeMode: 'Foo',
              storageClassName: 'A_b',
            },
          },
        },
      },
      'no image': { image: { pullPolicy: 'Foo' } },
      'iSCSI of a bad name': { iscsi: { targetPortal: '', iqn: 'foo', lun: 300, chapAuthSession: true } },
      'an Azure disk of a bad address': { azureDisk: { diskName: 'd', diskURI: 'x', cachingMode: 'Foo' } },
      'a flex volume of reserved options': { flexVolume: { driver: '', options: { 'kubernetes.io/x': 'y' } } },
      'fibre channel of nothing': { fc: {} },
      'old kinds without what they need': { rbd: { monitors: [], image: '' } },
      'a disk of a bad partition': { awsElasticBlockStore: { volumeID: '', partition: 300 } },
    },
    (source) => podWith(source),
  ),
  { title: 'Volume: names', object: pod({ volumes: [{ name: 'A' }, { name: 'v' }, { name: 'v' }, { emptyDir: {} }] }) },
  ...each(
    'Affinity',
    {
      'no term': { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
      'bad conditions on nodes': {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  { key: 'a', operator: 'In' },
                  { key: 'a', operator: 'Exists', values: ['b'] },
                  { key: 'a', operator: 'Gt', values: ['1', '2'] },
                  { key: 'a b', operator: 'Is' },
                  { key: 'a', operator: 'In', values: ['b c'] },
                ],
                matchFields: [
                  { key: 'metadata.uid', operator: 'In', values: ['a', 'b'] },
                  { key: 'metadata.name', operator: 'Exists' },
                ],
              },
            ],
          },
        },
      },
      'weights that are none': {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 0, preference: { matchExpressions: [{ key: 'a', operator: 'Is' }] } },
          ],
        },
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, podAffinityTerm: { topologyKey: 'z' } }],
        },
      },
      'no topology': {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: labels } }],
        },
      },
      'bad selectors of pods': {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              topologyKey: 'z',
              labelSelector: { matchLabels: { 'a b': 'c d' } },
              namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] },
              namespaces: ['A'],
            },
          ],
        },
      },
      'keys of labels without a selector': {
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'z', matchLabelKeys: ['a'] }] },
      },
      'keys of labels twice': {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              topologyKey: 'z',
              labelSelector: { matchLabels: { a: 'b' } },
              matchLabelKeys: ['a', 'c d'],
              mismatchLabelKeys: ['a'],
            },
          ],
        },
      },
    },
    (affinity) => pod({ affinity }),
  ),
  ...[
    { key: 'a b', operator: 'Exists' },
    { operator: 'Equal', value: 'x' },
    { key: 'a', operator: 'Exists', value: 'x' },
    { key: 'a', operator: 'Is', effect: 'Never' },
    { key: 'a', operator: 'Equal', value: 'x y' },
    { key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 3 },
    { key: 'a', operator: 'Gt', value: '3' },
  ].map((toleration): Case => ({
    title: `Toleration: ${JSON.stringify(toleration)}`,
    object: pod({ tolerations: [toleration] }),
  })),
  {
    title: 'Spread: wrong in all ways',
    object: pod({
      topologySpreadConstraints: [
        { maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'Panic' },
        {
          maxSkew: 1,
          topologyKey: 'z',
          whenUnsatisfiable: 'ScheduleAnyway',
          minDomains: 0,
          nodeTaintsPolicy: 'Foo',
          labelSelector: { matchLabels: { a: 'b c' } },
        },
        { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', matchLabelKeys: ['a'] },
      ],
    }),
  },
  // Updates of Pods
  ...updates('Pod', pod({ activeDeadlineSeconds: 50, tolerations: [{ key: 'a', operator: 'Exists' }] }), {
    'a container more': { spec: { containers: [container, { ...container, name: 'd' }] } },
    'a command changes': { spec: { containers: [{ ...container, command: ['sh', '-c', 'a && b > c'] }] } },
    'a variable comes': { spec: { containers: [{ ...container, env: [{ name: 'A', value: 'b' }] }] } },
    'an account comes': { spec: { serviceAccountName: 'robot' } },
    'the deadline goes': { spec: { activeDeadlineSeconds: null } },
    'the deadline grows': { spec: { activeDeadlineSeconds: 60 } },
    'a toleration changes': { spec: { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }] } },
    'a gate comes': { spec: { schedulingGates: [{ name: 'a' }] } },
    'an image goes': { spec: { containers: [{ name: 'c', image: '' }] } },
    'a profile comes': {
      metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' } },
    },
    'much changes at once': {
      spec: {
        hostname: 'x',
        nodeSelector: { a: 'b' },
        restartPolicy: 'Never',
        containers: [{ ...container, resources: { requests: { cpu: '1' } }, securityContext: { privileged: true } }],
      },
    },
    'volumes come': {
      spec: {
        volumes: [
          { name: 'v', configMap: { name: 'm' } },
          { name: 'w', projected: { sources: [{ secret: { name: 's' } }] } },
        ],
        affinity: { podAffinity: {} },
      },
    },
  }),
  ...updates(
    'Pod behind a gate',
    pod({
      schedulingGates: [{ name: 'a' }],
      nodeSelector: { a: 'b' },
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
          },
        },
      },
    }),
    {
      'its nodes change': { spec: { nodeSelector: { a: 'c' } } },
      'its terms change': {
        spec: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'b', operator: 'Exists' }] }],
              },
            },
          },
        },
      },
      'its terms go': { spec: { affinity: null } },
    },
  ),
  // Templates
  {
    title: 'PodTemplate: no containers, bad labels',
    object: {
      ...podTemplate({ containers: [] }),
      template: template({ containers: [] }, { labels: { a: 'b c' }, annotations: { 'a b': '' } }),
    },
  },
  ...each(
    'Deployment',
    {
      'no selector': { selector: undefined },
      'a selector of everything': { selector: {} },
      'a selector of others': { selector: { matchLabels: { app: 'api' } } },
      'a bad selector': {
        selector: {
          matchLabels: { 'a b': 'c' },
          matchExpressions: [
            { key: 'a', operator: 'Foo' },
            { key: 'b', operator: 'In' },
          ],
        },
      },
      'fewer than no replicas': { replicas: -1, minReadySeconds: -1, revisionHistoryLimit: -1 },
      'an unknown strategy': { strategy: { type: 'Canary' } },
      'limits of a roll-out that is none': { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
      'a roll-out that cannot go on': { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
      'a roll-out in bad percents': { strategy: { rollingUpdate: { maxSurge: 'x', maxUnavailable: '101%' } } },
      'a roll-out below zero': { strategy: { rollingUpdate: { maxSurge: -1, maxUnavailable: '-1%' } } },
      'no time to get ready': { progressDeadlineSeconds: 5, minReadySeconds: 10 },
      'Pods that end': { template: template({ restartPolicy: 'Never', activeDeadlineSeconds: 3 }) },
      'no image': { template: template({ containers: [{ name: 'c' }] }) },
      'bad classes': {
        template: template({ priorityClassName: 'Big', runtimeClassName: 'A', preemptionPolicy: 'Perhaps' }),
      },
      'ephemeral containers': { template: template({ ephemeralContainers: [{ name: 'd', image: 'x' }] }) },
      'a mount of nothing': { template: template({ containers: [{ ...container, volumeMounts: [mount] }] }) },
      'bad labels of its Pods': { template: template({}, { labels: { ...labels, 'x y': 'z' } }) },
    },
    (spec) => deployment(spec),
  ),
  { title: 'Deployment: a bad name', object: { ...deployment(), metadata: { name: 'My App' } } },
  { title: 'Deployment: nothing at all', object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata } },
  ...updates('Deployment', deployment(), {
    'another selector': {
      spec: { selector: { matchLabels: { app: 'api' } }, template: { metadata: { labels: { app: 'api' } } } },
    },
    'more in the selector': { spec: { selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } } },
    'labels that the selector misses': { spec: { template: { metadata: { labels: { app: 'api' } } } } },
    'no replicas at all': { spec: { replicas: -1 } },
  }),
  ...each(
    'ReplicaSet',
    {
      'no selector': { selector: undefined },
      'a selector of everything': { selector: {} },
      'fewer than no replicas': { replicas: -1 },
      'Pods that end': { template: template({ restartPolicy: 'OnFailure', activeDeadlineSeconds: 3 }) },
    },
    (spec) => replicaSet(spec),
  ),
  ...updates('ReplicaSet', replicaSet(), {
    'another selector': {
      spec: { selector: { matchLabels: { app: 'api' } }, template: { metadata: { labels: { app: 'api' } } } },
    },
  }),
  ...each(
    'ReplicationController',
    {
      'no template': { template: undefined },
      'no selector': { template: template({}, {}) },
      'a selector of others': { selector: { app: 'api' } },
      'fewer than no replicas': { replicas: -1, minReadySeconds: -1 },
      'Pods that end': { template: template({ restartPolicy: 'Never', activeDeadlineSeconds: 3 }) },
    },
    (spec) => controller(spec),
  ),
  ...each(
    'StatefulSet',
    {
      'no selector': { selector: undefined },
      'a selector of everything': { selector: {} },
      'a bad selector': { selector: { matchLabels: { 'a b': 'c' } } },
      'a selector of others': { selector: { matchLabels: { app: 'api' } } },
      'an unknown order': { podManagementPolicy: 'Random' },
      'an unknown strategy': { updateStrategy: { type: 'Recreate' } },
      'limits of a roll-out that is none': { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
      'a roll-out that cannot go on': {
        updateStrategy: { rollingUpdate: { partition: -1, maxUnavailable: 0 }, type: 'RollingUpdate' },
      },
      'a roll-out of all and more': {
        updateStrategy: { rollingUpdate: { maxUnavailable: '101%' }, type: 'RollingUpdate' },
      },
      'unknown retention': { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep' } },
      'a bad service': { serviceName: 'Db.x' },
      'less than nothing': { replicas: -1, minReadySeconds: -1, ordinals: { start: -1 } },
      'claims of nothing': { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] },
      'claims of less than nothing': {
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '0' } } },
          },
        ],
      },
      'Pods that end': { template: template({ restartPolicy: 'Never', activeDeadlineSeconds: 3 }) },
      'bad labels of its Pods': { template: template({}, { labels: { ...labels, x: 'y z' } }) },
    },
    (spec) => statefulSet(spec),
  ),
  { title: 'StatefulSet: a name that is no label', object: { ...statefulSet(), metadata: { name: 'a.b' } } },
  ...updates('StatefulSet', statefulSet({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }] }), {
    'another service': { spec: { serviceName: 'api' } },
    'another order': { spec: { podManagementPolicy: 'Parallel' } },
    'another selector': {
      spec: { selector: { matchLabels: { app: 'api' } }, template: { metadata: { labels: { app: 'api' } } } },
    },
    'larger claims': {
      spec: {
        volumeClaimTemplates: [
          { metadata: { name: 'data' }, spec: { ...claim, resources: { requests: { storage: '2Gi' } } } },
        ],
      },
    },
    'no claims': { spec: { volumeClaimTemplates: null } },
  }),
  ...each(
    'DaemonSet',
    {
      'no selector': { selector: undefined },
      'a selector of everything': { selector: {} },
      'a bad selector': { selector: { matchLabels: { 'a b': 'c' } } },
      'a selector of others': { selector: { matchLabels: { app: 'api' } } },
      'an unknown strategy': { updateStrategy: { type: 'Recreate' } },
      'surge and gaps': { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
      'a roll-out that cannot go on': { updateStrategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
      'a roll-out of all and more': { updateStrategy: { rollingUpdate: { maxSurge: '120%', maxUnavailable: '0%' } } },
      'less than nothing': { minReadySeconds: -1, revisionHistoryLimit: -1 },
      'Pods that end': { template: template({ restartPolicy: 'Never', activeDeadlineSeconds: 3 }) },
    },
    (spec) => daemonSet(spec),
  ),
  ...updates('DaemonSet', daemonSet(), {
    'another selector': {
      spec: { selector: { matchLabels: { app: 'api' } }, template: { metadata: { labels: { app: 'api' } } } },
    },
  }),
  ...each(
    'ControllerRevision',
    { 'no data': { data: undefined }, 'a text': { data: 'x' }, 'less than nothing': { revision: -1 } },
    (fields) => revision(fields),
  ),
  ...updates('ControllerRevision', revision(), { 'other data': { data: { spec: { a: 2 } } } }),
  ...each(
    'Job',
    {
      'Pods that never end': { template: template({}, {}) },
      'Pods restarted by nobody': { template: template({ restartPolicy: 'Foo' }, {}) },
      'less than nothing': {
        parallelism: -1,
        completions: -1,
        activeDeadlineSeconds: -1,
        backoffLimit: -1,
        ttlSecondsAfterFinished: -1,
      },
      'a selector of its own': { selector: { matchLabels: labels }, template: template({ restartPolicy: 'Never' }) },
      'a selector that misses': {
        manualSelector: true,
        selector: { matchLabels: { app: 'api' } },
        template: template({ restartPolicy: 'Never' }),
      },
      'no selector': { manualSelector: true },
      'labels of the server': {
        template: template(
          { restartPolicy: 'Never' },
          { labels: { 'job-name': 'other', 'batch.kubernetes.io/controller-uid': 'x' } },
        ),
      },
      'an unknown mode': { completionMode: 'Foo' },
      'indexes without an end': { completionMode: 'Indexed', parallelism: 3 },
      'indexes where there are none': { backoffLimitPerIndex: 1, maxFailedIndexes: 1 },
      'more failures than indexes': {
        completionMode: 'Indexed',
        completions: 3,
        backoffLimitPerIndex: 1,
        maxFailedIndexes: 5,
      },
      'failures without a limit': { completionMode: 'Indexed', completions: 3, maxFailedIndexes: 2 },
      'too many indexes': {
        completionMode: 'Indexed',
        completions: 200_000,
        parallelism: 100_001,
        backoffLimitPerIndex: 1,
      },
      'a manager without a domain': { managedBy: 'me' },
      'a manager too long': { managedBy: `example.com/${long}` },
      'success where there are no indexes': { successPolicy: { rules: [{ succeededCount: 1 }] } },
      'success in bad rules': {
        completionMode: 'Indexed',
        completions: 3,
        successPolicy: {
          rules: [
            {},
            { succeededIndexes: '0-5' },
            { succeededIndexes: '1,1' },
            { succeededIndexes: 'a' },
            { succeededIndexes: '0', succeededCount: 2 },
            { succeededCount: 9 },
          ],
        },
      },
      'no rule of success': { completionMode: 'Indexed', completions: 3, successPolicy: { rules: [] } },
      'an unknown replacement': { podReplacementPolicy: 'Never' },
      'failures in bad rules': {
        podFailurePolicy: {
          rules: [
            { action: 'Foo' },
            { onExitCodes: { operator: 'Is' } },
            { action: 'FailIndex', onExitCodes: { operator: 'In', values: [0, 3, 2, 3], containerName: 'x' } },
            {
              action: 'Ignore',
              onExitCodes: { operator: 'NotIn', values: [1] },
              onPodConditions: [{ type: 'a b', status: 'Maybe' }],
            },
          ],
        },
      },
      'failures of Pods that restart': {
        podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] },
        podReplacementPolicy: 'TerminatingOrFailed',
        template: template({ restartPolicy: 'OnFailure' }, {}),
      },
    },
    (spec) => job(spec),
  ),
  {
    title: 'Job: a name too long for its last Pod',
    object: job({ completionMode: 'Indexed', completions: 1000 }, { name: 'a'.repeat(61) }),
  },
  ...updates('Job', job({ completions: 2 }), {
    'another image': {
      spec: { template: { spec: { containers: [{ ...container, image: 'nginx:1.28', args: ['<a>&'] }] } } },
    },
    'another annotation of its Pods': { spec: { template: { metadata: { annotations: { b: '1', a: '2' } } } } },
    'other completions': { spec: { completions: 3 } },
    'another mode': { spec: { completionMode: 'Indexed' } },
    'another selector': { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } },
    'a policy for failures': {
      spec: { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] } },
    },
    'another manager': { spec: { managedBy: 'example.com/x' } },
  }),
  ...updates('Job, indexed', job({ completionMode: 'Indexed', completions: 2 }), {
    'other completions': { spec: { completions: 3 } },
    'a policy for success': { spec: { successPolicy: { rules: [{ succeededCount: 1 }] } } },
  }),
  ...updates('Job, suspended', job({ suspend: true }), {
    'another image': { spec: { template: { spec: { containers: [{ ...container, image: 'nginx:1.28' }] } } } },
  }),
  ...each(
    'CronJob',
    {
      'no schedule': { schedule: '' },
      'an unknown concurrency': { concurrencyPolicy: 'Maybe' },
      'less than nothing': { startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 },
      'a selector': { jobTemplate: { spec: jobSpec({ selector: { matchLabels: labels }, manualSelector: true }) } },
      'Pods that never end': { jobTemplate: { spec: jobSpec({ template: template({}, {}) }) } },
      'no template': { jobTemplate: undefined },
      'a zone twice': { schedule: 'TZ=Europe/Berlin 0 0 * * *', timeZone: 'Europe/Berlin' },
    },
    (spec) => cronJob(spec),
  ),
  { title: 'CronJob: a name too long', object: { ...cronJob(), metadata: { name: 'a'.repeat(53) } } },
  ...[
    '* * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * foo *',
    '* * * * 7',
    '5-1 * * * *',
    '*/0 * * * *',
    '1-2-3 * * * *',
    '1/2/3 * * * *',
    '-1 * * * *',
    '@never',
    '@every x',
    '@every 5',
    'TZ=Foo/Bar 0 0 * * *',
    'TZ=0',
  ].map((schedule): Case => ({ title: `CronJob: schedule ${schedule}`, object: cronJob({ schedule }) })),
  ...['', 'Foo/Bar', 'europe/berlin', 'Local', '../etc', '+01:00'].map((timeZone): Case => ({
    title: `CronJob: zone "${timeZone}"`,
    object: cronJob({ timeZone }),
  })),
  ...updates('CronJob', cronJob(), {
    'another zone': { spec: { timeZone: 'Mars/One' } },
    'a bad schedule': { spec: { schedule: '* *' } },
  }),
  // Status
  {
    title: 'Deployment: more ready than there are',
    object: deployment(),
    update: {
      status: { replicas: 1, readyReplicas: 2, availableReplicas: 3, updatedReplicas: 2, unavailableReplicas: -1 },
    },
    endpoint: 'status',
  },
  {
    title: 'ReplicaSet: more ready than there are',
    object: replicaSet(),
    update: { status: { replicas: 1, readyReplicas: 2, availableReplicas: 3, fullyLabeledReplicas: 2 } },
    endpoint: 'status',
  },
  {
    title: 'StatefulSet: more ready than there are',
    object: statefulSet(),
    update: { status: { replicas: 1, readyReplicas: 2, availableReplicas: 3, currentReplicas: 2 } },
    endpoint: 'status',
  },
  {
    title: 'DaemonSet: fewer than none',
    object: daemonSet(),
    update: { status: { numberReady: -1, numberUnavailable: -1 } },
    endpoint: 'status',
  },
  {
    title: 'ReplicationController: more ready than there are',
    object: controller(),
    update: { status: { replicas: 1, readyReplicas: 2, availableReplicas: 3 } },
    endpoint: 'status',
  },
  {
    title: 'Job: complete without an end',
    object: job({ managedBy: 'example.com/x' }),
    update: { status: { active: -1, conditions: [{ type: 'Complete', status: 'True' }] } },
    endpoint: 'status',
  },
  {
    title: 'Job: complete and failed',
    object: job({ managedBy: 'example.com/x' }),
    update: {
      status: {
        active: 1,
        conditions: [
          { type: 'Complete', status: 'True' },
          { type: 'Failed', status: 'True' },
        ],
      },
    },
    endpoint: 'status',
  },
  {
    title: 'Pod: another class of service',
    object: pod(),
    update: {
      status: {
        qosClass: 'Guaranteed',
        observedGeneration: -1,
        podIP: 'x',
        hostIP: '1.1.1.1',
        hostIPs: [{ ip: '1.1.1.2' }],
      },
    },
    endpoint: 'status',
  },
  {
    title: 'Job: a history that does not add up',
    object: job({
      managedBy: 'example.com/x',
      completionMode: 'Indexed',
      completions: 3,
      parallelism: 0,
      backoffLimitPerIndex: 1,
    }),
    update: {
      status: {
        startTime: '2026-01-02T00:00:00Z',
        completionTime: '2026-01-01T00:00:00Z',
        completedIndexes: '0-5',
        failedIndexes: '2,1',
        ready: 1,
        conditions: [
          { type: 'SuccessCriteriaMet', status: 'True' },
          { type: 'FailureTarget', status: 'True' },
        ],
      },
    },
    endpoint: 'status',
  },
  {
    title: 'Job: indexes that are both done and failed',
    object: job({
      managedBy: 'example.com/x',
      completionMode: 'Indexed',
      completions: 5,
      parallelism: 0,
      backoffLimitPerIndex: 1,
    }),
    update: {
      status: {
        completedIndexes: '0-2,4',
        failedIndexes: '2-3',
        terminating: 1,
        conditions: [{ type: 'Failed', status: 'True' }],
        uncountedTerminatedPods: { succeeded: ['a'] },
      },
    },
    endpoint: 'status',
  },
  {
    title: 'Job: indexes of a Job without any',
    object: job({ managedBy: 'example.com/x' }),
    update: { status: { completedIndexes: '0', failedIndexes: '1' } },
    endpoint: 'status',
  },
  {
    title: 'ReplicationController: nothing right',
    object: controller({ replicas: -1, minReadySeconds: -1, template: template({}, {}) }),
  },
  ...updates('PodTemplate', podTemplate(), { 'no containers': { template: { spec: { containers: [] } } } }),
  ...updates('ReplicationController', controller(), { 'a selector of others': { spec: { selector: { app: 'api' } } } }),
  {
    title: 'DaemonSet: a template generation that is no number',
    object: {
      ...daemonSet(),
      metadata: { ...metadata, annotations: { 'deprecated.daemonset.template.generation': 'x' } },
    },
  },
];
