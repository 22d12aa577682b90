import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld } from './wire.ts';
import type { Answer, Asked, World } from './wire.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ controllers: false });
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          limits: { type: 'object', additionalProperties: { type: 'integer' } },
          title: { type: 'string' },
          template: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            'x-kubernetes-preserve-unknown-fields': true,
          },
        },
      },
    },
  };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
  const made = await world.ask('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    method: 'POST',
    body: crd,
  });
  expect(made.status).toBe(201);
});
afterAll(() => world[Symbol.asyncDispose]());

const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';

function widget(name: string, spec: unknown): Record<string, unknown> {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec };
}

const create = (body: unknown): Promise<Answer> => world.ask(WIDGETS, { method: 'POST', body });

function patch(name: string, body: unknown, type = 'merge-patch+json', query = ''): Promise<Answer> {
  const asked: Asked = { method: 'PATCH', type: `application/${type}`, body };
  return world.ask(`${WIDGETS}/${name}${query}`, asked);
}

const apply = (name: string, spec: unknown): Promise<Answer> =>
  patch(name, widget(name, spec), 'apply-patch+yaml', '?fieldManager=me');

test('a map that an apply empties is null, which its schema refuses', async () => {
  await apply('emptied', { limits: { a: 1 } });
  const refused = await apply('emptied', { limits: {} });
  expect(refused.status).toBe(422);
  expect(refused.body['message']).toBe(
    'Widget.example.com "emptied" is invalid: spec.limits: Invalid value: "null": spec.limits in body must be of type object: "null"',
  );
  expect((await world.ask(`${WIDGETS}/emptied`)).body['spec']).toEqual({ limits: { a: 1 } });
});

test('an apply keeps the nulls that a create drops', async () => {
  expect((await create(widget('nulls', { title: null }))).body['spec']).toEqual({});
  expect((await apply('applied-nulls', { title: null })).status).toBe(422);
});

test('an empty list of managedFields forgets nobody; the list of an empty entry does', async () => {
  await apply('managed', { title: 'a' });
  const kept = await patch('managed', { metadata: { managedFields: [] } });
  expect((kept.body['metadata'] as { managedFields: unknown[] }).managedFields).toHaveLength(1);
  const cleared = await patch('managed', { metadata: { managedFields: [{}] } });
  expect(cleared.body['metadata']).not.toHaveProperty('managedFields');
});

test('a patch into another version is invalid, a body of another version a bad request', async () => {
  await create(widget('versions', {}));
  const patched = await patch('versions', { apiVersion: 'other/v3' });
  expect(patched.status).toBe(422);
  expect(patched.body['message']).toBe(
    'Widget.other "versions" is invalid: apiVersion: Invalid value: "other/v3": must be example.com/v1',
  );
  expect((await create({ ...widget('x', {}), apiVersion: 'other/v3' })).status).toBe(400);
});

test.each([
  [[], /json: cannot unmarshal array into Go value of type struct .* \(5b5d\)$/],
  [null, /Object 'Kind' is missing in 'null' \(6e756c6c\)$/],
  [{ apiVersion: 1, kind: 'Widget' }, /json: cannot unmarshal number into Go struct field \.apiVersion of type string/],
])('a body that is no object says why: %j', async (body, message) => {
  const refused = await world.ask(WIDGETS, { method: 'POST', body: JSON.stringify(body) });
  expect(refused.status).toBe(400);
  expect(refused.body['message']).toMatch(message);
});

test.each([
  [{ namespace: 'Bad_' }, 'spec.template.metadata.namespace'],
  [{ name: 'a/b' }, 'spec.template.metadata.name'],
  [{ generation: -1 }, 'spec.template.metadata.generation'],
  [
    { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', uid: 'u' }] },
    'spec.template.metadata.ownerReferences[0].name',
  ],
  [{ managedFields: [{ operation: 'Nope' }] }, 'spec.template.metadata.managedFields[0].operation'],
])('the metadata of an embedded resource is judged as any: %j', async (metadata, field) => {
  const refused = await create(widget('embedded', { template: { apiVersion: 'v1', kind: 'Pod', metadata } }));
  expect(refused.status).toBe(422);
  const { causes } = refused.body['details'] as { readonly causes: readonly { readonly field: string }[] };
  expect(causes.map((cause) => cause.field)).toEqual([field]);
});

test('a JSON patch is a list of operations; null is an empty one', async () => {
  await create(widget('listed', {}));
  expect((await patch('listed', 'null', 'json-patch+json')).status).toBe(200);
  for (const [body, found] of [
    [[1], 'number into Go value of type handlers.jsonPatchOp'],
    [[{ op: 1 }], 'number into Go struct field jsonPatchOp.op of type string'],
  ] as const) {
    const refused = await patch('listed', body, 'json-patch+json');
    expect(refused.status).toBe(400);
    expect(refused.body['message']).toBe(`error decoding patch: json: cannot unmarshal ${found}`);
  }
});

test('what custom resources do not have is said as it is said of them', async () => {
  await create(widget('there', {}));
  const subresource = await world.ask(`${WIDGETS}/there/status`);
  expect(subresource.status).toBe(404);
  expect(subresource.body['message']).toBe('widgets.example.com "there" not found');
  const options = await world.ask(WIDGETS, { method: 'OPTIONS' });
  expect(options.status).toBe(405);
  expect(options.body['message']).toBe(' is not supported on resources of kind "widgets.example.com"');
  expect((await world.ask(WIDGETS, { method: 'HEAD' })).status).toBe(200);
  expect((await world.ask(`${WIDGETS}/missing`, { method: 'HEAD' })).status).toBe(404);
});

test('an OpenAPI document is JSON, and an old hash leads to it', async () => {
  const path = '/openapi/v3/apis/example.com/v1';
  expect((await world.ask(path, { accept: 'text/html' })).status).toBe(406);
  const moved = await world.ask(`${path}?hash=01`);
  expect(moved.status).toBe(301);
  expect(moved.headers['vary']).toBe('Accept');
});

test('versions of former days are known as such', async () => {
  const body = { apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata: { name: 'old' } };
  const refused = await world.ask('/apis/networking.k8s.io/v1/namespaces/default/ingresses', { method: 'POST', body });
  expect(refused.body['message']).toBe(
    'the API version in the data (extensions/v1beta1) does not match the expected API version (networking.k8s.io/v1)',
  );
});
