import { afterAll, expect, test } from 'vitest';
import { startWorld } from './wire.ts';
import type { Answer } from './wire.ts';

const world = await startWorld({ controllers: false });
afterAll(async () => world[Symbol.asyncDispose]());

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

async function deploy(name: string): Promise<string> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const body = { metadata: { name }, spec: { selector: { matchLabels: labels }, template } };
  await world.ask(`${DEPLOYMENTS}?fieldManager=maker`, { method: 'POST', body });
  return `${DEPLOYMENTS}/${name}`;
}

function patch(path: string, manager: string, body: object): Promise<Answer> {
  const type = 'application/merge-patch+json';
  return world.ask(`${path}?fieldManager=${manager}`, { method: 'PATCH', type, body });
}

function apply(path: string, manager: string, body: object, query = ''): Promise<Answer> {
  const type = 'application/apply-patch+yaml';
  return world.ask(`${path}?fieldManager=${manager}${query}`, { method: 'PATCH', type, body });
}

const scale = (name: string, replicas: number): object => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name },
  spec: { replicas },
});

/** Who owns the replicas, as `manager` or `manager/scale`. */
async function owners(path: string): Promise<readonly string[]> {
  const { managedFields } = (await world.ask(path)).body['metadata'] as {
    readonly managedFields: readonly { readonly manager: string; readonly subresource?: string; fieldsV1: object }[];
  };
  return managedFields
    .filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes('"f:replicas"'))
    .map(({ manager, subresource }) => (subresource === undefined ? manager : `${manager}/${subresource}`));
}

test('who writes a Scale owns the replicas, and whoever had them does not', async () => {
  const path = await deploy('owned');
  expect(await owners(path)).toEqual(['maker']);
  expect((await patch(`${path}/scale`, 'hpa', { spec: { replicas: 3 } })).status).toBe(200);
  expect(await owners(path)).toEqual(['hpa/scale']);
  const refused = await apply(`${path}/scale`, 'other', scale('owned', 4));
  expect(refused.body['message']).toBe(
    'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using autoscaling/v1: .spec.replicas',
  );
  expect((await apply(`${path}/scale`, 'other', scale('owned', 4), '&force=true')).status).toBe(200);
  expect(await owners(path)).toEqual(['other/scale']);
});

test('no replicas are no field of a Scale: whoever writes them loses what it had', async () => {
  const path = await deploy('none');
  await patch(`${path}/scale`, 'hpa', { spec: { replicas: 3 } });
  await patch(`${path}/scale`, 'hpa', { spec: { replicas: 0 } });
  expect(await owners(path)).toEqual([]);
  expect((await apply(`${path}/scale`, 'other', scale('none', 0))).status).toBe(200);
});

test('an apply of something else than a Scale is refused', async () => {
  const path = await deploy('typed');
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'typed' }, spec: { replicas: 2 } };
  expect((await apply(`${path}/scale`, 'm', body)).body['message']).toBe(
    'invalid object type: apps/v1, Kind=Deployment',
  );
});
