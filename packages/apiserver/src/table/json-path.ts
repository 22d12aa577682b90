import { isMap } from '../draft.ts';

/**
 * The JSONPath of printer columns, as kubectl and the API server understand it: fields (`.a.b`, `['a.b']`, `.a\.b`), items
 * and slices (`[0]`, `[-1]`, `[1:3]`, `[*]`), unions (`[0,2]`), wildcards, recursive descent (`..name`) and filters
 * (`[?(@.type=="Ready")]`, with `==`, `!=`, `<`, `<=`, `>`, `>=`, or nothing for "is there").
 */
export type JsonPath = readonly Step[];

type Step =
  | { readonly step: 'field'; readonly name: string }
  | { readonly step: 'wildcard' }
  | { readonly step: 'descend' }
  | { readonly step: 'slice'; readonly from: number | undefined; readonly to: number | undefined; readonly by: number }
  | { readonly step: 'index'; readonly index: number }
  | { readonly step: 'union'; readonly paths: readonly JsonPath[] }
  | { readonly step: 'filter'; readonly left: JsonPath; readonly operator: string; readonly right: JsonPath }
  | { readonly step: 'value'; readonly value: string | number | boolean };

/** Parses the path of a column (without braces); `undefined` where it is none. */
export function parseJsonPath(text: string): JsonPath | undefined {
  try {
    return new Parser(text).path();
  } catch (error) {
    if (error instanceof PathProblem) return undefined;
    throw error;
  }
}

/** What a path finds; `undefined` where it cannot be followed: an index that is not there, a filter on no list. */
export function findByPath(path: JsonPath, value: unknown): readonly unknown[] | undefined {
  try {
    return walk(path, [value]);
  } catch (error) {
    if (error instanceof PathProblem) return undefined;
    throw error;
  }
}

/** Stays in this file: a path, or a value, that a path does not go with. */
class PathProblem extends Error {}

const TERMINATOR = /[\s.,[\]$@{}]/;

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(): JsonPath {
    const steps: Step[] = [];
    while (this.#at < this.#text.length) steps.push(...this.#next(steps));
    return steps;
  }

  #next(before: readonly Step[]): readonly Step[] {
    const rest = this.#text.slice(this.#at);
    const [first = ''] = rest;
    if (rest.startsWith('[?(')) return [this.#filter()];
    if (rest.startsWith('..')) return this.#descend(before);
    if (first === ' ' || first === '@' || first === '$') {
      this.#at += 1;
      return [];
    }
    if (first === '[') return this.#brackets();
    if (first === '"' || first === "'") return [{ step: 'value', value: this.#quoted(first) }];
    if (first === '.') {
      this.#at += 1;
      return [this.#field()];
    }
    return [this.#literal(rest)];
  }

  #descend(before: readonly Step[]): readonly Step[] {
    if (before.at(-1)?.step === 'descend') throw new PathProblem('two descents');
    this.#at += 2;
    const named = /^[\p{L}\p{Nd}_]/u.test(this.#text.slice(this.#at));
    return named ? [{ step: 'descend' }, this.#field()] : [{ step: 'descend' }];
  }

  #field(): Step {
    let name = '';
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text.charAt(this.#at);
      if (character === '\\') {
        this.#at += 1;
        name += this.#text.charAt(this.#at);
      } else if (TERMINATOR.test(character)) break;
      else name += character;
    }
    return name === '*' ? { step: 'wildcard' } : { step: 'field', name };
  }

  #literal(rest: string): Step {
    const [number] = /^[+-]?[\d.]+/.exec(rest) ?? [];
    if (number !== undefined) {
      this.#at += number.length;
      const value = Number(number);
      if (Number.isNaN(value)) throw new PathProblem(number);
      return { step: 'value', value };
    }
    const [word] = /^(?:true|false)(?![^\s.,[\]$@{}])/.exec(rest) ?? [];
    if (word === undefined) throw new PathProblem(rest);
    this.#at += word.length;
    return { step: 'value', value: word === 'true' };
  }

  #quoted(quote: string): string {
    let end = this.#at + 1;
    while (end < this.#text.length && (this.#text[end] !== quote || this.#text[end - 1] === '\\')) end += 1;
    if (end >= this.#text.length) throw new PathProblem('a string without end');
    const text = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return text.replaceAll(/\\(.)/g, '$1');
  }

  #brackets(): readonly Step[] {
    const end = this.#text.indexOf(']', this.#at);
    if (end === -1) throw new PathProblem('a bracket without end');
    const text = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    const parts = text.split(',');
    if (parts.length > 1) {
      return [{ step: 'union', paths: parts.map((part) => new Parser(`[${part.trim()}]`).path()) }];
    }
    const [, key] = /^'([^']*)'$/.exec(text) ?? [];
    if (key !== undefined) return new Parser(`.${key}`).path();
    return [selection(text === '*' ? ':' : text)];
  }

  #filter(): Step {
    const end = filterEnd(this.#text, this.#at + 3);
    const text = this.#text.slice(this.#at + 3, end);
    this.#at = end + 2;
    const [, left, operator, right] = /^([^!<>=]+)([!<>=]+)(.+?)$/s.exec(text) ?? [];
    if (left === undefined || operator === undefined || right === undefined) {
      return { step: 'filter', left: new Parser(text).path(), operator: 'exists', right: [] };
    }
    return { step: 'filter', left: new Parser(left).path(), operator, right: new Parser(right).path() };
  }
}

/** Where the `)]` stands that is in no string. */
function filterEnd(text: string, from: number): number {
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote && text[at - 1] !== '\\') quote = '';
    else if (character === ')' && quote === '') {
      if (text[at + 1] !== ']') throw new PathProblem('a filter without end');
      return at;
    }
  }
  throw new PathProblem('a filter without end');
}

function selection(text: string): Step {
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (match === null) throw new PathProblem(text);
  const number = (part: string | undefined): number | undefined => {
    const digits = part?.replace(/^:/, '') ?? '';
    if (digits === '') return undefined;
    const value = Number(digits);
    if (Number.isNaN(value)) throw new PathProblem(text);
    return value;
  };
  const [, from, to, by] = match;
  if (to === undefined) return { step: 'index', index: number(from) ?? 0 };
  return { step: 'slice', from: number(from), to: number(to), by: number(by) ?? 1 };
}

function walk(path: JsonPath, values: readonly unknown[]): readonly unknown[] {
  return path.reduce<readonly unknown[]>((found, step) => take(step, found), values);
}

function take(step: Step, values: readonly unknown[]): readonly unknown[] {
  switch (step.step) {
    case 'field':
      return values.flatMap((value) => (isMap(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []));
    case 'wildcard':
      return values.flatMap(children);
    case 'descend':
      return values.flatMap(descend);
    case 'index':
    case 'slice':
      return values.flatMap((value) => (value === null || value === undefined ? [] : sliced(step, value)));
    case 'union':
      return step.paths.flatMap((path) => walk(path, values));
    case 'filter':
      return values.flatMap((value) => filtered(step, value));
    case 'value':
      return values.map(() => step.value);
    default:
      return step satisfies never;
  }
}

function children(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  return isMap(value) ? Object.values(value) : [];
}

/** Everything with parts at or below a value. */
function descend(value: unknown): readonly unknown[] {
  const parts = children(value);
  return parts.length === 0 ? [] : [value, ...parts.flatMap(descend)];
}

function sliced(step: Extract<Step, { readonly step: 'index' | 'slice' }>, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new PathProblem('not a list');
  const list = value as readonly unknown[];
  const fromEnd = (index: number): number => (index < 0 ? index + list.length : index);
  const from = fromEnd(step.step === 'index' ? step.index : (step.from ?? 0));
  const to = step.step === 'index' ? from + 1 : fromEnd(step.to ?? list.length);
  if (from === to) return [];
  if (from < 0 || from >= list.length || to < 0 || to > list.length || from > to) throw new PathProblem('no such item');
  const by = step.step === 'index' ? 1 : step.by;
  if (by <= 0) throw new PathProblem('not a step');
  return list.slice(from, to).filter((_item, i) => i % by === 0);
}

function filtered(step: Extract<Step, { readonly step: 'filter' }>, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new PathProblem('not a list');
  return (value as readonly unknown[]).filter((item) => {
    if (step.operator === 'exists') return (findByPath(step.left, item) ?? []).length > 0;
    const left = one(walk(step.left, [item]));
    const right = left === undefined ? undefined : one(walk(step.right, [item]));
    return left !== undefined && right !== undefined && compare(left.value, step.operator, right.value);
  });
}

function one(values: readonly unknown[]): { readonly value: unknown } | undefined {
  if (values.length > 1) throw new PathProblem('one value at a time is compared');
  return values.length === 0 ? undefined : { value: values[0] };
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  const kinds = [left, right].map((value) => (typeof value === 'bigint' ? 'number' : typeof value));
  if (kinds[0] !== kinds[1] || !['string', 'number', 'boolean'].includes(kinds[0] ?? '')) {
    throw new PathProblem('no comparison of different things');
  }
  const [a, b] = [left as number, right as number];
  if (operator === '==') return a === b;
  if (operator === '!=') return a !== b;
  if (kinds[0] === 'boolean') throw new PathProblem('no order of booleans');
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      throw new PathProblem(operator);
  }
}
