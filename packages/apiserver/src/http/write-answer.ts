import { isRecord, stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { ListAnswer, VerbAnswer } from '../registry/answer.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import type { View } from '../registry/view.ts';
import { badRequest } from '../status.ts';
import { writeYaml } from './yaml.ts';
import { tableOf } from '../table/table.ts';
import type { KindTable } from '../table/table.ts';
import type { AnswerHeaders, ApiAnswer } from './exchange.ts';
import type { Wanted } from './negotiate.ts';

export const BASE_HEADERS = { 'cache-control': 'no-cache, private' } as const;

export interface WriteOptions {
  readonly wanted: Wanted;
  /** `includeObject` of the query. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  readonly now: number;
}

/** @throws {ApiError} 400. */
export function includeObjectOf(query: URLSearchParams): 'None' | 'Metadata' | 'Object' {
  const value = query.get('includeObject') ?? '';
  if (value === '' || value === 'Metadata') return 'Metadata';
  if (value === 'None' || value === 'Object') return value;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** An answer in the form that the client wants. */
export function writeAnswer(answer: VerbAnswer, options: WriteOptions): ApiAnswer {
  const headers: AnswerHeaders = { ...BASE_HEADERS, ...warningHeaders(answer.warnings ?? []) };
  switch (answer.type) {
    case 'watch':
      return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body: answer.stream };
    case 'status':
      return document(answer.code, headers, answer.status, options.wanted);
    case 'plain': {
      const { code, object, table: kind } = answer;
      if (options.wanted.as !== 'Table' || kind === undefined) return document(code, headers, object, options.wanted);
      return document(code, headers, rows([object], kind, versionOf(object), options), options.wanted);
    }
    case 'object': {
      const { resource, view, code } = answer;
      if (isPlainJson(options.wanted)) return json(code, headers, view.json());
      const { resourceVersion } = view.object.metadata;
      return document(code, headers, inForm(resource, [view], { resourceVersion }, options), options.wanted);
    }
    case 'list':
      return list(answer, headers, options);
    default:
      return answer satisfies never;
  }
}

function isPlainJson({ format, as, pretty }: Wanted): boolean {
  return format === 'json' && as === 'object' && !pretty;
}

function list(answer: ListAnswer, headers: AnswerHeaders, options: WriteOptions): ApiAnswer {
  const { resource, views, metadata } = answer;
  const { wanted } = options;
  if (wanted.as === 'Table') {
    return document(200, headers, table(resource, views, metadata, options, { isList: true }), wanted);
  }
  if (wanted.as === 'PartialObjectMetadata') {
    const items = views.map((view) => partial(view.object, wanted.version));
    const document_ = {
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${wanted.version}`,
      metadata,
      items: items.length === 0 ? null : items,
    };
    return document(200, headers, document_, wanted);
  }
  // A custom resource's list says `continue: ""` where there is no more; its items say what they are.
  const meta = resource.custom === undefined ? metadata : { continue: '', ...metadata };
  const head = { kind: resource.listKind, apiVersion: resource.apiVersion, metadata: meta };
  if (isPlainJson(wanted)) {
    const items = views.map((view) => (resource.custom === undefined ? withoutKind(view) : view.json()));
    return json(200, headers, `${stringifyJson(head).slice(0, -1)},"items":[${items.join(',')}]}`);
  }
  const items = views.map(({ object }) => {
    if (resource.custom !== undefined) return object;
    const { apiVersion: _apiVersion, kind: _kind, ...rest } = object;
    return rest;
  });
  return document(200, headers, { ...head, items }, wanted);
}

/** The JSON of an item of a list of a built-in kind, which does not say what it is. */
function withoutKind(view: View): string {
  const text = view.json();
  const { apiVersion, kind } = view.object;
  const head = `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},`;
  if (text.startsWith(head)) return `{${text.slice(head.length)}`;
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = view.object;
  return stringifyJson(rest);
}

/** The text of one object within a watch event. Each watch has its own: the first Table alone has column definitions. */
export function watchWriter(resource: ServedResource, options: () => WriteOptions): (view: View) => string {
  let first = true;
  return (view) => {
    const now = options();
    if (now.wanted.as === 'object') return view.json();
    if (now.wanted.as === 'PartialObjectMetadata') return stringifyJson(partial(view.object, now.wanted.version));
    const { resourceVersion } = view.object.metadata;
    const written = table(resource, [view], { resourceVersion }, now, { withDefinitions: first });
    first = false;
    return stringifyJson(written);
  };
}

function inForm(
  resource: ServedResource,
  views: readonly View[],
  metadata: Readonly<Record<string, unknown>>,
  options: WriteOptions,
): unknown {
  const [view] = views;
  if (options.wanted.as === 'Table') return table(resource, views, metadata, options);
  if (view === undefined) return null;
  return options.wanted.as === 'object' ? view.object : partial(view.object, options.wanted.version);
}

function table(
  resource: ServedResource,
  views: readonly View[],
  metadata: Readonly<Record<string, unknown>> | ListAnswer['metadata'],
  { wanted, includeObject, now }: WriteOptions,
  { withDefinitions = true, isList = false }: { readonly withDefinitions?: boolean; readonly isList?: boolean } = {},
): object {
  const objects = views.map(({ object }) => object);
  return rows(objects, resource.table, metadata, { wanted, includeObject, now }, { withDefinitions, isList });
}

function versionOf({ metadata }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return isRecord(metadata) ? { resourceVersion: metadata['resourceVersion'] } : {};
}

function rows(
  objects: readonly Readonly<Record<string, unknown>>[],
  kind: KindTable,
  metadata: Readonly<Record<string, unknown>> | ListAnswer['metadata'],
  { wanted, includeObject, now }: WriteOptions,
  { withDefinitions = true, isList = false }: { readonly withDefinitions?: boolean; readonly isList?: boolean } = {},
): object {
  return tableOf(objects, kind, {
    includeObject,
    now,
    isList,
    withDefinitions,
    listMeta: metadata as Readonly<Record<string, unknown>>,
    version: wanted.version,
  });
}

function partial(object: KubeObject, version: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

/** Any object, in the form and format that is wanted. */
export function document(code: number, headers: AnswerHeaders, value: unknown, wanted: Wanted): ApiAnswer {
  if (wanted.format === 'yaml') {
    return { status: code, headers: { ...headers, 'content-type': 'application/yaml' }, body: writeYaml(value) };
  }
  return json(code, headers, stringifyJson(value, wanted.pretty ? 2 : undefined));
}

function json(code: number, headers: AnswerHeaders, text: string): ApiAnswer {
  return { status: code, headers: { ...headers, 'content-type': 'application/json' }, body: `${text}\n` };
}

/** One header per text, as Kubernetes sends them: `299 - "text"`. */
export function warningHeaders(warnings: readonly string[]): AnswerHeaders {
  // What no header can hold, Kubernetes does not send either.
  const distinct = [...new Set(warnings)].filter((text) => !/\p{Cc}/u.test(text));
  if (distinct.length === 0) return {};
  return { warning: distinct.map((text) => `299 - "${text.replaceAll(/[\\"]/g, '\\$&')}"`) };
}
