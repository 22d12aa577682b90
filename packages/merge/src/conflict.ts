import { MergeError } from './error.ts';
import type { FieldSet } from './field-set.ts';
import { sortedEntries } from './field-set.ts';
import type { Managers } from './managers.ts';
import { compareText, printPath } from './path.ts';
import type { Path } from './path.ts';
import type { FieldConflict } from './tracking.ts';

/** One field in conflict, as a path and as data. */
export interface Conflict {
  readonly path: Path;
  readonly field: FieldConflict;
}

/** By manager, in the order of their identities; a manager's paths in the order in which the API server goes through a set. */
export function conflictList(conflicts: ReadonlyMap<string, FieldSet>, managers: Managers): readonly Conflict[] {
  return [...conflicts.keys()].sort(compareText).flatMap((id) => {
    const manager = managers.get(id);
    if (manager === undefined) return [];
    const { name, operation, apiVersion, subresource, time } = manager;
    const data = {
      manager: name,
      operation,
      ...(operation === 'Update' && { apiVersion }),
      ...(subresource !== '' && { subresource }),
      ...(time !== '' && { time }),
    };
    return [...levelPaths(conflicts.get(id) as FieldSet, [])].map((path) => ({
      path,
      field: { ...data, path: printPath(path) },
    }));
  });
}

/** The members of a level before everything beneath them. */
function* levelPaths(set: FieldSet, prefix: Path): Generator<Path> {
  const entries = sortedEntries(set);
  for (const { element, member } of entries) if (member) yield [...prefix, element];
  for (const { element, children } of entries) yield* levelPaths(children, [...prefix, element]);
}

/** The API server's error about conflicts. */
export function conflictError(conflicts: readonly FieldConflict[]): MergeError {
  return new MergeError('CONFLICT', conflictText(conflicts), { conflicts });
}

function conflictText(conflicts: readonly FieldConflict[]): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${printManager(first)}: ${first.path}`;
  }
  const lines = Map.groupBy(conflicts, printManager);
  const groups = [...lines].map(([manager, fields]) =>
    [`conflicts with ${manager}:`, ...fields.map(({ path }) => `- ${path}`)].join('\n'),
  );
  return `Apply failed with ${conflicts.length} conflicts: ${groups.join('\n')}`;
}

/** A manager in the words of a conflict: `"m"`, `"m" using apps/v1`, `"m" with subresource "scale" using autoscaling/v1`. */
function printManager({ manager, subresource, apiVersion }: FieldConflict): string {
  const where = subresource === undefined ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(manager)}${where}${apiVersion === undefined ? '' : ` using ${apiVersion}`}`;
}
