import { countTemplates } from './prepare.ts';
import type { Draft, DraftMap } from '../../draft.ts';
import { mapAt, numberAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid } from '../../field-error.ts';
import type { StatusStrategy } from '../../strategy.ts';
import { nonNegative } from '../pod/rules.ts';

/** Which numbers of a status are counts, and which of them cannot be more than which. */
export interface StatusRules {
  readonly counts: readonly string[];
  /** Each no more than the other; `as` is how the message calls that. */
  readonly atMost: readonly { readonly field: string; readonly of: string; readonly as: string }[];
}

/** The `/status` endpoint of a workload: the spec stays, and so do the labels where `keepsLabels`. */
export function statusStrategy(rules: StatusRules, keepsLabels = false): StatusStrategy {
  return {
    prepareUpdate: (draft, old) => {
      keepSpec(draft, old);
      if (!keepsLabels) return;
      const labels = old.metadata['labels'];
      if (labels === undefined) Reflect.deleteProperty(draft.metadata, 'labels');
      else draft.metadata['labels'] = structuredClone(labels);
    },
    validateUpdate: (draft, old) => [
      ...validateCounts(mapAt(draft, 'status') ?? {}, rules),
      ...validateCollisions(mapAt(draft, 'status'), mapAt(old, 'status')),
    ],
  };
}

export function keepSpec(draft: Draft, old: Readonly<Draft>): void {
  draft['spec'] = structuredClone(old['spec']);
  // What an annotation shows is a field of the spec inside the real server.
  if (draft.kind === 'DaemonSet') countTemplates(draft, old);
}

function validateCounts(status: DraftMap, { counts, atMost }: StatusRules): FieldError[] {
  const count = (name: string): number => numberAt(status, name) ?? 0;
  return [
    ...counts.flatMap((name) => nonNegative(status, name, 'status')),
    ...atMost.flatMap(({ field, of, as }) =>
      count(field) > count(of) ? [invalid(`status.${field}`, count(field), `cannot be greater than ${as}`)] : [],
    ),
  ];
}

/** How often the name of a revision was taken already can only grow. */
function validateCollisions(status: DraftMap | undefined, old: DraftMap | undefined): FieldError[] {
  const before = numberAt(old, 'collisionCount');
  const after = numberAt(status, 'collisionCount');
  if (before === undefined || (after !== undefined && after >= before)) return [];
  return [invalid('status.collisionCount', after ?? 0, 'cannot be decremented')];
}

/** `names`, none of them more than all replicas, and `availableReplicas` no more than those that are ready. */
export function replicaRules(names: readonly string[], others: readonly string[], ready: string): StatusRules {
  return {
    counts: ['replicas', ...names, ...others],
    atMost: [
      ...names.map((field) => ({ field, of: 'replicas', as: 'status.replicas' })),
      { field: 'availableReplicas', of: 'readyReplicas', as: ready },
    ],
  };
}
