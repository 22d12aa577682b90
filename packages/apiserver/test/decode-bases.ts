import type { BuiltinType } from '../src/decode/decoder.ts';

/** A kind that bodies are tried with, and what its server needs to take one. */
export interface DecodeBase {
  readonly type: BuiltinType;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Without apiVersion and kind. */
  readonly object: Readonly<Record<string, unknown>>;
}

const metadata = { name: 'x' };
const labels = { app: 'web' };
const selector = { matchLabels: labels };
const resources = { requests: { cpu: '100m' }, limits: { memory: '64Mi' } };
const container = { name: 'a', image: 'a', ports: [{ containerPort: 80 }], env: [{ name: 'A' }], resources };
const podSpec = { containers: [container], volumes: [{ name: 'v', emptyDir: {} }] };
const template = { metadata: { labels }, spec: podSpec };
const jobTemplate = { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } };
const webhook = {
  name: 'a.example.com',
  clientConfig: { url: 'https://example.com/' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const schema = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } } },
};

/** The kinds that clients send most, and those whose types are the oddest. */
export const decodeBases: readonly DecodeBase[] = [
  core('ConfigMap', 'configmaps', { metadata, data: { a: 'b' } }),
  core('Secret', 'secrets', { metadata, data: { a: 'YQ==' } }),
  core('Service', 'services', { metadata, spec: { ports: [{ port: 80 }], selector: labels } }),
  core('Pod', 'pods', { metadata, spec: podSpec }),
  core('PersistentVolumeClaim', 'persistentvolumeclaims', {
    metadata,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }),
  core('LimitRange', 'limitranges', { metadata, spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } }),
  core('ResourceQuota', 'resourcequotas', { metadata, spec: { hard: { cpu: '1000m' } } }),
  core('Event', 'events', { metadata, involvedObject: { name: 'x' } }),
  core('Node', 'nodes', { metadata: { name: 'node-x' } }, false),
  kind('apps', 'Deployment', 'deployments', { metadata, spec: { selector, template } }),
  kind('apps', 'StatefulSet', 'statefulsets', { metadata, spec: { selector, template } }),
  kind('apps', 'DaemonSet', 'daemonsets', { metadata, spec: { selector, template } }),
  kind('apps', 'ControllerRevision', 'controllerrevisions', { metadata, revision: 1, data: { a: 1 } }),
  kind('batch', 'Job', 'jobs', { metadata, ...jobTemplate }),
  kind('batch', 'CronJob', 'cronjobs', { metadata, spec: { schedule: '0 0 * * *', jobTemplate } }),
  kind('policy', 'PodDisruptionBudget', 'poddisruptionbudgets', { metadata, spec: { selector, minAvailable: '50%' } }),
  kind('networking.k8s.io', 'NetworkPolicy', 'networkpolicies', { metadata, spec: { podSelector: selector } }),
  kind('networking.k8s.io', 'Ingress', 'ingresses', {
    metadata,
    spec: { defaultBackend: { service: { name: 'a', port: { number: 80 } } } },
  }),
  kind('discovery.k8s.io', 'EndpointSlice', 'endpointslices', { metadata, addressType: 'IPv4', endpoints: [] }),
  kind('rbac.authorization.k8s.io', 'Role', 'roles', {
    metadata,
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  }),
  kind('coordination.k8s.io', 'Lease', 'leases', { metadata, spec: { leaseDurationSeconds: 5 } }),
  kind(
    'admissionregistration.k8s.io',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    { metadata, webhooks: [webhook] },
    false,
  ),
  {
    ...kind('apiextensions.k8s.io', 'CustomResourceDefinition', 'customresourcedefinitions', {}, false),
    type: {
      group: 'apiextensions.k8s.io',
      version: 'v1',
      kind: 'CustomResourceDefinition',
      component: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
    },
    object: {
      metadata: { name: 'xs.decode.example.com' },
      spec: {
        group: 'decode.example.com',
        scope: 'Namespaced',
        names: { plural: 'xs', kind: 'X' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    },
  },
];

function core(name: string, plural: string, object: DecodeBase['object'], namespaced = true): DecodeBase {
  return kind('', name, plural, object, namespaced);
}

function kind(
  group: string,
  name: string,
  plural: string,
  object: DecodeBase['object'],
  namespaced = true,
): DecodeBase {
  const folder = group === '' ? 'core' : (group.split('.')[0] ?? group);
  const type = { group, version: 'v1', kind: name, component: `io.k8s.api.${folder}.v1.${name}` };
  return { type, plural, namespaced, object };
}
