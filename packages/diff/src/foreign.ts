import { gvkOf, isDirective, isRecord, payloadOf } from '@homeostat/kube';
import type { KubeObject, ManagedFieldsEntry } from '@homeostat/kube';
import { elementText, emptySet, isEmpty, locateItems, sortedEntries, union } from '@homeostat/merge';
import type { FieldEntry, FieldSet, Path } from '@homeostat/merge';
import type { KeepAddition } from './addition.ts';
import type { CompareOptions } from './compare.ts';
import { fieldOf } from './field.ts';
import { claimOn, entryOf, setOfEntry } from './holder.ts';
import { CA_BUNDLES, ignoredField, ignoredItem } from './ignore.ts';
import type { Ignored } from './ignore.ts';
import { endsIn } from './place.ts';

export interface AdditionOptions extends CompareOptions {
  /** Field managers of other GitOps tools: what they hold is told, and never taken away. */
  readonly tools?: readonly string[];
}

/** One addition, secrets and all: not for anyone outside this package. */
export interface Foreign {
  readonly path: Path;
  /** The same place as a JSON pointer has it: fields by name, items by position in live. */
  readonly tokens: readonly (string | number)[];
  readonly value: unknown;
  /** The latest first. */
  readonly holders: readonly ManagedFieldsEntry[];
  readonly keep: KeepAddition | undefined;
}

/** Who writes into the objects of others because that is their part in Kubernetes; some distributions run them in one program. */
const CONTROLLERS: ReadonlySet<string> = new Set([
  'cert-manager-cainjector',
  'cloud-controller-manager',
  'clusterrole-aggregation-controller',
  'k3s',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kubelite',
  'rke2',
]);
/** Whom the server names for what nobody was known to own. */
const NOBODY = 'before-first-apply';

interface Claim {
  readonly entry: ManagedFieldsEntry;
  readonly set: FieldSet;
}

interface Claims {
  readonly ours: FieldSet;
  /** What controllers hold, what was written through a subresource, and what an entry in another version may mean. */
  readonly guarded: FieldSet;
  /** The latest first. */
  readonly others: readonly Claim[];
}

/**
 * The largest parts of live that others hold, and in which nothing is desired, ours, guarded or ignored. In the order of
 * their paths. Empty where nothing shows what is ours.
 */
export function foreignIn(desired: KubeObject, live: KubeObject, options: AdditionOptions): readonly Foreign[] {
  if (desired.apiVersion !== live.apiVersion) return [];
  const claims = readClaims(live, options);
  if (claims === undefined || claims.others.length === 0) return [];
  const search: Search = { kind: kindOf(live), claims, tools: options.tools ?? [], path: [], tokens: [], found: [] };
  const level: Level = {
    theirs: claims.others.map(({ set }) => set).reduce(union, emptySet),
    ours: claims.ours,
    guarded: claims.guarded,
    desired: payloadOf(desired),
    live,
    ignored: options.ignore,
  };
  searchLevel(level, search);
  return search.found;
}

function readClaims(live: KubeObject, { manager }: AdditionOptions): Claims | undefined {
  const own = entryOf(live, manager.current);
  if (own === undefined || own.apiVersion !== live.apiVersion) return undefined;
  const names = [manager.current, `${manager.current}-released`, ...manager.former];
  let [ours, guarded] = [setOfEntry(own) ?? emptySet, emptySet];
  const others: Claim[] = [];
  for (const entry of live.metadata.managedFields ?? []) {
    const set = setOfEntry(entry);
    if (entry === own || set === undefined) continue;
    if (names.includes(entry.manager ?? '')) ours = union(ours, set);
    else if (isGuarded(entry, live)) guarded = union(guarded, set);
    else others.push({ entry, set });
  }
  others.sort((a, b) => (b.entry.time ?? '').localeCompare(a.entry.time ?? ''));
  return { ours, guarded, others };
}

function isGuarded({ manager, subresource, apiVersion }: ManagedFieldsEntry, live: KubeObject): boolean {
  return (subresource ?? '') !== '' || apiVersion !== live.apiVersion || CONTROLLERS.has(manager ?? '');
}

interface Search {
  readonly kind: string;
  readonly claims: Claims;
  readonly tools: readonly string[];
  readonly path: Path[number][];
  readonly tokens: (string | number)[];
  readonly found: Foreign[];
}

interface Level {
  readonly theirs: FieldSet;
  readonly ours: FieldSet;
  readonly guarded: FieldSet;
  readonly desired: unknown;
  readonly live: unknown;
  readonly ignored: Ignored | undefined;
}

function searchLevel(level: Level, search: Search): void {
  const { theirs, desired, live } = level;
  const indexOf = new Map([...theirs.entries.values()].map((entry, i) => [entry, i]));
  const liveAt = Array.isArray(live) ? locateItems(theirs, live) : [];
  const wantedAt = Array.isArray(desired) ? locateItems(theirs, desired) : [];
  for (const entry of sortedEntries(theirs)) {
    const i = indexOf.get(entry) ?? -1;
    if (entry.element.kind === 'field') searchField(entry, entry.element.name, level, search);
    else if (Array.isArray(live)) searchItem(entry, liveAt[i] ?? -1, wantedAt[i] ?? -1, level, search);
  }
}

function searchField(entry: FieldEntry, name: string, level: Level, search: Search): void {
  if (!isRecord(level.live)) return;
  const wanted = isRecord(level.desired) ? fieldOf(level.desired, name) : undefined;
  const part = { desired: wanted, live: fieldOf(level.live, name), ignored: ignoredField(level.ignored, name) };
  search.tokens.push(name);
  searchPart(entry, level, part, search);
  search.tokens.pop();
}

function searchItem(entry: FieldEntry, at: number, wantedAt: number, level: Level, search: Search): void {
  if (at < 0) return;
  const item: unknown = (level.live as readonly unknown[])[at];
  const wanted: unknown = Array.isArray(level.desired) ? level.desired[wantedAt] : undefined;
  const ignored =
    wanted === undefined ? ignoredItem(level.ignored, item, at) : ignoredItem(level.ignored, wanted, wantedAt);
  search.tokens.push(at);
  searchPart(entry, level, { desired: wanted, live: item, ignored }, search);
  search.tokens.pop();
}

function searchPart(
  entry: FieldEntry,
  level: Level,
  { desired, live, ignored }: Pick<Level, 'desired' | 'live' | 'ignored'>,
  search: Search,
): void {
  if (live === undefined || live === null || ignored?.everything === true) return;
  const text = elementText(entry.element);
  const [ours, guarded] = [level.ours.entries.get(text), level.guarded.entries.get(text)];
  search.path.push(entry.element);
  if (!isNobodysBusiness(search)) {
    const untouched = desired === undefined && ours === undefined && guarded === undefined && ignored === undefined;
    const whole = entry.member && untouched && takeWhole(entry, live, search);
    // Beneath what is applied as an empty map (`securityContext: {}`) there may be something; in an atomic value there is not.
    if (!whole && !isEmpty(entry.children)) {
      const [mine, theirs] = [ours?.children ?? emptySet, guarded?.children ?? emptySet];
      searchLevel({ theirs: entry.children, ours: mine, guarded: theirs, desired, live, ignored }, search);
    }
  }
  search.path.pop();
}

/** Takes the part as one addition; `false` when only some of it must be kept, so that it has to be looked at piece by piece. */
function takeWhole(entry: FieldEntry, live: unknown, search: Search): boolean {
  const holders = search.claims.others
    .filter(({ set }) => claimOn(set, search.path) !== 'none')
    .map((claim) => claim.entry);
  const reasons = new Set(holders.map((holder) => keepFor(holder, search)));
  const keep = [...reasons].find((reason) => reason !== undefined);
  if (!isEmpty(entry.children) && (reasons.size > 1 || isCollection(search))) return false;
  search.found.push({ path: [...search.path], tokens: [...search.tokens], value: live, holders, keep });
  return true;
}

/** Maps and lists whose entries have nothing to do with one another: some may be nobody's business. */
function isCollection({ tokens }: Search): boolean {
  const last = tokens.at(-1);
  return last === 'annotations' || last === 'labels' || last === 'finalizers' || last === 'ownerReferences';
}

function keepFor({ manager = '' }: ManagedFieldsEntry, search: Search): KeepAddition | undefined {
  if (endsHere(search, ['metadata', 'finalizers']) || endsHere(search, ['metadata', 'ownerReferences']))
    return 'lifecycle';
  if (search.tools.includes(manager)) return 'held';
  if (manager === NOBODY) return 'unknown-writer';
  return search.tokens.length === 2 && endsHere(search, ['spec', 'replicas']) ? 'scale' : undefined;
}

function endsHere({ tokens }: Search, [first, second]: readonly [string, string]): boolean {
  return tokens[0] === first && tokens[1] === second;
}

const ABOUT_THE_OBJECT: ReadonlySet<string> = new Set(['labels', 'annotations', 'finalizers', 'ownerReferences']);
/** What a part of Kubernetes or of a tool notes down for itself, or a person for the engine. */
const NOTES: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  // `kubectl rollout restart`: taking it away would restart everything once more.
  'kubectl.kubernetes.io/restartedAt',
  'deployment.kubernetes.io/revision',
]);

/** Whether nothing that stands here, or lies here, is anybody's addition, whoever holds it. */
function isNobodysBusiness({ kind, path, tokens }: Search): boolean {
  const last = tokens.at(-1);
  if (tokens.length === 1) return last === 'status' || last === 'apiVersion' || last === 'kind';
  if (tokens[0] === 'metadata' && tokens.length === 2) return !ABOUT_THE_OBJECT.has(String(last));
  if (tokens.at(-2) === 'annotations' && tokens.at(-3) === 'metadata') {
    return NOTES.has(String(last)) || isDirective(String(last));
  }
  if (tokens.length === 3 && tokens[1] === 'finalizers') return isServersFinalizer(path);
  if (kind === 'Namespace' && tokens.length === 2 && tokens[1] === 'finalizers') return true;
  const bundle = CA_BUNDLES[kind];
  return bundle !== undefined && endsIn({ kind, steps: path }, bundle.split('/').slice(1).map(anyItem));
}

function anyItem(token: string): string {
  return token === '*' ? '[]' : token;
}

/** Finalizers that the server and its controllers set and take away themselves. */
function isServersFinalizer(path: Path): boolean {
  const element = path.at(-1);
  const name = element?.kind === 'value' ? String(element.value) : '';
  return name.startsWith('kubernetes.io/') || name === 'foregroundDeletion' || name === 'orphan';
}

function kindOf(live: KubeObject): string {
  const { group, kind } = gvkOf(live);
  return group === '' ? kind : `${kind}.${group}`;
}
