import { apply, at, get, jsonPatch, merge, post, put, script, strategic } from '../script.ts';
import type { Request, Script, Step } from '../script.ts';
import { configMap, deployment, object, samples, template } from './objects.ts';

const MODES = ['', 'fieldValidation=Ignore', 'fieldValidation=Warn', 'fieldValidation=Strict'];

/** Dry runs, and fields that nobody knows. */
export function validationScripts(): readonly Script[] {
  const cm = 'configmaps a';
  return [
    script(
      'dry runs and field validation',
      'unknown fields',
      MODES.flatMap((query, index): Step[] => {
        const name = `a${index}`;
        const target = `apps/v1/deployments ${name}`;
        const strange = {
          ...deployment(
            name,
            { zz: 1, template: template({ app: 'a' }, { yy: {}, containers: [{ name: 'c', image: 'i', xx: 1 }] }) },
            { foo: 1 },
          ),
          ww: [],
        };
        return [
          post('apps/v1/deployments', strange, { query }),
          post('apps/v1/deployments', deployment(name), { query }),
          put(target, strange, { query }),
          merge(target, { spec: { zz: 1 }, metadata: { foo: 2 } }, { query }),
          strategic(target, { spec: { zz: 1 } }, { query }),
          strategic(target, { spec: { template: { spec: { containers: [{ name: 'c', xx: 5 }] } } } }, { query }),
          jsonPatch(target, [{ op: 'add', path: '/spec/zz', value: 1 }], { query }),
          // Of several unknown fields the real server names some, in no order.
          apply('m', target, deployment(name, { zz: 1 }), { query }),
          apply('m', target, deployment(name, {}, { foo: 1 }), { query }),
          get(target),
        ];
      }),
    ),
    script(
      'dry runs and field validation',
      'duplicate fields',
      MODES.flatMap((query, index): Step[] => {
        const name = `d${index}`;
        const text = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","name":"${name}"},"data":{"a":"1","a":"2"},"data":{"b":"1"}}`;
        const asked = query === '' ? '' : `?${query}`;
        return [
          { send: `POST ${at('configmaps')}${asked}`, text },
          {
            send: `PUT ${at('configmaps', name)}${asked}`,
            text: `{"metadata":{"name":"${name}"},"data":{"a":"1","a":"2"},"zz":1,"zz":2}`,
          },
          {
            send: `PATCH ${at('configmaps', name)}${asked}`,
            text: '{"data":{"a":"5","a":"6"},"yy":1}',
            type: 'application/merge-patch+json',
          },
          {
            send: `PATCH ${at('configmaps', name)}${asked}`,
            text: '{"data":{"a":"5","a":"6"},"yy":1}',
            type: 'application/strategic-merge-patch+json',
          },
          {
            send: `PATCH ${at('configmaps', name)}${asked}`,
            text: '[{"op":"add","op":"add","path":"/data/x","value":"1"}]',
            type: 'application/json-patch+json',
          },
          {
            send: `PATCH ${at('configmaps', name)}?fieldManager=m&${query}`,
            text: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":{"z":"5","z":"6"}}`,
            type: 'application/apply-patch+yaml',
          },
          {
            send: `POST ${at('configmaps')}${asked}`,
            text: `metadata:\n  name: y${name}\ndata:\n  a: "1"\n  a: "2"\nzz: 1\n`,
            type: 'application/yaml',
          },
        ];
      }),
    ),
    script('dry runs and field validation', 'many warnings, and fields in another case', [
      post('configmaps', {
        ...configMap('a'),
        ...Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`f${index}`, 1])),
      }),
      post('configmaps', { ...configMap('b'), Data: { a: '1' }, METADATA: {} }),
      post('configmaps', { ...configMap('c'), Data: { a: '1' } }, { query: 'fieldValidation=Strict' }),
      post('apps/v1/deployments', deployment('c', { Replicas: 3 }), { query: 'fieldValidation=Strict' }),
      post('configmaps', { ...configMap('d'), 'new\nline "quoted"': 1, ä: 2 }),
      post('endpoints', object('Endpoints')),
      get('endpoints a'),
      post(
        'pods',
        object('Pod', 'p', { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' } }),
      ),
      post('services', object('Service', 's', {}, { spec: { ports: [{ port: 80 }], externalIPs: ['01.2.3.4'] } })),
      post(
        'apps/v1/deployments',
        deployment('w', {
          template: template(
            { app: 'a' },
            {
              containers: [
                {
                  name: 'c',
                  image: 'i',
                  env: [
                    { name: 'A', value: '1' },
                    { name: 'A', value: '2' },
                  ],
                  ports: [{ containerPort: 80 }, { containerPort: 80 }],
                },
              ],
              nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
            },
          ),
        }),
      ),
      post(
        'batch/v1/cronjobs',
        object(
          'CronJob',
          'c',
          {},
          {
            spec: {
              schedule: 'TZ=UTC 1 2 3 * *',
              jobTemplate: {
                spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
              },
            },
          },
        ),
      ),
      post(
        'networking.k8s.io/v1/ingresses',
        object('Ingress', 'i', { annotations: { 'kubernetes.io/ingress.class': 'x' } }),
      ),
      post('policy/v1/poddisruptionbudgets', object('PodDisruptionBudget', 'x', {}, { spec: { selector: {} } })),
    ]),
    script('dry runs and field validation', 'dry runs of every verb', [
      post('configmaps', configMap('a', { a: '1' }), { query: 'dryRun=All' }),
      get(cm),
      post('configmaps', configMap('a', { a: '1' }, { labels: { in: 'story' } })),
      put(cm, configMap('a', { a: '2' }), { query: 'dryRun=All' }),
      merge(cm, { data: { a: '3' } }, { query: 'dryRun=All' }),
      strategic(cm, { data: { a: '3' } }, { query: 'dryRun=All' }),
      jsonPatch(cm, [{ op: 'replace', path: '/data/a', value: '4' }], { query: 'dryRun=All' }),
      apply('m', cm, configMap('a', { a: '5' }), { query: 'dryRun=All' }),
      apply('m', cm, configMap('a', { a: '5' }), { query: 'dryRun=All&force=true' }),
      apply('m', 'configmaps b', configMap('b', { a: '5' }), { query: 'dryRun=All' }),
      { send: `DELETE ${at('configmaps', 'a')}?dryRun=All` },
      { send: `DELETE ${at('configmaps', 'a')}`, body: { dryRun: ['All'] } },
      { send: `DELETE ${at('configmaps')}?labelSelector=in=story&dryRun=All` },
      get(cm),
      merge(cm, { metadata: { finalizers: ['a.b/c'] } }),
      { send: `DELETE ${at('configmaps', 'a')}?dryRun=All` },
      { send: `DELETE ${at('configmaps', 'a')}?dryRun=All&propagationPolicy=Foreground` },
      get(cm),
      post('configmaps', { metadata: { generateName: 'g-' } }, { query: 'dryRun=All' }),
      post('services', object('Service'), { query: 'dryRun=All' }),
      post('services', object('Service', 'n', {}, { spec: { type: 'NodePort', ports: [{ port: 80 }] } }), {
        query: 'dryRun=All',
      }),
      post(
        'services',
        object(
          'Service',
          'l',
          {},
          { spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] } },
        ),
        { query: 'dryRun=All' },
      ),
      post('services', object('Service', 'h', {}, { spec: { clusterIP: 'None', ports: [{ port: 80 }] } }), {
        query: 'dryRun=All',
      }),
      get('services'),
      post('apps/v1/deployments', deployment('a')),
      put('apps/v1/deployments a scale', { metadata: { name: 'a' }, spec: { replicas: 3 } }, { query: 'dryRun=All' }),
      merge('apps/v1/deployments a status', { status: { replicas: 3 } }, { query: 'dryRun=All' }),
      get('apps/v1/deployments a'),
      { send: 'DELETE /api/v1/namespaces/{ns}?dryRun=All' },
      get('namespaces {ns}'),
      post('pods', object('Pod')),
      { send: `DELETE ${at('pods', 'a')}?dryRun=All` },
      {
        send: `POST ${at('pods', 'a', 'eviction')}?dryRun=All`,
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } },
      },
      get('pods a'),
    ]),
    script(
      'dry runs and field validation',
      'a dry run of every kind',
      samples.flatMap((sample): Request[] => {
        const name = sample.name ?? (sample.cluster ? 'dry-{id}' : 'dry');
        const made = object(sample.kind, name);
        return [
          post(sample.resource, made, { query: 'dryRun=All&fieldValidation=Strict' }),
          apply('m', `${sample.resource} ${name}`, made, { query: 'dryRun=All' }),
          get(`${sample.resource} ${name}`),
        ];
      }),
    ),
  ];
}
