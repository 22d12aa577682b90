import type { KubeObject } from '@homeostat/kube';
import { StatusError } from './error.ts';
import type { Status } from './status.ts';
import { unknown } from './status.ts';

/** Judges objects of one kind, or of every kind of a group, in place of the built-in rules. */
export interface CustomRule {
  /** API group; `''` is the core group. */
  readonly group: string;
  /** Every kind of the group that no other custom rule names, when left out. */
  readonly kind?: string;
  /**
   * Asked only about objects that are not being deleted and whose latest generation was observed. `undefined` leaves the
   * verdict to the built-in rules. Must be pure; where it throws, the verdict is `Unknown` with reason `RuleFailed`.
   */
  readonly status: (object: KubeObject, context: { readonly now: number }) => Status | undefined;
}

/** Custom rules that were checked, made by {@link customRules}. */
export interface CustomRules {
  find(group: string, kind: string): CustomRule | undefined;
}

/**
 * Checks custom rules once, at start, so that judging an object need not.
 *
 * @throws {StatusError} `DUPLICATE_RULE` or `INVALID_RULE`, naming the rule.
 */
export function customRules(rules: readonly CustomRule[]): CustomRules {
  const byKind = new Map<string, CustomRule>();
  for (const rule of rules) {
    const key = keyOf(rule.group, rule.kind ?? '*');
    if (typeof rule.group !== 'string' || rule.kind === '' || typeof rule.status !== 'function') {
      throw new StatusError('INVALID_RULE', `custom rule ${key} needs a group ('' is the core group) and a function`);
    }
    if (byKind.has(key)) {
      throw new StatusError('DUPLICATE_RULE', `two custom rules judge ${key}; keep one of them`);
    }
    byKind.set(key, rule);
  }
  return { find: (group, kind) => byKind.get(keyOf(group, kind)) ?? byKind.get(keyOf(group, '*')) };
}

function keyOf(group: string, kind: string): string {
  return `${group}/${kind}`;
}

/** Runs a rule; its failure is a verdict, because one bad rule must not stop the judging of other objects. */
export function runRule(rule: CustomRule, object: KubeObject, now: number): Status | undefined {
  try {
    return rule.status(object, { now });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return unknown('RuleFailed', `the custom rule for ${keyOf(rule.group, rule.kind ?? '*')} failed: ${why}`);
  }
}
