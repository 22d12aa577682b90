import type { KubeObject } from '../object.ts';
import { configMap, MANAGER, refusal } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';

export const objectBehaviours: readonly Behaviour[] = [
  {
    title: 'what is not there is undefined, also in a namespace that is not there',
    async run({ client, namespace }, expect) {
      expect(await client.get({ group: '', kind: 'ConfigMap', namespace, name: 'a' })).toBe(undefined);
      expect(await client.get({ group: '', kind: 'ConfigMap', namespace: `${namespace}-not`, name: 'a' })).toBe(
        undefined,
      );
    },
  },
  {
    title: 'an object is created once, read back, replaced and deleted',
    async run({ client, namespace }, expect) {
      const ref = { group: '', kind: 'ConfigMap', namespace, name: 'a' };
      const created = await client.create(configMap(namespace, 'a', { k: '1' }), { manager: MANAGER });
      expect(created).toMatchObject({ created: true, warnings: [] });
      expect(created.object.metadata.managedFields?.map((entry) => [entry.manager, entry.operation])).toEqual([
        [MANAGER, 'Update'],
      ]);
      expect(await client.get(ref)).toEqual(created.object);
      expect(await refusal(client.create(configMap(namespace, 'a')))).toMatchObject({
        code: 'ALREADY_EXISTS',
        status: 409,
        reason: 'AlreadyExists',
        retry: 'never',
        ref,
      });

      const updated = await client.update({ ...created.object, data: { k: '2' } });
      expect(updated).toMatchObject({ created: false, object: { data: { k: '2' } } });
      expect(await refusal(client.update({ ...created.object, data: { k: '3' } }))).toMatchObject({
        code: 'STALE',
        status: 409,
        reason: 'Conflict',
      });
      expect((await client.update(configMap(namespace, 'a', { k: '4' }))).object['data']).toEqual({ k: '4' });
      expect(await refusal(client.update(configMap(namespace, 'missing')))).toMatchObject({
        code: 'NOT_FOUND',
        status: 404,
      });

      expect(await client.delete(ref)).toBe(true);
      expect(await client.get(ref)).toBe(undefined);
      expect(await client.delete(ref)).toBe(false);
    },
  },
  {
    title: 'the server makes a name from generateName',
    async run({ client, namespace }, expect) {
      const object = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { generateName: 'made-', namespace },
      } as unknown as KubeObject;
      const { object: made } = await client.create(object);
      expect(made.metadata.name.startsWith('made-')).toBe(true);
      expect(await refusal(client.update(object))).toMatchObject({ code: 'INVALID' });
    },
  },
  {
    title: 'fields keep their wire names: a NetworkPolicy lets in those whom it names, and nobody else',
    async run({ client, namespace }, expect) {
      const ingress = [{ from: [{ podSelector: { matchLabels: { a: 'b' } } }] }];
      const policy: KubeObject = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'p', namespace },
        spec: { podSelector: {}, ingress, policyTypes: ['Ingress'] },
      };
      const limits = [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }];
      const range: KubeObject = {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'l', namespace },
        spec: { limits },
      };
      expect((await client.create(policy)).object).toMatchObject({ spec: { ingress } });
      expect((await client.apply(range, { manager: MANAGER })).object).toMatchObject({ spec: { limits } });
    },
  },
  {
    title: 'patches of each type do what their type says',
    async run({ client, namespace }, expect) {
      const ref = { group: '', kind: 'ConfigMap', namespace, name: 'a' };
      const { object } = await client.create(configMap(namespace, 'a', { one: '1', two: '2' }));
      const merged = await client.patch(
        ref,
        { type: 'merge', value: { data: { one: null, three: '3' } } },
        { manager: MANAGER },
      );
      expect(merged).toMatchObject({ created: false });
      expect(merged.object['data']).toEqual({ two: '2', three: '3' });
      expect(merged.object.metadata.managedFields?.some((entry) => entry.manager === MANAGER)).toBe(true);
      const path = '/metadata/resourceVersion';
      const patched = await client.patch(ref, {
        type: 'json',
        operations: [
          { op: 'test', path, value: merged.object.metadata.resourceVersion },
          { op: 'remove', path: '/data/two' },
        ],
      });
      expect(patched.object['data']).toEqual({ three: '3' });
      const outdated = client.patch(ref, {
        type: 'json',
        operations: [{ op: 'test', path, value: object.metadata.resourceVersion }],
      });
      expect(await refusal(outdated)).toMatchObject({ code: 'INVALID', status: 422 });
      const strategic = await client.patch(ref, { type: 'strategic', value: { data: { three: null, four: '4' } } });
      expect(strategic.object['data']).toEqual({ four: '4' });
      const missing = client.patch({ ...ref, name: 'b' }, { type: 'merge', value: {} });
      expect(await refusal(missing)).toMatchObject({ code: 'NOT_FOUND', status: 404, ref: { ...ref, name: 'b' } });
    },
  },
  {
    title: 'a dry run answers as the write would, and changes nothing',
    async run({ client, namespace }, expect) {
      const ref = { group: '', kind: 'ConfigMap', namespace, name: 'a' };
      expect(await client.create(configMap(namespace, 'a'), { dryRun: true })).toMatchObject({ created: true });
      expect(await client.apply(configMap(namespace, 'a'), { manager: MANAGER, dryRun: true })).toMatchObject({
        created: true,
      });
      expect(await client.get(ref)).toBe(undefined);
      const { object } = await client.create(configMap(namespace, 'a', { k: '1' }));
      expect((await client.update({ ...object, data: { k: '2' } }, { dryRun: true })).object['data']).toEqual({
        k: '2',
      });
      expect(
        (await client.patch(ref, { type: 'merge', value: { data: { k: '3' } } }, { dryRun: true })).object['data'],
      ).toEqual({ k: '3' });
      expect(await client.delete(ref, { dryRun: true })).toBe(true);
      expect(await client.get(ref)).toEqual(object);
    },
  },
  {
    title: 'unknown and duplicate fields are warnings, or errors when the caller is strict',
    async run({ client, namespace }, expect) {
      const odd = { ...configMap(namespace, 'a'), colour: 'red', metadata: { name: 'a', namespace, size: 1 } };
      const { warnings } = await client.create(odd, { dryRun: true });
      expect(warnings.toSorted()).toEqual(['unknown field "colour"', 'unknown field "metadata.size"']);
      expect((await client.create(odd, { dryRun: true, fieldValidation: 'Ignore' })).warnings).toEqual([]);
      const strict = await refusal(client.create(odd, { dryRun: true, fieldValidation: 'Strict' }));
      expect(strict).toMatchObject({ code: 'INVALID', status: 400 });
      expect(strict.message.includes('unknown field "colour"')).toBe(true);
      const patch = client.patch(
        { group: '', kind: 'Namespace', namespace: '', name: namespace },
        { type: 'merge', value: { colour: 1 } },
        { dryRun: true, fieldValidation: 'Strict' },
      );
      expect(await refusal(patch)).toMatchObject({ code: 'INVALID', status: 422 });
    },
  },
  {
    title: 'a deprecated kind brings a warning',
    async run({ client, namespace }, expect) {
      const endpoints: KubeObject = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'e', namespace } };
      const { warnings } = await client.create(endpoints);
      expect(warnings).toEqual(['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice']);
    },
  },
  {
    title: 'another version of an object is read when it is asked for',
    async run({ client, namespace }, expect) {
      const ref = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler', namespace, name: 'h' };
      await client.create({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'h', namespace },
        spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
      });
      expect((await client.get(ref))?.apiVersion).toBe('autoscaling/v2');
      expect(await client.get(ref, { version: 'v1' })).toMatchObject({
        apiVersion: 'autoscaling/v1',
        spec: { targetCPUUtilizationPercentage: 80 },
      });
    },
  },
];
