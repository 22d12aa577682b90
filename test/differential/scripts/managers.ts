import { apply, del, get, jsonPatch, merge, post, put, script, strategic } from '../script.ts';
import type { Script, Step } from '../script.ts';
import { configMap, deployment, object, podSpec, template } from './objects.ts';

/** Server-side apply, and who owns what after any write. */
export function managerScripts(): readonly Script[] {
  const cm = 'configmaps a';
  return [
    script('apply and managers', 'two managers and a conflict', [
      apply('m1', cm, configMap('a', { a: '1', b: '1' })),
      apply('m2', cm, configMap('a', { a: '2' })),
      apply('m2', cm, configMap('a', { a: '1', c: '1' })),
      apply('m1', cm, configMap('a', { a: '3' })),
      apply('m2', cm, configMap('a', { a: '2' }), { query: 'force=true' }),
      apply('m1', cm, configMap('a', { b: '2' })),
      apply('m1', cm, configMap('a', {})),
      apply('m2', cm, configMap('a', {})),
      apply('m2', cm, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
      get(cm),
    ]),
    script('apply and managers', 'several conflicts with several managers', [
      apply('m1', cm, configMap('a', { x: '1', y: '1' })),
      apply('m2', cm, configMap('a', { z: '1' })),
      merge(cm, { data: { w: '1' } }, { agent: 'editor/1' }),
      apply('m3', cm, configMap('a', { x: '2', y: '2', z: '2', w: '2' })),
      apply('m3', cm, configMap('a', { w: '2' })),
      apply('m3', cm, configMap('a', { w: '2' }), { query: 'force=true' }),
      apply('m3', cm, configMap('a', { x: '2', y: '2', z: '2', w: '2' }), { query: 'force=true' }),
    ]),
    script('apply and managers', 'an untracked object', [
      post('configmaps', { metadata: { name: 'a' } }),
      merge(cm, { data: { a: '1' } }),
      apply('m', cm, configMap('a', { a: '1' })),
      apply('m', cm, configMap('a', { a: '2' })),
      apply('m', cm, configMap('a', { a: '2' }), { query: 'force=true' }),
      get(cm),
    ]),
    script('apply and managers', 'an update takes what it changes', [
      apply('m', cm, configMap('a', { a: '1', b: '1' }, { labels: { l: '1' } })),
      merge(cm, { data: { a: '2' } }, { agent: 'u1/1' }),
      merge(cm, { data: { a: '2' } }, { agent: 'u2/1' }),
      merge(cm, { data: { b: null } }, { agent: 'u2/1' }),
      put(cm, configMap('a', { a: '3', c: '1' }), { agent: 'u3/1' }),
      put(cm, configMap('a', { a: '4' }), { query: 'fieldManager=named' }),
      jsonPatch(cm, [{ op: 'add', path: '/data/d', value: '1' }], { query: 'fieldManager=json' }),
      strategic(cm, { data: { e: '1' } }, { query: 'fieldManager=strategic' }),
      apply('m', cm, configMap('a', { a: '9' })),
      get(cm),
    ]),
    script('apply and managers', 'names of managers', [
      post('configmaps', configMap('a', { a: '1' }), { agent: '' }),
      post('configmaps', configMap('b', { a: '1' }), { agent: 'kubectl/v1.2.3 (linux/amd64)' }),
      post('configmaps', configMap('c', { a: '1' }), { agent: 'x'.repeat(200) }),
      post('configmaps', configMap('d', { a: '1' }), { query: `fieldManager=${'x'.repeat(129)}` }),
      post('configmaps', configMap('d', { a: '1' }), { query: 'fieldManager=a%01b' }),
      post('configmaps', configMap('d', { a: '1' }), { query: 'fieldManager=' }),
      post('configmaps', configMap('e', { a: '1' }), { query: 'fieldManager=white%20space' }),
      put('configmaps a', configMap('a', { a: '2' }), { query: `fieldManager=${'x'.repeat(129)}` }),
      merge('configmaps a', { data: { a: '2' } }, { query: `fieldManager=${'x'.repeat(129)}` }),
      merge('configmaps a', { data: { a: '3' } }, { query: 'force=true' }),
      merge('configmaps a', { data: { a: '3' } }, { query: 'force=false' }),
      { ...apply('m', 'configmaps a', configMap('a', { a: '3' })), send: 'PATCH /api/v1/namespaces/{ns}/configmaps/a' },
      apply('x'.repeat(129), 'configmaps a', configMap('a')),
      apply('m', 'configmaps a', configMap('a', { b: '3' }), { query: 'force=maybe' }),
    ]),
    script('apply and managers', 'bodies that cannot be applied', [
      apply('m', cm, configMap('b')),
      apply('m', cm, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }),
      apply('m', cm, { kind: 'ConfigMap', metadata: { name: 'a' } }),
      apply('m', cm, { apiVersion: 'v1', metadata: { name: 'a' } }),
      apply('m', cm, {}),
      apply('m', cm, []),
      apply('m', cm, 'text'),
      apply('m', cm, undefined, { text: '' }),
      apply('m', cm, undefined, { text: '{"a":' }),
      apply('m', cm, undefined, { text: 'a: [' }),
      apply('m', cm, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }),
      apply('m', cm, { apiVersion: 'v1', kind: 'ConfigMap' }),
      apply('m', cm, configMap('a', {}, { namespace: 'other' })),
      apply('m', cm, configMap('a', {}, { uid: 'aa' })),
      apply('m', cm, configMap('a', {}, { resourceVersion: '5' })),
      apply('m', cm, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { n: '1' } }),
      apply('m', cm, configMap('a', {}, { managedFields: [] })),
      apply('m', cm, configMap('a', {}, { managedFields: [{}] })),
      apply('m', cm, configMap('a', {}, { managedFields: null })),
      apply('m', cm, { ...configMap('a'), nope: 1 }),
      apply('m', cm, { ...configMap('a'), data: { a: 1 } }),
      apply('m', cm, { ...configMap('a'), data: [] }),
      apply('m', cm, configMap('a', {}, { uid: 'other' })),
      apply('m', cm, configMap('a', {}, { name: 'A_B' })),
      apply('m', 'configmaps A_B', configMap('A_B')),
      apply('m', 'apps/v1/deployments d', deployment('d', { zz: 1 })),
      apply('m', 'apps/v1/deployments d', deployment('d', { replicas: 'three' })),
      apply('m', 'apps/v1/deployments d', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd' },
        spec: {},
      }),
      apply(
        'm',
        'apps/v1/deployments d',
        deployment('d', { template: template({ app: 'a' }, { containers: [{ image: 'x' }] }) }),
      ),
      apply(
        'm',
        'apps/v1/deployments d',
        deployment('d', {
          template: template(
            { app: 'a' },
            {
              containers: [
                { name: 'c', image: 'x' },
                { name: 'c', image: 'y' },
              ],
            },
          ),
        }),
      ),
      apply('m', 'apps/v1/deployments d', { ...deployment('d'), apiVersion: 'apps/v1beta1' }),
    ]),
    script('apply and managers', 'lists with keys belong to several', [
      apply('m', 'apps/v1/deployments a', deployment('a')),
      apply('n', 'apps/v1/deployments a', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'a' },
        spec: {
          selector: { matchLabels: { app: 'a' } },
          template: template({ app: 'a' }, { containers: [{ name: 'side', image: 'example.com/s' }] }),
        },
      }),
      apply(
        'm',
        'apps/v1/deployments a',
        deployment('a', {
          template: template(
            { app: 'a' },
            {
              containers: [
                {
                  name: 'c',
                  image: 'example.com/a:2',
                  env: [
                    { name: 'A', value: '1' },
                    { name: 'B', value: '2' },
                  ],
                  ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }],
                },
              ],
            },
          ),
        }),
      ),
      apply(
        'n',
        'apps/v1/deployments a',
        deployment('a', {
          template: template({ app: 'a' }, { containers: [{ name: 'c', env: [{ name: 'B', value: '3' }] }] }),
        }),
      ),
      apply(
        'n',
        'apps/v1/deployments a',
        deployment('a', {
          template: template({ app: 'a' }, { containers: [{ name: 'c', env: [{ name: 'B', value: '3' }] }] }),
        }),
        { query: 'force=true' },
      ),
      apply(
        'm',
        'apps/v1/deployments a',
        deployment('a', {
          template: template(
            { app: 'a' },
            { containers: [{ name: 'c', image: 'example.com/a:2', env: [{ name: 'A', value: '1' }] }] },
          ),
        }),
      ),
      strategic(
        'apps/v1/deployments a',
        { spec: { template: { spec: { containers: [{ name: 'c', env: [{ name: 'C', value: '5' }] }] } } } },
        { agent: 'u/1' },
      ),
      apply(
        'm',
        'apps/v1/deployments a',
        deployment('a', {
          template: template({ app: 'a' }, { containers: [{ name: 'c', image: 'example.com/a:3' }] }),
        }),
      ),
      get('apps/v1/deployments a'),
    ]),
    script('apply and managers', 'replicas given away to an autoscaler', [
      apply('m', 'apps/v1/deployments a', deployment('a', { replicas: 2 })),
      put('apps/v1/deployments a scale', { metadata: { name: 'a' }, spec: { replicas: 5 } }, { agent: 'hpa/1' }),
      apply('m', 'apps/v1/deployments a', deployment('a', { replicas: 2 })),
      apply('m', 'apps/v1/deployments a', deployment('a')),
      apply('scaler', 'apps/v1/deployments a scale', {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'a' },
        spec: { replicas: 7 },
      }),
      apply(
        'scaler',
        'apps/v1/deployments a scale',
        { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 7 } },
        { query: 'force=true' },
      ),
      apply('m', 'apps/v1/deployments a', deployment('a', { replicas: 2 })),
      apply('m', 'apps/v1/deployments a', deployment('a', { replicas: 2 }), { query: 'force=true' }),
      get('apps/v1/deployments a scale'),
      get('apps/v1/deployments a'),
    ]),
    script('apply and managers', 'the status has managers of its own', [
      apply('m', 'apps/v1/deployments a', deployment('a')),
      apply('ctl', 'apps/v1/deployments a status', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'a' },
        status: {
          replicas: 1,
          observedGeneration: 1,
          conditions: [
            {
              type: 'Available',
              status: 'True',
              reason: 'r',
              message: 'm',
              lastUpdateTime: '2020-01-01T00:00:00Z',
              lastTransitionTime: '2020-01-01T00:00:00Z',
            },
          ],
        },
      }),
      merge('apps/v1/deployments a status', { status: { readyReplicas: 1, replicas: 1 } }, { agent: 'kcm/1' }),
      apply('ctl2', 'apps/v1/deployments a status', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'a' },
        status: { replicas: 3 },
      }),
      apply('ctl2', 'apps/v1/deployments a status', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'a' },
        spec: { replicas: 9 },
        status: { updatedReplicas: 1 },
      }),
      apply('m', 'apps/v1/deployments a', { ...deployment('a'), status: { replicas: 8 } }),
      get('apps/v1/deployments a status'),
      apply('m', 'apps/v1/deployments missing status', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'missing' },
        status: { replicas: 3 },
      }),
      apply('m', 'apps/v1/deployments missing scale', {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name: 'missing' },
        spec: { replicas: 7 },
      }),
    ]),
    script(
      'apply and managers',
      'what a client writes into managedFields',
      [
        [],
        [{}],
        null,
        [{}, entry('x')],
        [{ ...entry('x'), operation: 'Nope' }],
        [{ ...entry('x'), fieldsType: 'FieldsV2' }],
        [{ ...entry('x'), fieldsV1: { 'x:foo': {} } }],
        [{ ...entry('x'), fieldsV1: { 'f:data': { 'f:a': 3 } } }],
        [entry('x')],
        [{ ...entry('x'), time: '2001-01-01T00:00:00Z' }],
        [entry('x'), entry('x')],
        [{ ...entry('x'), operation: 'Apply' }, entry('z')],
        'text',
        [{ manager: 'x', operation: 'Update' }],
        [{ ...entry('x'), subresource: 'status' }],
        [{ ...entry('x'), apiVersion: 'v9' }],
        [{ ...entry('x'.repeat(130)) }],
      ].flatMap((managedFields, index): Step[] => [
        post('configmaps', configMap(`a${index}`, { a: '1' })),
        merge(`configmaps a${index}`, { metadata: { managedFields }, data: { b: '1' } }),
        put(`configmaps a${index}`, configMap(`a${index}`, { a: '1' }, { managedFields })),
        jsonPatch(`configmaps a${index}`, [{ op: 'add', path: '/metadata/managedFields', value: managedFields }]),
        merge(`configmaps a${index}`, { data: { c: '1' } }, { agent: 'later/1' }),
      ]),
    ),
    script('apply and managers', 'more updaters than are kept', [
      post('configmaps', configMap('a', { k0: '1' }), { agent: 'u00/1' }),
      ...Array.from({ length: 13 }, (_, index) =>
        merge(cm, { data: { [`k${index + 1}`]: '1' } }, { agent: `u${String(index + 1).padStart(2, '0')}/1` }),
      ),
      ...Array.from({ length: 12 }, (_, index) =>
        apply(`a${String(index).padStart(2, '0')}`, cm, configMap('a', { [`a${index}`]: '1' })),
      ),
      get(cm),
      merge(cm, { data: { last: '1' } }, { agent: 'last/1' }),
    ]),
    script('apply and managers', 'from client-side apply to server-side apply', [
      post(
        'configmaps',
        configMap(
          'a',
          { a: '1', b: '1' },
          {
            annotations: {
              'kubectl.kubernetes.io/last-applied-configuration':
                '{"apiVersion":"v1","data":{"a":"1","b":"1"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"a","namespace":"{ns}"}}\n',
            },
          },
        ),
        { query: 'fieldManager=kubectl-client-side-apply' },
      ),
      apply('other', cm, configMap('a', { a: '2' })),
      apply('kubectl', cm, configMap('a', { a: '2' })),
      get(cm),
      apply('kubectl', cm, configMap('a', { a: '3' })),
      apply(
        'kubectl-last-applied',
        cm,
        configMap('a', {}, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"x":1}' } }),
      ),
      merge(cm, { data: { a: '9' } }, { query: 'fieldManager=kubectl-client-side-apply' }),
      apply('kubectl', cm, configMap('a', { a: '3' })),
    ]),
    script('apply and managers', 'sets, atomic lists and maps', [
      apply(
        'm',
        'services a',
        object(
          'Service',
          'a',
          {},
          {
            spec: {
              selector: { app: 'a' },
              ports: [
                { port: 80, name: 'x' },
                { port: 81, name: 'y' },
              ],
              externalIPs: ['1.2.3.4'],
            },
          },
        ),
      ),
      apply('n', 'services a', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'a' },
        spec: { selector: { app: 'b' } },
      }),
      apply('n', 'services a', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'a' },
        spec: { ports: [{ port: 82, name: 'z' }] },
      }),
      apply('n', 'services a', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'a' },
        spec: { externalIPs: ['1.2.3.5'] },
      }),
      apply(
        'm',
        'services a',
        object('Service', 'a', {}, { spec: { selector: { app: 'a' }, ports: [{ port: 80, name: 'x' }] } }),
      ),
      apply('m', cm, configMap('a', {}, { finalizers: ['a.b/c'] })),
      apply('n', cm, configMap('a', {}, { finalizers: ['a.b/d'] })),
      apply('m', cm, configMap('a', {}, {})),
      apply(
        'o',
        cm,
        configMap('a', {}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'default', uid: 'u1' }] }),
      ),
      apply('n', cm, configMap('a', {}, {})),
      apply(
        'm',
        'networking.k8s.io/v1/ingresses a',
        object('Ingress', 'a', {}, { spec: { rules: [{ host: 'a.b' }] } }),
      ),
      apply(
        'n',
        'networking.k8s.io/v1/ingresses a',
        object('Ingress', 'a', {}, { spec: { rules: [{ host: 'a.c' }] } }),
      ),
      apply('m', 'persistentvolumeclaims a', object('PersistentVolumeClaim')),
      apply('n', 'persistentvolumeclaims a', {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'a' },
        spec: { resources: { requests: { storage: '1024Mi' } } },
      }),
      apply('m', 'secrets a', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, stringData: { a: 'b' } }),
      apply('m', 'secrets a', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { a: 'Yg==' } }),
      apply('m', 'secrets a', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, stringData: { c: 'd' } }),
    ]),
    script('apply and managers', 'null in what is applied', [
      apply('m', cm, { ...configMap('a'), data: { a: null } }),
      apply('m', cm, { ...configMap('a'), data: null }),
      apply('m', cm, configMap('a', { a: '1' }, { labels: { a: null } })),
      apply('m', 'apps/v1/deployments a', deployment('a', { replicas: null })),
      apply(
        'm',
        'apps/v1/deployments a',
        deployment('a', {
          template: template({ app: 'a' }, { ...podSpec, nodeSelector: null, volumes: null, securityContext: null }),
        }),
      ),
      apply(
        'm',
        'apps/v1/deployments a',
        deployment('a', { template: template({ app: 'a' }, { ...podSpec, volumes: [{ name: 'v', emptyDir: {} }] }) }),
      ),
      apply(
        'm',
        'apps/v1/deployments a',
        deployment('a', { template: template({ app: 'a' }, { ...podSpec, volumes: [{ name: 'v', emptyDir: null }] }) }),
      ),
    ]),
    script('apply and managers', 'values the server changes by itself', [
      apply(
        'm',
        'apps/v1/deployments a',
        deployment('a', {
          template: template(
            { app: 'a' },
            {
              containers: [
                {
                  name: 'c',
                  image: 'i',
                  resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: { cpu: 2 } },
                },
              ],
            },
          ),
        }),
        { label: 'a' },
      ),
      apply(
        'm',
        'apps/v1/deployments a',
        deployment('a', {
          template: template(
            { app: 'a' },
            {
              containers: [
                { name: 'c', image: 'i', resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2' } } },
              ],
            },
          ),
        }),
      ),
      apply(
        'n',
        'apps/v1/deployments a',
        deployment('a', {
          template: template(
            { app: 'a' },
            { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1000m' } } }] },
          ),
        }),
      ),
      apply('m', 'services s', object('Service', 's'), { label: 's' }),
      apply('n', 'services s', object('Service', 's', {}, { spec: { clusterIP: '{{s.spec.clusterIP}}' } })),
      apply('n', 'services s', object('Service', 's', {}, { spec: { clusterIP: '10.0.77.77' } }), {
        query: 'force=true',
      }),
      apply(
        'm',
        'services s',
        object('Service', 's', {}, { spec: { type: 'NodePort', ports: [{ port: 80 }], selector: { app: 'a' } } }),
      ),
      apply('m', 'services s', object('Service', 's', {}, { spec: { ports: [{ port: 80 }], selector: { app: 'a' } } })),
      apply('m', 'batch/v1/jobs j', object('Job', 'j')),
      apply('m', 'batch/v1/jobs j', object('Job', 'j')),
    ]),
    script('apply and managers', 'apply to what is being deleted', [
      apply('m', cm, configMap('a', { a: '1' }, { finalizers: ['a.b/c'] })),
      del(cm),
      apply('m', cm, configMap('a', { a: '2' }, { finalizers: ['a.b/c'] })),
      apply('m', cm, configMap('a', { a: '2' }, { finalizers: ['a.b/c', 'a.b/d'] })),
      apply('n', cm, configMap('a', { b: '2' })),
      apply('m', cm, configMap('a', { a: '2' })),
      get(cm),
      apply('m', cm, configMap('a', { a: '2' })),
    ]),
    script('apply and managers', 'apply of a YAML body', [
      apply('m', cm, undefined, {
        text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "1"\n  b: |\n    text\n',
      }),
      apply('m', cm, undefined, { text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: yes\n' }),
      apply('m', cm, undefined, {
        text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: {a: "1", a: "2"}\n',
      }),
      apply('m', cm, undefined, {
        text: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1","a":"3"}}',
      }),
      apply('m', cm, undefined, {
        text: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1","a":"3"}}',
        query: 'fieldValidation=Strict',
      }),
      apply('m', cm, undefined, {
        text: '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\n',
      }),
    ]),
    script('apply and managers', 'several versions of one kind', [
      apply('m', 'autoscaling/v2/horizontalpodautoscalers a', object('HorizontalPodAutoscaler')),
      get('autoscaling/v1/horizontalpodautoscalers a'),
      merge('autoscaling/v1/horizontalpodautoscalers a', { spec: { maxReplicas: 8 } }, { agent: 'v1/1' }),
      apply('n', 'autoscaling/v1/horizontalpodautoscalers a', {
        apiVersion: 'autoscaling/v1',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'a' },
        spec: { minReplicas: 2 },
      }),
      apply('m', 'autoscaling/v2/horizontalpodautoscalers a', object('HorizontalPodAutoscaler')),
      get('autoscaling/v2/horizontalpodautoscalers a'),
    ]),
  ];
}

function entry(manager: string): Readonly<Record<string, unknown>> {
  return {
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { 'f:a': {} } },
  };
}
