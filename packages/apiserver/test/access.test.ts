import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld } from './wire.ts';
import type { Answer, Asked, World } from './wire.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const REVIEWS = '/apis/authorization.k8s.io/v1';
const PODS = '/api/v1/namespaces/default/pods';

let world: World;
beforeAll(async () => {
  world = await startWorld({ controllers: false });
});
afterAll(() => world[Symbol.asyncDispose]());

const as = (token: string): Asked => ({ headers: { authorization: `Bearer ${token}` } });
const impersonating = (user: string, ...groups: readonly string[]): Asked => ({
  headers: { 'impersonate-user': user, ...(groups[0] !== undefined && { 'impersonate-group': groups[0] }) },
});
const post = (body: unknown, asked: Asked = {}): Asked => ({ method: 'POST', body, ...asked });

function grant(name: string, namespace: string, rules: readonly object[], subject: object): Promise<Answer[]> {
  const where = namespace === '' ? RBAC : `${RBAC}/namespaces/${namespace}`;
  const [roles, kind] = namespace === '' ? ['clusterroles', 'ClusterRole'] : ['roles', 'Role'];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name };
  const bindings = namespace === '' ? 'clusterrolebindings' : 'rolebindings';
  return Promise.all([
    world.ask(`${where}/${roles}`, post({ metadata: { name }, rules })),
    world.ask(`${where}/${bindings}`, post({ metadata: { name }, roleRef, subjects: [subject] })),
  ]);
}

test('without credentials there is only what everybody may see', async () => {
  const nobody: Asked = { headers: { authorization: '' } };
  expect((await world.ask('/version', nobody)).status).toBe(200);
  expect((await world.ask('/healthz', nobody)).text).toBe('ok');
  expect((await world.ask('/apis', nobody)).body).toMatchObject({
    code: 403,
    message: 'forbidden: User "system:anonymous" cannot get path "/apis"',
  });
  expect((await world.ask(PODS, nobody)).body).toMatchObject({
    reason: 'Forbidden',
    message:
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
    details: { kind: 'pods' },
  });
});

test('a token that nobody has is refused with 401, whatever is asked for', async () => {
  expect((await world.ask('/healthz', as('wrong'))).body).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Unauthorized',
    reason: 'Unauthorized',
    code: 401,
  });
});

test('roles grant what they say, in their namespace, by verb, resource, name and subresource', async () => {
  await grant(
    'reader',
    'default',
    [
      { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] },
      { verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'] },
      { verbs: ['update'], apiGroups: ['apps'], resources: ['deployments/scale'] },
    ],
    { kind: 'User', name: 'ann' },
  );
  const status = async (path: string, asked: Asked = {}): Promise<number> =>
    (await world.ask(path, { ...asked, headers: { 'impersonate-user': 'ann' } })).status;
  expect(await status(PODS)).toBe(200);
  expect(await status(`${PODS}?watch=1`)).toBe(403);
  expect(await status('/api/v1/pods')).toBe(403);
  expect(await status('/api/v1/namespaces/kube-system/pods')).toBe(403);
  expect(await status('/api/v1/namespaces/default/configmaps/mine')).toBe(404);
  expect(await status('/api/v1/namespaces/default/configmaps/other')).toBe(403);
  expect(await status('/apis/apps/v1/namespaces/default/deployments/a')).toBe(403);
  const scale = { method: 'PUT', body: { metadata: { name: 'a' }, spec: { replicas: 1 } } };
  expect(await status('/apis/apps/v1/namespaces/default/deployments/a/scale', scale)).toBe(404);
});

test('a group and a service account are subjects too; a cluster role holds everywhere', async () => {
  const rules = [{ verbs: ['list'], apiGroups: ['*'], resources: ['*'] }];
  await grant('lists', '', rules, { kind: 'Group', name: 'listers' });
  expect((await world.ask('/apis/apps/v1/deployments', impersonating('bob', 'listers'))).status).toBe(200);
  expect((await world.ask('/apis/apps/v1/deployments', impersonating('bob'))).status).toBe(403);
  const account = { kind: 'ServiceAccount', name: 'robot', namespace: 'kube-system' };
  await grant('robots', 'default', [{ verbs: ['*'], apiGroups: [''], resources: ['*'] }], account);
  expect((await world.ask(PODS, impersonating('system:serviceaccount:kube-system:robot'))).status).toBe(200);
});

test('who has no right to it cannot be somebody else', async () => {
  const asked = { headers: { authorization: 'Bearer user-token', 'impersonate-user': 'admin' } };
  expect((await world.ask('/version', asked)).body).toMatchObject({
    code: 403,
    message:
      'users "admin" is forbidden: User "someone" cannot impersonate resource "users" in API group "" at the cluster scope',
  });
  const group = { headers: { 'impersonate-group': 'system:masters' } };
  expect((await world.ask('/version', group)).status).toBe(400);
});

test('reviews answer what the rules say', async () => {
  const attributes = { verb: 'list', resource: 'pods', namespace: 'default' };
  const self = post({ spec: { resourceAttributes: attributes } });
  expect((await world.ask(`${REVIEWS}/selfsubjectaccessreviews`, self)).body).toMatchObject({
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: attributes },
    status: { allowed: true },
  });
  const ann = { ...self, headers: { 'impersonate-user': 'ann' } };
  expect((await world.ask(`${REVIEWS}/selfsubjectaccessreviews`, ann)).body).toMatchObject({
    status: { allowed: true, reason: 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to User "ann"' },
  });
  const other = post({ spec: { user: 'ann', resourceAttributes: { ...attributes, verb: 'delete' } } });
  expect((await world.ask(`${REVIEWS}/subjectaccessreviews`, other)).body['status']).toEqual({ allowed: false });
  expect((await world.ask(`${REVIEWS}/selfsubjectaccessreviews`, post({ spec: {} }))).status).toBe(422);
  const both = post({ spec: { resourceAttributes: {}, nonResourceAttributes: { path: '/a' } } });
  expect((await world.ask(`${REVIEWS}/selfsubjectaccessreviews`, both)).body['message']).toContain(
    'spec: Invalid value: {"Path":"/a","Verb":""}: exactly one of',
  );
  expect((await world.ask(`${REVIEWS}/selfsubjectaccessreviews/name`, self)).status).toBe(404);
  const rules = post({ spec: { namespace: 'default' } }, { headers: { 'impersonate-user': 'ann' } });
  expect((await world.ask(`${REVIEWS}/selfsubjectrulesreviews`, rules)).body).toMatchObject({
    status: {
      incomplete: false,
      resourceRules: expect.arrayContaining([expect.objectContaining({ resources: ['pods'] })]),
    },
  });
  const who = await world.ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', post({}, impersonating('ann', 'g')));
  expect(who.body).toMatchObject({
    status: { userInfo: { username: 'ann', groups: ['g', 'system:authenticated'] } },
  });
});

test('a service account has tokens, which end with it', async () => {
  const accounts = '/api/v1/namespaces/kube-system/serviceaccounts';
  await world.ask(accounts, post({ metadata: { name: 'tokens' } }));
  const request = await world.ask(`${accounts}/tokens/token`, post({ spec: { expirationSeconds: 600 } }));
  expect(request).toMatchObject({ status: 201, body: { kind: 'TokenRequest', spec: { expirationSeconds: 600 } } });
  const { token } = request.body['status'] as { readonly token: string };
  const who = (): Promise<Answer> =>
    world.ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', post({}, as(token)));
  expect((await who()).body).toMatchObject({
    status: { userInfo: { username: 'system:serviceaccount:kube-system:tokens' } },
  });
  const review = post({ spec: { token } });
  expect((await world.ask('/apis/authentication.k8s.io/v1/tokenreviews', review)).body).toMatchObject({
    status: { authenticated: true },
  });
  await world.ask(`${accounts}/tokens`, { method: 'DELETE' });
  expect((await who()).status).toBe(401);
  expect((await world.ask(`${accounts}/none/token`, post({ spec: {} }))).status).toBe(404);
  for (const forged of [`${token}x`, 'a.b.c', token.split('.').slice(0, 2).join('.')]) {
    expect((await world.ask('/version', as(forged))).status).toBe(401);
  }
});

test('a ClusterRole that aggregates others grants what they grant', async () => {
  const labels = { 'example.com/aggregate': 'true' };
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: labels }] };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'sum' };
  await world.ask(`${RBAC}/clusterroles`, post({ metadata: { name: 'sum' }, aggregationRule }));
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'adder' }];
  await world.ask(`${RBAC}/clusterrolebindings`, post({ metadata: { name: 'sum' }, roleRef, subjects }));
  expect((await world.ask(PODS, impersonating('adder'))).status).toBe(403);
  const rules = [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }];
  await world.ask(`${RBAC}/clusterroles`, post({ metadata: { name: 'part', labels }, rules }));
  expect((await world.ask(PODS, impersonating('adder'))).status).toBe(200);
});

test('who brings a kind adds the right to view it to those who may view', async () => {
  await grantRole('viewer', 'view');
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  const rules = [{ verbs: ['list'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] }];
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  expect((await world.ask(leases, impersonating('viewer'))).status).toBe(403);
  await world.ask(`${RBAC}/clusterroles`, post({ metadata: { name: 'view-leases', labels }, rules }));
  expect((await world.ask(leases, impersonating('viewer'))).status).toBe(200);
});

function grantRole(user: string, role: string): Promise<Answer> {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  return world.ask(`${RBAC}/clusterrolebindings`, post({ metadata: { name: user }, roleRef, subjects }));
}
