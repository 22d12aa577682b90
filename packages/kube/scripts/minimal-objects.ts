/** The least that makes an object of each kind acceptable, beside apiVersion, kind, name and namespace. By group/Kind. */
export type MinimalObjects = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const labels = { app: 'trial' };
const selector = { matchLabels: labels };
const podSpec = { containers: [{ name: 'a', image: 'a' }] };
const template = { metadata: { labels }, spec: podSpec };
const clientConfig = { url: 'https://trial.invalid/' };
const webhook = { name: 'a.trial.invalid', clientConfig, sideEffects: 'None', admissionReviewVersions: ['v1'] };
const noRule = { apiGroups: ['trial.invalid'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['trials'] };

/** Of CN=trial, made for this purpose; nobody has their keys. */
const CERTIFICATE_REQUEST =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlITE1ISUNBUUF3RURFT01Bd0dBMVVFQXd3RmRISnBZV3d3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQgpCd05DQUFUUEdQMExFOEE2R3B2Mm9BYlBvS0VYSFR6c3p2bTBibHBlMmZiV2VEbjNSZEZlYzZLVE9BenhXbm9aCkNtUTc0aE55eXEyNnAwV1hZRUFsZ0dhdG16U0hvQUF3Q2dZSUtvWkl6ajBFQXdJRFNRQXdSZ0loQU45NjlXeEoKSi9PY3I4T3BaTEExcExqMTNIaUdMWkdkNGR0WTdKa0ZiWmZ1QWlFQWc3V0dkdnRXeXhHc09mSnp0UkxWUkp2SAppdW56UEthUVY0cG5USjBka3RzPQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K';
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUVLfSZGxmGsseGrAE54iCrmnAZggwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFdHJpYWwwIBcNMjYxMTI1MTQxNzAwWhgPMjEyNjExMDExNDE3
MDBaMBAxDjAMBgNVBAMMBXRyaWFsMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
maJKH3FxJskni8XFUaYTUdOGBKe+LVElXoj8B3ajyLCFTeYP1H2yYL5IupTpteD3
2o2H1i+c+Axv4JMnqz5Fc6NTMFEwHQYDVR0OBBYEFJ7PSmxinEi3Sh9/RwvB096P
tHTZMB8GA1UdIwQYMBaAFJ7PSmxinEi3Sh9/RwvB096PtHTZMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgTBwWfdVxGXFYe/He8JVfOE9gdl0gaamW
084mfyZ5SdgCIQDxxJYX6Xft/0F475mp7RQSMrtbdSDZ6kqXqZryxTOiwQ==
-----END CERTIFICATE-----
`;

/** `namespace` is that of the trial. Nothing here acts on objects that are not of the trial. */
export function minimalObjects(name: string, namespace: string): MinimalObjects {
  return {
    '/ConfigMap': {},
    '/Endpoints': {},
    '/Event': { involvedObject: { namespace } },
    '/LimitRange': {},
    '/Namespace': {},
    '/Node': {},
    '/PersistentVolumeClaim': {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } }, storageClassName: 'trial' },
    },
    '/PersistentVolume': {
      spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1' }, hostPath: { path: '/trial' } },
    },
    '/Pod': { spec: { ...podSpec, nodeSelector: labels } },
    '/PodTemplate': { template },
    '/ReplicationController': { spec: { replicas: 0, selector: labels, template } },
    '/ResourceQuota': {},
    '/Secret': {},
    '/ServiceAccount': {},
    '/Service': { spec: { ports: [{ port: 80 }] } },
    'apiregistration.k8s.io/APIService': {
      metadata: { name: `v1.${name}.invalid` },
      spec: {
        group: `${name}.invalid`,
        version: 'v1',
        groupPriorityMinimum: 1,
        versionPriority: 1,
        insecureSkipTLSVerify: true,
        service: { namespace, name: 'trial' },
      },
    },
    'apps/ControllerRevision': { revision: 1, data: {} },
    'apps/DaemonSet': {
      spec: { selector, template: { ...template, spec: { ...podSpec, nodeSelector: labels } } },
    },
    'apps/Deployment': { spec: { replicas: 0, selector, template } },
    'apps/ReplicaSet': { spec: { replicas: 0, selector, template } },
    'apps/StatefulSet': { spec: { replicas: 0, selector, template } },
    'events.k8s.io/Event': {
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'trial.invalid/trial',
      reportingInstance: 'trial',
      action: 'Trial',
      reason: 'Trial',
      type: 'Normal',
      regarding: { namespace },
    },
    'autoscaling/HorizontalPodAutoscaler': {
      spec: { maxReplicas: 1, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' } },
    },
    'batch/CronJob': {
      spec: {
        schedule: '0 0 1 1 *',
        suspend: true,
        jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
      },
    },
    'batch/Job': { spec: { suspend: true, template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
    'certificates.k8s.io/CertificateSigningRequest': {
      spec: { request: CERTIFICATE_REQUEST, signerName: 'trial.invalid/trial', usages: ['digital signature'] },
    },
    'certificates.k8s.io/ClusterTrustBundle': { spec: { trustBundle: CERTIFICATE } },
    'networking.k8s.io/IngressClass': { spec: { controller: 'trial.invalid/trial' } },
    'networking.k8s.io/Ingress': {
      spec: { ingressClassName: 'trial', defaultBackend: { service: { name: 'trial', port: { number: 80 } } } },
    },
    'networking.k8s.io/IPAddress': {
      metadata: { name: '192.0.2.77' },
      spec: { parentRef: { resource: 'services', namespace, name: 'trial' } },
    },
    'networking.k8s.io/NetworkPolicy': { spec: { podSelector: selector } },
    'networking.k8s.io/ServiceCIDR': { spec: { cidrs: ['192.0.2.64/28'] } },
    'policy/PodDisruptionBudget': { spec: { selector } },
    'rbac.authorization.k8s.io/ClusterRoleBinding': {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'none' },
    },
    'rbac.authorization.k8s.io/ClusterRole': {},
    'rbac.authorization.k8s.io/RoleBinding': {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'none' },
    },
    'rbac.authorization.k8s.io/Role': {},
    'storage.k8s.io/CSIDriver': { spec: {} },
    'storage.k8s.io/CSINode': { spec: { drivers: [] } },
    'storage.k8s.io/CSIStorageCapacity': { storageClassName: 'trial' },
    'storage.k8s.io/StorageClass': { provisioner: 'trial.invalid/trial' },
    'storage.k8s.io/VolumeAttachment': {
      spec: { attacher: 'trial.invalid', nodeName: 'none', source: { persistentVolumeName: 'none' } },
    },
    'storage.k8s.io/VolumeAttributesClass': { driverName: 'trial.invalid', parameters: { a: 'b' } },
    'admissionregistration.k8s.io/MutatingAdmissionPolicy': {
      spec: {
        matchConstraints: { resourceRules: [noRule] },
        reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
      },
    },
    'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': { spec: { policyName: 'none' } },
    'admissionregistration.k8s.io/MutatingWebhookConfiguration': { webhooks: [webhook] },
    'admissionregistration.k8s.io/ValidatingAdmissionPolicy': {
      spec: { matchConstraints: { resourceRules: [noRule] }, validations: [{ expression: 'true' }] },
    },
    'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': {
      spec: { policyName: 'none', validationActions: ['Deny'] },
    },
    'admissionregistration.k8s.io/ValidatingWebhookConfiguration': { webhooks: [webhook] },
    'apiextensions.k8s.io/CustomResourceDefinition': {
      metadata: { name: `trials.${name}.invalid` },
      spec: {
        group: `${name}.invalid`,
        scope: 'Namespaced',
        names: { plural: 'trials', kind: 'Trial' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    },
    'scheduling.k8s.io/PriorityClass': { value: 1 },
    'coordination.k8s.io/Lease': {},
    'node.k8s.io/RuntimeClass': { handler: 'trial' },
    'discovery.k8s.io/EndpointSlice': { addressType: 'IPv4', endpoints: [] },
    'resource.k8s.io/DeviceClass': { spec: {} },
    'resource.k8s.io/DeviceTaintRule': {
      spec: { deviceSelector: { driver: 'trial.invalid' }, taint: { key: 'trial', effect: 'NoSchedule' } },
    },
    'resource.k8s.io/ResourceClaim': { spec: {} },
    'resource.k8s.io/ResourceClaimTemplate': { spec: { spec: {} } },
    'resource.k8s.io/ResourceSlice': {
      spec: {
        driver: 'trial.invalid',
        nodeName: 'none',
        pool: { name: 'none', generation: 1, resourceSliceCount: 1 },
      },
    },
    'flowcontrol.apiserver.k8s.io/FlowSchema': { spec: { priorityLevelConfiguration: { name: 'none' } } },
    'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': {
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
    },
    'storagemigration.k8s.io/StorageVersionMigration': {
      spec: { resource: { group: 'trial.invalid', resource: 'trials' } },
    },
  };
}
