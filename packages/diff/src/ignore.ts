import { gvkOf, isRecord, matchesLabels, parseLabelSelector } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { parsePointer } from '@homeostat/merge';
import { DiffError } from './error.ts';

/** Fields that are left to others, in the objects that `select` names (all when it is absent). */
export interface IgnoreRule {
  /**
   * JSON pointers (RFC 6901: `/` and `~` inside a name are `~1` and `~0`). A token `*` stands for every field or item; in a
   * list, a number is a position in the desired list, `[name=web]` the items with that field, `[=a]` the items of that value.
   */
  readonly pointers: readonly string[];
  readonly select?: IgnoreSelect;
}

/** All that is given must hold. `*` in a text stands for any characters; `group: ''` is the core group. */
export interface IgnoreSelect {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  /** A label selector, as `app=web,tier in (a, b)`; matched with the desired object's labels. */
  readonly labels?: string;
}

/** What the rules say about one object, made by {@link compileIgnore}. */
export interface Ignored {
  /** All that lies here. */
  readonly everything: boolean;
  readonly steps: readonly IgnoredStep[];
}

interface IgnoredStep {
  /** `*`, a field name, a position, or the text of an item selector. */
  readonly token: string;
  readonly item?: { readonly name: string; readonly value: string };
  readonly rest: Ignored;
}

/** What the object alone does not tell. */
export interface IgnoreFacts {
  /** A HorizontalPodAutoscaler in view scales this object. */
  readonly autoscaled?: boolean;
}

const EVERYTHING: Ignored = { everything: true, steps: [] };

/**
 * What is ignored in a desired object: what the rules say, and what is always left to others ({@link builtInPointers}).
 * `undefined` when nothing is. A pointer that leads nowhere does nothing.
 *
 * Every rule is read, whether it selects the object or not, so that a mistake shows at once.
 *
 * @throws {DiffError} `INVALID_RULE`.
 */
export function compileIgnore(
  rules: readonly IgnoreRule[],
  object: KubeObject,
  facts: IgnoreFacts = {},
): Ignored | undefined {
  const paths = rules.flatMap((rule) => {
    const tokens = readRule(rule, () => rule.pointers.map(readPointer));
    return selects(rule, object) ? tokens : [];
  });
  paths.push(...builtInPointers(object, facts).map(parsePointer));
  return paths.length === 0 ? undefined : ignoredAt(paths);
}

function readPointer(pointer: string): readonly string[] {
  const tokens = parsePointer(pointer);
  if (tokens.length === 0) throw new TypeError('"" is the whole object: to leave that alone, do not desire it');
  return tokens;
}

function readRule<T>(rule: IgnoreRule, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DiffError('INVALID_RULE', `ignore rule ${JSON.stringify(rule)}: ${why}`, { cause });
  }
}

function ignoredAt(paths: readonly (readonly string[])[]): Ignored {
  if (paths.some((path) => path.length === 0)) return EVERYTHING;
  const tokens = new Set(paths.map(([token]) => token as string));
  const steps = [...tokens].map((token): IgnoredStep => {
    const [, name, value] = /^\[([^=]*)=(.*)\]$/s.exec(token) ?? [];
    const rest = ignoredAt(paths.filter(([first]) => first === token).map((path) => path.slice(1)));
    return { token, rest, ...(name !== undefined && value !== undefined && { item: { name, value } }) };
  });
  return { everything: false, steps };
}

function selects(rule: IgnoreRule, object: KubeObject): boolean {
  const { group, kind, name, namespace, labels } = rule.select ?? {};
  const selector = labels === undefined ? undefined : readRule(rule, () => parseLabelSelector(labels));
  const gvk = gvkOf(object);
  return (
    fits(group, gvk.group) &&
    fits(kind, gvk.kind) &&
    fits(name, object.metadata.name) &&
    fits(namespace, object.metadata.namespace ?? '') &&
    (selector === undefined || matchesLabels(selector, object.metadata.labels ?? {}))
  );
}

function fits(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined || pattern === '*' || pattern === text) return true;
  if (!pattern.includes('*')) return false;
  // Each part must follow the one before: no backtracking, whatever the pattern.
  const parts = pattern.split('*');
  const [first, last] = [parts[0] as string, parts.at(-1) as string];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

const INJECTED_CA = [
  'cert-manager.io/inject-ca-from',
  'cert-manager.io/inject-ca-from-secret',
  'cert-manager.io/inject-apiserver-ca',
  'service.beta.openshift.io/inject-cabundle',
];

/**
 * What is always left to others, because a controller is there to write it and would fight for it:
 *
 * 1. `rules` of a ClusterRole with an aggregationRule;
 * 2. `spec.replicas` of what an autoscaler in view scales;
 * 3. `caBundle`s where an annotation asks for one to be injected.
 */
function builtInPointers(object: KubeObject, facts: IgnoreFacts): readonly string[] {
  const pointers: string[] = facts.autoscaled === true ? ['/spec/replicas'] : [];
  const { group, kind } = gvkOf(object);
  if (group === 'rbac.authorization.k8s.io' && kind === 'ClusterRole' && isRecord(object['aggregationRule'])) {
    pointers.push('/rules');
  }
  const annotations = object.metadata.annotations;
  if (annotations !== undefined && INJECTED_CA.some((name) => Object.hasOwn(annotations, name))) {
    const pointer = CA_BUNDLES[`${kind}.${group}`];
    if (pointer !== undefined) pointers.push(pointer);
  }
  return pointers;
}

/** Where an injected certificate stands, by kind. */
export const CA_BUNDLES: Readonly<Record<string, string>> = {
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': '/webhooks/*/clientConfig/caBundle',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': '/webhooks/*/clientConfig/caBundle',
  'CustomResourceDefinition.apiextensions.k8s.io': '/spec/conversion/webhook/clientConfig/caBundle',
  'APIService.apiregistration.k8s.io': '/spec/caBundle',
};

/** What is ignored in a field of a map. */
export function ignoredField(ignored: Ignored | undefined, name: string): Ignored | undefined {
  return ignored && unite(ignored.steps.filter(({ token }) => token === name || token === '*'));
}

/** What is ignored in an item of a list. */
export function ignoredItem(ignored: Ignored | undefined, item: unknown, position: number): Ignored | undefined {
  return (
    ignored &&
    unite(
      ignored.steps.filter(({ token, item: selector }) => {
        if (selector === undefined) return token === '*' || token === String(position);
        const value = selector.name === '' ? item : isRecord(item) ? item[selector.name] : undefined;
        return typeof value === 'string'
          ? value === selector.value
          : isPlain(value) && String(value) === selector.value;
      }),
    )
  );
}

function isPlain(value: unknown): value is number | bigint | boolean {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

function unite(steps: readonly IgnoredStep[]): Ignored | undefined {
  const [first, ...others] = steps;
  if (first === undefined || others.length === 0) return first?.rest;
  if (steps.some(({ rest }) => rest.everything)) return EVERYTHING;
  return { everything: false, steps: steps.flatMap(({ rest }) => rest.steps) };
}

/**
 * The object without what is ignored: what an apply sends. A map or list that held nothing else goes too, so that an
 * emptied one is not applied; list items stay. The same instance when nothing is ignored in it; unchanged parts are shared.
 */
export function withoutFields(object: KubeObject, ignored: Ignored | undefined): KubeObject {
  return ignored === undefined ? object : (strip(object, ignored) as KubeObject);
}

function strip(value: unknown, ignored: Ignored | undefined): unknown {
  if (ignored === undefined) return value;
  if (ignored.everything) return undefined;
  if (Array.isArray(value)) return stripList(value, ignored);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(
    ([name, part]) => [name, part, strip(part, ignoredField(ignored, name))] as const,
  );
  if (entries.every(([, before, after]) => before === after)) return value;
  const kept = entries.filter(([, before, after]) => after !== undefined || before === undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept.map(([name, , after]) => [name, after]));
}

function stripList(list: readonly unknown[], ignored: Ignored): unknown {
  const items: unknown[] = list.map((item, i) => {
    const here = ignoredItem(ignored, item, i);
    if (here === undefined) return item;
    return here.everything ? undefined : (strip(item, here) ?? {});
  });
  if (items.every((item, i) => item === list[i])) return list;
  const kept = items.filter((item) => item !== undefined);
  return kept.length === 0 ? undefined : kept;
}
