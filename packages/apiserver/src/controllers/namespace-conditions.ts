import type { DraftMap } from '../draft.ts';

/** What a look into a namespace that is being deleted has found. */
export interface Contents {
  /** Objects left, by `plural.group`; only what there is any of. */
  readonly remaining: ReadonlyMap<string, number>;
  /** Objects left that have it, by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** Why objects were not deleted: one text per resource. */
  readonly failures: readonly string[];
  /** Pods are waited for, before anything else is looked at. */
  readonly podsLeft: boolean;
}

/** The five conditions of a namespace on its way out, after those of other types, which stay as they are. */
export function namespaceConditions(before: readonly DraftMap[], contents: Contents, now: string): DraftMap[] {
  const found = conditionsOf(contents);
  const kept = before.map((condition) => {
    const next = found.find(({ type }) => type === condition['type']);
    if (next === undefined) return condition;
    const since = condition['status'] === next.status ? condition['lastTransitionTime'] : now;
    return { ...next, lastTransitionTime: since };
  });
  const added = found.filter(({ type }) => !before.some((condition) => condition['type'] === type));
  return [...kept, ...added.map((condition) => ({ ...condition, lastTransitionTime: now }))];
}

interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function conditionsOf({ remaining, finalizers, failures }: Contents): readonly Condition[] {
  const fine = (type: string, reason: string, message: string): Condition => ({
    type,
    status: 'False',
    reason,
    message,
  });
  const bad = (type: string, reason: string, message: string): Condition => ({ type, status: 'True', reason, message });
  const resources = [...remaining].map(([name, count]) => `${name} has ${String(count)} resource instances`);
  const held = [...finalizers].map(([name, count]) => `${name} in ${String(count)} resource instances`);
  const why = failures.toSorted().join(', ');
  return [
    fine('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    fine(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    failures.length === 0
      ? fine(
          'NamespaceDeletionContentFailure',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        )
      : bad(
          'NamespaceDeletionContentFailure',
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${String(failures.length)} remaining: ${why}`,
        ),
    resources.length === 0
      ? fine('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed')
      : bad(
          'NamespaceContentRemaining',
          'SomeResourcesRemain',
          `Some resources are remaining: ${resources.toSorted().join(', ')}`,
        ),
    held.length === 0
      ? fine('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished')
      : bad(
          'NamespaceFinalizersRemaining',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${held.toSorted().join(', ')}`,
        ),
  ];
}
