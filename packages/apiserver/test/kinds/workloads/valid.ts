import type { Case } from '../replay.ts';
import {
  claim,
  container,
  controller,
  cronJob,
  daemonSet,
  deployment,
  job,
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

const digest = `nginx@sha256:${'a'.repeat(64)}`;
const http = { httpGet: { port: 8080 } };
const limits = { cpu: '1000m', memory: '1024Mi' };
const inIt = { key: 'app', operator: 'In', values: ['web'] };

/** Pods and workloads that a real server accepts, small and rich, and must be stored as it stores them. */
export const validWorkloads: readonly Case[] = [
  // Pod: the whole
  { title: 'Pod: one container', object: pod() },
  { title: 'Pod: the default scheduler', object: pod({ schedulerName: 'default-scheduler' }) },
  {
    title: 'Pod: scalars',
    object: pod({
      restartPolicy: 'OnFailure',
      terminationGracePeriodSeconds: 5,
      activeDeadlineSeconds: 100,
      dnsPolicy: 'Default',
      nodeSelector: { disk: 'ssd' },
      hostname: 'web',
      subdomain: 'db',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      shareProcessNamespace: true,
      setHostnameAsFQDN: true,
      imagePullSecrets: [{ name: 'registry' }],
      preemptionPolicy: 'PreemptLowerPriority',
      os: { name: 'linux' },
    }),
  },
  { title: 'Pod: service account by its name', object: pod({ serviceAccountName: 'robot' }) },
  { title: 'Pod: service account by its old name', object: pod({ serviceAccount: 'robot' }) },
  { title: 'Pod: critical for the cluster', object: pod({ priorityClassName: 'system-cluster-critical' }) },
  { title: 'Pod: critical for the node', object: pod({ priorityClassName: 'system-node-critical' }) },
  { title: 'Pod: a negative grace period', object: pod({ terminationGracePeriodSeconds: -3 }) },
  {
    title: 'Pod: tolerations of its own',
    object: pod({
      tolerations: [
        { key: 'a', operator: 'Equal', value: 'b', effect: 'NoSchedule' },
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 6000 },
      ],
    }),
  },
  { title: 'Pod: tolerates everything', object: pod({ tolerations: [{ operator: 'Exists' }] }) },
  { title: 'Pod: a toleration that bears no effect', object: pod({ tolerations: [{ key: 'a', operator: 'Exists' }] }) },
  {
    title: 'Pod: scheduling gates',
    object: pod({ schedulingGates: [{ name: 'example.com/quota' }], readinessGates: [{ conditionType: 'a.b/ready' }] }),
  },
  {
    title: 'Pod: name resolution',
    object: pod({
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['1.1.1.1'],
        searches: ['a.b', '_x.b.', '.'],
        options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
      },
      hostAliases: [{ ip: '10.1.2.3', hostnames: ['a', 'b.c'] }],
    }),
  },
  {
    title: 'Pod: in the network of the node',
    object: pod({
      hostNetwork: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
      containers: [{ ...container, ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }] }],
    }),
  },
  {
    title: 'Pod: AppArmor by annotation',
    object: pod({}, { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'runtime/default' } }),
  },
  {
    title: 'Pod: AppArmor by annotation, a profile of the node',
    object: pod({}, { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'localhost/x' } }),
  },
  {
    title: 'Pod: AppArmor by annotation and for the whole',
    object: pod(
      { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } },
      { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'runtime/default' } },
    ),
  },
  {
    title: 'Pod: security',
    object: pod({
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 3000,
        runAsNonRoot: true,
        fsGroup: 2000,
        fsGroupChangePolicy: 'OnRootMismatch',
        supplementalGroups: [1, 2],
        supplementalGroupsPolicy: 'Merge',
        seccompProfile: { type: 'RuntimeDefault' },
        sysctls: [{ name: 'net.core.somaxconn', value: '1024' }],
        seLinuxOptions: { level: 's0' },
        seLinuxChangePolicy: 'MountOption',
      },
      containers: [
        {
          ...container,
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
            readOnlyRootFilesystem: true,
            privileged: false,
            procMount: 'Default',
            seccompProfile: { type: 'Localhost', localhostProfile: 'x/y.json' },
          },
        },
      ],
    }),
  },
  {
    title: 'Pod: affinity of every kind',
    object: pod({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [
                  { key: 'zone', operator: 'In', values: ['a', 'b'] },
                  { key: 'n', operator: 'Gt', values: ['3'] },
                ],
                matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['node-1'] }],
              },
            ],
          },
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 10, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] } },
          ],
        },
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'zone', labelSelector: { matchLabels: labels }, namespaces: ['a'], namespaceSelector: {} },
          ],
        },
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchExpressions: [inIt] } },
            },
          ],
        },
      },
    }),
  },
  {
    title: 'Pod: spread, by labels of its own',
    object: pod(
      {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'zone',
            whenUnsatisfiable: 'DoNotSchedule',
            minDomains: 2,
            labelSelector: { matchLabels: labels },
            matchLabelKeys: ['pod-template-hash', 'none'],
          },
          {
            maxSkew: 2,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'ScheduleAnyway',
            nodeAffinityPolicy: 'Ignore',
            nodeTaintsPolicy: 'Honor',
          },
        ],
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              {
                topologyKey: 'zone',
                labelSelector: { matchLabels: labels },
                matchLabelKeys: ['pod-template-hash'],
                mismatchLabelKeys: ['app'],
              },
            ],
          },
        },
      },
      { labels: { ...labels, 'pod-template-hash': 'abc' } },
    ),
  },
  {
    title: 'Pod: resources of the whole',
    object: pod({
      resources: { limits: { cpu: '2', memory: '1Gi' } },
      containers: [{ ...container, resources: { requests: { cpu: '500m' } } }],
    }),
  },
  {
    title: 'Pod: resources of the whole, with limits of each',
    object: pod({
      resources: { requests: { cpu: '2' } },
      containers: [
        { ...container, resources: { limits: { cpu: '500m' } } },
        { ...container, name: 'd', resources: { limits: { cpu: '700m' } } },
      ],
    }),
  },
  {
    title: 'Pod: init containers and a sidecar',
    object: pod({
      initContainers: [
        { name: 'migrate', image: 'app:2', command: ['migrate'] },
        {
          name: 'log',
          image: 'log:latest',
          restartPolicy: 'Always',
          startupProbe: { exec: { command: ['true'] } },
          lifecycle: { preStop: { sleep: { seconds: 3 } } },
        },
      ],
    }),
  },
  // Container: image
  ...[
    'nginx',
    'nginx:latest',
    'nginx:1.2',
    digest,
    digest.replace('nginx', 'nginx:latest'),
    'localhost:5000/a/b',
    'ghcr.io/Org/App',
    'REGISTRY/app',
    'a/b/c:v1-x',
    'not an image',
    'a@b',
  ].map((image): Case => ({ title: `Container: image ${image}`, object: podOf({ image }) })),
  {
    title: 'Container: command, ports, probes and what it prints at the end',
    object: podOf({
      command: ['sh', '-c'],
      args: ['echo "<&>"'],
      workingDir: '/app',
      stdin: true,
      tty: true,
      ports: [
        { containerPort: 80 },
        { name: 'dns', containerPort: 53, protocol: 'UDP', hostPort: 53, hostIP: '127.0.0.1' },
      ],
      livenessProbe: http,
      readinessProbe: { grpc: { port: 9000 }, periodSeconds: 3, successThreshold: 2 },
      startupProbe: { tcpSocket: { port: 'http' }, failureThreshold: 30, timeoutSeconds: 0 },
      lifecycle: { postStart: http, preStop: { exec: { command: ['sleep', '5'] } } },
      terminationMessagePath: '/tmp/end',
      terminationMessagePolicy: 'FallbackToLogsOnError',
    }),
  },
  {
    title: 'Container: HTTP probe in full',
    object: podOf({
      livenessProbe: {
        httpGet: {
          path: '/healthz',
          port: 'http',
          scheme: 'HTTPS',
          host: 'x',
          httpHeaders: [{ name: 'X-A', value: 'b' }],
        },
        initialDelaySeconds: 3,
        terminationGracePeriodSeconds: 10,
      },
    }),
  },
  {
    title: 'Container: environment from everywhere',
    object: podOf({
      env: [
        { name: 'A', value: '1' },
        { name: 'EMPTY' },
        { name: 'B', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        {
          name: 'D',
          valueFrom: { resourceFieldRef: { resource: 'requests.memory', divisor: '1Mi', containerName: 'c' } },
        },
        { name: 'E', valueFrom: { configMapKeyRef: { name: 'm', key: 'k', optional: true } } },
        { name: 'F', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        { name: 'G', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      ],
      envFrom: [{ configMapRef: { name: 'm' } }, { prefix: 'P_', secretRef: { name: 's', optional: false } }],
    }),
  },
  {
    title: 'Container: a variable from a file',
    object: pod({
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [
        { ...container, env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'f', key: 'K' } } }] },
      ],
    }),
  },
  { title: 'Container: limits become requests', object: podOf({ resources: { limits } }) },
  {
    title: 'Container: requests and limits',
    object: podOf({ resources: { limits, requests: { cpu: '0.1', memory: '64Mi' } } }),
  },
  {
    title: 'Container: amounts finer than a thousandth',
    object: podOf({ resources: { requests: { cpu: '0.0001', memory: '1.5' } } }),
  },
  { title: 'Container: guaranteed', object: podOf({ resources: { limits, requests: limits } }) },
  {
    title: 'Container: devices and huge pages',
    object: podOf({ resources: { limits: { 'example.com/gpu': 1, 'hugepages-2Mi': '4Mi', cpu: 1 } } }),
  },
  {
    title: 'Container: resize policy',
    object: podOf({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] }),
  },
  {
    title: 'Container: restart rules',
    object: podOf(
      {
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
      },
      { restartPolicy: 'Never' },
    ),
  },
  {
    title: 'Container: fields of features that are off',
    object: podOf(
      { lifecycle: { stopSignal: 'SIGTERM' }, livenessProbe: { httpGet: { port: 80, protocol: 'HTTP1' } } },
      { volumes: [{ name: 'v', emptyDir: { mode: 0o777 } }] },
    ),
  },
  {
    title: 'Container: mounts',
    object: pod({
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'block', persistentVolumeClaim: { claimName: 'data' } },
      ],
      containers: [
        {
          ...container,
          volumeMounts: [
            { name: 'v', mountPath: '/a' },
            {
              name: 'v',
              mountPath: '/b',
              subPath: 'x',
              readOnly: true,
              recursiveReadOnly: 'IfPossible',
              mountPropagation: 'None',
            },
            { name: 'v', mountPath: '/c', subPathExpr: '$(A)/x' },
          ],
          volumeDevices: [{ name: 'block', devicePath: '/dev/x' }],
        },
      ],
    }),
  },
  // Volumes
  ...Object.entries<Record<string, unknown>>({
    nothing: {},
    emptyDir: { emptyDir: { medium: 'Memory', sizeLimit: '1024Mi' } },
    hostPath: { hostPath: { path: '/data' } },
    'hostPath, of a kind': { hostPath: { path: '/data', type: 'DirectoryOrCreate' } },
    secret: { secret: { secretName: 's', items: [{ key: 'a', path: 'b/c', mode: 0o400 }], optional: true } },
    'secret, its mode': { secret: { secretName: 's', defaultMode: 0o400 } },
    configMap: { configMap: { name: 'm' } },
    downwardAPI: {
      downwardAPI: {
        items: [
          { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
          { path: 'cpu', resourceFieldRef: { containerName: 'c', resource: 'limits.cpu', divisor: '1m' } },
        ],
      },
    },
    projected: {
      projected: {
        sources: [
          { configMap: { name: 'm', items: [{ key: 'a', path: 'a' }] } },
          { secret: { name: 's' } },
          { downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } },
          { clusterTrustBundle: { name: 'b', path: 'ca.pem' } },
          { clusterTrustBundle: { signerName: 'example.com/x', labelSelector: {}, path: 'ca2.pem' } },
        ],
      },
    },
    persistentVolumeClaim: { persistentVolumeClaim: { claimName: 'data', readOnly: true } },
    ephemeral: {
      ephemeral: { volumeClaimTemplate: { metadata: { labels }, spec: { ...claim, storageClassName: 'fast' } } },
    },
    csi: { csi: { driver: 'inline.example.com', volumeAttributes: { a: 'b' }, nodePublishSecretRef: { name: 's' } } },
    nfs: { nfs: { server: 's', path: '/x' } },
    image: { image: { reference: 'models/x:latest' } },
    'image of a version': { image: { reference: 'models/x:1' } },
    iscsi: { iscsi: { targetPortal: '10.0.0.1', iqn: 'iqn.2001-04.com.example:storage.x', lun: 0 } },
    rbd: { rbd: { monitors: ['a'], image: 'i' } },
    cephfs: { cephfs: { monitors: ['a'] } },
    azureDisk: { azureDisk: { diskName: 'd', diskURI: 'https://x.blob.core.windows.net/a/b.vhd' } },
    azureFile: { azureFile: { secretName: 's', shareName: 'x' } },
    awsElasticBlockStore: { awsElasticBlockStore: { volumeID: 'v', fsType: 'ext4' } },
    gcePersistentDisk: { gcePersistentDisk: { pdName: 'd' } },
    vsphereVolume: { vsphereVolume: { volumePath: 'p' } },
    scaleIO: { scaleIO: { gateway: 'g', system: 's', volumeName: 'v', secretRef: { name: 'x' } } },
    glusterfs: { glusterfs: { endpoints: 'e', path: 'p' } },
    flexVolume: { flexVolume: { driver: 'a/b', options: { x: 'y' } } },
    fc: { fc: { targetWWNs: ['a'], lun: 1 } },
    gitRepo: { gitRepo: { repository: 'https://example.com/x.git' } },
  }).map(([kind, source]): Case => ({ title: `Volume: ${kind}`, object: podWith(source) })),
  {
    title: 'Volume: a token of the service account',
    object: pod({
      serviceAccountName: 'robot',
      volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'vault' } }] } }],
    }),
  },
  // Templates
  { title: 'PodTemplate: one container', object: podTemplate() },
  {
    title: 'PodTemplate: limits stay limits, ports stay ports',
    object: podTemplate({
      hostNetwork: true,
      containers: [{ ...container, ports: [{ containerPort: 80 }], resources: { limits } }],
    }),
  },
  { title: 'ReplicationController: labels make its selector', object: controller() },
  {
    title: 'ReplicationController: selector and labels of its own',
    object: {
      ...controller({ selector: labels, minReadySeconds: 3 }),
      metadata: { ...metadata, labels: { own: 'yes' } },
    },
  },
  { title: 'ReplicaSet: small', object: replicaSet() },
  {
    title: 'ReplicaSet: replicas by default',
    object: { ...replicaSet(), spec: { selector: { matchExpressions: [inIt] }, template: template() } },
  },
  // Deployment
  { title: 'Deployment: small', object: deployment() },
  {
    title: 'Deployment: replicas by default',
    object: { ...deployment(), spec: { selector: { matchLabels: labels }, template: template() } },
  },
  { title: 'Deployment: Recreate', object: deployment({ strategy: { type: 'Recreate' } }) },
  {
    title: 'Deployment: one limit of its roll-out',
    object: deployment({ strategy: { rollingUpdate: { maxSurge: 2 } } }),
  },
  {
    title: 'Deployment: scalars',
    object: deployment({ paused: true, minReadySeconds: 5, progressDeadlineSeconds: 60, revisionHistoryLimit: 0 }),
  },
  {
    title: 'Deployment: as a chart writes it',
    object: {
      ...deployment({
        replicas: 2,
        template: template(
          {
            serviceAccountName: 'web',
            securityContext: { runAsNonRoot: true, fsGroup: 1000 },
            containers: [
              {
                name: 'web',
                image: 'ghcr.io/example/web:v1.2.3',
                imagePullPolicy: 'IfNotPresent',
                ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
                env: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
                envFrom: [{ secretRef: { name: 'web' } }],
                livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, initialDelaySeconds: 10 },
                readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
                resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
                volumeMounts: [
                  { name: 'config', mountPath: '/etc/web', readOnly: true },
                  { name: 'tmp', mountPath: '/tmp' },
                ],
              },
            ],
            volumes: [
              { name: 'config', configMap: { name: 'web' } },
              { name: 'tmp', emptyDir: {} },
            ],
            affinity: {
              podAntiAffinity: {
                preferredDuringSchedulingIgnoredDuringExecution: [
                  {
                    weight: 1,
                    podAffinityTerm: { labelSelector: { matchLabels: labels }, topologyKey: 'kubernetes.io/hostname' },
                  },
                ],
              },
            },
          },
          { labels: { ...labels, 'app.kubernetes.io/version': '1.2.3' }, annotations: { 'checksum/config': 'abc' } },
        ),
      }),
      metadata: { ...metadata, labels: { 'app.kubernetes.io/name': 'web' }, annotations: { 'example.com/note': 'x' } },
    },
  },
  {
    title: 'Deployment: an image changes',
    object: deployment(),
    update: { spec: { template: { spec: { containers: [{ ...container, image: 'nginx:1.28' }] } } } },
    controllersWriteStatus: true,
  },
  // StatefulSet
  { title: 'StatefulSet: small', object: statefulSet() },
  {
    title: 'StatefulSet: without a service',
    object: { ...statefulSet(), spec: { replicas: 0, selector: { matchLabels: labels }, template: template() } },
  },
  {
    title: 'StatefulSet: a strategy by type alone',
    object: statefulSet({ updateStrategy: { type: 'RollingUpdate' } }),
  },
  {
    title: 'StatefulSet: a partition',
    object: statefulSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }),
  },
  {
    title: 'StatefulSet: OnDelete',
    object: statefulSet({ updateStrategy: { type: 'OnDelete' }, podManagementPolicy: 'Parallel' }),
  },
  {
    title: 'StatefulSet: claims',
    object: statefulSet({
      ordinals: { start: 3 },
      minReadySeconds: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' },
      volumeClaimTemplates: [
        { metadata: { name: 'data', labels }, spec: { ...claim, storageClassName: 'fast' } },
        {
          metadata: { name: 'raw' },
          spec: { ...claim, volumeMode: 'Block', resources: { requests: { storage: '1024Mi' } } },
        },
      ],
      template: template({
        containers: [
          {
            ...container,
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
            volumeDevices: [{ name: 'raw', devicePath: '/dev/x' }],
          },
        ],
      }),
    }),
  },
  // DaemonSet
  { title: 'DaemonSet: small', object: daemonSet() },
  {
    title: 'DaemonSet: surge',
    object: daemonSet({
      updateStrategy: { rollingUpdate: { maxSurge: '10%', maxUnavailable: 0 } },
      minReadySeconds: 3,
    }),
  },
  { title: 'DaemonSet: OnDelete', object: daemonSet({ updateStrategy: { type: 'OnDelete' } }) },
  {
    title: 'DaemonSet: a template generation of its own',
    object: {
      ...daemonSet(),
      metadata: { ...metadata, annotations: { 'deprecated.daemonset.template.generation': '5' } },
    },
  },
  {
    title: 'DaemonSet: the template changes',
    object: daemonSet(),
    update: { spec: { template: { metadata: { annotations: { a: 'b' } } } } },
    controllersWriteStatus: true,
  },
  {
    title: 'DaemonSet: labels change',
    object: daemonSet(),
    update: { metadata: { labels: { a: 'b' }, annotations: { 'deprecated.daemonset.template.generation': '9' } } },
    controllersWriteStatus: true,
  },
  // ControllerRevision
  { title: 'ControllerRevision: small', object: revision() },
  { title: 'ControllerRevision: another number', object: revision(), update: { revision: 2 } },
  // Job
  { title: 'Job: small', object: { ...job(), spec: { template: template({ restartPolicy: 'Never' }, {}) } } },
  { title: 'Job: labels of its Pods', object: job({ template: template({ restartPolicy: 'OnFailure' }) }) },
  { title: 'Job: labels of its own', object: job({ template: template({ restartPolicy: 'OnFailure' }) }, { labels }) },
  { title: 'Job: parallel', object: job({ parallelism: 3 }) },
  {
    title: 'Job: completions',
    object: job({
      parallelism: 2,
      completions: 4,
      backoffLimit: 1,
      activeDeadlineSeconds: 60,
      ttlSecondsAfterFinished: 0,
    }),
  },
  {
    title: 'Job: indexed',
    object: job({
      completionMode: 'Indexed',
      completions: 3,
      backoffLimitPerIndex: 1,
      maxFailedIndexes: 2,
      successPolicy: { rules: [{ succeededIndexes: '0,1-2', succeededCount: 1 }] },
    }),
  },
  {
    title: 'Job: a policy for failures',
    object: job({
      podFailurePolicy: {
        rules: [
          { action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [1, 42] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
        ],
      },
    }),
  },
  {
    title: 'Job: suspended, managed by others',
    object: job({ suspend: true, managedBy: 'example.com/queue', podReplacementPolicy: 'Failed' }),
  },
  {
    title: 'Job: its own selector',
    object: job({
      manualSelector: true,
      selector: { matchLabels: labels },
      template: template({ restartPolicy: 'Never' }),
    }),
  },
  {
    title: 'Job: resumed elsewhere',
    object: job({ suspend: true }),
    update: { spec: { template: { spec: { nodeSelector: { a: 'b' } } } } },
    controllersWriteStatus: true,
  },
  {
    title: 'Job: more at the same time',
    object: job(),
    update: { spec: { parallelism: 0, backoffLimit: 3 } },
    controllersWriteStatus: true,
  },
  // CronJob
  {
    title: 'CronJob: small',
    object: {
      ...cronJob(),
      spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: template({ restartPolicy: 'Never' }, {}) } } },
    },
  },
  {
    title: 'CronJob: in full',
    object: cronJob(
      {
        schedule: '@daily',
        timeZone: 'Europe/Berlin',
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 10,
        successfulJobsHistoryLimit: 0,
        failedJobsHistoryLimit: 5,
      },
      { backoffLimit: 2, activeDeadlineSeconds: 9 },
    ),
  },
  ...['0 0 1 jan *', '5,10-20/2 */3 ? * mon-fri', '@every 1h30m', '@weekly', '0 22 * * 1-5'].map((schedule): Case => ({
    title: `CronJob: ${schedule}`,
    object: cronJob({ schedule }),
  })),
  ...['Etc/UTC', 'America/Port-au-Prince', 'US/Pacific', 'UTC'].map((timeZone): Case => ({
    title: `CronJob: in ${timeZone}`,
    object: cronJob({ timeZone }),
  })),
  {
    title: 'CronJob: jobs with a policy for failures',
    object: cronJob({}, { podFailurePolicy: { rules: [{ action: 'Count', onPodConditions: [{ type: 'X' }] }] } }),
  },
  // Updates of Pods
  {
    title: 'Pod: an image changes',
    object: pod(),
    update: { spec: { containers: [{ ...container, image: 'nginx:1.28' }] } },
  },
  {
    title: 'Pod: a deadline, shorter',
    object: pod({ activeDeadlineSeconds: 100 }),
    update: { spec: { activeDeadlineSeconds: 50 } },
  },
  {
    title: 'Pod: a toleration more',
    object: pod({ tolerations: [{ key: 'a', operator: 'Exists' }] }),
    update: {
      spec: {
        tolerations: [
          { key: 'a', operator: 'Exists' },
          { key: 'b', operator: 'Exists' },
        ],
      },
    },
  },
  {
    title: 'Pod: a gate less',
    object: pod({ schedulingGates: [{ name: 'a' }, { name: 'b' }] }),
    update: { spec: { schedulingGates: [{ name: 'b' }], nodeSelector: { x: 'y' } } },
  },
  {
    title: 'Pod: what the server has added is left out',
    object: pod(),
    update: { spec: { tolerations: null, priority: null, preemptionPolicy: null } },
  },
  // Status
  {
    title: 'Deployment: what its status may change',
    object: deployment(),
    update: {
      metadata: { labels: { a: 'b' }, annotations: { a: 'b' } },
      spec: { replicas: 3 },
      status: { replicas: 1 },
    },
    endpoint: 'status',
    controllersWriteStatus: true,
  },
  {
    title: 'ReplicaSet: what its status may change',
    object: replicaSet(),
    update: { metadata: { labels: { a: 'b' } }, spec: { replicas: 3 }, status: { replicas: 1 } },
    endpoint: 'status',
    controllersWriteStatus: true,
  },
  {
    title: 'Job: what its status may change',
    object: job({ managedBy: 'example.com/x' }),
    update: {
      spec: { backoffLimit: 1 },
      status: {
        active: 1,
        ready: 0,
        startTime: '2026-01-01T00:00:00Z',
        conditions: [{ type: 'Suspended', status: 'False' }],
      },
    },
    endpoint: 'status',
  },
  {
    title: 'CronJob: what its status may change',
    object: cronJob(),
    update: { spec: { schedule: '0 0 * * *' }, status: { lastScheduleTime: '2026-01-01T00:00:00Z' } },
    endpoint: 'status',
  },
  {
    title: 'Pod: what its status may change',
    object: pod(),
    update: {
      metadata: { labels: { a: 'b' } },
      spec: { hostname: 'x' },
      status: { phase: 'Running', podIP: '10.1.1.1', conditions: [{ type: 'Ready', status: 'True' }] },
    },
    endpoint: 'status',
  },
  {
    title: 'Pod: its status without a class of service',
    object: pod(),
    update: { status: { qosClass: null, phase: 'Failed', podIPs: [{ ip: '10.1.1.1' }, { ip: '::1' }] } },
    endpoint: 'status',
  },
  {
    title: 'Job: the same amounts, written in another way',
    object: job({
      template: template(
        { restartPolicy: 'Never', containers: [{ ...container, resources: { limits: { memory: '1Gi', cpu: '1' } } }] },
        {},
      ),
    }),
    update: {
      spec: {
        template: {
          spec: { containers: [{ ...container, resources: { limits: { memory: 1073741824, cpu: '1000m' } } }] },
        },
      },
    },
    controllersWriteStatus: true,
  },
  {
    title: 'Pod: the same amounts, written in another way',
    object: podOf({ resources: { requests: { memory: '1Gi' } } }),
    update: { spec: { containers: [{ ...container, resources: { requests: { memory: '1073741824' } } }] } },
  },
];
