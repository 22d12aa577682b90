import { request } from 'node:https';
import { kubeData } from '@homeostat/kube/data';
import { expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import { customResourceOf } from '../../src/custom/custom-resource.ts';
import type { CustomResource } from '../../src/custom/custom-resource.ts';
import { AGGREGATED_TYPE, aggregatedDiscovery } from '../../src/discovery/aggregated.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from '../../src/discovery/legacy.ts';
import { servedGroups } from '../../src/discovery/served-groups.ts';
import { versionInfo } from '../../src/discovery/version-info.ts';
import { builtinOpenApi, customOpenApi, openApiIndex } from '../../src/openapi/openapi-documents.ts';
import { gadgets, things } from './definitions.ts';

type Json = Record<string, unknown>;

const data = kubeData();
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Named {
  readonly name: string;
}

interface Discovery {
  readonly items: readonly { readonly metadata: { readonly name?: string }; readonly versions: unknown }[];
}

/** Definitions of our own in a server that others use too. */
const test = cluster.test
  .extend('group', ({ namespace }) => `${namespace}.example.com`)
  .extend('customs', async ({ raw, group }, { onCleanup }): Promise<readonly CustomResource[]> => {
    const made = [gadgets(group), things(group)];
    onCleanup(async () => {
      for (const { metadata } of made) await raw('DELETE', `${definitions}/${metadata.name}`);
    });
    for (const body of made) expect((await raw('POST', definitions, { body })).status).toBe(201);
    const customs: CustomResource[] = [];
    for (const { metadata } of made) {
      await expect
        .poll(
          async () => customResourceOf((await raw('GET', `${definitions}/${metadata.name}`)).body as Json).established,
        )
        .toBe(true);
      customs.push(customResourceOf((await raw('GET', `${definitions}/${metadata.name}`)).body as Json));
    }
    return customs;
  })
  .extend('get', ({ plane }) => (path: string, accept = 'application/json'): Promise<unknown> => {
    const headers = { authorization: `Bearer ${plane.adminToken}`, accept };
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, plane.server), { headers, rejectUnauthorized: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.once('end', () => resolve(JSON.parse(text) as unknown));
      });
      sent.once('error', reject);
      sent.end();
    });
  });

const builtinGroups = new Set(data.groupVersions.map(({ group }) => group));

test('aggregated discovery tells of the same groups, versions, resources, subresources and kinds', async ({
  get,
  customs,
  group,
}) => {
  const groups = servedGroups(data, customs);
  for (const root of ['/api', '/apis'] as const) {
    const ours = JSON.parse(aggregatedDiscovery(groups, root).body) as Discovery;
    await expect
      .poll(async () => {
        const theirs = (await get(root, AGGREGATED_TYPE)) as Discovery;
        // Others define resources in this server at the same time.
        const known = theirs.items.filter(({ metadata: { name = '' } }) => builtinGroups.has(name) || name === group);
        return { ...theirs, items: known };
      })
      .toEqual(ours);
  }
});

test('so do the lists for clients that know nothing of it', async ({ get, customs, group, plane }) => {
  const groups = servedGroups(data, customs);
  expect(apiVersions(groups, new URL(plane.server).host)).toEqual(await get('/api'));
  await expect.poll(async () => JSON.stringify(await get('/apis'))).toContain(group);
  const theirs = (await get('/apis')) as { groups: readonly Named[] };
  const known = theirs.groups.filter(({ name }) => builtinGroups.has(name) || name === group);
  expect(apiGroupList(groups)).toEqual({ ...theirs, groups: known });

  for (const { name, versions } of groups) {
    if (name !== '') expect(apiGroup(groups, name)).toEqual(await get(`/apis/${name}`));
    for (const { version } of versions) {
      const list = (await get(name === '' ? `/api/${version}` : `/apis/${name}/${version}`)) as {
        resources: readonly Named[];
      };
      const ours = apiResourceList(groups, name, version) as { resources: readonly Named[] };
      // The server lists custom resources in no order.
      const sorted = (resources: readonly Named[]) =>
        name === group ? resources.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : resources;
      expect({ ...ours, resources: sorted(ours.resources) }, `${name}/${version}`).toEqual({
        ...list,
        resources: sorted(list.resources),
      });
    }
  }
});

test('the version is that of the server, as far as it is no matter of the build', async ({ get }) => {
  const build = {
    gitCommit: expect.any(String) as string,
    goVersion: expect.any(String) as string,
    compiler: expect.any(String) as string,
    platform: expect.any(String) as string,
  };
  expect(await get('/version')).toEqual({ ...versionInfo(data), ...build });
});

interface OpenApi {
  readonly paths: Record<string, Record<string, Json> & { readonly parameters?: unknown }>;
  readonly components: { readonly schemas: Record<string, Json> };
}

/** Descriptions of parameters, and those that Kubernetes adds, are left out here. */
function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, child]) => key !== 'description' || typeof child !== 'string');
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutDescriptions(child)]));
}

/** What a client reads in an operation, whatever its description. */
function operationOf({ tags: _tags, operationId: _id, responses, ...rest }: Json): Json {
  const { 401: _401, ...answers } = responses as Json;
  const schemas = Object.entries(answers).map(([code, answer]) => {
    const content = (answer as { content?: Record<string, { schema: unknown }> }).content ?? {};
    // What a delete answers there is not always what it answers.
    return [code, rest['x-kubernetes-action'] === 'delete' ? 'removed' : content['application/json']?.schema];
  });
  return { ...rest, responses: Object.fromEntries(schemas) as Json };
}

function operationsOf(document: OpenApi): Record<string, Record<string, Json>> {
  const skipped = /\/watch\/|\/(attach|exec|log|portforward|proxy)(\/|$)/;
  const paths = Object.entries(document.paths).filter(([path]) => !skipped.test(path));
  return Object.fromEntries(
    paths.map(([path, { parameters: shared = [], ...methods }]) => {
      const operations = Object.entries(methods).map(([method, operation]) => {
        const parameters = [...((operation['parameters'] ?? []) as Named[]), ...(shared as Named[])];
        const sorted = parameters.toSorted((a, b) => (a.name < b.name ? -1 : 1));
        return [method, { ...operationOf(operation), parameters: sorted }];
      });
      return [path, Object.fromEntries(operations) as Record<string, Json>];
    }),
  );
}

function schemasOf(document: OpenApi): Json {
  // Two list the kinds of every group there is; the third is in a document for the sake of paths that ours lacks.
  const shared = /\.(WatchEvent|DeleteOptions|RawExtension)$/;
  return Object.fromEntries(Object.entries(document.components.schemas).filter(([name]) => !shared.test(name)));
}

test('every OpenAPI document has the same operations and schemas', async ({ get, customs, group }) => {
  const documents = new Map([...builtinOpenApi(data), ...customOpenApi(data, customs)]);
  const index = async (): Promise<readonly string[]> => {
    const { paths } = (await get('/openapi/v3')) as { paths: Json };
    // Others define resources in this server; documents about discovery itself tell nobody anything.
    return Object.keys(paths).filter((key) => {
      const [root, name = '', version] = key.split('/');
      return documents.has(key) || (root === 'apis' && builtinGroups.has(name) && version !== undefined);
    });
  };
  await expect.poll(async () => (await index()).toSorted()).toEqual([...documents.keys()].toSorted());

  for (const [key, { body }] of documents) {
    const ours = withoutDescriptions(JSON.parse(body)) as OpenApi;
    const theirs = withoutDescriptions(await get(`/openapi/v3/${key}`)) as OpenApi;
    const [mine, real] = [operationsOf(ours), operationsOf(theirs)];
    for (const path of Object.keys(real)) expect.soft(mine[path], `${key} ${path}`).toEqual(real[path]);
    expect.soft(Object.keys(mine).toSorted(), key).toEqual(Object.keys(real).toSorted());
    const schemas = schemasOf(theirs);
    for (const [name, schema] of Object.entries(schemasOf(ours)))
      expect.soft(schema, `${key} ${name}`).toEqual(schemas[name]);
    const missing = Object.keys(schemas).filter((name) => schemasOf(ours)[name] === undefined);
    expect.soft(missing, key).toEqual([]);
  }
  expect(openApiIndex(documents)).toContain(group);
});

test('descriptions in the schema of a definition are there for `kubectl explain`', async ({ customs, group }) => {
  const document = JSON.parse(customOpenApi(data, customs).get(`apis/${group}/v1`)?.body ?? '{}') as OpenApi;
  const name = `${group.split('.').toReversed().join('.')}.v1.Gadget`;
  expect(document.components.schemas[name]).toMatchObject({
    description: 'A gadget.',
    properties: { spec: { description: 'What it is to be.' } },
  });
});
