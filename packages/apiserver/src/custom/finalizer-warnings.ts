import { listAt } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { qualifiedNameErrors } from '../kinds/meta/formats.ts';

const STANDARD = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** What there is to warn of in the finalizers that a custom resource gets: names that others may use too. */
export function finalizerWarnings(draft: Readonly<Draft>, old: Readonly<Draft> | undefined): readonly string[] {
  const before = new Set(listAt(old?.metadata, 'finalizers'));
  const added = listAt(draft.metadata, 'finalizers').filter((one) => typeof one === 'string' && !before.has(one));
  return [...new Set(added as readonly string[])].sort().flatMap(warningsOf);
}

function warningsOf(finalizer: string): readonly string[] {
  const head = `metadata.finalizers: ${JSON.stringify(finalizer)}: `;
  const warnings = qualifiedNameErrors(finalizer).map((error) => head + error);
  if (finalizer.includes('/') || STANDARD.has(finalizer)) return warnings;
  const advice = finalizer.includes('.')
    ? 'prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers'
    : 'prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers';
  return [...warnings, head + advice];
}
