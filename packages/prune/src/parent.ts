import {
  canonicalJson,
  formatHints,
  isRecord,
  KubeError,
  parseHints,
  parseJson,
  printGroupKind,
  SET_ID_LABEL,
  setIdentity,
  TOOLING_ANNOTATION,
} from '@homeostat/kube';
import type { CallOptions, Client, GroupKind, KubeObject, Ref, SetHints, SetIdentity } from '@homeostat/kube';
import type { Held } from './consent.ts';
import { PruneError } from './error.ts';
import { parseRequests } from './requests.ts';
import type { HandledRequest, ParentRequests } from './requests.ts';

/** What the parent's tooling annotation says: the only guard that other ApplySet tools look at. */
export const TOOLING = 'homeostat/v1';
const SOURCE_ANNOTATION = 'homeostat.dev/source';
const REPORT_KEY = 'report';
/** A ConfigMap holds 1 MiB. Only the list of what is held can become so long. */
const REPORT_LIMIT = 512 * 1024;
/** How often it is tried to write a parent that somebody else writes too. */
const ROUNDS = 10;

/** Where the objects of a set come from: it keeps another repository from pruning them. */
export interface SetSource {
  /** Without credentials. */
  readonly url: string;
  readonly path: string;
}

/** What the last pass came to, short enough to stand in the parent. No secrets. */
export interface StoredReport {
  readonly state: string;
  /** Where the state was reached first: a later revision that changed nothing is not written. */
  readonly revision?: string;
  readonly objects: number;
  /** The first twenty. */
  readonly problems: readonly string[];
  /** What others changed and the policy leaves: the first twenty objects, and how they differ. */
  readonly drifted?: readonly string[];
  /** The commit and document as which the whole set has been made, as a digest; kept where drift is left. */
  readonly made?: string;
  /** Deletions that wait for consent. */
  readonly held?: Held;
  /** Deletions that somebody has confirmed, and that are not all done. */
  readonly confirmed?: Held;
  /** The last request of each kind that was dealt with. */
  readonly requests?: readonly HandledRequest[];
  /** The sets that this one depends on, as `<namespace>/<name>`: none of them may be destroyed before it. */
  readonly dependsOn?: readonly string[];
}

/**
 * The parent of a set (KEP-3659): a ConfigMap that names the set's kinds and namespaces, so that its members can be found.
 * It is a hint and never a proof: what is deleted proves itself.
 */
export interface Parent extends ParentRequests {
  readonly set: SetIdentity;
  readonly uid: string;
  readonly resourceVersion: string;
  /** What the tooling annotation says; `''` when somebody took it away. */
  readonly tooling: string;
  readonly hints: SetHints;
  readonly source?: SetSource;
  readonly report?: StoredReport;
}

/** What the parent says, without its identity. */
export type ParentContent = Pick<Parent, 'hints' | 'source' | 'report'>;

export interface ParentOptions extends CallOptions {
  /** Our field manager. */
  readonly manager: string;
}

export function parentRef({ namespace, name }: SetIdentity): Ref {
  return { group: '', kind: 'ConfigMap', namespace, name };
}

/**
 * The parent of the set; `undefined` if there is none yet.
 *
 * @throws {PruneError} `FOREIGN_PARENT` when the name is taken by something else.
 */
export async function readParent(
  client: Client,
  set: SetIdentity,
  options: CallOptions = {},
): Promise<Parent | undefined> {
  const live = await client.get(parentRef(set), options);
  return live === undefined ? undefined : parseParent(live, set);
}

/** @throws {PruneError} `FOREIGN_PARENT`, `PARENT_TERMINATING`. */
export function parseParent(live: KubeObject, set: SetIdentity): Parent {
  const { uid = '', resourceVersion = '', deletionTimestamp, annotations = {} } = live.metadata;
  refuseForeign(live, set);
  if (deletionTimestamp !== undefined) {
    throw new PruneError(
      'PARENT_TERMINATING',
      `ConfigMap ${set.namespace}/${set.name}, the parent of the set, is being deleted: what is applied now would not be found again; wait until it is gone`,
      { retry: 'backoff' },
    );
  }
  const data = isRecord(live['data']) ? live['data'] : {};
  const source = parseText(annotations[SOURCE_ANNOTATION]);
  const report = parseText(data[REPORT_KEY]);
  return {
    set: setIdentity(set.namespace, set.name),
    uid,
    resourceVersion,
    tooling: annotations[TOOLING_ANNOTATION] ?? '',
    hints: parseHints(annotations),
    ...(isSource(source) && { source }),
    ...(isReport(report) && { report }),
    ...parseRequests(live.metadata, set),
  };
}

/**
 * Other tools look at nothing but the tooling annotation before they prune a whole set, so it is honoured here too. Where somebody
 * took it away, id and source still tell a parent of ours.
 */
function refuseForeign({ metadata: { labels, annotations = {} } }: KubeObject, set: SetIdentity): void {
  const where = `ConfigMap ${set.namespace}/${set.name}`;
  const id = labels?.[SET_ID_LABEL];
  const tooling = annotations[TOOLING_ANNOTATION];
  const another = 'choose another name or namespace for the sync';
  if (tooling !== undefined && tooling.split('/')[0] !== TOOLING.split('/')[0]) {
    throw new PruneError('FOREIGN_PARENT', `${where} is the parent of a set that ${tooling} manages; ${another}`);
  }
  if (tooling === undefined && (id === undefined || annotations[SOURCE_ANNOTATION] === undefined)) {
    const what =
      id === undefined ? 'exists and is not the parent of a set' : 'is the parent of a set of an unknown tool';
    throw new PruneError('FOREIGN_PARENT', `${where} ${what}; ${another}`);
  }
  if (id !== set.id) {
    throw new PruneError(
      'FOREIGN_PARENT',
      `${where} says that it is the parent of ${id ?? 'no set'}, not of ${set.id}; was it copied? Delete it, or ${another}`,
    );
  }
}

/** A person may have edited it: what cannot be read counts as absent. */
function parseText(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function isSource(value: unknown): value is SetSource {
  return isRecord(value) && typeof value['url'] === 'string' && typeof value['path'] === 'string';
}

function isReport(value: unknown): value is StoredReport {
  return (
    isRecord(value) &&
    typeof value['state'] === 'string' &&
    typeof value['objects'] === 'number' &&
    isListOf(value['problems'], (one) => typeof one === 'string') &&
    [value['held'], value['confirmed']].every((one) => one === undefined || isHeld(one)) &&
    [value['dependsOn'], value['drifted']].every(
      (list) => list === undefined || isListOf(list, (one) => typeof one === 'string'),
    ) &&
    (value['made'] === undefined || typeof value['made'] === 'string') &&
    (value['requests'] === undefined || isListOf(value['requests'], isHandled))
  );
}

function isHeld(value: unknown): value is Held {
  return (
    isRecord(value) &&
    typeof value['digest'] === 'string' &&
    (value['reason'] === 'empty-set' || value['reason'] === 'over-budget') &&
    typeof value['count'] === 'number' &&
    isListOf(value['objects'], (one) => typeof one === 'string')
  );
}

function isHandled(value: unknown): boolean {
  return (
    isRecord(value) &&
    ['request', 'argument', 'value', 'by', 'outcome', 'handledAt'].every((field) => typeof value[field] === 'string')
  );
}

function isListOf(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

/**
 * Makes sure that the parent exists and names these kinds and namespaces. Call it before the first object of a new kind or
 * namespace is written: then no member can ever be outside of what the parent names, whenever the process dies. Sends
 * nothing when the parent says it all already. Whoever widens the same parent at the same time loses nothing.
 *
 * Creates the parent's namespace if that does not exist; it does not become a member by that.
 *
 * @throws {PruneError} `FOREIGN_PARENT`, `PARENT_TERMINATING`, `PARENT_MOVED`.
 */
export async function announce(
  client: Client,
  set: SetIdentity,
  known: Parent | undefined,
  content: { readonly hints: SetHints; readonly source: SetSource },
  options: ParentOptions,
): Promise<Parent> {
  let parent = known;
  for (let attempt = 0; attempt < ROUNDS; attempt += 1) {
    const hints = union(parent?.hints, content.hints);
    if (parent !== undefined && says(parent, { hints, source: content.source })) return parent;
    try {
      return await write(client, set, { ...parent, hints, source: content.source }, preconditionsOf(parent), options);
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 'STALE') throw error;
      // It was made, changed or made anew since we looked: what it says now counts too.
      parent = await readParent(client, set, options);
    }
  }
  throw moved(set);
}

/**
 * Takes away kinds and namespaces that hold no member any more. Only after a complete listing has shown so, and with the parent as
 * it was known when that listing began: if somebody has written it since, it may name more than was listed.
 *
 * @throws {KubeError} `STALE` when the parent has changed: the next pass tries again.
 */
export async function narrow(client: Client, parent: Parent, hints: SetHints, options: ParentOptions): Promise<Parent> {
  const sorted = union(undefined, hints);
  if (says(parent, { ...parent, hints: sorted })) return parent;
  return await write(client, parent.set, { ...parent, hints: sorted }, preconditionsOf(parent), options);
}

/**
 * Keeps the last report at the parent. A report that says the same but for the revision is not written.
 *
 * It is written over whatever somebody else changed, as long as that were not the hints: the parent that comes back names what the
 * one that was given named, so it may still be narrowed.
 *
 * @throws {KubeError} `STALE` when the hints have changed, or it is another parent. @throws {PruneError} `PARENT_MOVED`.
 */
export async function storeReport(
  client: Client,
  parent: Parent,
  report: StoredReport,
  options: ParentOptions,
): Promise<Parent> {
  if (parent.report !== undefined && saysTheSame(parent.report, report)) return parent;
  let current = parent;
  for (let attempt = 0; attempt < ROUNDS; attempt += 1) {
    try {
      return await write(client, parent.set, { ...current, report }, preconditionsOf(current), options);
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 'STALE') throw error;
      const now = await readParent(client, parent.set, options);
      if (now?.uid !== parent.uid || !sameHints(now.hints, parent.hints)) throw error;
      current = now;
    }
  }
  throw moved(parent.set);
}

/**
 * Deletes the parent, if it still says what was read: whoever has widened it since has a member by now, or will have. The caller
 * has made sure that no member is left: without a parent nobody finds them.
 *
 * @throws {KubeError} `STALE` when its hints have changed, or it is another one. @throws {PruneError} `PARENT_MOVED`.
 */
export async function deleteParent(client: Client, parent: Parent, options: CallOptions = {}): Promise<void> {
  let current = parent;
  for (let attempt = 0; attempt < ROUNDS; attempt += 1) {
    const { uid, resourceVersion } = current;
    try {
      await client.delete(parentRef(parent.set), { ...options, preconditions: { uid, resourceVersion } });
      return;
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 'STALE') throw error;
      const now = await readParent(client, parent.set, options);
      if (now === undefined) return;
      if (now.uid !== parent.uid || !sameHints(now.hints, parent.hints)) throw error;
      current = now;
    }
  }
  throw moved(parent.set);
}

/** Whether the parent, marked as it should be, says just this already. */
function says(parent: Parent, { hints, source }: Pick<ParentContent, 'hints' | 'source'>): boolean {
  return (
    parent.tooling === TOOLING &&
    sameHints(parent.hints, hints) &&
    canonicalJson(parent.source ?? null) === canonicalJson(source ?? null)
  );
}

function sameHints(a: SetHints, b: SetHints): boolean {
  return canonicalJson(union(undefined, a)) === canonicalJson(union(undefined, b));
}

function saysTheSame({ revision: _was, ...before }: StoredReport, { revision: _is, ...now }: StoredReport): boolean {
  return canonicalJson(before) === canonicalJson(now);
}

/** No object has version 1: without a parent, one is made only if there is none. */
function preconditionsOf(parent: Parent | undefined): { readonly uid?: string; readonly resourceVersion: string } {
  return parent === undefined ? { resourceVersion: '1' } : { uid: parent.uid, resourceVersion: parent.resourceVersion };
}

async function write(
  client: Client,
  set: SetIdentity,
  content: ParentContent,
  precondition: { readonly uid?: string; readonly resourceVersion?: string },
  { manager, ...options }: ParentOptions,
): Promise<Parent> {
  const object = parentObject(set, content, precondition);
  const apply = () => client.apply(object, { ...options, manager, force: true });
  try {
    return parseParent((await apply()).object, set);
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'MISSING_NAMESPACE') throw error;
    await makeNamespace(client, set.namespace, options);
    return parseParent((await apply()).object, set);
  }
}

function parentObject(
  set: SetIdentity,
  { hints, source, report }: ParentContent,
  precondition: Readonly<Record<string, string>>,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: set.name,
      namespace: set.namespace,
      ...precondition,
      labels: { [SET_ID_LABEL]: set.id },
      annotations: {
        [TOOLING_ANNOTATION]: TOOLING,
        ...formatHints(hints),
        ...(source !== undefined && { [SOURCE_ANNOTATION]: canonicalJson(source) }),
      },
    },
    ...(report !== undefined && { data: { [REPORT_KEY]: printReport(report) } }),
  };
}

function printReport(report: StoredReport): string {
  const text = canonicalJson(report);
  if (text.length <= REPORT_LIMIT) return text;
  const { held, confirmed, ...rest } = report;
  return canonicalJson({
    ...rest,
    ...(held !== undefined && { held: { ...held, objects: [] } }),
    ...(confirmed !== undefined && { confirmed: { ...confirmed, objects: [] } }),
  });
}

async function makeNamespace(client: Client, name: string, options: CallOptions): Promise<void> {
  try {
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, options);
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'ALREADY_EXISTS') throw error;
  }
}

function union(a: SetHints | undefined, b: SetHints): SetHints {
  const kinds = new Map<string, GroupKind>();
  for (const { group, kind } of [...(a?.groupKinds ?? []), ...b.groupKinds])
    kinds.set(printGroupKind({ group, kind }), { group, kind });
  const sorted = [...kinds.keys()].toSorted();
  return {
    groupKinds: sorted.flatMap((key) => kinds.get(key) ?? []),
    namespaces: [...new Set([...(a?.namespaces ?? []), ...b.namespaces])].toSorted(),
  };
}

function moved(set: SetIdentity): PruneError {
  return new PruneError(
    'PARENT_MOVED',
    `ConfigMap ${set.namespace}/${set.name} changes faster than it can be written; is another engine at work on this set?`,
    {
      retry: 'backoff',
    },
  );
}
