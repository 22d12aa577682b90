import { authorize, refusalOf } from '../auth/rbac.ts';
import type { Attributes } from '../auth/rbac.ts';
import { authenticate, impersonationOf } from '../auth/users.ts';
import type { User } from '../auth/users.ts';
import { ApiError, badRequest, forbiddenObject, internal } from '../status.ts';
import { headerOf, isStream } from './exchange.ts';
import type { AnswerStream, ApiAnswer, ApiRequest } from './exchange.ts';
import { ConnectionReset } from './faults.ts';
import { health, isHealthPath } from './health.ts';
import type { Metrics } from './metrics.ts';
import { parseAccept, wantsPretty } from './negotiate.ts';
import { verbOf } from './request-content.ts';
import { requestInfo } from './request-info.ts';
import type { RequestInfo } from './request-info.ts';
import { servedRequest } from './served-request.ts';
import { notFoundPage, plainText } from './plain-answer.ts';
import { serveResource } from './serve-resource.ts';
import type { Known, Serving } from './serving.ts';
import { BASE_HEADERS, document, warningHeaders } from './write-answer.ts';

/** Answers one request. What is thrown becomes a Status. @throws {ConnectionReset} alone: there is to be no answer. */
export async function handle(serving: Serving, request: ApiRequest): Promise<ApiAnswer> {
  const { path, query } = splitTarget(request.target);
  const info = requestInfo(request.method, path, query);
  const userAgent = headerOf(request.headers, 'user-agent');
  const warnings: string[] = [];
  let answer: ApiAnswer;
  let user: User | undefined;
  const tell = (status: number): void =>
    serving.onRequest?.(
      servedRequest(
        { info, verb: verbOf(info, request.method, request.headers), query, body: request.body },
        { user, userAgent: userAgent ?? '', status },
      ),
    );
  try {
    user = identify(serving, request, info);
    checkTimeout(query);
    const pretty = wantsPretty(query, userAgent);
    answer = await serve(serving, { ...request, info, query, user, userAgent, pretty, warnings });
  } catch (error) {
    if (error instanceof ConnectionReset) {
      tell(0);
      throw error;
    }
    answer = refused(error, warnings, { query, userAgent, accept: headerOf(request.headers, 'accept') });
  }
  tell(answer.status);
  return counted(serving.metrics, request, info, query, answer);
}

/** How long a client wants to wait: nothing takes long here, but what is no time is refused. @throws {ApiError} 400. */
function checkTimeout(query: URLSearchParams): void {
  const timeout = query.get('timeout') ?? '';
  if (timeout === '' || DURATION.test(timeout)) return;
  throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(timeout)}`);
}

/** As Go writes it. */
const DURATION = /^[-+]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** Who asks, and may. @throws {ApiError} 401 and 403. */
function identify({ registry, users, readToken }: Serving, request: ApiRequest, info: RequestInfo): User {
  const caller = authenticate(request.headers, users, readToken);
  const wanted = impersonationOf(request.headers);
  for (const need of wanted?.needs ?? []) {
    const attributes = {
      type: 'resource',
      verb: 'impersonate',
      version: 'v1',
      namespace: need.resource === 'serviceaccounts' ? (wanted?.user.name.split(':')[2] ?? '') : '',
      ...need,
    } as const;
    if (!authorize(registry.store, caller, attributes).allowed) {
      throw forbiddenObject({ group: need.group, name: need.resource }, need.name, refusalOf(caller, attributes));
    }
  }
  const user = wanted?.user ?? caller;
  const attributes = attributesOf(info);
  if (authorize(registry.store, user, attributes).allowed) return user;
  if (attributes.type === 'path') {
    const why = `User ${JSON.stringify(user.name)} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}`;
    throw forbiddenObject({ group: '', name: '' }, '', why);
  }
  const named = { group: attributes.group, name: attributes.resource };
  throw forbiddenObject(named, attributes.name, refusalOf(user, attributes));
}

function attributesOf(info: RequestInfo): Attributes {
  if (info.type === 'path') return info;
  const { verb, group, version, namespace, resource, subresource, name } = info;
  return { type: 'resource', verb, group, version, namespace, resource, subresource, name };
}

async function serve(serving: Serving, known: Known): Promise<ApiAnswer> {
  const { info, method, query, user, signal } = known;
  const { documents, metrics, faults } = serving;
  if (info.type === 'path') {
    const state = health(info.path, query, serving.isReady());
    if (state !== undefined) return state;
    if (info.path === '/metrics') return plainText(200, metrics.print(), 'text/plain; version=0.0.4; charset=utf-8');
  }
  const apply =
    method === 'PATCH' && (headerOf(known.headers, 'content-type') ?? '').startsWith('application/apply-patch');
  const subject = {
    info,
    verb: apply ? 'apply' : info.verb,
    dryRun: query.getAll('dryRun').includes('All'),
    query,
    body: known.body,
    user,
    signal,
  };
  const instead = await faults.before(subject);
  if (instead !== undefined) return instead;
  const answer =
    info.type === 'resource'
      ? await serveResource(serving, known, info)
      : (documents.answer({
          method,
          path: info.path,
          query,
          accept: headerOf(known.headers, 'accept'),
          ifNoneMatch: headerOf(known.headers, 'if-none-match'),
          pretty: known.pretty,
        }) ?? notFoundPage());
  return faults.after(subject, answer);
}

/** What nests so deep that walking it ends the stack. */
function tooDeep(cause: RangeError): ApiError {
  return badRequest('the object nests deeper than this server can follow', cause);
}

/** The Status for what was thrown. What is not an ApiError is a defect of this server, and says so. */
function refused(
  error: unknown,
  warnings: readonly string[],
  asked: {
    readonly query: URLSearchParams;
    readonly userAgent: string | undefined;
    readonly accept: string | undefined;
  },
): ApiAnswer {
  const refusal =
    error instanceof ApiError
      ? error
      : error instanceof RangeError
        ? tooDeep(error)
        : internal(error instanceof Error ? error.message : String(error));
  const headers = {
    ...BASE_HEADERS,
    ...warningHeaders(warnings),
    ...(refusal.retryAfter !== undefined && { 'retry-after': String(refusal.retryAfter) }),
  };
  const [first] = parseAccept(asked.accept ?? '');
  const format = first?.type === 'application/yaml' ? 'yaml' : 'json';
  const pretty = wantsPretty(asked.query, asked.userAgent);
  return document(refusal.code, headers, refusal.status, { format, as: 'object', version: 'v1', pretty });
}

/** @throws {ApiError} never: what cannot be decoded stays as it is, and leads nowhere. */
function splitTarget(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const mark = target.indexOf('?');
  const raw = mark < 0 ? target : target.slice(0, mark);
  return { path: decoded(raw), query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)) };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Counts the request when its answer ends. */
function counted(
  metrics: Metrics,
  request: ApiRequest,
  info: RequestInfo,
  query: URLSearchParams,
  answer: ApiAnswer,
): ApiAnswer {
  const count = (): void =>
    metrics.count({ ...labelsOf(request, info), dryRun: query.has('dryRun'), code: answer.status });
  if (!isStream(answer.body)) {
    count();
    return answer;
  }
  return { ...answer, body: countedStream(answer.body, count) };
}

function countedStream(stream: AnswerStream, count: () => void): AnswerStream {
  let over = false;
  const end = (): void => {
    if (!over) count();
    over = true;
  };
  return {
    async next() {
      const piece = await stream.next();
      if (piece === undefined) end();
      return piece;
    },
    close() {
      end();
      stream.close();
    },
    onAbandoned: (cut) => stream.onAbandoned(cut),
  };
}

function labelsOf(
  { method, headers }: ApiRequest,
  info: RequestInfo,
): { verb: string; group: string; version: string; resource: string; subresource: string; scope: string } {
  if (info.type === 'path') {
    const probe = isHealthPath(info.path) || info.path === '/metrics';
    const subresource = probe ? info.path : info.path.slice(1);
    return { verb: method, group: '', version: '', resource: '', subresource, scope: '' };
  }
  const { group, version, resource, subresource, name, namespace, verb } = info;
  const apply = (headerOf(headers, 'content-type') ?? '').startsWith('application/apply-patch');
  const scope = name !== '' || verb === 'create' ? 'resource' : namespace !== '' ? 'namespace' : 'cluster';
  const counted_ =
    verb === 'list' || verb === 'watch' ? verb.toUpperCase() : method === 'PATCH' && apply ? 'APPLY' : method;
  return { verb: counted_, group, version, resource, subresource, scope };
}
