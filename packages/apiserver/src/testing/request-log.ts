import type { ServedRequest } from '../http/served-request.ts';

/** What was asked of the server, by everyone but the test's own hands. */
export interface RequestLog {
  /** In the order in which they were answered. */
  readonly all: readonly ServedRequest[];
  /** Those of a verb (`apply`, `get`, …), and of a resource (`deployments.apps`) where one is given. */
  of(verb: string, resource?: string): readonly ServedRequest[];
  /** How many of each verb; dry runs are `dry-run`, what is about no resource is `discovery`. */
  counts(): Readonly<Record<string, number>>;
  /** Begins anew. */
  clear(): void;
}

/** A log, and what writes into it. */
export function requestLog(): RequestLog & { readonly record: (request: ServedRequest) => void } {
  const all: ServedRequest[] = [];
  return {
    all,
    record: (request) => void all.push(request),
    of: (verb, resource) =>
      all.filter((request) => request.verb === verb && (resource === undefined || request.resource === resource)),
    counts() {
      const counts: Record<string, number> = {};
      for (const { verb, resource, dryRun } of all) {
        const name = resource === '' ? 'discovery' : dryRun ? 'dry-run' : verb;
        counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    },
    clear: () => void all.splice(0),
  };
}
