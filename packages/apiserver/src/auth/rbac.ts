import { isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { matchesLabelSelector } from '../registry/match-selector.ts';
import type { Store } from '../store/store.ts';
import { MASTERS } from './users.ts';
import type { User } from './users.ts';

/** What somebody wants to do. */
export type Attributes = ResourceAttributes | PathAttributes;

export interface ResourceAttributes {
  readonly type: 'resource';
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** `''`: at the cluster scope. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
}

export interface PathAttributes {
  readonly type: 'path';
  readonly verb: string;
  readonly path: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** `RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "y" to User "z"`; `''` where nothing allowed it. */
  readonly reason: string;
}

/** `rbac/v1` PolicyRule. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

const CLUSTER_ROLES = 'clusterroles.rbac.authorization.k8s.io';
const CLUSTER_BINDINGS = 'clusterrolebindings.rbac.authorization.k8s.io';
const ROLES = 'roles.rbac.authorization.k8s.io';
const BINDINGS = 'rolebindings.rbac.authorization.k8s.io';

/** Decides by the roles and bindings in the store, as they are now. Members of system:masters may do everything. */
export function authorize(store: Store, user: User, wanted: Attributes): Decision {
  if (user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
  for (const { rule, reason } of rulesOf(store, user, wanted.type === 'resource' ? wanted.namespace : '')) {
    if (allows(rule, wanted)) return { allowed: true, reason };
  }
  return { allowed: false, reason: '' };
}

/** Every rule that holds for somebody: at the cluster scope, and in a namespace. */
export function* rulesOf(
  store: Store,
  user: User,
  namespace: string,
): Generator<{ readonly rule: PolicyRule; readonly reason: string }> {
  for (const { object } of store.list(CLUSTER_BINDINGS)) {
    yield* boundRules(store, user, object, '', 'ClusterRoleBinding');
  }
  if (namespace === '') return;
  for (const { object } of store.list(BINDINGS, `${namespace}/`)) {
    yield* boundRules(store, user, object, namespace, 'RoleBinding');
  }
}

function* boundRules(
  store: Store,
  user: User,
  binding: KubeObject,
  namespace: string,
  kind: string,
): Generator<{ readonly rule: PolicyRule; readonly reason: string }> {
  const subject = recordsAt(binding, 'subjects').find((one) => isSubject(one, user, namespace));
  if (subject === undefined) return;
  const { kind: roleKind, name: roleName } = recordAt(binding, 'roleRef');
  if (typeof roleName !== 'string') return;
  const role =
    roleKind === 'ClusterRole' ? store.get(CLUSTER_ROLES, roleName) : store.get(ROLES, `${namespace}/${roleName}`);
  if (role === undefined) return;
  const where = namespace === '' ? binding.metadata.name : `${binding.metadata.name}/${namespace}`;
  const reason = `RBAC: allowed by ${kind} "${where}" of ${String(roleKind)} "${roleName}" to ${printSubject(subject)}`;
  for (const rule of roleRules(store, role.object)) yield { rule: ruleOf(rule), reason };
}

/**
 * The rules of a role: its own, and those of the ClusterRoles that it aggregates. (In a cluster a controller writes them into
 * the role; here they count without being written.)
 */
function* roleRules(
  store: Store,
  role: KubeObject,
  seen: Set<string> = new Set(),
): Generator<Readonly<Record<string, unknown>>> {
  yield* recordsAt(role, 'rules');
  const selectors = recordsAt(recordAt(role, 'aggregationRule'), 'clusterRoleSelectors');
  if (selectors.length === 0) return;
  seen.add(role.metadata.name);
  for (const { object } of store.list(CLUSTER_ROLES)) {
    const { name, labels } = object.metadata;
    if (seen.has(name) || !selectors.some((selector) => matchesLabelSelector(selector, labels))) continue;
    yield* roleRules(store, object, seen);
  }
}

function isSubject(subject: Readonly<Record<string, unknown>>, user: User, namespace: string): boolean {
  const { kind, name } = subject;
  if (typeof name !== 'string') return false;
  switch (kind) {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount': {
      const place = typeof subject['namespace'] === 'string' ? subject['namespace'] : namespace;
      return user.name === `system:serviceaccount:${place}:${name}`;
    }
    default:
      return false;
  }
}

function printSubject(subject: Readonly<Record<string, unknown>>): string {
  const { kind, name, namespace } = subject;
  const shown = kind === 'ServiceAccount' ? `${String(name)}/${String(namespace)}` : String(name);
  return `${String(kind)} "${shown}"`;
}

/** Whether a rule covers what is wanted. */
export function allows(rule: PolicyRule, wanted: Attributes): boolean {
  if (!has(rule.verbs, wanted.verb)) return false;
  if (wanted.type === 'path') {
    return rule.nonResourceURLs.some(
      (one) => one === '*' || one === wanted.path || (one.endsWith('*') && wanted.path.startsWith(one.slice(0, -1))),
    );
  }
  const { group, resource, subresource, name } = wanted;
  if (!has(rule.apiGroups, group)) return false;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const covered = has(rule.resources, full) || (subresource !== '' && rule.resources.includes(`*/${subresource}`));
  if (!covered) return false;
  return rule.resourceNames.length === 0 || (name !== '' && rule.resourceNames.includes(name));
}

function has(listed: readonly string[], wanted: string): boolean {
  return listed.includes('*') || listed.includes(wanted);
}

function ruleOf(rule: Readonly<Record<string, unknown>>): PolicyRule {
  return {
    verbs: textsAt(rule, 'verbs'),
    apiGroups: textsAt(rule, 'apiGroups'),
    resources: textsAt(rule, 'resources'),
    resourceNames: textsAt(rule, 'resourceNames'),
    nonResourceURLs: textsAt(rule, 'nonResourceURLs'),
  };
}

function recordAt(parent: Readonly<Record<string, unknown>>, field: string): Readonly<Record<string, unknown>> {
  const value = parent[field];
  return isRecord(value) ? value : {};
}

function recordsAt(
  parent: Readonly<Record<string, unknown>>,
  field: string,
): readonly Readonly<Record<string, unknown>>[] {
  const value = parent[field];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textsAt(parent: Readonly<Record<string, unknown>>, field: string): readonly string[] {
  const value = parent[field];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** The 403's words for what was not allowed. */
export function refusalOf(user: User, wanted: ResourceAttributes): string {
  const { verb, group, resource, subresource, namespace } = wanted;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `User ${JSON.stringify(user.name)} cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
}
