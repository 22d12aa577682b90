import type { KubeData } from '@homeostat/kube/data';
import type { CustomResource } from '../custom/custom-resource.ts';
import { AGGREGATED_TYPE, aggregatedDiscovery } from '../discovery/aggregated.ts';
import type { ApiDocument } from '../discovery/api-document.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from '../discovery/legacy.ts';
import { servedGroups } from '../discovery/served-groups.ts';
import type { ServedGroup } from '../discovery/served-groups.ts';
import { versionInfo } from '../discovery/version-info.ts';
import { builtinOpenApi, customOpenApi, openApiIndex } from '../openapi/openapi-documents.ts';
import type { OpenApiDocuments } from '../openapi/openapi-documents.ts';
import { openApiV2 } from '../openapi/openapi-v2.ts';
import type { OpenApiV2 } from '../openapi/openapi-v2.ts';
import { methodNotAllowed, noSuchResource, notAcceptable } from '../status.ts';
import type { ApiAnswer } from './exchange.ts';
import { negotiate, parseAccept } from './negotiate.ts';
import { BASE_HEADERS, document } from './write-answer.ts';

export interface DocumentRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly pretty: boolean;
}

const V2_JSON = new Set(['*/*', 'application/*', 'application/json']);
const V2_PROTOBUF_ANSWER = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** Clients ask with an `@`, which a media type may not have: it is answered without. */
const V2_PROTOBUF = new Set(['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', V2_PROTOBUF_ANSWER]);
const YEAR_MS = 365 * 86_400_000;

/** What the server says of itself: versions, discovery, OpenAPI. Made when it is first asked for, and kept until it changes. */
export class Documents {
  readonly #data: KubeData;
  readonly #address: () => string;
  readonly #now: () => number;
  #customs: readonly CustomResource[] = [];
  #groups: readonly ServedGroup[] | undefined;
  readonly #aggregated = new Map<string, ApiDocument>();
  #builtin: OpenApiDocuments | undefined;
  #custom: OpenApiDocuments | undefined;
  #v2: OpenApiV2 | undefined;

  constructor(data: KubeData, address: () => string, now: () => number) {
    this.#data = data;
    this.#address = address;
    this.#now = now;
  }

  setCustom(customs: readonly CustomResource[]): void {
    this.#customs = customs;
    this.#groups = undefined;
    this.#custom = undefined;
    this.#v2 = undefined;
    this.#aggregated.clear();
  }

  /** `undefined` for a path that is none of these. */
  answer(request: DocumentRequest): ApiAnswer | undefined {
    const { path } = request;
    const isTrimmed = path.length > 1 && path.endsWith('/') && !path.startsWith('/openapi/');
    const trimmed = isTrimmed ? path.slice(0, -1) : path;
    const made = this.#make(trimmed, request);
    if (made === undefined) return undefined;
    // The lists of groups, and OpenAPI, do not look at the method; the others do.
    const isOpen = trimmed === '/apis' || /^\/apis\/[^/]+$/.test(trimmed) || trimmed.startsWith('/openapi/');
    if (request.method !== 'GET' && !isOpen) throw methodNotAllowed();
    return typeof made === 'function' ? made() : made;
  }

  #make(path: string, request: DocumentRequest): ApiAnswer | (() => ApiAnswer) | undefined {
    if (path === '/') return () => json({ paths: this.#paths() }, request);
    if (path === '/version') return () => this.#version(request);
    if (path === '/api' || path === '/apis') return () => this.#root(path, request);
    if (path === '/openapi/v3' || path.startsWith('/openapi/v3/')) return this.#openApi(path, request);
    if (path === '/openapi/v2') return () => this.#openApiV2(request);
    const parts = path.slice(1).split('/');
    const groups = this.#served();
    if (parts[0] === 'api' && parts.length === 2) {
      const list = apiResourceList(groups, '', parts[1] ?? '');
      if (list === undefined) throw noSuchResource();
      return () => json(list, request);
    }
    if (parts[0] !== 'apis') return undefined;
    if (parts.length === 2) {
      const group = apiGroup(groups, parts[1] ?? '');
      return group && (() => json(group, request));
    }
    if (parts.length !== 3) return undefined;
    const list = apiResourceList(groups, parts[1] ?? '', parts[2] ?? '');
    if (list !== undefined) return () => json(list, request);
    if (this.#data.groupVersions.some(({ group }) => group === parts[1])) throw noSuchResource();
    return undefined;
  }

  /** Always for people to read, whatever is asked for. */
  #version({ accept }: DocumentRequest): ApiAnswer {
    negotiate(accept);
    const headers = { ...BASE_HEADERS, 'content-type': 'application/json' };
    return { status: 200, headers, body: JSON.stringify(versionInfo(this.#data), undefined, 2) };
  }

  /** The paths that lead somewhere, as `/` lists them. */
  #paths(): string[] {
    const groups = this.#served().filter(({ name }) => name !== '');
    const paths = groups.flatMap(({ name, versions }) => [
      `/apis/${name}`,
      ...versions.map(({ version }) => `/apis/${name}/${version}`),
    ]);
    const others = [
      '/api',
      '/api/v1',
      '/apis',
      '/apis/',
      '/healthz',
      '/livez',
      '/metrics',
      '/openapi/v2',
      '/openapi/v3',
      '/readyz',
      '/version',
    ];
    return [...others, ...paths].toSorted();
  }

  #root(path: '/api' | '/apis', request: DocumentRequest): ApiAnswer {
    const { accept, ifNoneMatch } = request;
    const form = discoveryForm(accept);
    if (form === 'legacy') {
      const list = path === '/api' ? apiVersions(this.#served(), this.#address()) : apiGroupList(this.#served());
      return json(list, request);
    }
    let made = this.#aggregated.get(path);
    if (made === undefined) {
      made = aggregatedDiscovery(this.#served(), path);
      this.#aggregated.set(path, made);
    }
    const etag = `"${made.hash}"`;
    const headers = { 'cache-control': 'public', etag, vary: 'Accept' };
    if (ifNoneMatch === etag) return { status: 304, headers, body: '' };
    return { status: 200, headers: { ...headers, 'content-type': AGGREGATED_TYPE }, body: made.body };
  }

  #openApi(path: string, { accept, query, ifNoneMatch }: DocumentRequest): ApiAnswer | (() => ApiAnswer) | undefined {
    this.#builtin ??= builtinOpenApi(this.#data);
    this.#custom ??= customOpenApi(this.#data, this.#customs);
    if (path === '/openapi/v3') {
      const body = openApiIndex(this.#builtin, this.#custom);
      return { status: 200, headers: { ...BASE_HEADERS, 'content-type': 'text/plain; charset=utf-8' }, body };
    }
    const key = path.slice('/openapi/v3/'.length);
    const found = this.#builtin.get(key) ?? this.#custom.get(key);
    if (found === undefined) return { status: 404, headers: BASE_HEADERS, body: '' };
    if (!acceptsJson(accept)) return { status: 406, headers: { ...BASE_HEADERS, vary: 'Accept' }, body: '' };
    const etag = `"${found.hash}"`;
    const asked = query.get('hash');
    if (asked !== null && asked !== '' && asked !== found.hash) {
      const location = `/openapi/v3/${key}?hash=${found.hash}`;
      return {
        status: 301,
        headers: { ...BASE_HEADERS, location, etag, vary: 'Accept', 'content-type': 'application/json' },
        body: '',
      };
    }
    const lasting =
      asked === null || asked === ''
        ? {}
        : { 'cache-control': 'public, immutable', expires: new Date(this.#now() + YEAR_MS).toUTCString() };
    const headers = { ...BASE_HEADERS, ...lasting, etag, vary: 'Accept', 'content-type': 'application/json' };
    if (ifNoneMatch === etag) return { status: 304, headers, body: '' };
    return { status: 200, headers, body: found.body };
  }

  #openApiV2({ accept, ifNoneMatch }: DocumentRequest): ApiAnswer {
    const ranges = parseAccept(accept ?? '*/*').map(({ type }) => type);
    const chosen = ranges.find((type) => V2_JSON.has(type) || V2_PROTOBUF.has(type));
    if (chosen === undefined) return { status: 406, headers: BASE_HEADERS, body: '' };
    this.#builtin ??= builtinOpenApi(this.#data);
    this.#custom ??= customOpenApi(this.#data, this.#customs);
    this.#v2 ??= openApiV2(this.#builtin, this.#custom);
    const { body, hash, protobuf } = this.#v2;
    const headers = { ...BASE_HEADERS, etag: `"${hash}"`, vary: 'Accept' };
    if (ifNoneMatch === headers.etag) return { status: 304, headers, body: '' };
    if (!V2_PROTOBUF.has(chosen))
      return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body };
    return { status: 200, headers: { ...headers, 'content-type': V2_PROTOBUF_ANSWER }, body: protobuf };
  }

  #served(): readonly ServedGroup[] {
    return (this.#groups ??= servedGroups(this.#data, this.#customs));
  }
}

const JSON_RANGES = new Set(['application/json', 'application/*', '*/*']);

function acceptsJson(accept: string | undefined): boolean {
  const ranges = parseAccept(accept ?? '');
  return ranges.length === 0 || ranges.some(({ type }) => JSON_RANGES.has(type));
}

/** @throws {ApiError} 406 for a client that takes nothing that is served. */
function discoveryForm(accept: string | undefined): 'aggregated' | 'legacy' {
  const ranges = parseAccept(accept ?? '');
  if (ranges.length === 0) return 'legacy';
  for (const { type, parameters } of ranges) {
    const { as, g, v } = parameters;
    if (type === 'application/json' && as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && v === 'v2') {
      return 'aggregated';
    }
    if (as === undefined && (type === 'application/json' || type === '*/*' || type === 'application/*'))
      return 'legacy';
  }
  throw notAcceptable(['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']);
}

function json(value: object, { accept, pretty }: DocumentRequest): ApiAnswer {
  const { format } = negotiate(accept);
  return document(200, BASE_HEADERS, value, { format, as: 'object', version: 'v1', pretty });
}
