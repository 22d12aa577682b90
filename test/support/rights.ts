import { expect } from 'vitest';
import type { Raw } from './cluster.ts';
import { eventually } from './scenario.ts';

/** Rights of one user in one namespace, as tests give and take them; each is in effect when it resolves. */
export interface Rights {
  grant(resource: string, verbs: readonly string[]): Promise<void>;
  revoke(resource: string): Promise<void>;
}

/** `resource` as kubectl writes it: `configmaps`, `deployments.apps`. One Role and RoleBinding for each. */
export function rightsOf(raw: Raw, namespace: string, user: string): Rights {
  const roles = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`;
  const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
  const nameOf = (resource: string): string => `${resource}-${user.split(':').at(-1) ?? ''}`;
  const split = (resource: string): readonly [string, string] => {
    const [plural = '', ...group] = resource.split('.');
    return [plural, group.join('.')];
  };

  async function inEffect(resource: string, verb: string, allowed: boolean): Promise<void> {
    const [plural, group] = split(resource);
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, resourceAttributes: { namespace, verb, group, resource: plural } },
    };
    await eventually(async () => {
      const answer = await raw('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body });
      expect(answer.body).toMatchObject({ status: { allowed } });
    });
  }

  return {
    async grant(resource, verbs) {
      const [plural, group] = split(resource);
      const metadata = { name: nameOf(resource) };
      const role = { metadata, rules: [{ apiGroups: [group], resources: [plural], verbs }] };
      expect((await raw('POST', roles, { body: role })).status).toBe(201);
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name };
      const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
      expect((await raw('POST', bindings, { body: { metadata, roleRef, subjects } })).status).toBe(201);
      await inEffect(resource, verbs[0] ?? 'get', true);
    },
    async revoke(resource) {
      const name = nameOf(resource);
      expect((await raw('DELETE', `${bindings}/${name}`)).status).toBe(200);
      expect((await raw('DELETE', `${roles}/${name}`)).status).toBe(200);
      await inEffect(resource, 'get', false);
    },
  };
}

export const ALL_VERBS = ['get', 'list', 'watch', 'create', 'patch', 'delete'] as const;
