import type { Client, ListOptions, Page } from '../client.ts';
import { all, configMap, labelled, refusal, resourceOf } from './behaviour.ts';
import type { Behaviour } from './behaviour.ts';

export const listBehaviours: readonly Behaviour[] = [
  {
    title: 'a list comes in pages of one snapshot, in order of names, with apiVersion and kind on every item',
    async run({ client, namespace }, expect) {
      for (const name of ['e', 'd', 'c', 'b', 'a'])
        await client.create(labelled(configMap(namespace, name), { suite: 'yes' }));
      const resource = await resourceOf(client, '', 'ConfigMap');
      const pages = client.list(resource, { namespace, labelSelector: 'suite=yes', limit: 2 })[Symbol.asyncIterator]();
      const first = await pages.next();
      await client.create(labelled(configMap(namespace, 'bb'), { suite: 'yes' }));
      const rest = [await pages.next(), await pages.next()];
      const seen = [first, ...rest].map(({ value }) => value as Page | undefined);
      expect(seen.map((page) => page?.items.map((item) => item.metadata.name))).toEqual([
        ['a', 'b'],
        ['c', 'd'],
        ['e'],
      ]);
      expect(new Set(seen.map((page) => page?.resourceVersion)).size).toBe(1);
      expect(seen.map((page) => page?.continue !== undefined)).toEqual([true, true, false]);
      expect(
        seen
          .flatMap((page) => page?.items ?? [])
          .every((item) => item.apiVersion === 'v1' && item.kind === 'ConfigMap'),
      ).toBe(true);
      expect((await pages.next()).done).toBe(true);
    },
  },
  {
    title: 'nothing to list is one empty page that a watch may start from, also in a namespace that is not there',
    async run({ client, namespace }, expect) {
      const resource = await resourceOf(client, 'apps', 'Deployment');
      for (const where of [namespace, `${namespace}-not`]) {
        const pages = await all(client.list(resource, { namespace: where }));
        expect(pages.map((page) => page.items)).toEqual([[]]);
        expect(pages[0]?.resourceVersion).toEqual(pages[0]?.resourceVersion.match(/[0-9]+/)?.[0]);
      }
    },
  },
  {
    title: 'label and field selectors choose, across namespaces too',
    async run({ client, namespace }, expect) {
      await client.create(labelled(configMap(namespace, 'a'), { in: namespace, tier: 'web' }));
      await client.create(labelled(configMap(namespace, 'b'), { in: namespace, tier: 'db' }));
      await client.create(labelled(configMap(namespace, 'c'), { in: namespace }));
      const named = (options: ListOptions): Promise<string[]> => names(client, options);
      expect(await named({ labelSelector: `in=${namespace}` })).toEqual(['a', 'b', 'c']);
      expect(await named({ namespace, labelSelector: 'tier' })).toEqual(['a', 'b']);
      expect(await named({ namespace, labelSelector: `in=${namespace},!tier` })).toEqual(['c']);
      expect(await named({ namespace, labelSelector: 'tier in (db,cache)' })).toEqual(['b']);
      expect(await named({ namespace, labelSelector: `in=${namespace},tier!=db` })).toEqual(['a', 'c']);
      expect(await named({ namespace, fieldSelector: 'metadata.name=b' })).toEqual(['b']);
      expect(
        await named({
          fieldSelector: `metadata.namespace=${namespace},metadata.name!=a`,
          labelSelector: `in=${namespace}`,
        }),
      ).toEqual(['b', 'c']);
      expect(await refusal(named({ namespace, labelSelector: 'a b' }))).toMatchObject({ code: 'INVALID', status: 400 });
      expect(await refusal(named({ namespace, fieldSelector: 'data.a=b' }))).toMatchObject({
        code: 'INVALID',
        status: 400,
      });
    },
  },
  {
    title: 'a snapshot or a continue token that the server has forgotten is GONE',
    async run({ client, namespace, forgetHistory }, expect) {
      await forgetHistory();
      // Of Events nothing is cached: the server asks its store.
      const resource = await resourceOf(client, '', 'Event');
      const gone = { code: 'GONE', status: 410, reason: 'Expired', retry: 'never' };
      expect(await refusal(all(client.list(resource, { namespace, resourceVersion: '1' })))).toMatchObject(gone);
      const token = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 1, start: 'a\u0000' })).toString('base64url');
      const path = `/api/v1/namespaces/${namespace}/events?limit=1&continue=${token}`;
      expect(await refusal(client.request({ method: 'GET', path }))).toMatchObject(gone);
    },
  },
];

async function names(client: Client, options: ListOptions): Promise<string[]> {
  const pages = await all(client.list(await resourceOf(client, '', 'ConfigMap'), options));
  return pages.flatMap((page) => page.items.map((item) => item.metadata.name));
}
