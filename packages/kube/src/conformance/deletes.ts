import type { WatchEvent } from '../client.ts';
import type { KubeObject } from '../object.ts';
import { refOf } from '../ref.ts';
import { configMap, MANAGER, refusal, resourceOf } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';

export const deleteBehaviours: readonly Behaviour[] = [
  {
    title: 'a delete with another uid or resourceVersion is STALE and leaves the object',
    async run({ client, namespace }, expect) {
      const { object } = await client.create(configMap(namespace, 'a'));
      const ref = refOf(object);
      const { uid = '', resourceVersion = '' } = object.metadata;
      const other = '11111111-2222-3333-4444-555555555555';
      for (const preconditions of [{ uid: other }, { uid, resourceVersion: '1' }, { uid: other, resourceVersion }]) {
        expect(await refusal(client.delete(ref, { preconditions }))).toMatchObject({
          code: 'STALE',
          status: 409,
          reason: 'Conflict',
          ref,
        });
      }
      expect(await client.get(ref)).toEqual(object);
      expect(await client.delete(ref, { preconditions: { uid, resourceVersion } })).toBe(true);
      expect(await client.get(ref)).toBe(undefined);
    },
  },
  {
    title: 'an object with a finalizer stays, marked, until the finalizer is gone, and takes no new one',
    async run({ client, namespace }, expect) {
      const finalized = {
        ...configMap(namespace, 'a'),
        metadata: { name: 'a', namespace, finalizers: ['conformance.example/hold'] },
      };
      const ref = refOf((await client.create(finalized)).object);
      expect(await client.delete(ref)).toBe(true);
      expect(typeof (await client.get(ref))?.metadata.deletionTimestamp).toBe('string');
      expect(await client.delete(ref)).toBe(true);
      const more = client.patch(ref, {
        type: 'merge',
        value: { metadata: { finalizers: ['conformance.example/hold', 'conformance.example/more'] } },
      });
      expect(await refusal(more)).toMatchObject({
        code: 'INVALID',
        status: 422,
        causes: [{ reason: 'FieldValueForbidden', field: 'metadata.finalizers' }],
      });
      await client.patch(ref, { type: 'merge', value: { metadata: { finalizers: null } } });
      expect(await client.get(ref)).toBe(undefined);
    },
  },
  {
    title: 'propagation is passed on: Foreground and Orphan mark the owner with their finalizer',
    async run({ client, namespace }, expect) {
      const resource = await resourceOf(client, '', 'ConfigMap');
      const { object: owner } = await client.create(configMap(namespace, 'owner'));
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid ?? '' }];
      await client.create({
        ...configMap(namespace, 'dependent'),
        metadata: { name: 'dependent', namespace, ownerReferences },
      });
      for (const [propagation, finalizer] of [
        ['Orphan', 'orphan'],
        ['Foreground', 'foregroundDeletion'],
      ] as const) {
        const { object } = await client.create(configMap(namespace, propagation.toLowerCase()));
        await client.delete(refOf(object), { propagation });
        const { resourceVersion = '' } = object.metadata;
        const fieldSelector = `metadata.name=${object.metadata.name}`;
        const marked = await firstModified(client.watch(resource, { namespace, fieldSelector, resourceVersion }));
        expect(marked?.metadata.finalizers).toEqual([finalizer]);
      }
      expect(await client.delete(refOf(owner), { propagation: 'Background' })).toBe(true);
      expect(await client.get(refOf(owner))).toBe(undefined);
    },
  },
  {
    title: 'a namespace that is going away takes nothing new: TERMINATING; one that is not there: MISSING_NAMESPACE',
    async run({ client, namespace }, expect) {
      const missing = configMap(`${namespace}-not`, 'a');
      for (const write of [
        () => client.create(missing),
        () => client.apply(missing, { manager: MANAGER }),
        () => client.apply(missing, { manager: MANAGER, dryRun: true }),
      ]) {
        expect(await refusal(write())).toMatchObject({ code: 'MISSING_NAMESPACE', status: 404, retry: 'backoff' });
      }
      const going: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}-going` } };
      await client.create(going);
      const held = {
        ...configMap(`${namespace}-going`, 'held'),
        metadata: { name: 'held', namespace: `${namespace}-going`, finalizers: ['conformance.example/hold'] },
      };
      const { object } = await client.create(held);
      await client.delete(refOf(going));
      const refused = await refusal(client.apply(configMap(`${namespace}-going`, 'a'), { manager: MANAGER }));
      expect(refused).toMatchObject({ code: 'TERMINATING', status: 403, reason: 'Forbidden', retry: 'backoff' });
      await client.patch(refOf(object), { type: 'merge', value: { metadata: { finalizers: null } } });
    },
  },
];

async function firstModified(events: AsyncIterable<WatchEvent>): Promise<KubeObject | undefined> {
  for await (const event of events) if (event.type === 'MODIFIED') return event.object;
  return undefined;
}
