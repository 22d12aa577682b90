import { manualClock } from '@homeostat/apiserver';
import type { ManualClock } from '@homeostat/apiserver';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld } from './wire.ts';
import type { World } from './wire.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

let world: World;
let clock: ManualClock;
beforeAll(async () => {
  clock = manualClock();
  world = await startWorld({ controllers: false, clock });
});
afterAll(() => world[Symbol.asyncDispose]());

async function make(name: string, fields: object = {}): Promise<string> {
  const { body } = await world.ask(MAPS, { method: 'POST', body: { metadata: { name, ...fields } } });
  return (body['metadata'] as { readonly resourceVersion: string }).resourceVersion;
}

/** Waits until the server has taken a request that does not end by itself. */
async function opened(): Promise<void> {
  for (let i = 0; i < 5; i++) await world.ask('/readyz');
}

function names(list: Readonly<Record<string, unknown>>): string[] {
  return (list['items'] as { readonly metadata: { readonly name: string } }[]).map(({ metadata }) => metadata.name);
}

test('a list of the past shows what was there, as long as it is remembered', async () => {
  const before = await make('past-a', { labels: { suite: 'past' } });
  await make('past-b', { labels: { suite: 'past' } });
  await world.ask(`${MAPS}/past-a`, { method: 'DELETE' });
  const at = `${MAPS}?labelSelector=suite%3Dpast&resourceVersionMatch=Exact&resourceVersion=${before}`;
  const exact = await world.ask(at);
  expect(names(exact.body)).toEqual(['past-a']);
  expect(exact.body['metadata']).toEqual({ resourceVersion: before });
  expect(names((await world.ask(`${MAPS}?labelSelector=suite%3Dpast`)).body)).toEqual(['past-b']);
  world.server.expire();
  expect((await world.ask(at)).body).toMatchObject({
    code: 410,
    reason: 'Expired',
    message: 'The resourceVersion for the provided list is too old.',
  });
});

test('a token that is too old is answered with one that goes on with what is there now', async () => {
  for (const name of ['old-a', 'old-b', 'old-c']) await make(name, { labels: { suite: 'old' } });
  const query = 'labelSelector=suite%3Dold&limit=1';
  const first = await world.ask(`${MAPS}?${query}`);
  const { continue: token } = first.body['metadata'] as { readonly continue: string };
  await world.ask(`${MAPS}/old-b`, { method: 'DELETE' });
  const next = await world.ask(`${MAPS}?${query}&continue=${token}`);
  expect(names(next.body)).toEqual(['old-b']);
  world.server.expire();
  const gone = await world.ask(`${MAPS}?${query}&continue=${token}`);
  expect(gone.body).toMatchObject({ code: 410, reason: 'Expired' });
  const { continue: fresh } = gone.body['metadata'] as { readonly continue: string };
  expect(names((await world.ask(`${MAPS}?${query}&continue=${fresh}`)).body)).toEqual(['old-c']);
});

test('pages after the first do not keep to the namespace of a field selector: what comes again is as in Kubernetes', async () => {
  for (const name of ['paged-a', 'paged-b']) await make(name, { labels: { suite: 'paged' } });
  const query = 'labelSelector=suite%3Dpaged&fieldSelector=metadata.namespace%3Ddefault&limit=1';
  const first = await world.ask(`/api/v1/configmaps?${query}`);
  expect(names(first.body)).toEqual(['paged-a']);
  const { continue: token } = first.body['metadata'] as { readonly continue: string };
  // The token is of the namespace, and read as if it were of all: "default/" comes before "paged-a".
  expect(names((await world.ask(`/api/v1/configmaps?${query}&continue=${token}`)).body)).toEqual([]);
});

test('resourceVersion 0 gives everything at once; remainingItemCount stands where nothing is selected', async () => {
  for (const name of ['many-a', 'many-b']) await make(name);
  const all = await world.ask(`${MAPS}?resourceVersion=0&limit=1`);
  expect(names(all.body).length).toBeGreaterThan(1);
  const page = await world.ask(`${MAPS}?limit=1`);
  expect(page.body['metadata']).toMatchObject({ remainingItemCount: names(all.body).length - 1 });
  expect((await world.ask(`${MAPS}?resourceVersionMatch=Exact`)).status).toBe(422);
  expect((await world.ask(`${MAPS}?limit=x`)).body['message']).toBe('strconv.ParseInt: parsing "x": invalid syntax');
});

test('a watch begins with what is there, and marks the end of it when it is asked to', async () => {
  await make('initial', { labels: { suite: 'initial' } });
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const lines = await world.lines(`${MAPS}?${query}&labelSelector=suite%3Dinitial`, 2);
  expect(lines.map((line) => line['type'])).toEqual(['ADDED', 'BOOKMARK']);
  expect(lines[1]).toMatchObject({
    object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
  expect((await world.ask(`${MAPS}?watch=1&sendInitialEvents=true`)).status).toBe(422);
  expect((await world.ask(`${MAPS}?sendInitialEvents=true`)).status).toBe(422);
});

test('bookmarks come every minute and two seconds before the end, which comes on time', async () => {
  const version = await make('quiet', { labels: { suite: 'quiet' } });
  const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${version}&labelSelector=suite%3Dquiet&timeoutSeconds=150`;
  const reading = world.lines(`${MAPS}?${query}`, Infinity);
  for (const ms of [60_000, 60_000, 28_000, 2_000]) {
    await opened();
    clock.advance(ms);
  }
  const lines = await reading;
  expect(lines.map((line) => line['type'])).toEqual(['BOOKMARK', 'BOOKMARK', 'BOOKMARK']);
});

test('an object that leaves the selection is deleted as it was, under a new version', async () => {
  const version = await make('moving', { labels: { suite: 'moving' } });
  const patch = (labels: object): Promise<unknown> =>
    world.ask(`${MAPS}/moving`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { metadata: { labels } },
    });
  await patch({ suite: 'other' });
  await patch({ suite: 'moving' });
  await world.ask(`${MAPS}/moving`, { method: 'DELETE' });
  const query = `watch=1&resourceVersion=${version}&labelSelector=suite%3Dmoving`;
  const lines = await world.lines(`${MAPS}?${query}`, 3);
  expect(lines.map((line) => line['type'])).toEqual(['DELETED', 'ADDED', 'DELETED']);
  const versions = lines.map((line) => {
    const { metadata } = line['object'] as { readonly metadata: { labels: object; resourceVersion: string } };
    expect(metadata.labels).toEqual({ suite: 'moving' });
    return Number(metadata.resourceVersion);
  });
  expect(new Set([Number(version), ...versions]).size).toBe(4);
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
});

test('a watch from a forgotten version is one ERROR event; from none, a refusal', async () => {
  const version = await make('forgotten');
  await make('forgotten-too');
  world.server.expire();
  const lines = await world.lines(`${MAPS}?watch=1&resourceVersion=${version}`, Infinity);
  expect(lines).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }]);
  expect((await world.ask(`${MAPS}?watch=1&resourceVersion=abc`)).body).toMatchObject({
    code: 500,
    message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  });
});

test('one name is watched by field selector or by the old path; a GET of it watches nothing', async () => {
  await make('single');
  for (const path of [
    `${MAPS}?watch=1&fieldSelector=metadata.name%3Dsingle`,
    '/api/v1/watch/namespaces/default/configmaps/single',
  ]) {
    const [line] = await world.lines(path, 1);
    expect(line).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'single' } } });
  }
  expect((await world.ask(`${MAPS}/single?watch=1`)).body).toMatchObject({ kind: 'ConfigMap' });
});

test('lists, objects and watches come as Tables, metadata alone, and YAML', async () => {
  const version = await make('shown', { labels: { suite: 'shown' } });
  await make('shown-too', { labels: { suite: 'shown' } });
  const one = `${MAPS}?labelSelector=suite%3Dshown`;
  const table = await world.ask(one, { accept: TABLE });
  expect(table.body).toMatchObject({
    kind: 'Table',
    rows: [{ cells: ['shown', 0, expect.any(String)], object: { kind: 'PartialObjectMetadata' } }, {}],
  });
  const none = await world.ask(`${one}&includeObject=None`, { accept: TABLE });
  expect(none.body).toMatchObject({ rows: [{ object: null }, {}] });
  const [first, second] = await world.lines(`${one}&watch=1`, 2, { accept: TABLE });
  expect(first).toMatchObject({ object: { columnDefinitions: [{ name: 'Name' }, {}, {}] } });
  expect(second).toMatchObject({ object: { columnDefinitions: null } });
  const metadata = await world.ask(one, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' });
  expect(metadata.body).toMatchObject({
    kind: 'PartialObjectMetadataList',
    items: [{ kind: 'PartialObjectMetadata' }, {}],
  });
  const yaml = await world.ask(`${MAPS}/shown`, { accept: 'application/yaml' });
  expect(yaml.text).toContain(`  name: shown\n  namespace: default\n  resourceVersion: "${version}"\n`);
  expect((await world.ask(one, { accept: 'text/html' })).status).toBe(406);
});

test('a version of the future is waited for, three seconds at most', async () => {
  const waiting = world.ask(`${MAPS}?resourceVersion=99999999&resourceVersionMatch=NotOlderThan`);
  for (let i = 0; i < 61; i++) {
    await opened();
    clock.advance(50);
  }
  expect((await waiting).body).toMatchObject({
    code: 504,
    reason: 'Timeout',
    details: { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
  });
});

test('discovery and OpenAPI follow a definition that comes and goes', async () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.reads.example' },
    spec: {
      group: 'reads.example',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  };
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await world.ask(definitions, { method: 'POST', body: definition });
  expect((await world.ask('/apis/reads.example/v1')).body).toMatchObject({ kind: 'APIResourceList' });
  expect((await world.ask('/openapi/v3')).text).toContain('apis/reads.example/v1');
  const list = await world.ask('/apis/reads.example/v1/widgets');
  expect(list.body).toMatchObject({ kind: 'WidgetList', metadata: { continue: '' }, items: [] });
  await world.ask(`${definitions}/widgets.reads.example`, { method: 'DELETE' });
  await opened();
  expect((await world.ask('/apis/reads.example/v1/widgets')).text).toBe('404 page not found\n');
});

test('options that make no sense are refused', async () => {
  const timeout = await world.ask('/api/v1/namespaces?timeout=soon');
  expect(timeout.status).toBe(400);
  expect(timeout.body['message']).toBe('invalid timeout specified in the request URL - time: invalid duration "soon"');
  expect((await world.ask('/api/v1/namespaces?timeout=1m30s')).status).toBe(200);
  const dry = { method: 'POST', body: { metadata: { name: 'dry' } } };
  expect((await world.ask('/api/v1/namespaces?dryRun=', dry)).status).toBe(422);
});
