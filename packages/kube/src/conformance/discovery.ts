import { KubeError } from '../error.ts';
import type { KubeObject } from '../object.ts';
import { all, configMap, eventually, labelled, MANAGER, refusal, resourceOf } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';

export const discoveryBehaviours: readonly Behaviour[] = [
  {
    title: 'discovery tells scope, plural, verbs and subresources of a kind',
    async run({ client }, expect) {
      const resources = await client.resources();
      const deployment = resources.find({ group: 'apps', kind: 'Deployment' });
      expect(deployment).toMatchObject({
        version: 'v1',
        plural: 'deployments',
        singular: 'deployment',
        namespaced: true,
      });
      expect(deployment?.shortNames.includes('deploy')).toBe(true);
      expect(deployment?.subresources.toSorted()).toEqual(['scale', 'status']);
      expect(
        ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'].every((verb) =>
          deployment?.verbs.includes(verb),
        ),
      ).toBe(true);
      expect(resources.find({ group: '', kind: 'Namespace' })).toMatchObject({
        plural: 'namespaces',
        namespaced: false,
      });
      expect(resources.find({ group: 'apps', kind: 'Deployment', version: 'v9' })).toBe(undefined);
      expect(resources.find({ group: '', kind: 'Deployment' })).toBe(undefined);
    },
  },
  {
    title: 'without a version discovery gives the preferred one, and the other when it is asked for',
    async run({ client }, expect) {
      const resources = await client.resources();
      expect(resources.find({ group: 'autoscaling', kind: 'HorizontalPodAutoscaler' })).toMatchObject({
        version: 'v2',
      });
      expect(resources.find({ group: 'autoscaling', kind: 'HorizontalPodAutoscaler', version: 'v1' })).toMatchObject({
        version: 'v1',
      });
    },
  },
  {
    title: 'kinds are found as people type them',
    async run({ client }, expect) {
      const resources = await client.resources();
      const found = (name: string): string | undefined => {
        const resource = resources.lookup(name);
        return resource && `${resource.group}/${resource.version}/${resource.kind}`;
      };
      for (const name of [
        'deploy',
        'deployment',
        'deployments',
        'Deployment',
        'deployments.apps',
        'Deployment.apps',
        'deployments.v1.apps',
      ]) {
        expect(found(name)).toBe('apps/v1/Deployment');
      }
      expect(found('cm')).toBe('/v1/ConfigMap');
      expect(found('events')).toBe('/v1/Event');
      expect(found('events.events.k8s.io')).toBe('events.k8s.io/v1/Event');
      expect(found('deployments.batch')).toBe(undefined);
      expect(found('')).toBe(undefined);
    },
  },
  {
    title: 'a kind that the server does not know is UNKNOWN_KIND for every call',
    async run({ client, namespace }, expect) {
      const ref = { group: 'nobody.example', kind: 'Nothing', namespace, name: 'a' };
      const object: KubeObject = {
        apiVersion: 'nobody.example/v1',
        kind: 'Nothing',
        metadata: { name: 'a', namespace },
      };
      for (const call of [
        () => client.get(ref),
        () => client.delete(ref),
        () => client.create(object),
        () => client.apply(object, { manager: MANAGER, dryRun: true }),
      ]) {
        expect(await refusal(call())).toMatchObject({ code: 'UNKNOWN_KIND', retry: 'backoff', ref });
      }
      const old: KubeObject = { apiVersion: 'apps/v1beta1', kind: 'Deployment', metadata: { name: 'a', namespace } };
      const { code, message } = await refusal(client.apply(old, { manager: MANAGER }));
      expect(code).toBe('UNKNOWN_KIND');
      expect(message.includes('apps/v1')).toBe(true);
    },
  },
  {
    title:
      'a kind can be used soon after its definition was created, with 64-bit integers and unknown fields intact, and is unknown once it is gone',
    async run({ client, namespace }, expect) {
      const group = `${namespace}.example`;
      const definition = definitionOf(group);
      const { object: made } = await client.create(definition);
      // What the server keeps of a schema is what was sent, extensions included.
      expect(schemaOf(made)).toEqual(schemaOf(definition));

      const big = { count: 9_007_199_254_740_993n, port: '80', anything: { nested: [1, null, 'x'] } };
      const widget: KubeObject = {
        apiVersion: `${group}/v1`,
        kind: 'Widget',
        metadata: { name: 'w', namespace },
        spec: big,
      };
      const applied = await eventually(() => client.apply(labelled(widget, { a: 'b' }), { manager: MANAGER }));
      expect(applied.created).toBe(true);
      expect(applied.object['spec']).toEqual(big);

      const resource = await resourceOf(client, group, 'Widget');
      expect(resource).toMatchObject({ plural: 'widgets', namespaced: true, shortNames: ['wd'] });
      const pages = await all(client.list(resource, { namespace, labelSelector: 'a=b' }));
      expect(pages.flatMap((page) => page.items.map((item) => item['spec']))).toEqual([big]);

      await client.delete({
        group: 'apiextensions.k8s.io',
        kind: 'CustomResourceDefinition',
        namespace: '',
        name: `widgets.${group}`,
      });
      expect(await untilUnknown(() => client.get({ group, kind: 'Widget', namespace, name: 'w' }))).toBe(true);
    },
  },
  {
    title: 'names are taken letter by letter: upper case and colons',
    async run({ client, namespace }, expect) {
      const role: KubeObject = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'Team:Édition a', namespace },
        rules: [],
      };
      const ref = { group: 'rbac.authorization.k8s.io', kind: 'Role', namespace, name: 'Team:Édition a' };
      expect((await client.create(role)).created).toBe(true);
      expect((await client.get(ref))?.metadata.name).toBe('Team:Édition a');
      expect(await client.get({ ...ref, name: 'team:édition a' })).toBe(undefined);
      expect(await client.delete(ref)).toBe(true);
    },
  },
  {
    title: 'a name or namespace that would lead to another path is INVALID',
    async run({ client, namespace }, expect) {
      for (const name of ['..', '.', '', 'a/b', 'a%2fb']) {
        expect(await refusal(client.get({ group: '', kind: 'ConfigMap', namespace, name }))).toMatchObject({
          code: 'INVALID',
        });
      }
      expect(await refusal(client.get({ group: '', kind: 'ConfigMap', namespace: '..', name: 'a' }))).toMatchObject({
        code: 'INVALID',
      });
      expect(await refusal(client.get({ group: '', kind: 'ConfigMap', namespace: '', name: 'a' }))).toMatchObject({
        code: 'INVALID',
      });
      expect(await refusal(client.get({ group: '', kind: 'Namespace', namespace, name: namespace }))).toMatchObject({
        code: 'INVALID',
      });
      expect(await refusal(client.apply(configMap('', 'a'), { manager: MANAGER }))).toMatchObject({ code: 'INVALID' });
    },
  },
];

function definitionOf(group: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', shortNames: ['wd'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  'x-kubernetes-preserve-unknown-fields': true,
                  properties: {
                    count: { type: 'integer', format: 'int64' },
                    port: { 'x-kubernetes-int-or-string': true },
                    mode: { type: 'string', enum: ['a', 'b'] },
                  },
                },
              },
            },
          },
        },
      ],
    },
  };
}

function schemaOf(definition: KubeObject): unknown {
  const { versions } = definition['spec'] as { readonly versions: readonly { readonly schema: unknown }[] };
  return versions[0]?.schema;
}

async function untilUnknown(call: () => Promise<unknown>): Promise<boolean> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    const known = await call().then(
      () => true,
      (error: unknown) => !(error instanceof KubeError && error.code === 'UNKNOWN_KIND'),
    );
    if (!known) return true;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  return false;
}
