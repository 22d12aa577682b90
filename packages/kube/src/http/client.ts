import { channel } from 'node:diagnostics_channel';
import { readFile as readFileOfDisk } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import type {
  Applied,
  ApplyOptions,
  CallOptions,
  Client,
  DeleteOptions,
  Impersonation,
  ListOptions,
  Page,
  Patch,
  RawRequest,
  RawResponse,
  RequestRecord,
  VersionOption,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../client.ts';
import { KubeError } from '../error.ts';
import { parseJson, stringifyJson } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { isRecord } from '../record.ts';
import { apiVersionOf, gvkOf, printRef, refOf } from '../ref.ts';
import type { Ref } from '../ref.ts';
import type { Resource, Resources } from '../resources.ts';
import { errorOfAnswer } from './answer-error.ts';
import type { Asked } from './answer-error.ts';
import { createAuthenticator } from './authenticator.ts';
import type { Authenticator } from './authenticator.ts';
import { printableUrl } from './config.ts';
import type { ClusterConfig } from './config.ts';
import { errorOfConnection } from './connection-error.ts';
import { startDeadline } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { Discoverer } from './discoverer.ts';
import type { DocumentAnswer } from './discoverer.ts';
import { isDegraded } from './discovery.ts';
import { splitLines } from './lines.ts';
import { createPace } from './pace.ts';
import type { Pace } from './pace.ts';
import { collectionPath, namespaceFor, objectPath, withQuery } from './paths.ts';
import { secretRedactor } from './secrets.ts';
import { createTransport, header, readText } from './transport.ts';
import type { Answer, AnswerHeaders, Protocol, Transport, TransportRequest } from './transport.ts';
import { parseWarnings } from './warnings.ts';
import { readWatchEvent } from './watch-events.ts';

export interface HttpClient extends Client, AsyncDisposable {
  /** The server's URL, fit for messages. */
  readonly server: string;
  /** Ends every call that is still running and closes every connection. */
  close(): Promise<void>;
}

export interface ClientOptions {
  /** Default `homeostat`. Where a write names no manager, the server takes what stands before the first slash. */
  readonly userAgent?: string;
  /** Called after every exchange; must not throw. */
  readonly onRequest?: (record: RequestRecord) => void;
  /** Requests started a second, at most, spaced evenly. Default: no limit; the server says `THROTTLED` itself. */
  readonly maxQps?: number;
  /** Instead of what the kubeconfig says. */
  readonly impersonate?: Impersonation;
  readonly protocol?: Protocol;
  /** The way to the server, instead of connections to `config.server`. It is closed with the client. */
  readonly transport?: Transport;
  /** How often a connection is probed for life; a dead one is noticed within twice this time. Default 30 s. */
  readonly probeIntervalMs?: number;
  /** For credential plugins. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether credential plugins may ask a person. Default: whether stdin is a terminal. */
  readonly interactive?: boolean;
  readonly readFile?: (path: string) => Promise<string>;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** In [0, 1): spreads the ends of watches. */
  readonly random?: () => number;
}

const requests = channel('homeostat:request');

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_PROBE_INTERVAL_MS = 30_000;
const DEFAULT_PAGE = 500;
/** A watch without `timeoutMs` lasts between this and twice as long, as client-go's do. */
const WATCH_LASTS_MS = 300_000;
const MAX_WATCH_MS = 24 * 3_600_000;
/** A server that has not ended a watch this long after its time is not there any more. */
const WATCH_GRACE_MS = 15_000;

const APPLY_PATCH = 'application/apply-patch+yaml';
const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const satisfies Record<Patch['type'], string>;

/**
 * Connects when the first call is made. Close it when it is no longer needed: idle connections keep a process alive.
 *
 * Each exchange is told of on the `diagnostics_channel` `homeostat:request` as a {@link RequestRecord}.
 */
export function createClient(config: ClusterConfig, options: ClientOptions = {}): HttpClient {
  return new HttpApiClient(config, options);
}

/** One call, ready to be sent. */
interface Call {
  readonly verb: RequestRecord['verb'];
  /** `group/plural`, or `''`. */
  readonly resource: string;
  readonly method: TransportRequest['method'];
  /** With query. */
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
  readonly asked: Asked;
}

interface Text {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: string;
}

/** What a client and those that act as others on its connections have in common. */
interface Shared {
  readonly transport: Transport;
  /** One that keeps repeated headers apart: HTTP/1.1, where the other is not; made when it is first needed. */
  readonly http1: () => Transport;
  readonly authenticator: Authenticator;
  readonly discoverer: Discoverer;
  readonly pace: Pace;
  isClosed(): boolean;
  close(): Promise<void>;
}

class HttpApiClient implements HttpClient {
  readonly server: string;
  readonly #config: ClusterConfig;
  readonly #options: ClientOptions;
  readonly #shared: Shared;
  readonly #impersonate: Impersonation | undefined;
  readonly #transport: Transport;
  readonly #authenticator: Authenticator;
  readonly #discoverer: Discoverer;
  readonly #pace: Pace;
  readonly #headers: Readonly<Record<string, string | string[]>>;
  readonly #encoding: string;
  readonly #onRequest: (record: RequestRecord) => void;
  readonly #now: () => number;
  readonly #random: () => number;

  constructor(config: ClusterConfig, options: ClientOptions, shared?: Shared) {
    this.#config = config;
    this.#options = options;
    this.server = printableUrl(config.server);
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
    this.#impersonate = options.impersonate ?? config.impersonate;
    this.#onRequest = options.onRequest ?? (() => {});
    this.#encoding = config.disableCompression ? 'identity' : 'gzip';
    this.#shared = shared ?? this.#share();
    this.#transport = needsHttp1(this.#impersonate) ? this.#shared.http1() : this.#shared.transport;
    this.#authenticator = this.#shared.authenticator;
    this.#discoverer = this.#shared.discoverer;
    this.#pace = this.#shared.pace;
    this.#headers = {
      'user-agent': options.userAgent ?? 'homeostat',
      ...impersonationHeaders(this.#impersonate),
    };
  }

  #share(): Shared {
    const [config, options] = [this.#config, this.#options];
    const open = (protocol: Protocol): Transport =>
      createTransport(config, { protocol, probeIntervalMs: options.probeIntervalMs ?? DEFAULT_PROBE_INTERVAL_MS });
    const protocol = needsHttp1(this.#impersonate) ? 'http1' : (options.protocol ?? 'auto');
    const transport = options.transport ?? open(protocol);
    let http1: Transport | undefined;
    let closed = false;
    return {
      transport,
      http1: () => {
        if (options.transport !== undefined || protocol === 'http1') return transport;
        http1 ??= open('http1');
        return http1;
      },
      authenticator: createAuthenticator(config, {
        now: this.#now,
        readFile: options.readFile ?? ((path) => readFileOfDisk(path, 'utf8')),
        env: options.env ?? process.env,
        interactive: options.interactive ?? isatty(0),
      }),
      discoverer: new Discoverer((path, how) => this.#fetchDocument(path, how), this.#now),
      pace: createPace(options.maxQps),
      isClosed: () => closed,
      close: async () => {
        closed = true;
        await Promise.all([transport.close(), http1?.close()]);
      },
    };
  }

  as(who: Impersonation): Client {
    if (this.#impersonate !== undefined) {
      throw new KubeError(
        'INVALID',
        `requests to ${this.server} are made as user "${this.#impersonate.user}" already, who cannot act as "${who.user}" in turn; leave one of the two out`,
      );
    }
    return new HttpApiClient(this.#config, { ...this.#options, impersonate: who }, this.#shared);
  }

  async close(): Promise<void> {
    await this.#shared.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async resources({
    refresh = false,
    ...options
  }: CallOptions & { readonly refresh?: boolean } = {}): Promise<Resources> {
    return this.#within(options, async (deadline) => {
      if (refresh) this.#discoverer.invalidate();
      return deadline.race(this.#discoverer.current(), `discovery at ${this.server}`);
    });
  }

  async get(ref: Ref, options: CallOptions & VersionOption = {}): Promise<KubeObject | undefined> {
    return this.#within(options, async (deadline) => {
      const resource = await this.#resourceOf(ref, options.version, deadline);
      const call = this.#callOn('get', 'GET', resource, ref, objectPath(resource, ref));
      const text = await this.#orMissing(this.#exchange(call, deadline));
      return text === undefined ? undefined : this.#objectIn(text, call);
    });
  }

  async *list(resource: Resource, options: ListOptions = {}): AsyncGenerator<Page, void> {
    const { namespace = '', labelSelector, fieldSelector, limit = DEFAULT_PAGE, resourceVersion } = options;
    const path = collectionPath(resource, namespace);
    for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
      const query = { labelSelector, fieldSelector, limit, continue: token, ...(first && { resourceVersion }) };
      const call: Call = {
        verb: 'list',
        method: 'GET',
        resource: nameOf(resource),
        path: withQuery(path, query),
        asked: { doing: `list of ${printCollection(resource, namespace)} at ${this.server}` },
      };
      const page = await this.#within(options, async (deadline) =>
        readPage(await this.#exchange(call, deadline), resource, call.asked),
      );
      yield page;
      token = page.continue;
    }
  }

  async *watch(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent, void> {
    const { namespace = '', labelSelector, fieldSelector, resourceVersion, signal } = options;
    const lastsMs = options.timeoutMs ?? WATCH_LASTS_MS * (1 + this.#random());
    const timeoutSeconds = Math.max(1, Math.ceil(Math.min(lastsMs, MAX_WATCH_MS) / 1000));
    const query = {
      watch: true,
      allowWatchBookmarks: true,
      labelSelector,
      fieldSelector,
      resourceVersion,
      timeoutSeconds,
    };
    const call: Call = {
      verb: 'watch',
      method: 'GET',
      resource: nameOf(resource),
      path: withQuery(collectionPath(resource, namespace), query),
      asked: { doing: `watch of ${printCollection(resource, namespace)} at ${this.server}` },
    };
    const deadline = startDeadline(signal, timeoutSeconds * 1000 + WATCH_GRACE_MS);
    const startedAt = this.#now();
    let status = 0;
    try {
      const body = await this.#openWatch(call, deadline);
      status = 200;
      try {
        for await (const line of splitLines(body)) yield readWatchEvent(line, call.asked);
      } catch (error) {
        throw this.#connectionError(error, call, deadline);
      } finally {
        body.destroy();
      }
    } finally {
      deadline.clear();
      if (status !== 0) this.#record(call, status, startedAt);
    }
  }

  async apply(object: KubeObject, options: ApplyOptions): Promise<Applied> {
    const { manager, force = false } = options;
    return this.#write('apply', object, options, (resource, ref) => ({
      method: 'PATCH',
      path: withQuery(objectPath(resource, ref), { fieldManager: manager, force, ...validation(options) }),
      contentType: APPLY_PATCH,
    }));
  }

  async create(object: KubeObject, options: WriteOptions = {}): Promise<Applied> {
    return this.#write('create', object, options, (resource, ref) => ({
      method: 'POST',
      path: withQuery(collectionPath(resource, namespaceFor(resource, ref)), {
        fieldManager: options.manager,
        ...validation(options),
      }),
      contentType: 'application/json',
    }));
  }

  async update(object: KubeObject, options: WriteOptions = {}): Promise<Applied> {
    return this.#write('update', object, options, (resource, ref) => ({
      method: 'PUT',
      path: withQuery(objectPath(resource, ref), { fieldManager: options.manager, ...validation(options) }),
      contentType: 'application/json',
    }));
  }

  async patch(ref: Ref, patch: Patch, options: WriteOptions & VersionOption = {}): Promise<Applied> {
    const body = patch.type === 'json' ? patch.operations : patch.value;
    return this.#within(options, async (deadline) => {
      const resource = await this.#resourceOf(ref, options.version, deadline);
      const path = withQuery(objectPath(resource, ref), { fieldManager: options.manager, ...validation(options) });
      const call = this.#callOn('patch', 'PATCH', resource, ref, path, {
        contentType: PATCH_TYPES[patch.type],
        dryRun: options.dryRun ?? false,
        body: encode(body),
        secret: body,
      });
      return this.#sendWrite(call, resource, deadline);
    });
  }

  async delete(ref: Ref, options: DeleteOptions = {}): Promise<boolean> {
    const { preconditions, propagation, dryRun = false } = options;
    return this.#within(options, async (deadline) => {
      const resource = await this.#resourceOf(ref, options.version, deadline);
      const body = stringifyJson({
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        preconditions,
        propagationPolicy: propagation,
        dryRun: dryRun ? ['All'] : undefined,
      });
      const call = this.#callOn('delete', 'DELETE', resource, ref, objectPath(resource, ref), {
        contentType: 'application/json',
        dryRun,
        body,
      });
      const text = await this.#orMissing(this.#exchange(call, deadline));
      if (!dryRun) this.#noticeChange(resource);
      return text !== undefined;
    });
  }

  async request({ method, path, headers, body, ...options }: RawRequest): Promise<RawResponse> {
    if (!path.startsWith('/')) {
      throw new KubeError('INVALID', `"${path}" is no path on the server; begin it with a slash`);
    }
    const call: Call = {
      verb: 'raw',
      resource: '',
      method,
      path,
      accept: 'application/json, */*',
      ...(headers !== undefined && { headers: lowerCased(headers) }),
      ...(body !== undefined && { body, contentType: 'application/json' }),
      asked: { doing: `${method} ${path.split('?', 1)[0] ?? ''} at ${this.server}` },
    };
    const text = await this.#within(options, (deadline) => this.#exchange(call, deadline));
    return { status: text.status, headers: flatHeaders(text.headers), body: text.body };
  }

  async #within<T>(options: CallOptions, run: (deadline: Deadline) => Promise<T>): Promise<T> {
    const deadline = startDeadline(options.signal, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    try {
      if (deadline.signal.aborted) throw deadline.error(`a call to ${this.server}`);
      return await run(deadline);
    } finally {
      deadline.clear();
    }
  }

  async #write(
    verb: 'apply' | 'create' | 'update',
    object: KubeObject,
    options: WriteOptions,
    shape: (resource: Resource, ref: Ref) => Pick<Call, 'method' | 'path'> & { readonly contentType: string },
  ): Promise<Applied> {
    return this.#within(options, async (deadline) => {
      const ref = refToWrite(object);
      const resource = await this.#resourceOf(ref, gvkOf(object).version, deadline);
      const { method, path, contentType } = shape(resource, ref);
      const call = this.#callOn(verb, method, resource, ref, path, {
        contentType,
        dryRun: options.dryRun ?? false,
        body: encode(object),
        secret: object,
      });
      return this.#sendWrite(call, resource, deadline);
    });
  }

  async #sendWrite(call: Call, resource: Resource, deadline: Deadline): Promise<Applied> {
    const text = await this.#exchange(call, deadline);
    if (call.dryRun !== true) this.#noticeChange(resource);
    return {
      object: this.#objectIn(text, call),
      created: text.status === 201,
      warnings: parseWarnings(text.headers['warning']),
    };
  }

  /** What this client does to these kinds changes what the server serves. */
  #noticeChange({ group, kind }: Resource): void {
    if (
      (group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition') ||
      (group === 'apiregistration.k8s.io' && kind === 'APIService')
    ) {
      this.#discoverer.invalidate();
    }
  }

  async #resourceOf(ref: Ref, version: string | undefined, deadline: Deadline): Promise<Resource> {
    const { group, kind } = ref;
    const wanted = { group, kind, ...(version !== undefined && { version }) };
    const doing = `discovery at ${this.server}`;
    const known = await deadline.race(this.#discoverer.current(), doing);
    const found = known.find(wanted);
    if (found !== undefined) return found;
    const newer = (await deadline.race(this.#discoverer.newer(), doing)) ?? known;
    const foundNow = newer.find(wanted);
    if (foundNow !== undefined) return foundNow;
    throw this.#unknownKind(ref, version, newer);
  }

  #unknownKind(ref: Ref, version: string | undefined, resources: Resources): KubeError {
    const { group, kind } = ref;
    const what = version === undefined ? `${kind} of group "${group}"` : `${kind} of ${apiVersionOf(group, version)}`;
    if (isDegraded(resources, group, version)) {
      return new KubeError(
        'UNAVAILABLE',
        `${this.server} cannot tell whether it serves ${what}: discovery of group "${group}" fails; repair the API service behind it`,
        { retry: 'backoff', ref },
      );
    }
    const served = resources.all.filter((resource) => resource.group === group && resource.kind === kind);
    const next =
      served.length === 0
        ? 'correct apiVersion and kind, or install what defines them'
        : `use ${served.map((resource) => apiVersionOf(group, resource.version)).join(' or ')}`;
    return new KubeError('UNKNOWN_KIND', `${this.server} serves no ${what}, which ${printRef(ref)} needs; ${next}`, {
      retry: 'backoff',
      ref,
    });
  }

  #callOn(
    verb: RequestRecord['verb'],
    method: TransportRequest['method'],
    resource: Resource,
    ref: Ref,
    path: string,
    {
      secret,
      dryRun = false,
      ...content
    }: { contentType?: string; body?: string; dryRun?: boolean; secret?: unknown } = {},
  ): Call {
    const redact = secretRedactor(ref, secret);
    const doing = `${dryRun ? `${verb} (dry run)` : verb} of ${printRef(ref)} at ${this.server}`;
    return {
      verb,
      method,
      resource: nameOf(resource),
      path: dryRun && method !== 'DELETE' ? `${path}${path.includes('?') ? '&' : '?'}dryRun=All` : path,
      dryRun,
      ...content,
      asked: { doing, ref, ...(redact !== undefined && { redact }) },
    };
  }

  /** `undefined` for an object that is not there; that its namespace is not, or is the object itself, says the same. */
  async #orMissing(exchange: Promise<Text>): Promise<Text | undefined> {
    try {
      return await exchange;
    } catch (error) {
      const missing = error instanceof KubeError && (error.code === 'NOT_FOUND' || error.code === 'MISSING_NAMESPACE');
      if (missing) return undefined;
      throw error;
    }
  }

  #objectIn(text: Text, call: Call): KubeObject {
    const object = tryParse(text.body);
    if (isRecord(object) && typeof object['kind'] === 'string' && isRecord(object['metadata']))
      return object as KubeObject;
    throw notKubernetes(call.asked);
  }

  async #fetchDocument(
    path: string,
    how: { readonly accept: string; readonly etag?: string },
  ): Promise<DocumentAnswer> {
    const call: Call = {
      verb: 'discovery',
      resource: '',
      method: 'GET',
      path,
      accept: how.accept,
      ...(how.etag !== undefined && { headers: { 'if-none-match': how.etag } }),
      asked: { doing: `discovery at ${this.server}${path}` },
    };
    const text = await this.#within({}, (deadline) => this.#exchange(call, deadline));
    if (text.status === 304) return { answer: 'unchanged' };
    return { answer: 'document', body: tryParse(text.body), etag: header(text.headers, 'etag') };
  }

  /** Sends a call and reads its whole answer. @throws {KubeError} for every answer that is no success. */
  async #exchange(call: Call, deadline: Deadline): Promise<Text> {
    const text = await this.#authenticated(call, deadline, (used) => this.#attempt(call, used, deadline));
    if (text.status < 300 || text.status === 304) return text;
    throw this.#refused(text, call);
  }

  /** The body of a watch that has begun. A refused one is an exchange like any other. */
  async #openWatch(call: Call, deadline: Deadline): Promise<Answer['body']> {
    const opened = await this.#authenticated(call, deadline, async (used) => {
      const startedAt = this.#now();
      let status = 0;
      let begun = false;
      try {
        const answer = await this.#open(call, used, deadline);
        status = answer.status;
        begun = status < 300;
        return { ...answer, text: begun ? '' : await this.#read(answer, call, deadline) };
      } finally {
        if (!begun) this.#record(call, status, startedAt);
      }
    });
    if (opened.status < 300) return opened.body;
    throw this.#refused({ status: opened.status, headers: opened.headers, body: opened.text }, call);
  }

  /** Runs `attempt`; after a 401 once more, where other credentials can be had. */
  async #authenticated<T extends { readonly status: number }>(
    call: Call,
    deadline: Deadline,
    attempt: (used: Used) => Promise<T>,
  ): Promise<T> {
    const doing = `getting credentials for the ${call.asked.doing}`;
    const used = await deadline.race(this.#authenticator.current(), doing);
    const answer = await attempt(used);
    if (answer.status !== 401 || !(await deadline.race(this.#authenticator.renew(used), doing))) return answer;
    return attempt(await deadline.race(this.#authenticator.current(), doing));
  }

  async #attempt(call: Call, used: Used, deadline: Deadline): Promise<Text> {
    const startedAt = this.#now();
    let status = 0;
    try {
      const answer = await this.#open(call, used, deadline);
      status = answer.status;
      return { status, headers: answer.headers, body: await this.#read(answer, call, deadline) };
    } finally {
      this.#record(call, status, startedAt);
    }
  }

  async #open(call: Call, { authorization, certificate }: Used, deadline: Deadline): Promise<Answer> {
    const wait = this.#pace.next(this.#now());
    try {
      if (this.#shared.isClosed()) throw new Error('closed');
      if (wait > 0) await sleep(wait, undefined, { signal: deadline.signal });
      return await this.#transport.open({
        method: call.method,
        path: call.path,
        headers: {
          ...this.#headers,
          ...(authorization !== undefined && { authorization }),
          accept: call.accept ?? 'application/json',
          // A watch is not compressed by the server; asking for it would let a proxy hold events back.
          ...(call.verb !== 'watch' && { 'accept-encoding': this.#encoding }),
          ...(call.contentType !== undefined && { 'content-type': call.contentType }),
          ...call.headers,
        },
        body: call.body,
        certificate,
        signal: deadline.signal,
      });
    } catch (error) {
      throw this.#connectionError(error, call, deadline);
    }
  }

  async #read(answer: Answer, call: Call, deadline: Deadline): Promise<string> {
    try {
      return await readText(answer);
    } catch (error) {
      throw this.#connectionError(error, call, deadline);
    }
  }

  #connectionError(error: unknown, call: Call, deadline: Deadline): KubeError {
    if (error instanceof KubeError) return error;
    if (this.#shared.isClosed()) {
      return new KubeError('CANCELLED', `the ${call.asked.doing} was cancelled: its client is closed; make a new one`, {
        cause: error,
      });
    }
    return deadline.signal.aborted ? deadline.error(`the ${call.asked.doing}`) : errorOfConnection(error, call.asked);
  }

  #refused(text: Text, call: Call): KubeError {
    const error = errorOfAnswer(
      {
        status: text.status,
        contentType: header(text.headers, 'content-type'),
        retryAfter: header(text.headers, 'retry-after'),
        body: text.body,
      },
      { ...call.asked, ...(this.#impersonate !== undefined && { as: this.#impersonate.user }) },
      this.#now(),
    );
    // The path came from discovery, and the server does not know it any more.
    if (error.code === 'UNKNOWN_KIND' && call.verb !== 'raw' && call.verb !== 'discovery')
      this.#discoverer.invalidate();
    return error;
  }

  #record(call: Call, status: number, startedAt: number): void {
    const record: RequestRecord = {
      verb: call.verb,
      resource: call.resource,
      status,
      dryRun: call.dryRun ?? false,
      durationMs: this.#now() - startedAt,
    };
    this.#onRequest(record);
    requests.publish(record);
  }
}

/** The name is `''` where the server is to make one (`generateName`). @throws {KubeError} `INVALID` when it is no object. */
function refToWrite(object: KubeObject): Ref {
  const { apiVersion, kind, metadata } = object as Partial<KubeObject>;
  if (!apiVersion || !kind || !isRecord(metadata)) {
    throw new KubeError(
      'INVALID',
      `an object without apiVersion, kind and metadata (${kind || 'no kind'}) cannot be written; add them`,
    );
  }
  const ref = refOf(object);
  return ref.name === undefined ? { ...ref, name: '' } : ref;
}

type Used = Awaited<ReturnType<Authenticator['current']>>;

function readPage(text: Text, resource: Resource, asked: Asked): Page {
  const list = tryParse(text.body);
  if (!isRecord(list) || !isRecord(list['metadata']) || !(list['items'] === null || Array.isArray(list['items'])))
    throw notKubernetes(asked);
  const { resourceVersion, continue: token } = list['metadata'];
  const apiVersion = apiVersionOf(resource.group, resource.version);
  return {
    // Items of built-in kinds lack both; where they stand they say the same.
    items: (list['items'] ?? []).map(
      (item) => ({ apiVersion, kind: resource.kind, ...(item as object) }) as KubeObject,
    ),
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    ...(typeof token === 'string' && token !== '' && { continue: token }),
  };
}

function validation(options: WriteOptions): { readonly fieldValidation: string | undefined } {
  return { fieldValidation: options.fieldValidation };
}

function impersonationHeaders(impersonate: Impersonation | undefined): Record<string, string | string[]> {
  if (impersonate === undefined) return {};
  const extra = Object.entries(impersonate.extra ?? {}).map(([key, values]) => [
    `impersonate-extra-${encodeURIComponent(key.toLowerCase())}`,
    [...values],
  ]);
  return {
    'impersonate-user': impersonate.user,
    ...(impersonate.groups !== undefined && { 'impersonate-group': [...impersonate.groups] }),
    ...(impersonate.uid !== undefined && { 'impersonate-uid': impersonate.uid }),
    ...(Object.fromEntries(extra) as Record<string, string[]>),
  };
}

/**
 * Over HTTP/2 undici joins a repeated header with commas: two groups would become one group of another name, with other
 * rights.
 */
function needsHttp1(impersonate: Impersonation | undefined): boolean {
  return Object.values(impersonationHeaders(impersonate)).some(
    (value) => typeof value !== 'string' && value.length > 1,
  );
}

/** Ours are in lower case; one name in two spellings would be sent twice. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Of an answer whose body was decompressed: what told of the compression is left out. */
function flatHeaders(headers: AnswerHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || (headers['content-encoding'] && /^content-(encoding|length)$/.test(name))) continue;
    flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}

function nameOf(resource: Resource): string {
  return `${resource.group}/${resource.plural}`;
}

function printCollection(resource: Resource, namespace: string): string {
  const name = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
  return namespace === '' ? name : `${name} in ${namespace}`;
}

function notKubernetes(asked: Asked): KubeError {
  return new KubeError(
    'PROTOCOL',
    `${asked.doing} was answered with something that is no Kubernetes object; check that the server URL leads to an API server`,
  );
}

/** @throws {KubeError} `INVALID` for what JSON cannot hold, such as a circle. */
function encode(value: unknown): string {
  try {
    return stringifyJson(value);
  } catch (error) {
    throw new KubeError('INVALID', 'what is to be written cannot be expressed as JSON; hand over plain data', {
      cause: error,
    });
  }
}

function tryParse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
