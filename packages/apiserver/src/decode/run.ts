import type { FieldPlan } from './plan.ts';
import type { JsonEntry, JsonNotes } from './json-reader.ts';

/** Ends the decoding at once: how types that decode themselves complain. */
export class Abort extends Error {}

/** Messages about unknown and repeated fields, at most: Go's limit. */
const MAX_STRICT = 100;

/**
 * Where the value comes from: a text, through Go's JSON decoder; or values, through Kubernetes' converter of maps, which has
 * other words, ends at the first value that does not fit, and takes numbers of any size.
 */
export type Origin = 'text' | 'values';

/** The state of one decoding: where it stands, and what it has found wrong. */
export class Run {
  readonly notes: JsonNotes | undefined;
  readonly origin: Origin;
  /** Fields of structs, keys of maps, positions in lists, from the root. */
  readonly stack: (FieldPlan | string | number)[] = [];
  /** The first value of a wrong type: decoding goes on, and fails in the end. */
  error: string | undefined;
  /** The text of the number at hand, where it is not a plain integer. */
  literal: string | undefined;
  /** Inside a value that decodes itself with Go's own JSON package: the struct that has the field. */
  within: string | undefined;
  readonly unknown: string[] = [];
  readonly strict: string[] = [];

  constructor(notes: JsonNotes | undefined, origin: Origin = 'text') {
    this.notes = notes;
    this.origin = origin;
  }

  /** The entries of an object, those of repeated keys included. */
  entriesOf(value: Readonly<Record<string, unknown>>): {
    readonly entries: readonly JsonEntry[];
    readonly isRepeated: boolean;
  } {
    const repeated = this.notes?.repeated.get(value);
    return { entries: repeated ?? Object.entries(value), isRepeated: repeated !== undefined };
  }

  /** Takes notice of the number that stands in `container`, if there is more to know of it than its value. */
  look(container: object, place: string | number): void {
    this.literal = this.notes?.literals.get(container)?.get(place);
  }

  /** Keeps the first. */
  fail(message: string): void {
    this.error ??= message;
  }

  /** A value of a type that Go cannot put into `goType`. */
  mismatch(word: string, goType: string): void {
    if (this.error === undefined) this.error = this.mismatchText(word, goType);
  }

  mismatchText(word: string, goType: string): string {
    if (this.origin === 'values') return `json: cannot unmarshal ${word} into Go value of type ${goType}`;
    const fields = this.stack.filter((part) => typeof part === 'object');
    const owner = this.within ?? fields.at(-1)?.owner ?? '';
    const path = fields.map(({ trail }) => trail).join('.');
    return `json: cannot unmarshal ${word} into Go struct field ${owner}.${path} of type ${goType}`;
  }

  unknownField(key: string): void {
    const path = this.#pathTo(key);
    if (this.#report(`unknown field ${JSON.stringify(path)}`)) this.unknown.push(path);
  }

  repeatedField(key: string): void {
    this.#report(`duplicate field ${JSON.stringify(this.#pathTo(key))}`);
  }

  #report(message: string): boolean {
    if (this.within !== undefined || this.strict.length >= MAX_STRICT || this.strict.includes(message)) return false;
    this.strict.push(message);
    return true;
  }

  #pathTo(key: string): string {
    let path = '';
    for (const part of [...this.stack, key]) {
      if (typeof part === 'number') path += `[${String(part)}]`;
      else path += `${path === '' ? '' : '.'}${typeof part === 'string' ? part : part.name}`;
    }
    return path;
  }
}
