import ignore from 'ignore';

/** Ignore files, in the order in which they are read: the later one has the last word. */
export const IGNORE_FILES = ['.sourceignore', '.homeostatignore'] as const;

/** The rules of one ignore file, for paths relative to its directory. */
export interface IgnoreRules {
  /** `undefined` when no rule says anything about the path. Directories end in a slash. */
  decide(path: string): 'ignored' | 'kept' | undefined;
  /** Lines that were left out, from 1. */
  readonly refused: readonly number[];
}

/**
 * Reads rules in gitignore syntax. A line with more than three wildcards in one path segment, or six in all, is refused:
 * matching is by backtracking, and a hostile name could hold it up.
 */
export function parseIgnoreRules(text: string): IgnoreRules {
  const lines = text.split(/\r\n|\r|\n/);
  const refused = lines.flatMap((line, index) => (isCostly(line) ? [index + 1] : []));
  const rules = ignore({ ignorecase: false }).add(lines.filter((line) => !isCostly(line)));
  return {
    refused,
    decide(path) {
      const { ignored, unignored } = rules.test(path);
      return ignored ? 'ignored' : unignored ? 'kept' : undefined;
    },
  };
}

function isCostly(line: string): boolean {
  if (line.startsWith('#')) return false;
  // A last wildcard matches whatever is left and costs nothing.
  const perSegment = line.split('/').map((segment) => segment.replace(/\*+$/, '').match(/\*+/g)?.length ?? 0);
  return Math.max(...perSegment) > 3 || perSegment.reduce((sum, count) => sum + count, 0) > 6;
}

/** Rules in force in one directory: those of its own ignore files, then those of the directories above it. */
export interface IgnoreScope {
  readonly directory: string;
  readonly rules: IgnoreRules;
}

/** Whether the path is ignored. As in Git the nearest ignore file that says anything about a path decides. */
export function isIgnored(path: string, isDirectory: boolean, scopes: readonly IgnoreScope[]): boolean {
  for (const { directory, rules } of scopes) {
    const relative = directory === '' ? path : path.slice(directory.length + 1);
    const decision = rules.decide(isDirectory ? `${relative}/` : relative);
    if (decision !== undefined) return decision === 'ignored';
  }
  return false;
}
