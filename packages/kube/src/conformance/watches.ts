import type { WatchEvent } from '../client.ts';
import { refOf } from '../ref.ts';
import { all, configMap, labelled, refusal, resourceOf, take } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';

const label = { suite: 'watch' };
const labelSelector = 'suite=watch';

export const watchBehaviours: readonly Behaviour[] = [
  {
    title: 'a watch tells every change after its version, in order, and resumes where another ended',
    async run({ client, namespace }, expect) {
      const resource = await resourceOf(client, '', 'ConfigMap');
      const [page] = await all(client.list(resource, { namespace, labelSelector }));
      const resourceVersion = page?.resourceVersion ?? '';
      const { object } = await client.create(labelled(configMap(namespace, 'a'), label));
      await client.update({ ...object, data: { k: '1' } });
      await client.delete(refOf(object));
      await client.create(labelled(configMap(namespace, 'b'), label));

      const events = await take(client.watch(resource, { namespace, labelSelector, resourceVersion }), 4);
      expect(events.map(printEvent)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED b']);
      const versions = events.map(versionOf);
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(new Set(versions).size).toBe(4);
      const resumed = await take(
        client.watch(resource, { namespace, labelSelector, resourceVersion: String(versions[1]) }),
        2,
      );
      expect(resumed.map(printEvent)).toEqual(['DELETED a', 'ADDED b']);
    },
  },
  {
    title: 'a change is told while the watch is open',
    async run({ client, namespace }, expect) {
      const resource = await resourceOf(client, '', 'ConfigMap');
      const { object } = await client.create(labelled(configMap(namespace, 'a'), label));
      const watch = client.watch(resource, {
        namespace,
        labelSelector,
        resourceVersion: object.metadata.resourceVersion ?? '',
      });
      const next = watch[Symbol.asyncIterator]();
      const pending = next.next();
      await client.update({ ...object, data: { k: '1' } });
      const { value } = await pending;
      expect(value).toMatchObject({
        type: 'MODIFIED',
        object: { apiVersion: 'v1', kind: 'ConfigMap', data: { k: '1' } },
      });
      await next.return?.();
    },
  },
  {
    title:
      'an object that leaves the selector is DELETED, with its identity and a new version alone; one that comes back is ADDED',
    async run({ client, namespace }, expect) {
      const resource = await resourceOf(client, '', 'ConfigMap');
      const { object } = await client.create(labelled(configMap(namespace, 'a'), label));
      const left = await client.update(labelled(object, { suite: 'other' }));
      const back = await client.update(labelled(left.object, label));
      const { resourceVersion = '', uid } = object.metadata;
      const events = await take(client.watch(resource, { namespace, labelSelector, resourceVersion }), 2);
      expect(events[0]).toEqual({
        type: 'DELETED',
        ref: refOf(object),
        uid,
        resourceVersion: left.object.metadata.resourceVersion,
      });
      expect(events[1]).toMatchObject({
        type: 'ADDED',
        object: { metadata: { resourceVersion: back.object.metadata.resourceVersion } },
      });
    },
  },
  {
    title: 'a quiet watch brings bookmarks and ends without an error when its time is over',
    async run({ client, namespace }, expect) {
      const resource = await resourceOf(client, '', 'ConfigMap');
      const { object } = await client.create(configMap(namespace, 'a'));
      const { resourceVersion = '' } = object.metadata;
      const events = await all(client.watch(resource, { namespace, labelSelector, resourceVersion, timeoutMs: 5_000 }));
      expect(events.length > 0 && events.every((event) => event.type === 'BOOKMARK' && !event.initialEventsEnd)).toBe(
        true,
      );
      expect(events.every((event) => versionOf(event) >= Number(resourceVersion))).toBe(true);
    },
  },
  {
    title: 'a watch from a version that the server has forgotten is GONE',
    async run({ client, namespace, forgetHistory }, expect) {
      await forgetHistory();
      // Of Events nothing is cached: the server asks its store.
      const resource = await resourceOf(client, '', 'Event');
      const watch = client.watch(resource, { namespace, resourceVersion: '1', timeoutMs: 5_000 });
      expect(await refusal(all(watch))).toMatchObject({ code: 'GONE', status: 410, reason: 'Expired' });
    },
  },
  {
    title: 'a watch and a list that are cancelled reject with CANCELLED',
    async run({ client, namespace }, expect) {
      const resource = await resourceOf(client, '', 'ConfigMap');
      const { object } = await client.create(labelled(configMap(namespace, 'a'), label));
      const { resourceVersion = '' } = object.metadata;
      const controller = new AbortController();
      const { signal } = controller;
      // Selected, because a controller may put ConfigMaps of its own into a new namespace at any time.
      const events = client.watch(resource, { namespace, labelSelector, resourceVersion, signal });
      const watch = events[Symbol.asyncIterator]();
      await client.update({ ...object, data: { k: '1' } });
      expect((await watch.next()).done).toBe(false);
      const pending = refusal(watch.next());
      controller.abort();
      expect(await pending).toMatchObject({ code: 'CANCELLED', retry: 'never' });
      expect(await refusal(all(client.list(resource, { namespace, signal })))).toMatchObject({
        code: 'CANCELLED',
        retry: 'never',
      });
    },
  },
];

function printEvent(event: WatchEvent): string {
  if (event.type === 'BOOKMARK') return event.type;
  return `${event.type} ${event.type === 'DELETED' ? event.ref.name : event.object.metadata.name}`;
}

function versionOf(event: WatchEvent): number {
  return Number('object' in event ? event.object.metadata.resourceVersion : event.resourceVersion);
}
