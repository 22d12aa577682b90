import { get, post, script } from '../script.ts';
import type { Request, Script } from '../script.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const OLD_AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';

const GROUP_VERSIONS = [
  'apps/v1',
  'batch/v1',
  'autoscaling/v1',
  'autoscaling/v2',
  'networking.k8s.io/v1',
  'policy/v1',
  'rbac.authorization.k8s.io/v1',
  'storage.k8s.io/v1',
  'scheduling.k8s.io/v1',
  'coordination.k8s.io/v1',
  'discovery.k8s.io/v1',
  'events.k8s.io/v1',
  'admissionregistration.k8s.io/v1',
  'apiextensions.k8s.io/v1',
  'apiregistration.k8s.io/v1',
  'authentication.k8s.io/v1',
  'authorization.k8s.io/v1',
  'node.k8s.io/v1',
  'flowcontrol.apiserver.k8s.io/v1',
  'certificates.k8s.io/v1',
];

/** Without any CRD: other stories have theirs. */
export function discoveryScripts(): readonly Script[] {
  const accept = { accept: `${AGGREGATED},${OLD_AGGREGATED},application/json` };
  const review = (kind: string, spec: unknown, options: Partial<Request> = {}): Request => ({
    ...post(`/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind,
      spec,
    }),
    ...options,
  });
  return [
    script('discovery and reviews', 'versions and groups', [
      get('/version'),
      get('/version/'),
      get('/api'),
      get('/api', accept),
      get('/api', { accept: AGGREGATED }),
      get('/api', { accept: OLD_AGGREGATED }),
      get('/api/v1'),
      get('/apis/apps'),
      get('/apis/autoscaling'),
      get('/apis/apps', accept),
      get('/api/v1', { accept: 'application/yaml' }),
      ...GROUP_VERSIONS.map((name) => get(`/apis/${name}`)),
      ...GROUP_VERSIONS.map((name) => get(`/apis/${name.split('/')[0] ?? ''}`)),
      ...['/healthz', '/livez', '/readyz', '/healthz/ping', '/livez?verbose', '/'].map((path) => get(path)),
      get('/readyz', { query: 'exclude=etcd' }),
    ]),
    script('discovery and reviews', 'what is no document', [
      ...GROUP_VERSIONS.map((name) => get(`/apis/${name.replace(/[^/]*$/, 'v9')}`)),
      ...GROUP_VERSIONS.map((name) => get(`/apis/${name}`, { accept: 'text/html' })),
      ...['/api/v2', '/api/v1/', '/apis/', '/apis/no.such.group', '/apis/no.such.group/v1', '/apis/apps/'].map((path) =>
        get(path),
      ),
      ...['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'].flatMap((verb) =>
        ['/version', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1'].map((path) => ({
          send: `${verb} ${path}`,
        })),
      ),
      ...[
        '/openapi/v3/apis/no.such.group/v1',
        '/openapi/v3/',
        '/openapi/v3/api/v1/',
        '/openapi/v2/',
        '/openapi',
        '/openapi/v4',
      ].map((path) => get(path)),
    ]),
    script('discovery and reviews', 'reviews of others', [
      ...[
        { user: 'someone', resourceAttributes: { namespace: '{ns}', verb: 'get', resource: 'pods' } },
        { user: 'x', groups: ['system:masters'], resourceAttributes: { verb: '*', group: '*', resource: '*' } },
        { groups: ['system:masters'], nonResourceAttributes: { path: '/metrics', verb: 'get' } },
        { user: 'x', nonResourceAttributes: { path: '/version', verb: 'get' } },
        { user: 'x', groups: ['system:authenticated'], nonResourceAttributes: { path: '/api', verb: 'get' } },
        { resourceAttributes: { verb: 'get', resource: 'pods' } },
        { user: 'x' },
        { user: 'x', resourceAttributes: {}, nonResourceAttributes: {} },
      ].flatMap((spec) => [
        review('SubjectAccessReview', spec),
        review('SubjectAccessReview', spec, { as: 'someone' }),
      ]),
      { send: 'GET /apis/authorization.k8s.io/v1/subjectaccessreviews' },
      { send: 'DELETE /apis/authorization.k8s.io/v1/selfsubjectrulesreviews' },
      { send: 'PUT /apis/authorization.k8s.io/v1/selfsubjectrulesreviews/a', body: {} },
      { send: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/a', body: {} },
      { send: 'GET /api/v1/namespaces/{ns}/bindings' },
      { send: 'GET /api/v1/namespaces/{ns}/bindings/a' },
    ]),
    script('discovery and reviews', 'OpenAPI', [
      get('/openapi/v3', { label: 'index' }),
      ...['api/v1', ...GROUP_VERSIONS.map((name) => `apis/${name}`)].map((name) => get(`/openapi/v3/${name}`)),
      get('/openapi/v3/apis/apps/v1', { query: 'hash=0123' }),
      get('/openapi/v3/apis/apps/v1', { accept: 'text/html' }),
    ]),
    script('discovery and reviews', 'who am I and what may I do', [
      review('SelfSubjectAccessReview', { resourceAttributes: { namespace: '{ns}', verb: 'get', resource: 'pods' } }),
      review('SelfSubjectAccessReview', { resourceAttributes: { verb: '*', group: '*', resource: '*' } }),
      review('SelfSubjectAccessReview', { nonResourceAttributes: { path: '/version', verb: 'get' } }),
      review('SelfSubjectAccessReview', {}),
      review('SelfSubjectAccessReview', { resourceAttributes: {}, nonResourceAttributes: {} }),
      review(
        'SelfSubjectAccessReview',
        { resourceAttributes: { namespace: '{ns}', verb: 'get', resource: 'pods' } },
        { as: 'someone' },
      ),
      review(
        'SelfSubjectAccessReview',
        { resourceAttributes: { namespace: '{ns}', verb: 'get', resource: 'pods' } },
        { as: 'nobody' },
      ),
      review('SelfSubjectAccessReview', {
        resourceAttributes: { namespace: '{ns}', verb: 'get', resource: 'pods' },
        zz: 1,
      }),
      review(
        'SelfSubjectAccessReview',
        {
          resourceAttributes: {
            namespace: '{ns}',
            verb: 'delete',
            group: 'apps',
            resource: 'deployments',
            subresource: 'scale',
            name: 'x',
            version: 'v1',
          },
        },
        { as: 'someone' },
      ),
      {
        send: 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      },
      { send: 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews', body: {}, as: 'someone' },
      {
        send: 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
        body: { metadata: { name: 'x' } },
        as: 'nobody',
      },
    ]),
  ];
}
