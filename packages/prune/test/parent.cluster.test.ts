import { expect } from 'vitest';
import { GROUP_KINDS_ANNOTATION, NAMESPACES_ANNOTATION, SET_ID_LABEL, TOOLING_ANNOTATION } from '@homeostat/kube';
import type { GroupKind, RequestRecord } from '@homeostat/kube';
import { announce, deleteParent, narrow, parentRef, readParent, storeReport } from '@homeostat/prune';
import { cluster } from '../../../test/support/cluster.ts';
import { configMap, managers, randomName, read, setIn } from './world.ts';

const source = { url: 'https://git.example.com/shop.git', path: 'deploy' };
const options = { manager: managers.current };
const deployments: GroupKind = { group: 'apps', kind: 'Deployment' };
const configMaps: GroupKind = { group: '', kind: 'ConfigMap' };

function content(groupKinds: readonly GroupKind[], namespaces: readonly string[] = []) {
  return { hints: { groupKinds, namespaces }, source };
}

cluster.test(
  'made with the first announcement, widened by later ones, silent when it says it all',
  async ({ connect, namespace }) => {
    const requests: RequestRecord[] = [];
    const client = await connect({ onRequest: (request) => requests.push(request) });
    const set = setIn(namespace);
    expect(await readParent(client, set)).toBeUndefined();
    const made = await announce(client, set, undefined, content([deployments]), options);
    const wide = await announce(client, set, made, content([configMaps], ['other']), options);
    expect((await read(client, parentRef(set))).metadata).toMatchObject({
      labels: { [SET_ID_LABEL]: set.id },
      annotations: {
        [TOOLING_ANNOTATION]: 'homeostat/v1',
        [GROUP_KINDS_ANNOTATION]: 'ConfigMap,Deployment.apps',
        [NAMESPACES_ANNOTATION]: 'other',
      },
    });
    requests.length = 0;
    expect(await announce(client, set, wide, content([deployments], ['other']), options)).toBe(wide);
    expect(requests).toEqual([]);
    expect(await readParent(client, set)).toEqual(wide);
  },
);

cluster.test('its namespace is made when it is missing, and is no member', async ({ client, raw, onTestFinished }) => {
  const home = randomName('home');
  onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${home}`)));
  await announce(client, setIn(home), undefined, content([configMaps]), options);
  const live = await read(client, { group: '', kind: 'Namespace', namespace: '', name: home });
  expect(live.metadata.annotations).toBeUndefined();
});

cluster.test('two that widen at the same time lose nothing of each other', async ({ client, namespace }) => {
  const set = setIn(namespace);
  const known = await announce(client, set, undefined, content([]), options);
  const kinds = Array.from({ length: 5 }, (_, i) => ({ group: 'example.com', kind: `Kind${i}` }));
  await Promise.all(kinds.map((kind) => announce(client, set, known, content([kind]), options)));
  expect((await readParent(client, set))?.hints.groupKinds).toEqual(kinds);
});

cluster.test(
  'narrowed only as it was known: who has written it since may have a member there',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const known = await announce(client, set, undefined, content([configMaps, deployments], ['other']), options);
    const narrowed = await narrow(client, known, { groupKinds: [configMaps], namespaces: [] }, options);
    expect(narrowed.hints).toEqual({ groupKinds: [configMaps], namespaces: [] });
    await announce(client, set, narrowed, content([deployments]), options);
    await expect(narrow(client, narrowed, { groupKinds: [], namespaces: [] }, options)).rejects.toMatchObject({
      code: 'STALE',
    });
    expect((await readParent(client, set))?.hints.groupKinds).toEqual([configMaps, deployments]);
  },
);

cluster.test(
  'carries the last report; one that says the same in another revision is not written',
  async ({ connect, namespace }) => {
    const requests: RequestRecord[] = [];
    const client = await connect({ onRequest: (request) => requests.push(request) });
    const set = setIn(namespace);
    const made = await announce(client, set, undefined, content([configMaps]), options);
    const report = { state: 'Ready', revision: 'main@sha1:1', objects: 3, problems: [] };
    const told = await storeReport(client, made, report, options);
    expect(await readParent(client, set)).toMatchObject({ report, hints: made.hints, source });
    requests.length = 0;
    expect(await storeReport(client, told, { ...report, revision: 'main@sha1:2' }, options)).toBe(told);
    expect(requests).toEqual([]);
  },
);

cluster.test(
  'a report is written over a person’s annotation, but not over hints that somebody has widened',
  async ({ client, namespace, kubectl }) => {
    const set = setIn(namespace);
    const made = await announce(client, set, undefined, content([configMaps]), options);
    await kubectl([
      'annotate',
      'configmap',
      'site',
      '-n',
      namespace,
      `homeostat.dev/request-sync-now=${namespace}/site:7`,
    ]);
    const report = { state: 'Ready', objects: 3, problems: [] };
    const told = await storeReport(client, made, report, options);
    expect(told.requests).toMatchObject([
      { request: 'sync-now', argument: '7', value: `${namespace}/site:7`, by: 'kubectl-annotate' },
    ]);
    await announce(client, set, told, content([deployments]), options);
    await expect(storeReport(client, told, { ...report, objects: 4 }, options)).rejects.toMatchObject({
      code: 'STALE',
    });
    expect((await readParent(client, set))?.hints.groupKinds).toEqual([configMaps, deployments]);
  },
);

cluster.test(
  'a ConfigMap of that name that is something else is refused, in words',
  async ({ client, namespace, kubectl }) => {
    const set = setIn(namespace);
    await client.create(configMap(namespace, 'site'));
    await expect(readParent(client, set)).rejects.toMatchObject({
      code: 'FOREIGN_PARENT',
      message: expect.stringContaining('not the parent') as string,
    });
    await expect(announce(client, set, undefined, content([]), options)).rejects.toMatchObject({
      code: 'FOREIGN_PARENT',
    });
    const marks = [`${SET_ID_LABEL}=applyset-another-v1`];
    await kubectl(['label', 'configmap', 'site', '-n', namespace, ...marks]);
    await kubectl(['annotate', 'configmap', 'site', '-n', namespace, `${TOOLING_ANNOTATION}=homeostat/v1`]);
    await expect(readParent(client, set)).rejects.toMatchObject({
      code: 'FOREIGN_PARENT',
      message: expect.stringContaining('was it copied') as string,
    });
    expect((await read(client, parentRef(set)))['data']).toEqual({ a: '1' });
  },
);

cluster.test('a tooling annotation that somebody took away is put back', async ({ client, namespace, kubectl }) => {
  const set = setIn(namespace);
  await announce(client, set, undefined, content([configMaps]), options);
  await kubectl(['annotate', 'configmap', 'site', '-n', namespace, `${TOOLING_ANNOTATION}-`]);
  const bare = await readParent(client, set);
  expect(bare?.tooling).toBe('');
  const repaired = await announce(client, set, bare, content([configMaps]), options);
  expect(repaired.tooling).toBe('homeostat/v1');
});

cluster.test('a parent on its way out takes no new members', async ({ client, namespace }) => {
  const set = setIn(namespace);
  const made = await announce(client, set, undefined, content([configMaps]), options);
  await client.patch(parentRef(set), { type: 'merge', value: { metadata: { finalizers: ['example.com/hold'] } } });
  await client.delete(parentRef(set));
  await expect(announce(client, set, made, content([deployments]), options)).rejects.toMatchObject({
    code: 'PARENT_TERMINATING',
  });
  await client.patch(parentRef(set), { type: 'merge', value: { metadata: { finalizers: null } } });
});

cluster.test(
  'deleted last, as it was known; an annotation since does not matter, wider hints do',
  async ({ client, namespace, kubectl }) => {
    const set = setIn(namespace);
    const made = await announce(client, set, undefined, content([configMaps]), options);
    const wide = await announce(client, set, made, content([deployments]), options);
    await expect(deleteParent(client, made)).rejects.toMatchObject({ code: 'STALE' });
    await kubectl(['annotate', 'configmap', 'site', '-n', namespace, 'note=x']);
    await deleteParent(client, wide);
    expect(await readParent(client, set)).toBeUndefined();
    await deleteParent(client, wide);
  },
);
