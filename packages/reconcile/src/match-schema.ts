import { equalJson, isRecord } from '@homeostat/kube';

export type Schema = Readonly<Record<string, unknown>>;

/** One way in which a value is not as its schema says. */
export interface Mismatch {
  /** Keys and indexes down to the value, joined by dots; `''` for the whole. */
  readonly at: string;
  /** The keyword of the schema that does not hold. */
  readonly keyword: string;
  readonly message: string;
  /** The key that is too much (`additionalProperties`). */
  readonly key?: string;
  /** What would be allowed (`enum`). */
  readonly allowed?: readonly unknown[];
}

export type Formats = Readonly<Record<string, (text: string) => boolean>>;

/**
 * Every mismatch between a value and a JSON Schema of those keywords that the schema of a sync uses, with the messages that
 * validators commonly give. Why no branch of a `oneOf` fits is told once, by the choice. Pure.
 *
 * A validator that compiles schemas took longer to compile this one than a pass over 1,000 objects.
 *
 * @throws {TypeError} for a keyword or format that is not known here, rather than let it hold nothing.
 */
export function matchSchema(value: unknown, schema: Schema, formats: Formats = {}): readonly Mismatch[] {
  const found: Mismatch[] = [];
  match(value, schema, '', { formats, found });
  return found;
}

interface Matching {
  readonly formats: Formats;
  readonly found: Mismatch[];
}

/** Keywords that say nothing about a value. */
const NOTES: ReadonlySet<string> = new Set(['$id', 'title', 'description']);

function match(value: unknown, schema: Schema, at: string, matching: Matching): void {
  const { found } = matching;
  const { type } = schema;
  if (typeof type === 'string' && !isOfType(value, type)) {
    found.push({ at, keyword: 'type', message: `must be ${type}` });
    return; // nothing else that it says can be meant for such a value
  }
  for (const [keyword, expected] of Object.entries(schema)) {
    if (keyword === 'type' || NOTES.has(keyword)) continue;
    const check = CHECKS[keyword];
    if (check === undefined) throw new TypeError(`the keyword ${keyword} of a schema is not known here`);
    const problem = check(value, expected, at, matching, schema);
    if (problem !== undefined) found.push({ at, keyword, ...problem });
  }
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return isRecord(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

type Problem = Omit<Mismatch, 'at' | 'keyword'>;
type Check = (value: unknown, expected: unknown, at: string, matching: Matching, schema: Schema) => Problem | undefined;

const CHECKS: Readonly<Record<string, Check>> = {
  enum: (value, expected) => {
    const allowed = expected as readonly unknown[];
    if (allowed.some((one) => equalJson(one, value))) return undefined;
    return { message: 'must be equal to one of the allowed values', allowed };
  },
  pattern: (value, expected) =>
    typeof value !== 'string' || new RegExp(String(expected), 'u').test(value)
      ? undefined
      : { message: `must match pattern "${String(expected)}"` },
  format: (value, expected, _at, { formats }) => {
    const check = formats[String(expected)];
    if (check === undefined) throw new TypeError(`the format ${String(expected)} of a schema is not known here`);
    return typeof value !== 'string' || check(value)
      ? undefined
      : { message: `must match format "${String(expected)}"` };
  },
  // In code points, as JSON Schema counts.
  minLength: (value, expected) =>
    fewer(typeof value === 'string' ? Array.from(value).length : undefined, expected, 'characters'),
  maxLength: (value, expected) =>
    more(typeof value === 'string' ? Array.from(value).length : undefined, expected, 'characters'),
  minItems: (value, expected) => fewer(Array.isArray(value) ? value.length : undefined, expected, 'items'),
  minimum: (value, expected) =>
    typeof value === 'number' && value < Number(expected) ? { message: `must be >= ${String(expected)}` } : undefined,
  maximum: (value, expected) =>
    typeof value === 'number' && value > Number(expected) ? { message: `must be <= ${String(expected)}` } : undefined,
  items: (value, expected, at, matching) => {
    if (Array.isArray(value)) value.forEach((item, i) => match(item, expected as Schema, below(at, i), matching));
    return undefined;
  },
  required: (value, expected, at, { found }) => {
    for (const key of isRecord(value) ? (expected as readonly string[]) : []) {
      if (Object.hasOwn(value as object, key)) continue;
      found.push({ at, keyword: 'required', message: `must have required property '${key}'` });
    }
    return undefined;
  },
  properties: (value, expected, at, matching) => {
    for (const [key, schema] of Object.entries(expected as Readonly<Record<string, Schema>>)) {
      if (isRecord(value) && Object.hasOwn(value, key)) match(value[key], schema, below(at, key), matching);
    }
    return undefined;
  },
  additionalProperties: (value, expected, at, matching, { properties = {} }) => {
    for (const [key, inner] of isRecord(value) ? Object.entries(value) : []) {
      if (Object.hasOwn(properties as object, key)) continue;
      if (expected !== false) match(inner, expected as Schema, below(at, key), matching);
      else {
        const message = 'must NOT have additional properties';
        matching.found.push({ at, keyword: 'additionalProperties', message, key });
      }
    }
    return undefined;
  },
  propertyNames: (value, expected, at, matching) => {
    for (const key of isRecord(value) ? Object.keys(value) : []) match(key, expected as Schema, at, matching);
    return undefined;
  },
  not: (value, expected, _at, { formats }) =>
    matchSchema(value, expected as Schema, formats).length > 0 ? undefined : { message: 'must NOT be valid' },
  oneOf: (value, expected, _at, { formats }) => {
    const fitting = (expected as readonly Schema[]).filter(
      (branch) => matchSchema(value, branch, formats).length === 0,
    );
    return fitting.length === 1 ? undefined : { message: 'must match exactly one schema in oneOf' };
  },
};

function fewer(count: number | undefined, least: unknown, what: string): Problem | undefined {
  return count !== undefined && count < Number(least)
    ? { message: `must NOT have fewer than ${String(least)} ${what}` }
    : undefined;
}

function more(count: number | undefined, most: unknown, what: string): Problem | undefined {
  return count !== undefined && count > Number(most)
    ? { message: `must NOT have more than ${String(most)} ${what}` }
    : undefined;
}

function below(at: string, key: string | number): string {
  return at === '' ? String(key) : `${at}.${key}`;
}
