import { ignored } from './ignored.ts';
import { readByClients } from './open-api.ts';
import type { Transcript } from './replay.ts';

type Json = Readonly<Record<string, unknown>>;

/** A transcript in which everything that two servers may answer differently is a placeholder. */
export interface Comparable {
  readonly entries: readonly { readonly title: string; readonly answer: unknown }[];
  /** Every version of every object that was seen, oldest first, as `ConfigMap a <version of step 3>`. */
  readonly order: readonly string[];
}

export function normalize(transcript: Transcript): Comparable {
  const known = new Known(transcript);
  return {
    entries: transcript.entries.map(({ title, step, answer }) => {
      const path = 'send' in step ? step.send : '';
      const walker = new Walker(known);
      const told = path.includes('/openapi/') ? { ...answer, body: readByClients(answer.body) } : { ...answer };
      return { title, answer: walker.value(told, '', undefined) };
    }),
    order: known.order(),
  };
}

/** What stands for what in one transcript. */
class Known {
  readonly #placeholders = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  /** Name of the object by uid. */
  readonly #objects = new Map<string, string>();
  /** By uid, every version with the step in which it came up first. */
  readonly #versions = new Map<string, Map<string, number>>();
  /** Replaced in every text; longest first. */
  readonly #names: readonly (readonly [string, string])[];
  readonly #generated: readonly RegExp[];

  constructor(transcript: Transcript) {
    const { ns, id } = transcript.names;
    this.#names = [
      [ns, '{ns}'],
      [id, '{id}'],
    ];
    this.#generated = generatedNames(transcript);
    for (const [index, { answer }] of transcript.entries.entries())
      visit(answer.body, (object, kind) => this.#meet(object, kind, index + 1));
    for (const [uid, name] of this.#objects) {
      const text = this.names(name);
      const count = this.#count(text);
      const shown = count === 1 ? text : `${text} #${count}`;
      this.#objects.set(uid, shown);
      this.#placeholders.set(uid, `<uid of ${shown}>`);
    }
  }

  #meet(object: Json, kind: string, step: number): void {
    const { uid, name, resourceVersion } = object['metadata'] as Json;
    if (typeof name !== 'string' || typeof uid !== 'string') return;
    if (!this.#objects.has(uid)) this.#objects.set(uid, `${kind} ${name}`);
    if (typeof resourceVersion !== 'string') return;
    const versions = this.#versions.get(uid) ?? new Map<string, number>();
    this.#versions.set(uid, versions);
    if (!versions.has(resourceVersion)) versions.set(resourceVersion, step);
  }

  names(text: string): string {
    let replaced = text;
    for (const [name, placeholder] of this.#names) replaced = replaced.replaceAll(name, placeholder);
    for (const pattern of this.#generated)
      replaced = replaced.replaceAll(pattern, (found) => this.placeholder('generated name', found));
    return replaced;
  }

  /** `<version of step 3>`: the one that came up there first; numbered where several did. */
  version(uid: unknown, resourceVersion: unknown): string {
    const versions = this.#versions.get(String(uid)) ?? new Map<string, number>();
    const step = versions.get(String(resourceVersion));
    if (step === undefined) return '<a version never seen>';
    const together = [...versions].filter(([, one]) => one === step).map(([version]) => version);
    const place = together.toSorted(byNumber).indexOf(String(resourceVersion));
    return `<version of step ${step}${place === 0 ? '' : ` + ${place}`}>`;
  }

  placeholder(what: string, value: string): string {
    const there = this.#placeholders.get(value);
    if (there !== undefined) return there;
    const made = `<${what} ${this.#count(what)}>`;
    this.#placeholders.set(value, made);
    return made;
  }

  order(): readonly string[] {
    const all = [...this.#versions].flatMap(([uid, versions]) =>
      [...versions.keys()].map((version) => ({
        version,
        text: `${this.#objects.get(uid)} ${this.version(uid, version)}`,
      })),
    );
    return all.toSorted((a, b) => byNumber(a.version, b.version)).map(({ text }) => text);
  }

  #count(what: string): number {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return count;
  }
}

class Walker {
  readonly known: Known;

  constructor(known: Known) {
    this.known = known;
  }

  value(value: unknown, key: string, parent: Json | undefined): unknown {
    const field = ignored.fields.find(({ names }) => (names as readonly string[]).includes(key));
    if (field !== undefined && (typeof value === 'string' || typeof value === 'number') && value !== 0)
      return field.mapped ? this.known.placeholder(field.what, String(value)) : `<${field.what}>`;
    if (typeof value === 'string') return this.#text(value, key, parent);
    if (Array.isArray(value)) {
      const list = value.map((one) => this.value(one, key === 'cells' ? 'cell' : '', undefined));
      if (key === ignored.managedFields) return inOneOrder(value, list);
      if (key === ignored.columnText.of) return list.map(withoutText);
      if (key === 'causes') return list.toSorted(byConflict);
      if (key === 'items' || key === 'groups') return list.filter((one) => !isOfAnotherStory(one));
      if (key === 'events') return list.filter((event) => !isPlainBookmark(event));
      return list;
    }
    if (typeof value === 'object' && value !== null) return this.#map(value as Json);
    return value;
  }

  #map(map: Json): Json {
    return Object.fromEntries(
      Object.entries(map).map(([name, value]) => [this.#plain(name), this.value(value, name, map)]),
    );
  }

  #text(text: string, key: string, parent: Json | undefined): string {
    if (key === 'resourceVersion' && parent !== undefined) {
      if (parent['uid'] === undefined) return /^[1-9]\d*$/.test(text) ? '<a version>' : text;
      return this.known.version(parent['uid'], text);
    }
    if (key === 'continue' && text !== '') return this.#token(text);
    if (key === 'cell' && ignored.age.test(text)) return '<age>';
    return this.#plain(text);
  }

  #plain(text: string): string {
    let replaced = text.replaceAll(ignored.repeatedObject, inOrder);
    for (const { what, pattern, mapped } of ignored.texts)
      replaced = replaced.replaceAll(pattern, (found) => (mapped ? this.known.placeholder(what, found) : `<${what}>`));
    return this.known.names(replaced).replaceAll(ignored.openApiHash, '<hash>');
  }

  /** A token to read a list on from is the server's business; which object comes next is not. */
  #token(text: string): string {
    try {
      const { rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Json;
      return `<token ${Number(rv) > 0 ? 'of a version' : String(rv)} from ${this.known.names(String(start))}>`;
    } catch {
      return '<unreadable token>';
    }
  }
}

/** What the names look like that a server makes up for the requests of a script. */
function generatedNames(transcript: Transcript): readonly RegExp[] {
  const { suffix, prefix } = ignored.generated;
  return transcript.entries.flatMap(({ step }) => {
    const metadata = 'send' in step ? (step.body as Json | undefined)?.['metadata'] : undefined;
    const generateName = (metadata as Json | undefined)?.['generateName'];
    return typeof generateName === 'string' ? [new RegExp(`${generateName.slice(0, prefix)}${suffix}`, 'g')] : [];
  });
}

/** Entries of managedFields in an order that does not depend on the time, or what is wrong with their own. */
function inOneOrder(entries: readonly unknown[], shown: readonly unknown[]): unknown {
  const rank = (entry: unknown): string => {
    const { operation, time, manager } = entry as Json;
    return JSON.stringify([operation, time ?? '', manager]);
  };
  const sorted = entries.every((entry, index) => index === 0 || rank(entries[index - 1]) <= rank(entry));
  return sorted ? shown.toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1)) : { unsorted: shown };
}

function withoutText(column: unknown): unknown {
  return { ...(column as Json), [ignored.columnText.name]: '<text>' };
}

/** A quoted JSON object with its fields in the order of their names; as it stands where it is none. */
function inOrder(quoted: string): string {
  try {
    return JSON.stringify(canonical(JSON.parse(JSON.parse(quoted) as string)));
  } catch {
    return quoted;
  }
}

/** JSON with the fields of every object in the order of their names. */
function canonical(json: unknown): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, one]) => {
      const shown = sorted(one);
      return [
        key,
        key === ignored.managedFields && Array.isArray(shown) ? inOneOrder(one as unknown[], shown) : shown,
      ] as const;
    });
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(sorted(json));
}

function byConflict(a: unknown, b: unknown): number {
  const isConflict = [a, b].every((cause) => (cause as Json)['reason'] === ignored.conflictReason);
  return isConflict && JSON.stringify(a) > JSON.stringify(b) ? 1 : isConflict ? -1 : 0;
}

/** A group of API resources that another telling has defined meanwhile. */
function isOfAnotherStory(one: unknown): boolean {
  const { metadata, name } = one as { readonly metadata?: Json; readonly name?: unknown };
  return ignored.groupOfAnotherStory.test(String(metadata?.['name'] ?? name));
}

function isPlainBookmark(event: unknown): boolean {
  const { type, object } = event as { readonly type?: unknown; readonly object?: Json };
  return type === ignored.bookmark && (object?.['metadata'] as Json | undefined)?.['annotations'] === undefined;
}

/** Calls back for everything that looks like an object with its kind: items of lists, events, rows of tables too. */
function visit(body: unknown, meet: (object: Json, kind: string) => void): void {
  const walk = (value: unknown, kind: string): void => {
    if (Array.isArray(value)) {
      for (const one of value) walk(one, kind);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const object = value as Json;
    const own = typeof object['kind'] === 'string' ? object['kind'] : kind;
    if (typeof object['metadata'] === 'object' && object['metadata'] !== null) meet(object, own);
    for (const [key, one] of Object.entries(object))
      if (key !== 'metadata') walk(one, key === 'items' ? own.replace(/List$/, '') : '');
  };
  walk(body, '');
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}
