import type { KubeData, OpenApiSchema } from '@homeostat/kube/data';

/** A whole number from 0 to below `limit`. */
export type Random = (limit: number) => number;

export interface OddTextOptions {
  readonly data: KubeData;
  readonly random: Random;
  /** Also values of wrong types, unknown and repeated fields; otherwise only fields that say nothing, and unusual spellings. */
  readonly wrong: boolean;
}

/** A JSON text that a client might send: the object, of a built-in kind, with further fields of all sorts among its own. */
export function oddText(object: Readonly<Record<string, unknown>>, component: string, options: OddTextOptions): string {
  return new Writer(options).among(object, { $ref: `${REFERENCE}${component}` });
}

const REFERENCE = '#/components/schemas/';
/** What the server itself decides about. */
const LEFT_ALONE: ReadonlySet<string> = new Set([
  'status',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
  'creationTimestamp',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

interface Texts {
  readonly fitting: readonly string[];
  readonly wrong: readonly string[];
}

const TIMES: Texts = {
  fitting: ['"2026-01-02T03:04:05.123456Z"', '"2026-01-02T03:04:05.123456+02:00"'],
  wrong: [
    '"2026-01-02T03:04:05Z"',
    '"2026-02-30T00:00:00.000000Z"',
    '"2026-13-02T03:04:05Z"',
    '"2026-01-02T03:04:05.000000Zx"',
    '"2026-01-02T24:04:05Z"',
    '"2026-1-02"',
    '"2026"',
    '""',
    '5',
    '{}',
  ],
};
const TEXTS: Readonly<Record<string, Texts>> = {
  Quantity: {
    fitting: ['"1"', '1', '0.5', '"1000m"', '"1024Mi"', '"0"', '0', '"1e3"', '1e3', '"+1.5Gi"', '" 2 "'],
    wrong: ['"x"', '""', '"1x"', '"5mm"', '"1.5.5"', 'true', '{}'],
  },
  IntOrString: { fitting: ['1', '0', '"a"', '"10%"', '""'], wrong: ['1.5', 'true', '3000000000', '1e3', '{}', '[]'] },
  Time: TIMES,
  MicroTime: TIMES,
  FieldsV1: { fitting: ['{"f:a":{}}'], wrong: ['"a"'] },
  RawExtension: { fitting: ['{"a":1}', '{}'], wrong: ['"a"'] },
  JSON: { fitting: ['{"a":1}', '[1]', '"a"', '{}'], wrong: [] },
  boolean: { fitting: ['true', 'false'], wrong: ['"true"', '0', '[]'] },
  integer: {
    fitting: ['0', '1', '5', '30', '-1', '-0'],
    wrong: ['2147483648', '9007199254740993', '9223372036854775808', '"1"', '1.0', '1e3', '1.5'],
  },
  number: { fitting: ['0', '1.5', '1e2'], wrong: ['"1"', '1e999'] },
  byte: { fitting: ['""', '"YQ=="', '"YR=="', '"YQ==\\n"', '[97]'], wrong: ['"Y"', '"YWI!"', '"YQ=a"', '[256]', '5'] },
  string: { fitting: ['""', '"a"', '"b"', '"\\u00e9\\ud800"'], wrong: ['1', 'true', '{}', '["a"]'] },
};
const NOTHING: Texts = {
  fitting: [],
  wrong: ['0', '""', 'false', '[]', '{}', '12345678901234567890', '[1]', '[null]', '{"a":null}', '{"a":1,"a":2}'],
};

class Writer {
  readonly #data: KubeData;
  readonly #random: Random;
  readonly #wrong: boolean;

  constructor({ data, random, wrong }: OddTextOptions) {
    this.#data = data;
    this.#random = random;
    this.#wrong = wrong;
  }

  among(value: unknown, reference: OpenApiSchema): string {
    const schema = this.#resolved(reference);
    if (Array.isArray(value)) return `[${value.map((one) => this.among(one, schema.items ?? {})).join(',')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const { properties = {}, additionalProperties = {} } = schema;
    const entries = Object.entries(value).map(([key, inner]) =>
      entry(key, this.among(inner, properties[key] ?? additionalProperties)),
    );
    const insert = (text: string): void => void entries.splice(this.#random(entries.length + 1), 0, text);
    for (const [name, property] of Object.entries(properties)) {
      if (LEFT_ALONE.has(name) || this.#random(100) >= 6) continue;
      const isRepeated = Object.hasOwn(value, name);
      if (!isRepeated || (this.#wrong && this.#random(3) === 0)) insert(entry(name, this.#value(property, 0)));
    }
    if (this.#wrong && this.#random(12) === 0) insert(entry(`x${String(this.#random(3))}`, '{"a":1,"a":2}'));
    return `{${entries.join(',')}}`;
  }

  #value(schema: OpenApiSchema, depth: number): string {
    const choice = this.#random(20);
    if (choice < 4) return 'null';
    return this.#wrong && choice === 4 ? this.#pick(NOTHING.wrong) : this.#typed(schema, depth);
  }

  #typed(reference: OpenApiSchema, depth: number): string {
    const name = (reference.$ref ?? reference.allOf?.[0]?.$ref ?? '').split('.').at(-1) ?? '';
    const schema = this.#resolved(reference);
    const special = TEXTS[name];
    if (special !== undefined) return this.#textOf(special);
    switch (schema.type) {
      case 'array':
        return `[${this.#several(() => this.#value(schema.items ?? {}, depth + 1)).join(',')}]`;
      case 'object':
        return `{${this.#entries(schema, depth).join(',')}}`;
      case 'string':
        if (schema.enum !== undefined && this.#random(3) > 0) return JSON.stringify(this.#pick(schema.enum));
        return this.#textOf(TEXTS[schema.format === 'byte' ? 'byte' : 'string']);
      default:
        return this.#textOf(TEXTS[schema.type ?? 'JSON']);
    }
  }

  #entries({ properties, additionalProperties = {} }: OpenApiSchema, depth: number): string[] {
    if (properties === undefined)
      return this.#several(() => entry(this.#pick(['a', 'b', 'c']), this.#value(additionalProperties, depth + 1)));
    const names = Object.keys(properties);
    if (depth > 6 || names.length === 0) return [];
    return this.#several(() => {
      const name = this.#pick(names);
      if (this.#wrong && this.#random(15) === 0) return entry(`y${name}`, '1');
      return entry(name, this.#value(properties[name] ?? {}, depth + 1));
    });
  }

  #textOf(texts: Texts | undefined): string {
    const { fitting, wrong } = texts ?? NOTHING;
    return this.#pick(this.#wrong && wrong.length > 0 && this.#random(3) === 0 ? wrong : fitting);
  }

  /** None to three; of equal keys only the first, unless mistakes are wanted. */
  #several(make: () => string): string[] {
    const made = Array.from({ length: this.#random(4) }, make);
    if (this.#wrong) return made;
    const keys = made.map((text) => text.slice(0, text.indexOf(':')));
    return made.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#random(choices.length)] as T;
  }

  #resolved(schema: OpenApiSchema): OpenApiSchema {
    const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
    return reference === undefined ? schema : (this.#data.schemas[reference.slice(REFERENCE.length)] ?? {});
  }
}

function entry(key: string, value: string): string {
  return `${JSON.stringify(key)}:${value}`;
}
