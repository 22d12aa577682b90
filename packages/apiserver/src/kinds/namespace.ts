import type { Draft } from '../draft.ts';
import { ensureMap, listAt, mapAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { invalid } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { keep, kindStrategy } from './kind-strategy.ts';
import { eachText, wrong } from './checks.ts';
import { qualifiedNameErrors } from './meta/formats.ts';

const KUBERNETES = 'kubernetes';

export const namespace: Strategy = kindStrategy({
  setDefaults: labelWithName,
  prepareCreate(draft) {
    // The name may have been generated since defaults were set.
    labelWithName(draft);
    const spec = ensureMap(draft, 'spec');
    const finalizers = listAt(spec, 'finalizers');
    if (!finalizers.includes(KUBERNETES)) spec['finalizers'] = [...finalizers, KUBERNETES];
  },
  prepareUpdate(draft, old) {
    const spec = ensureMap(draft, 'spec');
    keep(spec, mapAt(old, 'spec') ?? {}, 'finalizers');
  },
  validate: (draft) =>
    listAt(mapAt(draft, 'spec'), 'finalizers').flatMap((one) => finalizerErrors(String(one), 'spec.finalizers')),
  status: {
    initial: () => ({ phase: 'Active' }),
    metadata: 'open',
    validate(draft) {
      const phase = textAt(mapAt(draft, 'status'), 'phase');
      const deleting = draft.metadata['deletionTimestamp'] !== undefined;
      if (phase === (deleting ? 'Terminating' : 'Active')) return [];
      const detail = deleting
        ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
        : "may only be 'Active' if `deletionTimestamp` is empty";
      return [invalid('status.Phase', phase, detail)];
    },
  },
});

/** What is wrong with `spec.finalizers` as `/finalize` sets them. */
export function validateNamespaceFinalize(draft: Readonly<Draft>): readonly FieldError[] {
  return eachText(mapAt(draft, 'spec'), 'finalizers', 'spec', finalizerErrors);
}

function labelWithName(draft: Draft): void {
  const name = textAt(draft.metadata, 'name');
  if (name !== '') ensureMap(draft.metadata, 'labels')['kubernetes.io/metadata.name'] = name;
}

function finalizerErrors(name: string, field: string): FieldError[] {
  const errors = wrong(field, name, qualifiedNameErrors(name));
  if (name.includes('/') || ['kubernetes', 'orphan', 'foregroundDeletion'].includes(name)) return errors;
  return [...errors, invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}
