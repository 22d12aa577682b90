import { compareText } from '@homeostat/kube';

/** Why an input was refused or is doubtful. Closed: switch on it exhaustively. The README has a row for each. */
export type FindingCode =
  // Choosing files
  | 'PATH_MISSING' // the path does not exist
  | 'PATH_OUTSIDE' // the path leaves the repository
  | 'NO_FILES' // nothing under the path is a manifest
  | 'UNREADABLE' // a file or directory that cannot be read
  | 'IGNORE_REFUSED' // a line of an ignore file that would take too long to match
  | 'SYMLINK_NOT_FOLLOWED' // a link to a directory
  | 'UNSUPPORTED_KUSTOMIZE'
  | 'UNSUPPORTED_HELM'
  | 'UNSUPPORTED_SOPS'
  // Text
  | 'FILE_TOO_LARGE'
  | 'NOT_UTF8'
  | 'FORBIDDEN_CHARACTER' // a character that YAML forbids, or that Kubernetes reads as a line break
  | 'YAML_SYNTAX'
  | 'DUPLICATE_KEY'
  | 'UNSUPPORTED_VALUE' // no JSON form: infinity, a null or collection as key, !!binary that is no text
  | 'TOO_DEEP'
  | 'TOO_MANY_ALIASES'
  | 'TOO_MANY_MERGE_KEYS'
  | 'EXPANSION_TOO_LARGE'
  | 'AMBIGUOUS_KEY' // a key that Kubernetes reads as another text than what stands there
  | 'MERGE_OVERRIDES_KEY' // a merge below an explicit key wins over it
  // Objects
  | 'NOT_KUBERNETES' // neither apiVersion nor kind, or not a map
  | 'MISSING_API_VERSION'
  | 'MISSING_KIND'
  | 'MISSING_NAME'
  | 'GENERATE_NAME'
  | 'WRONG_SHAPE' // apiVersion, kind, metadata or the items of a list are not what Kubernetes takes
  | 'LOCAL_CONFIG' // kept out of the cluster by its own annotation
  | 'TOO_MANY_OBJECTS'
  | 'CUSTOM_FAILED' // the custom renderer threw
  // Scopes (resolveScopes)
  | 'NAMESPACE_REQUIRED'
  | 'NAMESPACE_REFUSED' // names another namespace than the enforced one
  | 'NAMESPACE_STRIPPED' // a cluster-scoped object names a namespace
  | 'DUPLICATE_OBJECT'
  | 'MIXED_VERSIONS'; // one kind in two versions

export type Severity = 'error' | 'warning' | 'info';

/** Where a finding stands. Documents, lines and columns count from 1. */
export interface FindingOrigin {
  readonly path: string;
  readonly document?: number;
  readonly line?: number;
  readonly column?: number;
}

/**
 * A located problem in the input. The message says what and where, the hint what to do; neither holds a value that
 * could be a secret. An `error` means that an object may be missing from the result.
 */
export interface Finding {
  readonly severity: Severity;
  readonly code: FindingCode;
  readonly message: string;
  readonly origin?: FindingOrigin;
  readonly hint?: string;
}

/** For people: `app/web.yaml:12:3`, as compilers and editors write it. */
export function printFindingOrigin(origin: FindingOrigin): string {
  const { path, line, column } = origin;
  if (line === undefined) return path;
  return column === undefined ? `${path}:${line}` : `${path}:${line}:${column}`;
}

/** Total order: by place, then by code and message. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.origin?.path ?? '', b.origin?.path ?? '') ||
    (a.origin?.line ?? 0) - (b.origin?.line ?? 0) ||
    (a.origin?.column ?? 0) - (b.origin?.column ?? 0) ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  );
}

/** Whether no object can be missing because of these findings. */
export function isComplete(findings: readonly Finding[]): boolean {
  return findings.every((finding) => finding.severity !== 'error');
}
