import { MANAGED_ANNOTATION, PART_OF_LABEL } from '@homeostat/kube';
import type { KubeError, KubeObject } from '@homeostat/kube';
import type { ApplyItem } from './item.ts';

/** One field that another manager owns with another value. */
export interface FieldConflict {
  /** As the server writes it: `.spec.containers[name="web"].image`. */
  readonly path: string;
  readonly manager: string;
  readonly operation?: 'Apply' | 'Update';
  /** When that manager last wrote the object, as the server says; RFC 3339. */
  readonly time?: string;
  /** Through which subresource it was written: `scale` for an autoscaler. */
  readonly subresource?: string;
}

/**
 * - `default`: fields held through a subresource are yielded, fields of another GitOps tool fail, all others are taken.
 * - `force`: take everything. `fail`: take nothing. `yield`: leave everything to whoever has it.
 */
export type ConflictMode = 'default' | 'force' | 'fail' | 'yield';

export interface ConflictPolicy {
  readonly mode: ConflictMode;
  /** Managers of other GitOps tools, whose objects are not taken field by field. Default {@link GITOPS_MANAGERS}. */
  readonly gitOpsManagers?: readonly string[];
  /** Those whose fields become ours after all, whole objects with membership and all. */
  readonly adoptFrom?: readonly string[];
  /** Labels and annotations of former owners that go away with their fields, see {@link Inheritance}. */
  readonly marks?: readonly string[];
  /** What people used before: their fields become ours, whatever the mode. Default {@link LEGACY_MANAGERS}. */
  readonly legacyManagers?: readonly string[];
}

export type ConflictDecision =
  /** Apply again: by force if anything is taken, without the yielded fields. */
  | { readonly decision: 'write'; readonly taken: readonly FieldConflict[]; readonly yielded: readonly FieldConflict[] }
  /** `reasons`: the conflicts that forbid it. */
  | { readonly decision: 'fail'; readonly reasons: readonly FieldConflict[] };

/** Field managers by which other GitOps tools are known. */
export const GITOPS_MANAGERS: readonly string[] = [
  'agentk',
  'argocd-application-controller',
  'argocd-controller',
  'configsync',
  'helm',
  'helm-controller',
  'kapp-controller',
  'kubectl-applyset',
  'kustomize-controller',
];

/** Whom the server names as owner of all that nobody owned when an object was first applied to. */
export const BEFORE_FIRST_APPLY = 'before-first-apply';

/** Managers of client-side apply, and the one that the server invents for fields that nobody owned. */
export const LEGACY_MANAGERS: readonly string[] = [BEFORE_FIRST_APPLY, 'kubectl', 'kubectl-client-side-apply'];

const CAUSE =
  /^conflict with ("(?:[^"\\]|\\.)*")(?: with subresource ("(?:[^"\\]|\\.)*"))?(?: using \S+?(?: at ([-0-9:TZ]+))?)?(?::|$)/;

/**
 * The conflicts that a `CONFLICT` error lists. Source: the causes of reason `FieldManagerConflict` in its Status. The server tells the
 * time of updates only; that of an apply is in the object, where that was read.
 */
export function conflictsOf(error: KubeError, live?: KubeObject): readonly FieldConflict[] {
  return error.causes.flatMap(({ reason, message, field }) => {
    const match = CAUSE.exec(message);
    if (reason !== 'FieldManagerConflict' || match === null) return [];
    const [, quoted = '""', quotedSubresource, at] = match;
    const manager = unquote(quoted);
    const subresource = quotedSubresource === undefined ? undefined : unquote(quotedSubresource);
    const operation = message.includes(' using ') ? 'Update' : 'Apply';
    const time = at ?? timeOf(live, { manager, subresource, operation });
    return [
      {
        path: field,
        manager,
        operation,
        ...(time !== undefined && { time }),
        ...(subresource !== undefined && { subresource }),
      },
    ];
  });
}

function timeOf(
  live: KubeObject | undefined,
  by: { readonly manager: string; readonly subresource: string | undefined; readonly operation: string },
): string | undefined {
  return live?.metadata.managedFields?.find(
    ({ manager, operation, subresource = '' }) =>
      manager === by.manager && operation === by.operation && subresource === (by.subresource ?? ''),
  )?.time;
}

/** `"kubectl-edit" (Update at 2026-11-25T10:00:00Z)`: who holds a field, how, and since when. */
export function printHolder({ manager, operation, time, subresource }: Omit<FieldConflict, 'path'>): string {
  const by = operation === undefined ? '' : time === undefined ? operation : `${operation} at ${time}`;
  const through = subresource === undefined ? '' : `through ${subresource}`;
  const how = [by, through].filter((text) => text !== '').join(', ');
  return how === '' ? `"${manager}"` : `"${manager}" (${how})`;
}

/** The server quotes as Go does; JSON reads all of it that a manager name (printable, at most 128 bytes) can hold. */
function unquote(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}

/**
 * What to do about conflicts. Pure.
 *
 * 1. Membership (label and annotation) held by somebody else means that another set has the object: that is taken only from
 *    those in `adoptFrom`, and never yielded, whatever the mode. Taking an object from another set is a decision about the object (`adopt`).
 * 2. Fields of legacy managers, and of those in `adoptFrom`, are always taken.
 * 3. The mode decides about all others.
 */
export function decideConflict(conflicts: readonly FieldConflict[], policy: ConflictPolicy): ConflictDecision {
  const { adoptFrom = [] } = policy;
  const membership = conflicts.filter((conflict) => isMembership(conflict) && !adoptFrom.includes(conflict.manager));
  if (membership.length > 0) return { decision: 'fail', reasons: membership };

  const heirs = inheritedManagers(policy);
  const others = conflicts.filter(({ manager }) => !heirs.includes(manager));
  const write = (yielded: readonly FieldConflict[]): ConflictDecision => ({
    decision: 'write',
    taken: conflicts.filter((conflict) => !yielded.includes(conflict)),
    yielded,
  });
  switch (policy.mode) {
    case 'force':
      return write([]);
    case 'yield':
      return write(others);
    case 'fail':
      return others.length === 0 ? write([]) : { decision: 'fail', reasons: others };
    case 'default': {
      const { gitOpsManagers = GITOPS_MANAGERS } = policy;
      const foreign = others.filter(
        ({ manager, subresource }) => subresource === undefined && gitOpsManagers.includes(manager),
      );
      if (foreign.length > 0) return { decision: 'fail', reasons: foreign };
      return write(others.filter(({ subresource }) => subresource !== undefined));
    }
    default:
      return policy.mode satisfies never;
  }
}

/** Managers whose fields become ours, all of them: those of `before-first-apply` never do. */
export function formerOwners(policy: ConflictPolicy): readonly string[] {
  return inheritedManagers(policy).filter((manager) => manager !== BEFORE_FIRST_APPLY);
}

/** Managers whose fields are ours to take. */
export function inheritedManagers({
  legacyManagers = LEGACY_MANAGERS,
  adoptFrom = [],
}: ConflictPolicy): readonly string[] {
  return [...legacyManagers, ...adoptFrom];
}

/** The policy for one object: with the mode that it asks for itself, and with what is inherited from its former owner. */
export function policyFor(
  policy: ConflictPolicy,
  { conflicts, inherits }: Pick<ApplyItem, 'conflicts' | 'inherits'>,
): ConflictPolicy {
  const { mode, adoptFrom = [], marks = [] } = policy;
  return {
    ...policy,
    mode: conflicts ?? mode,
    adoptFrom: [...adoptFrom, ...(inherits?.managers ?? [])],
    marks: [...marks, ...(inherits?.marks ?? [])],
  };
}

/** Whether it is about the label or the annotation by which a set knows its members. */
export function isMembership({ path }: FieldConflict): boolean {
  return path === `.metadata.labels.${PART_OF_LABEL}` || path === `.metadata.annotations.${MANAGED_ANNOTATION}`;
}
