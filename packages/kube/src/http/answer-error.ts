import { KubeError } from '../error.ts';
import type { KubeErrorCode, RetryHint, StatusCause } from '../error.ts';
import { parseJson } from '../json.ts';
import { isRecord } from '../record.ts';
import type { Ref } from '../ref.ts';

/** What was asked, as far as an error about it needs to know. */
export interface Asked {
  /** For people: `apply of ConfigMap demo/web at https://10.0.0.1:6443`. */
  readonly doing: string;
  readonly ref?: Ref;
  /** The user that was impersonated. */
  readonly as?: string;
  /** Takes secret values out of a text. */
  readonly redact?: (text: string) => string;
}

/** An answer that is no success, as it came. */
export interface RefusedAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** What counts in a `metav1.Status`; absent texts are `''`. */
interface StatusText {
  readonly message: string;
  readonly reason: string;
  readonly kind: string;
  readonly name: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterSeconds: number | undefined;
}

/**
 * The error that an answer of 300 and above stands for. Total: every status and every body has one.
 * `now` is for a `Retry-After` that holds a date.
 */
export function errorOfAnswer(answer: RefusedAnswer, asked: Asked, now: number): KubeError {
  const body = isStatusJson(answer) ? tryParse(answer.body) : undefined;
  const seconds = retryAfterMs(answer.retryAfter, now);
  if (isRecord(body) && body['kind'] === 'Status') {
    return errorOfStatus(body, answer.status, asked, seconds);
  }
  return refuse(codeOfPlain(answer), answer.status, plainText(answer), asked, seconds);
}

/** The error that a `metav1.Status` stands for: an answer's body, or the object of a watch's ERROR event. */
export function errorOfStatus(body: unknown, httpStatus: number, asked: Asked, retryAfter?: number): KubeError {
  const status = readStatus(body);
  const afterMs = retryAfter ?? (status.retryAfterSeconds === undefined ? undefined : status.retryAfterSeconds * 1000);
  return refuse(codeOf(httpStatus, status), httpStatus, status, asked, afterMs);
}

function refuse(
  code: KubeErrorCode,
  httpStatus: number,
  status: StatusText,
  asked: Asked,
  afterMs: number | undefined,
): KubeError {
  const redact = asked.redact ?? ((text: string) => text);
  const answer = redact(status.message);
  const said = answer === '' ? 'no reason given' : answer.replace(/\.$/, '');
  return new KubeError(
    code,
    `${asked.doing} was refused (HTTP ${httpStatus}): ${said}; ${nextStep(code, status, asked.as)}`,
    {
      retry: retryOf(code, status, afterMs),
      status: httpStatus,
      reason: status.reason,
      answer,
      causes: status.causes.map((cause) => ({ ...cause, message: redact(cause.message) })),
      ...(asked.ref !== undefined && { ref: asked.ref }),
    },
  );
}

/** A manifest that does not fit its schema: server-side apply answers 500 without reason, whatever `fieldValidation` says. */
const DOES_NOT_FIT = /^failed to (create typed patch object|convert new object)/;
/** Other input errors that come as a 500 without reason. */
const BAD_INPUT =
  /strconv\.ParseUint|resourceVersion should not be set on objects to be created|does not contain declared merge key|etcdserver: request is too large/;
/**
 * Authorization of the impersonation itself. With the verbs of constrained impersonation (KEP-5284) the words are about what
 * was to be done as the other user; then the older verb `impersonate` is allowed for nobody who was named either.
 */
const NOT_AS_ANOTHER =
  /^(\S+) (?:"([^"]*)" )?is forbidden: User "[^"]*" cannot (impersonate|impersonate(?:-on)?:\S+) resource "[^"]*"/;
const WEBHOOK_DOWN = /failed calling webhook/;
const WEBHOOK_DENIED = /^admission webhook "[^"]*" denied the request/;

function codeOf(httpStatus: number, status: StatusText): KubeErrorCode {
  const has = (reason: string): boolean => status.causes.some((cause) => cause.reason === reason);
  if (httpStatus >= 400 && WEBHOOK_DENIED.test(status.message)) return 'FORBIDDEN';
  switch (httpStatus) {
    case 400:
      return 'INVALID';
    case 401:
      return 'UNAUTHORIZED';
    case 403:
      if (NOT_AS_ANOTHER.test(status.message)) return 'IMPERSONATION';
      return has('NamespaceTerminating') ? 'TERMINATING' : 'FORBIDDEN';
    case 404:
      if (status.kind === 'namespaces') return 'MISSING_NAMESPACE';
      return status.name === '' ? 'UNKNOWN_KIND' : 'NOT_FOUND';
    case 405:
    case 406:
    case 413:
    case 415:
      return 'UNSUPPORTED';
    case 409:
      if (has('FieldManagerConflict')) return 'CONFLICT';
      return status.reason === 'AlreadyExists' ? 'ALREADY_EXISTS' : 'STALE';
    case 410:
      return 'GONE';
    case 422:
      return status.causes.some((cause) => cause.field === 'metadata.uid') ? 'STALE' : 'INVALID';
    case 429:
      return 'THROTTLED';
    default:
      if (httpStatus === 500 && WEBHOOK_DOWN.test(status.message)) return 'WEBHOOK';
      if (httpStatus === 500 && (DOES_NOT_FIT.test(status.message) || BAD_INPUT.test(status.message))) return 'INVALID';
      return httpStatus >= 500 ? 'UNAVAILABLE' : 'PROTOCOL';
  }
}

/** An answer without a Status: a path that the server does not know, or something that is no API server. */
function codeOfPlain({ status, body }: RefusedAnswer): KubeErrorCode {
  if (status === 404 && body.trim() === '404 page not found') return 'UNKNOWN_KIND';
  if (status === 401) return 'UNAUTHORIZED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 429) return 'THROTTLED';
  if (status === 413) return 'UNSUPPORTED';
  return status >= 500 ? 'UNAVAILABLE' : 'PROTOCOL';
}

function retryOf(code: KubeErrorCode, status: StatusText, afterMs: number | undefined): RetryHint {
  switch (code) {
    case 'UNAVAILABLE':
    case 'THROTTLED':
    case 'WEBHOOK':
      return afterMs === undefined ? 'backoff' : { afterMs };
    case 'MISSING_NAMESPACE':
    case 'UNKNOWN_KIND':
    case 'TERMINATING':
      return 'backoff';
    case 'STALE':
      // Not the object's own version: another writer came first at the quota that counts it.
      return status.kind === 'resourcequotas' ? 'backoff' : 'never';
    case 'FORBIDDEN':
      // The ServiceAccount admission plugin, before the account has been made.
      return /serviceaccount "[^"]*" not found/.test(status.message) ? 'backoff' : 'never';
    default:
      return 'never';
  }
}

function nextStep(code: KubeErrorCode, status: StatusText, as: string | undefined): string {
  switch (code) {
    case 'CONFLICT':
      return 'leave these fields to their managers, or apply with force to take them';
    case 'STALE':
      return 'read the object again and decide anew';
    case 'ALREADY_EXISTS':
      return 'apply or update it instead, or choose another name';
    case 'INVALID':
      return /duplicate entries for key/.test(status.message)
        ? 'remove the entry that is listed twice'
        : 'correct the object';
    case 'FORBIDDEN':
      return 'ask whoever owns the rule or the rights ("kubectl auth can-i" tells what is allowed)';
    case 'IMPERSONATION': {
      const [, resource = '', name = '', verb = ''] = NOT_AS_ANOTHER.exec(status.message) ?? [];
      const namespace = /in the namespace "([^"]*)"/.exec(status.message)?.[1];
      const right = verb === 'impersonate' ? printRight(resource, name, namespace) : rightToActAs(as ?? '');
      return `allow it the verb impersonate on ${right}, or act as somebody else`;
    }
    case 'UNAUTHORIZED':
      return 'the server does not accept these credentials: log in again or renew them';
    case 'NOT_FOUND':
      return 'create it first';
    case 'UNKNOWN_KIND':
      return 'correct apiVersion and kind, or install what defines them';
    case 'MISSING_NAMESPACE':
      return 'create the namespace first';
    case 'TERMINATING':
      return 'wait until the namespace is gone, then create it again';
    case 'GONE':
      return 'list again';
    case 'THROTTLED':
      return 'the server is busy: try again later, with fewer requests at once';
    case 'WEBHOOK':
      return `repair or remove the webhook${webhookName(status.message)}`;
    case 'UNSUPPORTED':
      return 'the server cannot do this with this kind of request';
    case 'UNAVAILABLE':
      return 'try again; if it stays, the log of the API server tells more';
    default:
      return 'check that the server URL leads to a Kubernetes API server: something else may have answered';
  }
}

/** What whoever impersonates needs a right on. */
function rightToActAs(user: string): string {
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  return account === undefined ? printRight('users', user) : printRight('serviceaccounts', account, namespace);
}

function printRight(resource: string, name: string, namespace?: string): string {
  return `${resource} "${name}"${namespace === undefined ? '' : ` in the namespace "${namespace}"`}`;
}

function webhookName(message: string): string {
  const name = /failed calling webhook "([^"]*)"/.exec(message)?.[1];
  return name === undefined ? '' : ` "${name}"`;
}

function readStatus(body: unknown): StatusText {
  const status = isRecord(body) ? body : {};
  const details = isRecord(status['details']) ? status['details'] : {};
  const causes = Array.isArray(details['causes']) ? details['causes'].filter(isRecord) : [];
  const seconds = details['retryAfterSeconds'];
  return {
    message: textOf(status['message']),
    reason: textOf(status['reason']),
    kind: textOf(details['kind']),
    name: textOf(details['name']),
    causes: causes.map((cause) => ({
      reason: textOf(cause['reason']),
      message: textOf(cause['message']),
      field: textOf(cause['field']),
    })),
    retryAfterSeconds: typeof seconds === 'number' && seconds > 0 ? seconds : undefined,
  };
}

/** At most one line of what a proxy or another server had to say; a page of HTML says nothing. */
function plainText({ body, contentType }: RefusedAnswer): StatusText {
  const line =
    contentType?.includes('html') === true ? 'a web page' : (body.trim().split('\n', 1)[0] ?? '').slice(0, 200);
  return { message: line, reason: '', kind: '', name: '', causes: [], retryAfterSeconds: undefined };
}

function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^[0-9]+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function isStatusJson({ contentType, body }: RefusedAnswer): boolean {
  return contentType?.includes('json') === true || body.startsWith('{');
}

function tryParse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
