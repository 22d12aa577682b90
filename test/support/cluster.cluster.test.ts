import { expect } from 'vitest';
import { cluster } from './cluster.ts';

cluster.test('each test has a namespace of its own', async ({ namespace, raw, kubectl }) => {
  expect(await raw('GET', `/api/v1/namespaces/${namespace}`)).toMatchObject({ status: 200 });
  expect(await kubectl(['get', 'namespace', namespace, '-o', 'name'])).toMatchObject({
    code: 0,
    stdout: `namespace/${namespace}\n`,
  });
});

cluster.test('kubectl takes its input and reports its exit code', async ({ namespace, kubectl }) => {
  const stdin = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
  expect(await kubectl(['-n', namespace, 'apply', '-f', '-'], { stdin })).toMatchObject({ code: 0 });
  expect(await kubectl(['-n', namespace, 'get', 'configmap', 'b'])).toMatchObject({ code: 1 });
});

cluster.test('the user "someone" may do nothing', async ({ namespace, plane, raw }) => {
  const answer = await raw('GET', `/api/v1/namespaces/${namespace}/pods`, { token: plane.userToken });
  expect(answer).toMatchObject({ status: 403 });
});

cluster.test('clients connect as admin and as others', async ({ namespace, client, connect }) => {
  const ref = { group: '', kind: 'Namespace', namespace: '', name: namespace };
  expect(await client.get(ref)).toMatchObject({ metadata: { name: namespace } });
  const someone = await connect({ user: 'someone' });
  await expect(someone.get(ref)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

cluster.needs('controllers')('a Deployment rolls out', async ({ namespace, kubectl }) => {
  await kubectl(['-n', namespace, 'create', 'deployment', 'web', '--image=example.com/web', '--replicas=2']);
  expect(await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=30s'])).toMatchObject({
    code: 0,
  });
});
