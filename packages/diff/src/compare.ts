import { builtinScope, gvkOf, payloadOf, printable, sensitivePaths } from '@homeostat/kube';
import type { JsonPath, KubeObject, Managers } from '@homeostat/kube';
import { emptySet, printPath } from '@homeostat/merge';
import type { FieldSet } from '@homeostat/merge';
import type { Change, Comparison } from './change.ts';
import { entryOf, othersOn, setOfEntry } from './holder.ts';
import type { Others } from './holder.ts';
import type { Ignored } from './ignore.ts';
import { nameOf, toPath } from './place.ts';
import type { Step } from './place.ts';
import { walkRecord } from './walk.ts';
import type { Finding, Walk } from './walk.ts';

export interface CompareOptions {
  readonly manager: Managers;
  /** What is left to others, from `compileIgnore`. */
  readonly ignore?: Ignored | undefined;
  /** Places that hold secrets beside those that kube knows (what was decrypted). */
  readonly sensitive?: readonly JsonPath[];
}

/**
 * Tells from the two objects alone whether live is what is desired: no request, no schema, no stored state.
 *
 * It walks what our server-side applies own according to live's managedFields.
 *
 * 1. In sync: every field that we own has the desired value, every desired field is ours, what is no longer desired is gone,
 *    and our items of associative lists stand in the desired relative order.
 * 2. What others added (a sidecar, a data key, a finalizer) is no difference, and an apply would not remove it.
 * 3. Values are compared as the server keeps them: see `compareLeaf` for zero values, quantities and defaults. Where only
 *    the server can tell, it does not guess: `unknown`.
 * 4. Never throws. Changes come in the order of the managed set, then of the desired object: the same every time.
 * 5. No secret value is in its result.
 *
 * `desired` may be as rendered or as applied (`payloadOf`); `live` is as the server answered, managedFields included.
 */
export function compare(desired: KubeObject, live: KubeObject, options: CompareOptions): Comparison {
  const entry = entryOf(live, options.manager.current);
  if (desired.apiVersion !== live.apiVersion || (entry !== undefined && entry.apiVersion !== live.apiVersion)) {
    return { state: 'unknown', reason: 'other-version', changes: [] };
  }
  const owned = entry && setOfEntry(entry);
  const payload = payloadOf(desired);
  const others = othersOn(live, options.manager);
  const findings = findingsOf(owned ?? emptySet, payload, live, others, options.ignore);
  if (findings.length === 0) return { state: 'in-sync' };
  const changes = toChanges(findings, payload, live, others, options);
  if (owned === undefined) return { state: 'unknown', reason: 'no-entry', changes };
  const uncertain = findings.every((finding) => finding.uncertain);
  return uncertain ? { state: 'unknown', reason: 'normalization', changes } : { state: 'differs', changes };
}

/** What the walk finds, secrets and all: not for anyone outside this package. */
export function findingsOf(
  owned: FieldSet,
  payload: KubeObject,
  live: KubeObject,
  others: Others,
  ignored: Ignored | undefined,
): readonly Finding[] {
  const { group, kind } = gvkOf(live);
  const builtin = builtinScope(group, kind) !== undefined;
  const walk: Walk = {
    kind: !builtin ? '' : group === '' ? kind : `${kind}.${group}`,
    steps: [],
    findings: [],
    others,
  };
  walkRecord(owned, payload, live, ignored, walk);
  return walk.findings;
}

/** Findings as others may see them: with text paths and holders, and without secrets. */
export function toChanges(
  findings: readonly Finding[],
  payload: KubeObject,
  live: KubeObject,
  others: Others,
  { sensitive = [] }: CompareOptions,
): readonly Change[] {
  const secrets = [...sensitivePaths(payload), ...sensitivePaths(live), ...sensitive];
  return findings.map(({ steps, kind, desired: wanted, live: actual }) => {
    const path = toPath(steps);
    const heldBy = others.holderOf(path);
    const hidden = hiddenIn(steps, secrets);
    return {
      path: printPath(path),
      kind,
      ...(wanted !== undefined && { desired: printable(wanted, hidden) }),
      ...(actual !== undefined && actual !== null && { live: printable(actual, hidden) }),
      ...(heldBy !== undefined && { heldBy }),
    };
  });
}

/** The secret places in a value that stands at `steps`; the whole value when it is, or lies in, a secret one. */
export function hiddenIn(steps: readonly Step[], secrets: readonly JsonPath[]): readonly JsonPath[] {
  return secrets
    .filter((secret) => steps.every((step, i) => i >= secret.length || matches(secret[i] as string | number, step)))
    .map((secret) => secret.slice(steps.length));
}

/** List items are named by key here and by position there: any position may be meant. */
function matches(token: string | number, step: Step): boolean {
  const name = nameOf(step);
  return token === '*' || (name === '[]' ? /^\d+$/.test(String(token)) : String(token) === name);
}
