import { canonicalJson } from './canonical.ts';
import type { KubeObject } from './object.ts';
import type { Ref } from './ref.ts';

/** What the annotations of an object ask of the engine. */
export interface Directives {
  /** When Git no longer names it: delete it, leave it in the set, or leave it and take it out of the set. */
  readonly prune: 'allow' | 'keep' | 'detach';
  /** Always, once (then leave it alone), or never. */
  readonly apply: 'always' | 'create-only' | 'ignore';
  /** Not meant for the cluster at all: input of a tool. */
  readonly localConfig: boolean;
  /** Delete and create anew when a change is refused because a field is immutable. */
  readonly replaceOnImmutable: boolean;
  /** What to do about fields that others own; the policy decides when this is absent. */
  readonly conflicts?: 'force' | 'fail';
  /** What to do about what others add; the policy decides when this is absent. */
  readonly additions?: 'ignore' | 'report' | 'remove';
  /** Apply only once these are ready. */
  readonly dependsOn: readonly Ref[];
  /** Lower waves first; objects without one are in wave 0. */
  readonly wave?: number;
  /** JSON pointers (with `*`) to fields that are left to others. */
  readonly ignoreFields: readonly string[];
}

export type DirectiveFindingCode =
  | 'unknown-annotation' // a name under `homeostat.dev/` that does not exist
  | 'bad-annotation-value'; // a value without meaning, where it would be lost silently

export interface DirectiveFinding {
  readonly severity: 'warning';
  readonly code: DirectiveFindingCode;
  readonly annotation: string;
  readonly message: string;
  readonly hint: string;
}

const PREFIX = 'homeostat.dev/';
const PRUNE = `${PREFIX}prune`;
const APPLY = `${PREFIX}apply`;
const REPLACE = `${PREFIX}replace`;
const CONFLICTS = `${PREFIX}conflicts`;
const ADDITIONS = `${PREFIX}additions`;
const DEPENDS_ON = `${PREFIX}depends-on`;
const WAVE = `${PREFIX}wave`;
const IGNORE_FIELDS = `${PREFIX}ignore-fields`;
const LOCAL_CONFIG = 'config.kubernetes.io/local-config';
/** Written by the engine itself, so they may come back in exported manifests. */
const RECORDS = [`${PREFIX}managed`, `${PREFIX}origin`];
const KNOWN: readonly string[] = [
  PRUNE,
  APPLY,
  REPLACE,
  CONFLICTS,
  ADDITIONS,
  DEPENDS_ON,
  WAVE,
  IGNORE_FIELDS,
  ...RECORDS,
];

const ARGO_OPTIONS = 'argocd.argoproj.io/sync-options';

type Annotations = Readonly<Record<string, string>>;

/** One way to say something: an annotation and what its values mean. */
interface Reading<T> {
  readonly annotation: string;
  /** `undefined`: this value says nothing about the matter. */
  readonly read: (value: string) => T | undefined;
  /** What may stand there. Only for our own annotations, and for those whose loss would be silent: any other value is a finding. */
  readonly expected?: string;
}

/** Ours first, then what other tools say; the first that says something counts. */
const PRUNE_READINGS: readonly Reading<Directives['prune']>[] = [
  { annotation: PRUNE, read: words({ false: 'keep', true: 'allow' }), expected: '"false" or "true"' },
  { annotation: 'kustomize.toolkit.fluxcd.io/prune', read: words({ disabled: 'keep' }) },
  { annotation: ARGO_OPTIONS, read: option({ 'prune=false': 'keep' }) },
  { annotation: 'client.lifecycle.config.k8s.io/deletion', read: words({ detach: 'detach' }) },
  { annotation: 'cli-utils.sigs.k8s.io/on-remove', read: words({ keep: 'detach' }) },
  { annotation: 'helm.sh/resource-policy', read: words({ keep: 'keep' }) },
];

const APPLY_READINGS: readonly Reading<Directives['apply']>[] = [
  {
    annotation: APPLY,
    read: words({ 'create-only': 'create-only', ignore: 'ignore', always: 'always' }),
    expected: '"create-only", "ignore" or "always"',
  },
  { annotation: 'kustomize.toolkit.fluxcd.io/reconcile', read: words({ disabled: 'ignore' }) },
  { annotation: 'kustomize.toolkit.fluxcd.io/ssa', read: words({ ifnotpresent: 'create-only', ignore: 'ignore' }) },
  { annotation: 'client.lifecycle.config.k8s.io/mutation', read: words({ ignore: 'create-only' }) },
];

const REPLACE_READINGS: readonly Reading<boolean>[] = [
  { annotation: REPLACE, read: words({ 'on-immutable': true, never: false }), expected: '"on-immutable" or "never"' },
  { annotation: 'kustomize.toolkit.fluxcd.io/force', read: words({ enabled: true }) },
  { annotation: ARGO_OPTIONS, read: option({ 'force=true': true, 'replace=true': true }) },
];

const CONFLICT_READINGS: readonly Reading<'force' | 'fail'>[] = [
  { annotation: CONFLICTS, read: words({ force: 'force', fail: 'fail' }), expected: '"force" or "fail"' },
];

const ADDITIONS_READINGS: readonly Reading<'ignore' | 'report' | 'remove'>[] = [
  {
    annotation: ADDITIONS,
    read: words({ ignore: 'ignore', report: 'report', remove: 'remove' }),
    expected: '"ignore", "report" or "remove"',
  },
];

const LOCAL_CONFIG_READINGS: readonly Reading<boolean>[] = [{ annotation: LOCAL_CONFIG, read: words({ true: true }) }];

const REFS = 'group/kind/name or group/namespaces/namespace/kind/name, joined by commas (the core group is empty)';
const DEPENDS_ON_READINGS: readonly Reading<readonly Ref[]>[] = [
  { annotation: DEPENDS_ON, read: readRefs, expected: REFS },
  { annotation: 'config.kubernetes.io/depends-on', read: readRefs, expected: REFS },
];

const WAVE_READINGS: readonly Reading<number>[] = [
  { annotation: WAVE, read: readInteger, expected: 'an integer' },
  { annotation: 'argocd.argoproj.io/sync-wave', read: readInteger, expected: 'an integer' },
];

const IGNORE_FIELDS_READINGS: readonly Reading<readonly string[]>[] = [
  {
    annotation: IGNORE_FIELDS,
    read: readPointers,
    expected: 'JSON pointers such as /spec/replicas, separated by commas or spaces',
  },
];

const NOTHING: Annotations = {};
/** What nearly every object has is kept once. */
const NO_FINDINGS: readonly DirectiveFinding[] = [];
const DEFAULTS: Directives = {
  prune: 'allow',
  apply: 'always',
  localConfig: false,
  replaceOnImmutable: false,
  dependsOn: [],
  ignoreFields: [],
};

/**
 * Reads the annotations of an object as Git has it and, behind those, as the cluster has it: for each matter the first
 * annotation that says something counts, ours before those of other tools, desired before live. Values are compared
 * without regard to case.
 *
 * An annotation under `homeostat.dev/` that is unknown or unreadable, and an order that cannot be read, is a finding. The
 * safe side is taken then: an unreadable `homeostat.dev/prune` keeps the object; everything else counts as not said.
 */
export function directivesOf(
  desired: KubeObject | undefined,
  live?: KubeObject,
): { readonly directives: Directives; readonly findings: readonly DirectiveFinding[] } {
  const ours = desired?.metadata.annotations ?? NOTHING;
  const theirs = live?.metadata.annotations ?? NOTHING;
  if (ours === NOTHING && theirs === NOTHING) return { directives: DEFAULTS, findings: NO_FINDINGS };

  const findings = unknownAnnotations(ours);
  const first = <T>(readings: readonly Reading<T>[]) => firstSaid(readings, [ours, theirs], findings);
  const prune = first(PRUNE_READINGS);
  const conflicts = first(CONFLICT_READINGS);
  const additions = first(ADDITIONS_READINGS);
  const wave = first(WAVE_READINGS);
  const directives: Directives = {
    prune: prune ?? (findings.some(({ annotation }) => annotation === PRUNE) ? 'keep' : 'allow'),
    apply: first(APPLY_READINGS) ?? 'always',
    localConfig: first(LOCAL_CONFIG_READINGS) ?? false,
    replaceOnImmutable: first(REPLACE_READINGS) ?? false,
    ...(conflicts !== undefined && { conflicts }),
    ...(additions !== undefined && { additions }),
    dependsOn: first(DEPENDS_ON_READINGS) ?? DEFAULTS.dependsOn,
    ...(wave !== undefined && { wave }),
    ignoreFields: first(IGNORE_FIELDS_READINGS) ?? DEFAULTS.ignoreFields,
  };
  return { directives, findings: findings.length === 0 ? NO_FINDINGS : findings };
}

/** Whether an annotation speaks to the engine, in our words or in those of other tools that are understood. */
export function isDirective(annotation: string): boolean {
  return annotation.startsWith(PREFIX) || UNDERSTOOD.has(annotation);
}

const UNDERSTOOD: ReadonlySet<string> = new Set(
  [
    PRUNE_READINGS,
    APPLY_READINGS,
    REPLACE_READINGS,
    CONFLICT_READINGS,
    LOCAL_CONFIG_READINGS,
    DEPENDS_ON_READINGS,
    WAVE_READINGS,
    IGNORE_FIELDS_READINGS,
  ].flatMap((readings) => readings.map(({ annotation }) => annotation)),
);

function firstSaid<T>(
  readings: readonly Reading<T>[],
  sources: readonly Annotations[],
  findings: DirectiveFinding[],
): T | undefined {
  for (const annotations of sources) {
    for (const { annotation, read, expected } of readings) {
      const value: unknown = annotations[annotation];
      if (value === undefined) continue;
      // In a manifest it may be anything: `false` without quotes is a boolean, which the server refuses.
      const said = typeof value === 'string' ? read(value) : undefined;
      if (said !== undefined) return said;
      if (expected !== undefined) findings.push(badValue(annotation, value, expected));
    }
  }
  return undefined;
}

function badValue(annotation: string, value: unknown, expected: string): DirectiveFinding {
  const message = `the annotation ${annotation} says ${canonicalJson(value)}, which has no meaning`;
  return { severity: 'warning', code: 'bad-annotation-value', annotation, message, hint: `write ${expected}` };
}

function unknownAnnotations(annotations: Annotations): DirectiveFinding[] {
  return Object.keys(annotations)
    .filter((name) => name.startsWith(PREFIX) && !KNOWN.includes(name))
    .sort()
    .map((annotation) => ({
      severity: 'warning',
      code: 'unknown-annotation',
      annotation,
      message: `the annotation ${annotation} has no meaning`,
      hint: `use one of ${KNOWN.filter((name) => !RECORDS.includes(name)).join(', ')}`,
    }));
}

function words<T>(meanings: Readonly<Record<string, T>>): (value: string) => T | undefined {
  return (value) => {
    const word = value.trim().toLowerCase();
    return Object.hasOwn(meanings, word) ? meanings[word] : undefined;
  };
}

/** Argo CD joins its options by commas: `Prune=false,Replace=true`. */
function option<T>(meanings: Readonly<Record<string, T>>): (value: string) => T | undefined {
  const read = words(meanings);
  return (value) =>
    value
      .split(',')
      .map(read)
      .find((said) => said !== undefined);
}

function readInteger(value: string): number | undefined {
  const number = /^\s*[-+]?[0-9]+\s*$/.test(value) ? Number(value) : NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

function readRefs(value: string): readonly Ref[] | undefined {
  const refs = value.split(',').map((text) => readRef(text.trim()));
  return refs.every((ref) => ref !== undefined) ? refs : undefined;
}

/** Source: cli-utils "depends-on annotation". */
function readRef(text: string): Ref | undefined {
  const parts = text.split('/');
  const [group = '', second = '', third = '', kind = '', name = ''] = parts;
  if (parts.length === 3 && second && third) return { group, kind: second, namespace: '', name: third };
  if (parts.length === 5 && second === 'namespaces' && third && kind && name) {
    return { group, kind, namespace: third, name };
  }
  return undefined;
}

function readPointers(value: string): readonly string[] | undefined {
  const pointers = value.split(/[\s,]+/).filter((pointer) => pointer !== '');
  return pointers.length > 0 && pointers.every((pointer) => /^(?:\/(?:[^~/]|~[01])*)+$/.test(pointer))
    ? pointers
    : undefined;
}
