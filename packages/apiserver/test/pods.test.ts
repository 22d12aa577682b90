import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld } from './wire.ts';
import type { Answer, World } from './wire.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ controllers: false });
});
afterAll(() => world[Symbol.asyncDispose]());

const PODS = '/api/v1/namespaces/default/pods';
const AMOUNTS = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } };

async function pod(name: string): Promise<void> {
  const body = { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i:1', resources: AMOUNTS }] } };
  expect((await world.ask(PODS, { method: 'POST', body })).status).toBe(201);
}

function patch(name: string, subresource: string, spec: unknown): Promise<Answer> {
  const type = 'application/strategic-merge-patch+json';
  return world.ask(`${PODS}/${name}/${subresource}`, { method: 'PATCH', type, body: { spec } });
}

test('a resize changes CPU and memory, and nothing else', async () => {
  await pod('resized');
  const body = { containers: [{ name: 'c', image: 'other', resources: { requests: { cpu: '500m' } } }] };
  const { status, body: answer } = await patch('resized', 'resize', body);
  expect(status).toBe(200);
  expect(answer).toMatchObject({
    metadata: { generation: 2 },
    spec: { containers: [{ image: 'i:1', resources: { requests: { cpu: '500m', memory: '1Gi' } } }] },
  });
});

test.each([
  [{ name: 'c', resources: { requests: { cpu: '5' } } }, 'spec.containers[0].resources.requests'],
  [{ name: 'c', resources: { requests: { cpu: '-5' } } }, 'spec.containers[0].resources.requests[cpu]'],
  [{ name: 'd', image: 'x' }, 'spec.containers'],
  [{ name: 'c', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }, 'spec'],
])('a resize is refused: %j', async (container, field) => {
  const name = `refused-${field.length}-${container.name}`;
  await pod(name);
  const { status, body } = await patch(name, 'resize', { containers: [container] });
  expect(status).toBe(422);
  const { causes } = body['details'] as { readonly causes: readonly { readonly field: string }[] };
  expect(causes.map((cause) => cause.field)).toEqual([field]);
});

test('amounts cannot be taken away by a resize, nor the class of the Pod changed', async () => {
  await pod('emptied');
  const container = { name: 'c', resources: { requests: { cpu: null, memory: null }, limits: null } };
  const { status, body } = await patch('emptied', 'resize', { containers: [container] });
  expect(status).toBe(422);
  expect(body['message']).toBe(
    'Pod "emptied" is invalid: [spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing, ' +
      'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed, ' +
      'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed]',
  );
});

test('an ephemeral container is checked, and stays', async () => {
  await pod('debugged');
  const added = await patch('debugged', 'ephemeralcontainers', { ephemeralContainers: [{ name: 'e', image: 'x' }] });
  expect(added.status).toBe(200);
  expect(added.body).toMatchObject({ metadata: { generation: 2 } });
  const without = await patch('debugged', 'ephemeralcontainers', { ephemeralContainers: [{ name: 'f' }] });
  expect(without.status).toBe(422);
  expect(without.body['message']).toContain('spec.ephemeralContainers[0].image: Required value');
  const removed = await world.ask(`${PODS}/debugged/ephemeralcontainers`, {
    method: 'PATCH',
    type: 'application/merge-patch+json',
    body: { spec: { ephemeralContainers: [] } },
  });
  expect(removed.body['message']).toContain('existing ephemeral containers "e" may not be removed');
});

test('logs are empty; what is wrong with the question is said', async () => {
  await pod('logged');
  const log = (name: string, query = ''): Promise<Answer> => world.ask(`${PODS}/${name}/log${query}`);
  expect((await log('logged')).status).toBe(204);
  const binding = { metadata: { name: 'logged' }, target: { name: 'node' } };
  const unnamed = await world.ask(`${PODS}/logged/binding`, { method: 'POST', body: { target: { name: 'node' } } });
  expect(unnamed.body['message']).toBe('name in URL does not match name in Binding object');
  expect((await world.ask(`${PODS}/logged/binding`, { method: 'POST', body: binding })).status).toBe(201);
  const bound = await log('logged');
  expect(bound).toMatchObject({ status: 200, text: '' });
  expect(bound.headers['content-type']).toBe('text/plain');
  expect((await log('logged', '?container=x')).body['message']).toBe('container x is not valid for pod logged');
  expect((await log('logged', '?tailLines=-1')).status).toBe(422);
  expect((await log('nobody')).status).toBe(404);
});
