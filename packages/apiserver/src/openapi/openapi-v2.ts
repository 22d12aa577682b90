import type { ApiDocument } from '../discovery/api-document.ts';
import { apiDocument } from '../discovery/api-document.ts';
import type { OpenApiDocuments } from './openapi-documents.ts';
import { protobufOf } from './protobuf.ts';
import type { Json } from './protobuf.ts';

/** The document at `/openapi/v2` in both forms in which it is served. */
export interface OpenApiV2 extends ApiDocument {
  /** `openapi.v2.Document` of gnostic: what kubectl asks for. */
  readonly protobuf: Uint8Array;
}

/** What schemas of version 2 can say; what only those of version 3 say is left out. */
const KEPT = new Set([
  'additionalProperties',
  'enum',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'format',
  'items',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'multipleOf',
  'pattern',
  'properties',
  'required',
  'type',
  'uniqueItems',
]);
const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/**
 * One document about everything: kubectl reads it before 1.29 for every object, and since then for those that cannot be
 * patched (lists, reviews) and those of which the server knows nothing. It says what the documents of version 3 say.
 */
export function openApiV2(...documents: readonly OpenApiDocuments[]): OpenApiV2 {
  const parts = documents.flatMap((all) => [...all.values()].map(({ body }) => JSON.parse(body) as Json));
  const paths = parts.flatMap(({ paths: some }) => Object.entries(some as Json));
  const schemas = parts.flatMap(({ components }) => Object.entries((components as Json)['schemas'] as Json));
  const value = {
    swagger: '2.0',
    info: parts[0]?.['info'] ?? {},
    paths: sorted(paths.map(([path, item]) => [path, pathItem(item as Json)])),
    definitions: sorted(new Map(schemas.map(([name, schema]) => [name, definition(schema as Json)]))),
  };
  return { ...apiDocument(value), protobuf: protobufOf(value) };
}

function sorted(entries: Iterable<readonly [string, unknown]>): Json {
  return Object.fromEntries([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function pathItem(item: Json): Json {
  const operations = METHODS.flatMap((method) => {
    const found = item[method];
    return found === undefined ? [] : [[method, operation(found as Json)] as const];
  });
  const parameters = item['parameters'] as readonly Json[] | undefined;
  return { ...Object.fromEntries(operations), ...(parameters && { parameters: parameters.map(parameter) }) };
}

function operation({ parameters = [], requestBody, responses, ...rest }: Json): Json {
  const body = requestBody as Json | undefined;
  const content = (body?.['content'] ?? {}) as Json;
  const answers = Object.entries(responses as Json) as [string, Json][];
  const produces = Object.keys(answers[0]?.[1]['content'] ?? {});
  const inBody = {
    name: 'body',
    in: 'body',
    ...(body?.['required'] === true && { required: true }),
    schema: schemaIn(content),
  };
  return {
    ...(body !== undefined && { consumes: Object.keys(content) }),
    produces,
    parameters: [...(body === undefined ? [] : [inBody]), ...(parameters as readonly Json[]).map(parameter)],
    responses: Object.fromEntries(
      answers.map(([code, { description, content: answered }]) => [
        code,
        { description, ...(answered !== undefined && { schema: schemaIn(answered as Json) }) },
      ]),
    ),
    ...rest,
  };
}

/** One schema stands for all types of content. */
function schemaIn(content: Json): Json {
  const [first] = Object.values(content) as Json[];
  return definition((first?.['schema'] ?? {}) as Json);
}

function parameter({ schema, ...rest }: Json): Json {
  return { ...rest, ...(schema as Json) };
}

function definition(schema: Json): Json {
  const extensions = Object.entries(schema).filter(([key]) => key.startsWith('x-'));
  const reference = schema['$ref'] ?? onlyReference(schema['allOf']);
  if (typeof reference === 'string') {
    const $ref = reference.replace('#/components/schemas/', '#/definitions/');
    return { $ref, ...Object.fromEntries(extensions) };
  }
  // Version 2 knows neither null nor fields without a description.
  const isOpen = schema['nullable'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isOpen) return Object.fromEntries(extensions);
  const own = Object.entries(schema).flatMap(([key, value]) => (KEPT.has(key) ? [[key, keyword(key, value)]] : []));
  // An amount, or a number or a text.
  const type = schema['oneOf'] !== undefined && schema['type'] === undefined ? { type: 'string' } : {};
  return { ...type, ...(Object.fromEntries(own) as Json), ...Object.fromEntries(extensions) };
}

function onlyReference(allOf: unknown): unknown {
  return Array.isArray(allOf) && allOf.length === 1 ? (allOf[0] as Json)['$ref'] : undefined;
}

function keyword(key: string, value: unknown): unknown {
  if (key === 'properties')
    return Object.fromEntries(
      Object.entries(value as Json).map(([name, schema]) => [name, definition(schema as Json)]),
    );
  const isSchema = (key === 'items' || key === 'additionalProperties') && typeof value === 'object';
  return isSchema ? definition(value as Json) : value;
}
