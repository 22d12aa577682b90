import { MANAGED_ANNOTATION, PART_OF_LABEL } from '@homeostat/kube';
import type { KubeError } from '@homeostat/kube';

/** One field that another manager owns with another value. */
export interface FieldConflict {
  /** As the server writes it: `.spec.containers[name="web"].image`. */
  readonly path: string;
  readonly manager: string;
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
  /** Those of them whose fields become ours after all. */
  readonly adoptFrom?: readonly string[];
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

/** Managers of client-side apply, and the one that the server invents for fields that nobody owned. */
export const LEGACY_MANAGERS: readonly string[] = ['before-first-apply', 'kubectl', 'kubectl-client-side-apply'];

const CAUSE = /^conflict with ("(?:[^"\\]|\\.)*")(?: with subresource ("(?:[^"\\]|\\.)*"))?/;

/** The conflicts that a `CONFLICT` error lists. Source: the causes of reason `FieldManagerConflict` in its Status. */
export function conflictsOf(error: KubeError): readonly FieldConflict[] {
  return error.causes.flatMap(({ reason, message, field }) => {
    const match = CAUSE.exec(message);
    if (reason !== 'FieldManagerConflict' || match === null) return [];
    const [, manager = '""', subresource] = match;
    return [
      {
        path: field,
        manager: unquote(manager),
        ...(subresource !== undefined && { subresource: unquote(subresource) }),
      },
    ];
  });
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
 * 1. Membership (label and annotation) held by somebody else means that another set has the object: that is never taken nor
 *    yielded here, whatever the mode. Taking an object from another set is a decision about the object (`adopt`).
 * 2. Fields of legacy managers, and of those in `adoptFrom`, are always taken.
 * 3. The mode decides about all others.
 */
export function decideConflict(conflicts: readonly FieldConflict[], policy: ConflictPolicy): ConflictDecision {
  const membership = conflicts.filter(isMembership);
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

/** Managers whose fields become ours. */
export function inheritedManagers({
  legacyManagers = LEGACY_MANAGERS,
  adoptFrom = [],
}: ConflictPolicy): readonly string[] {
  return [...legacyManagers, ...adoptFrom];
}

function isMembership({ path }: FieldConflict): boolean {
  return path === `.metadata.labels.${PART_OF_LABEL}` || path === `.metadata.annotations.${MANAGED_ANNOTATION}`;
}
