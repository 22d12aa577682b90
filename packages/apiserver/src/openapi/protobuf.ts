export type Json = Readonly<Record<string, unknown>>;

/**
 * A field of a message: its number, and how its value is written. `any` is a value of whatever kind, as YAML inside.
 */
type Field = readonly [number: number, write: Writer];
type Writer = (number: number, value: unknown) => readonly Uint8Array[];

const NOTHING = new Uint8Array();

/**
 * An OpenAPI document of version 2 as `openapi.v2.Document`, a message of gnostic (`openapiv2/OpenAPIv2.proto`), which is
 * how kubectl asks for it. Fields that Kubernetes' documents do not have are not known here and would be left out.
 */
export function protobufOf(value: Json): Uint8Array {
  return Buffer.concat(message(DOCUMENT)(value));
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

function prefixed(number: number, parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [varint(number * 8 + 2), varint(length), ...parts];
}

const text: Writer = (number, value) => prefixed(number, [Buffer.from(String(value))]);
const flag: Writer = (number, value) => (value === true ? [varint(number * 8), varint(1)] : [NOTHING]);
const count: Writer = (number, value) => [varint(number * 8), varint(Number(value))];
const real: Writer = (number, value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Number(value));
  return [varint(number * 8 + 1), bytes];
};
/** `Any { string yaml = 2 }`: JSON is YAML. */
const any: Writer = (number, value) => prefixed(number, text(2, JSON.stringify(value)));

const many =
  (write: Writer): Writer =>
  (number, value) =>
    (value as readonly unknown[]).flatMap((one) => write(number, one));

/** A message made from an object by the names of its keys. Extensions go into field `extensions`. */
function message(
  fields: Readonly<Record<string, Field>>,
  extensions?: number,
): (value: unknown) => readonly Uint8Array[] {
  return (value) =>
    Object.entries(value as Json).flatMap(([key, one]) => {
      const field = fields[key];
      if (field !== undefined) return field[1](field[0], one);
      return extensions !== undefined && key.startsWith('x-') ? named(any)(extensions, { [key]: one }) : [];
    });
}

const inside =
  (write: (value: unknown) => readonly Uint8Array[]): Writer =>
  (number, value) =>
    prefixed(number, write(value));

/** A map: an entry `{ name = 1, value = 2 }` each. */
const named =
  (write: Writer): Writer =>
  (number, value) =>
    Object.entries(value as Json).flatMap(([name, one]) => prefixed(number, [...text(1, name), ...write(2, one)]));

const schema: Writer = (number, value) => prefixed(number, message(SCHEMA, 31)(value));
const wrapped =
  (write: Writer): Writer =>
  (number, value) =>
    prefixed(number, write(1, value));

const SCHEMA: Readonly<Record<string, Field>> = {
  $ref: [1, text],
  format: [2, text],
  multipleOf: [6, real],
  maximum: [7, real],
  exclusiveMaximum: [8, flag],
  minimum: [9, real],
  exclusiveMinimum: [10, flag],
  maxLength: [11, count],
  minLength: [12, count],
  pattern: [13, text],
  maxItems: [14, count],
  minItems: [15, count],
  uniqueItems: [16, flag],
  maxProperties: [17, count],
  minProperties: [18, count],
  required: [19, many(text)],
  enum: [20, many(any)],
  additionalProperties: [
    21,
    (number, value) => prefixed(number, typeof value === 'boolean' ? flag(2, value) : schema(1, value)),
  ],
  type: [22, wrapped(text)],
  items: [23, wrapped(schema)],
  properties: [25, wrapped(named(schema))],
};

const BODY: Readonly<Record<string, Field>> = {
  name: [2, text],
  in: [3, text],
  required: [4, flag],
  schema: [5, schema],
};
const QUERY: Readonly<Record<string, Field>> = {
  required: [1, flag],
  in: [2, text],
  name: [4, text],
  type: [6, text],
  uniqueItems: [20, flag],
};
const PATH: Readonly<Record<string, Field>> = {
  required: [1, flag],
  in: [2, text],
  name: [4, text],
  type: [5, text],
  uniqueItems: [19, flag],
};

/** `ParametersItem { Parameter parameter = 1 }`, a parameter being one of three. */
const parameter: Writer = (number, value) => {
  const place = (value as Json)['in'];
  const written =
    place === 'body'
      ? inside(message(BODY))(1, value)
      : prefixed(2, place === 'query' ? inside(message(QUERY))(3, value) : inside(message(PATH))(4, value));
  return prefixed(number, prefixed(1, written));
};

/** `ResponseValue { Response response = 1 }`, whose schema is a `SchemaItem { Schema schema = 1 }`. */
const response = wrapped(inside(message({ description: [1, text], schema: [2, wrapped(schema)] })));

const operation = inside(
  message(
    {
      produces: [6, many(text)],
      consumes: [7, many(text)],
      parameters: [8, many(parameter)],
      responses: [9, wrapped(named(response))],
    },
    13,
  ),
);

const pathItem = inside(
  message({
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    patch: [8, operation],
    parameters: [9, many(parameter)],
  }),
);

const DOCUMENT: Readonly<Record<string, Field>> = {
  swagger: [1, text],
  info: [2, inside(message({ title: [1, text], version: [2, text] }))],
  paths: [8, (number, value) => prefixed(number, named(pathItem)(2, value))],
  definitions: [9, wrapped(named(schema))],
};
