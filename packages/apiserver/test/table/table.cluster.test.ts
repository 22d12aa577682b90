import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { kubeData } from '@homeostat/kube/data';
import type { GroupVersionData, ResourceData } from '@homeostat/kube/data';
import { expect, vi } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import { customResourceOf } from '../../src/custom/custom-resource.ts';
import { builtinTable, scaleTable } from '../../src/table/builtin-table.ts';
import { customTable } from '../../src/table/custom-table.ts';
import { tableOf } from '../../src/table/table.ts';
import type { KindTable, TableOptions } from '../../src/table/table.ts';
import { columns, gauge, gaugeDefinition } from './printer-columns.ts';
import { richObjects } from './rich-objects.ts';
import type { RichObject } from './rich-objects.ts';

type Json = Record<string, unknown>;

interface Table {
  readonly metadata: Json;
  readonly columnDefinitions: unknown;
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: Json }[] | null;
}

const data = kubeData();

const test = cluster.test.extend(
  'table',
  ({ plane }) =>
    (path: string, accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'): Promise<Table> => {
      const headers = { authorization: `Bearer ${plane.adminToken}`, accept };
      return new Promise((resolve, reject) => {
        const sent = request(new URL(path, plane.server), { headers, rejectUnauthorized: false }, (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          answer.once('end', () => resolve(JSON.parse(text) as Table));
        });
        sent.once('error', reject);
        sent.end();
      });
    },
);

function optionsFor(now: number, listMeta: Json, isList = true): TableOptions {
  return { includeObject: 'Object', now, isList, withDefinitions: true, listMeta };
}

type GetTable = (path: string) => Promise<Table>;

/** The server's Table and ours of the same objects, made of those that it sent along: nothing can change in between. */
async function compare(getTable: GetTable, path: string, kind: KindTable, isList = true): Promise<number> {
  const before = Date.now();
  const theirs = await getTable(`${path}?includeObject=Object`);
  const after = Date.now();
  const objects = (theirs.rows ?? []).map(({ object }) => object);
  const [early, late] = [before, after].map(
    (now) => tableOf(objects, kind, optionsFor(now, theirs.metadata, isList)) as unknown as Table,
  );
  // The data has no descriptions of what stands in a Scale.
  const described = !path.endsWith('/scale');
  expect(columnsOf(early, described), path).toEqual(columnsOf(theirs, described));
  expect(early?.rows?.length, path).toBe(theirs.rows?.length);
  theirs.rows?.forEach((row, at) => {
    const [mine, later] = [early?.rows?.[at], late?.rows?.[at]];
    // Durations are those of a moment between both.
    const cells = mine?.cells.map((cell, i) => (cell === row.cells[i] ? cell : later?.cells[i]));
    const told = `${path} ${JSON.stringify(row.object['metadata'] && { ...row.object, metadata: { ...(row.object['metadata'] as Json), managedFields: [] } })}`;
    expect.soft({ ...mine, cells }, told).toEqual(row);
  });
  return objects.length;
}

function columnsOf(table: Table | undefined, described: boolean): unknown {
  const columnDefinitions = (table?.columnDefinitions ?? []) as readonly Json[];
  return columnDefinitions.map(({ description, ...column }) => (described ? { ...column, description } : column));
}

function collectionOf(
  { group, version }: Pick<GroupVersionData, 'group' | 'version'>,
  plural: string,
  namespace?: string,
): string {
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined ? `${base}/${plural}` : `${base}/namespaces/${namespace}/${plural}`;
}

test(
  'rich objects of every kind have the same columns and cells',
  { timeout: 180_000 },
  async ({ table, raw, namespace, onTestFinished }) => {
    const prefix = `t-${randomBytes(4).toString('hex')}`;
    const made: string[] = [];
    onTestFinished(async () => {
      for (const path of made.toReversed()) {
        await raw('DELETE', `${path}?gracePeriodSeconds=0`);
        const body = { metadata: { finalizers: null } };
        await raw('PATCH', path, { contentType: 'application/merge-patch+json', body });
      }
    });

    const create = async ({ plural, body, ...rest }: RichObject, name: string, status?: Json): Promise<void> => {
      const collection = collectionOf(rest, plural, rest.namespaced ? namespace : undefined);
      const named = `${prefix}-${name}`;
      const metadata = { ...(body['metadata'] as Json | undefined), name: named };
      const filled = JSON.parse(JSON.stringify({ ...body, metadata }).replaceAll('$namespace', namespace)) as Json;
      const created = await raw('POST', collection, { body: filled });
      expect(created.status, `${collection} ${JSON.stringify(created.body)}`).toBe(201);
      const path = `${collection}/${named}`;
      made.push(path);
      if (status === undefined) return;
      const contentType = 'application/merge-patch+json';
      const patched = await raw('PATCH', `${path}/status`, { contentType, body: { status } });
      expect(patched.status, `${path} ${JSON.stringify(status)} ${JSON.stringify(patched.body)}`).toBe(200);
      if (JSON.stringify(filled).includes('example.com/x"]')) await raw('DELETE', `${path}?gracePeriodSeconds=0`);
    };

    for (const [at, rich] of richObjects.entries()) {
      const statuses: readonly (Json | undefined)[] = rich.statuses ?? [undefined];
      for (const [i, status] of statuses.entries()) await create(rich, `${String(at)}-${String(i)}`, status);
    }

    const shown = new Map<string, number>();
    for (const groupVersion of data.groupVersions) {
      for (const resource of groupVersion.resources.filter(({ verbs }) => verbs.includes('list'))) {
        const namespaced = resource.namespaced && resource.plural !== 'events' ? namespace : undefined;
        const path = collectionOf(groupVersion, resource.plural, namespaced);
        const count = await compare(table, path, builtinTable(groupVersion, resource));
        shown.set(`${groupVersion.group}/${groupVersion.version} ${resource.plural}`, count);
      }
    }
    const empty = [...shown].filter(([, count]) => count === 0).map(([name]) => name);
    // Definitions come below; certificates are signed by nobody here.
    const unsigned = ['certificates.k8s.io/v1 clustertrustbundles', 'certificates.k8s.io/v1 podcertificaterequests'];
    expect(empty.filter((name) => !name.endsWith('customresourcedefinitions'))).toEqual(unsigned);
  },
);

test('one object, its scale, and objects that are left out', async ({ table, raw, namespace }) => {
  const path = collectionOf({ group: 'apps', version: 'v1' }, 'deployments', namespace);
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'c' }] } };
  const spec = { replicas: 0, selector: { matchLabels: { a: 'b' } }, template };
  await raw('POST', path, { body: { metadata: { name: 'x' }, spec } });
  const deployments = resourceOf('apps', 'Deployment');
  const kind = builtinTable({ group: 'apps', version: 'v1' }, deployments);
  // A controller may write between two readings.
  await vi.waitFor(
    async () => {
      await compare(table, `${path}/x`, kind, false);
      await compare(table, `${path}/x/scale`, scaleTable(data), false);

      for (const includeObject of ['Metadata', 'None'] as const) {
        const theirs = await table(`${path}?includeObject=${includeObject}`);
        const { body } = await raw('GET', path);
        const ours = tableOf((body as { items: Json[] }).items, kind, {
          ...optionsFor(Date.now(), theirs.metadata),
          includeObject,
        });
        expect({ ...ours, columnDefinitions: [] }).toMatchObject({
          ...theirs,
          columnDefinitions: [],
          rows: theirs.rows?.map(({ object }) => ({ object })),
        });
      }
      const beta = await table(path, 'application/json;as=Table;v=v1beta1;g=meta.k8s.io');
      const { body } = await raw('GET', path);
      const options: TableOptions = {
        ...optionsFor(Date.now(), beta.metadata),
        includeObject: 'Metadata',
        version: 'v1beta1',
      };
      expect(tableOf((body as { items: Json[] }).items, kind, options)).toMatchObject({
        ...beta,
        rows: beta.rows?.map(({ object }) => ({ object })),
      });
    },
    { timeout: 20_000, interval: 200 },
  );
});

function resourceOf(group: string, kind: string): ResourceData {
  const found = data.groupVersions.filter((one) => one.group === group).flatMap(({ resources }) => resources);
  return found.find((resource) => resource.kind === kind) as ResourceData;
}

test('custom resources: columns by path, of every type', async ({ table, raw, namespace, onTestFinished }) => {
  const group = `${namespace}.example.com`;
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  onTestFinished(async () => void (await raw('DELETE', `${definitions}/gauges.${group}`)));
  const definition = await raw('POST', definitions, { body: gaugeDefinition(group) });
  expect(definition.status, JSON.stringify(definition.body)).toBe(201);
  const custom = customResourceOf(definition.body as Json);
  const collections = custom.versions.map(({ name }) => collectionOf({ group, version: name }, 'gauges', namespace));
  for (const [i, content] of gauge.entries()) {
    const body = { apiVersion: `${group}/v1`, kind: 'Gauge', metadata: { name: `g${String(i)}` }, ...content };
    await expect.poll(async () => (await raw('POST', collections[0] as string, { body })).status).toBe(201);
  }
  for (const [i, version] of custom.versions.entries()) {
    const kind = customTable(version.columns, data);
    expect(await compare(table, collections[i] as string, kind)).toBe(gauge.length);
  }
  expect(custom.versions[0]?.columns).toHaveLength(columns.length);

  const ofDefinitions = resourceOf('apiextensions.k8s.io', 'CustomResourceDefinition');
  const kind = builtinTable({ group: 'apiextensions.k8s.io', version: 'v1' }, ofDefinitions);
  expect(await compare(table, definitions, kind)).toBeGreaterThan(0);
});
