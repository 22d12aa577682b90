import { ignored } from './ignored.ts';

type Json = Readonly<Record<string, unknown>>;

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/**
 * What clients read in an OpenAPI document: every schema, and of every operation its kind, action, parameters and the
 * media types of its body. The index of documents is kept without those that describe no group version.
 */
export function readByClients(document: unknown): unknown {
  if (!isMap(document) || !isMap(document['paths'])) return document;
  const { paths, components } = document;
  if (!('openapi' in document)) {
    const others = without(paths, ignored.openApi.documents);
    return { paths: without(others, ignored.openApi.documentOfAnotherStory) };
  }
  const operations = Object.entries(without(paths, ignored.openApi.paths)).map(
    ([path, item]) => [path, operationsOf(item as Json)] as const,
  );
  const schemas = isMap(components) && isMap(components['schemas']) ? components['schemas'] : {};
  return { paths: Object.fromEntries(operations), schemas: schemaOf(without(schemas, ignored.openApi.schemas)) };
}

function operationsOf(item: Json): Json {
  const shared = Array.isArray(item['parameters']) ? (item['parameters'] as readonly Json[]) : [];
  const entries = METHODS.filter((method) => isMap(item[method])).map((method) => {
    const operation = item[method] as Json;
    const own = Array.isArray(operation['parameters']) ? (operation['parameters'] as readonly Json[]) : [];
    const body = operation['requestBody'] as { readonly content?: Json } | undefined;
    const told = {
      kind: operation['x-kubernetes-group-version-kind'],
      action: operation['x-kubernetes-action'],
      parameters: [...shared, ...own].map(({ name, in: place }) => `${String(place)} ${String(name)}`).toSorted(),
      media: Object.keys(body?.content ?? {}).toSorted(),
    };
    return [method, told] as const;
  });
  return Object.fromEntries(entries);
}

function schemaOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => schemaOf(one));
  if (!isMap(value)) return value;
  const kept = Object.entries(value).filter(
    ([name]) => key === 'properties' || !(ignored.openApi.names as readonly string[]).includes(name),
  );
  return Object.fromEntries(kept.map(([name, one]) => [name, schemaOf(one, name)]));
}

function without(map: Json, pattern: RegExp): Json {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !pattern.test(key)));
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
