import { printGroupKind, printRef } from '@homeostat/kube';
import type { Ref } from '@homeostat/kube';
import type { Sync } from './sync.ts';

/** Which objects a set may consist of. What is absent restricts nothing. */
export interface AllowRules {
  /** `ConfigMap` (of the core group), `Deployment.apps`, `*.networking.k8s.io`, `Ingress.*`, `*`; `*.` are all of the core group. */
  readonly kinds?: readonly string[];
  /** Namespaces, and Namespace objects by their name: `shop`, `shop-*`. */
  readonly namespaces?: readonly string[];
  /** Objects that live in no namespace. Default: only where `namespaces` restricts nothing. */
  readonly clusterScoped?: boolean;
}

/** Which objects a set may not consist of, whatever {@link AllowRules} say. Patterns as there. */
export type DenyRules = Pick<AllowRules, 'kinds' | 'namespaces'>;

type Rules = Pick<Sync, 'namespace'> & {
  readonly policy: Pick<Sync['policy'], 'allow' | 'deny' | 'enforceNamespace'>;
};

/** The rule of a policy that keeps an object out of a set, and how to mend that. */
export interface RuleAgainst {
  /** As it stands in the document: `allow.kinds`. */
  readonly rule:
    | 'deny.kinds'
    | 'deny.namespaces'
    | 'enforceNamespace'
    | 'allow.kinds'
    | 'allow.namespaces'
    | 'allow.clusterScoped';
  /** What it says, for people. */
  readonly text: string;
}

/**
 * The first rule that keeps an object out of the set; undefined when it may be in it. Pure.
 *
 * 1. What is denied is refused whatever is allowed.
 * 2. An object without namespace counts as cluster-scoped, also where its kind is not known yet.
 * 3. A Namespace is judged by its own name as if it lived in itself, and as the cluster-scoped object that it is.
 */
export function ruleAgainst(ref: Ref, { namespace: own, policy }: Rules): RuleAgainst | undefined {
  const { allow, deny, enforceNamespace } = policy;
  const kind = printGroupKind(ref);
  const namespace = kind === 'Namespace' ? ref.name : ref.namespace;
  const against = (rule: RuleAgainst['rule'], text: string): RuleAgainst => ({ rule, text: `policy ${rule}: ${text}` });

  const deniedKind = deny.kinds?.find((pattern) => matchesKind(pattern, ref));
  if (deniedKind !== undefined) return against('deny.kinds', `"${deniedKind}" covers ${kind}`);
  const deniedNamespace = deny.namespaces?.find((pattern) => namespace !== '' && matchesText(pattern, namespace));
  if (deniedNamespace !== undefined)
    return against('deny.namespaces', `"${deniedNamespace}" covers the namespace ${namespace}`);
  if (enforceNamespace && ref.namespace !== '' && ref.namespace !== own)
    return against('enforceNamespace', `only the namespace ${own} is allowed`);
  if (allow.kinds !== undefined && !allow.kinds.some((pattern) => matchesKind(pattern, ref)))
    return against('allow.kinds', `none of ${printList(allow.kinds)} covers ${kind}`);
  const { namespaces, clusterScoped = namespaces === undefined } = allow;
  if (ref.namespace === '' && !clusterScoped)
    return against('allow.clusterScoped', `${kind} objects live in no namespace`);
  if (namespaces !== undefined && namespace !== '' && !namespaces.some((pattern) => matchesText(pattern, namespace)))
    return against('allow.namespaces', `none of ${printList(namespaces)} covers the namespace ${namespace}`);
  return undefined;
}

/** What is said about a desired object that a rule keeps out. */
export function refusalBy({ text }: RuleAgainst, ref: Ref): string {
  return `${printRef(ref)} may not be in this set: ${text}; change that policy, or move the object to another sync`;
}

/** Kind and group are split at the first dot, as `Kind.group` is printed; a pattern without a dot means the core group. */
function matchesKind(pattern: string, { group, kind }: Ref): boolean {
  if (pattern === '*') return true;
  const dot = pattern.indexOf('.');
  const [wantedKind, wantedGroup] = dot === -1 ? [pattern, ''] : [pattern.slice(0, dot), pattern.slice(dot + 1)];
  return matchesText(wantedKind, kind) && matchesText(wantedGroup, group);
}

/** `*` stands for any text, also none. In time linear to both. */
function matchesText(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function printList(patterns: readonly string[]): string {
  return patterns.length === 0 ? 'nothing' : patterns.map((pattern) => `"${pattern}"`).join(', ');
}
