import { fieldErrorReason, fieldErrorText } from './field-error.ts';
import type { FieldError } from './field-error.ts';

/** `metav1.Status` as it stands on the wire. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'Failure' | 'Success';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface StatusCause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

/** A group with a plural name (`configmaps`), or with a kind: Kubernetes puts either into `details.kind`. */
export interface Named {
  readonly group: string;
  readonly name: string;
}

/**
 * A request that is refused: its Status is the whole answer. It is thrown anywhere below the request path and becomes an
 * answer at one place.
 *
 * Messages, reasons and details are Kubernetes' own (k8s.io/apimachinery, api/errors).
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly status: Status;
  /** Seconds, as a `Retry-After` header. */
  readonly retryAfter: number | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: StatusDetails,
    options: { readonly metadata?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfter = details?.retryAfterSeconds;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: options.metadata ?? {},
      status: 'Failure',
      message,
      ...(reason !== '' && { reason }),
      ...(details !== undefined && { details }),
      code,
    };
  }
}

/** `configmaps`, `deployments.apps`. */
export function qualified({ group, name }: Named): string {
  return group === '' ? name : `${name}.${group}`;
}

function detailsOf(named: Named, object: string): StatusDetails {
  return {
    ...(object !== '' && { name: object }),
    ...(named.group !== '' && { group: named.group }),
    ...(named.name !== '' && { kind: named.name }),
  };
}

export function notFound(resource: Named, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));
}

/** A path that leads nowhere within an API group that is served. */
export function noSuchResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** `leaving`: the one that is there is being deleted. */
export function alreadyExists(resource: Named, name: string, leaving: boolean): ApiError {
  const message = `${leaving ? 'object is being deleted: ' : ''}${qualified(resource)} "${name}" already exists`;
  return new ApiError(409, 'AlreadyExists', message, detailsOf(resource, name));
}

/** `why`: see {@link MODIFIED}, or the text of a failed precondition. */
export function conflict(resource: Named, name: string, why: string): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  );
}

/** Somebody else wrote in between. */
export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** Server-side apply met fields of others. */
export function applyConflict(message: string, causes: readonly StatusCause[]): ApiError {
  return new ApiError(409, 'Conflict', message, { causes });
}

/** 422 with one cause per error. `kind` is a group and a kind (not a plural). */
export function invalidObject(kind: Named, name: string, errors: readonly FieldError[]): ApiError {
  const causes = errors.map((error) => ({
    reason: fieldErrorReason(error),
    message: fieldErrorText(error),
    field: error.field,
  }));
  const head = `${qualified(kind)} ${JSON.stringify(name)} is invalid`;
  return new ApiError(422, 'Invalid', errors.length === 0 ? head : `${head}: ${aggregate(errors)}`, {
    ...detailsOf(kind, name),
    ...(causes.length > 0 && { causes }),
  });
}

/** As Go's error aggregates print: one stands alone, several in brackets, each text once. */
function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${fieldErrorText(error)}`))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

/** 422 that names nothing: a JSON patch that cannot be applied. */
export function unprocessable(): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

export function badRequest(message: string, cause?: unknown): ApiError {
  return new ApiError(400, 'BadRequest', message, undefined, { cause });
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

export function forbiddenObject(
  resource: Named,
  name: string,
  why: string,
  causes: readonly StatusCause[] = [],
): ApiError {
  const subject = qualified(resource);
  const message =
    subject === ''
      ? `forbidden: ${why}`
      : name === ''
        ? `${subject} is forbidden: ${why}`
        : `${subject} "${name}" is forbidden: ${why}`;
  return new ApiError(403, 'Forbidden', message, {
    ...detailsOf(resource, name),
    ...(causes.length > 0 && { causes }),
  });
}

/** History that is asked for is gone: list again. */
export function expired(message: string, metadata?: Readonly<Record<string, unknown>>): ApiError {
  return new ApiError(410, 'Expired', message, undefined, metadata === undefined ? {} : { metadata });
}

/** A 500 of Kubernetes that is about the request: it carries no reason. */
export function plainFailure(message: string, cause?: unknown): ApiError {
  return new ApiError(500, '', message, undefined, { cause });
}

/** A defect of this server. */
export function internal(message: string, cause?: unknown): ApiError {
  return new ApiError(
    500,
    'InternalError',
    `Internal error occurred: ${message}`,
    { causes: [{ message }] },
    { cause },
  );
}

export function methodNotAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** A method that custom resources do not have. */
export function notSupportedOn({ group, name }: Named): ApiError {
  const message = ` is not supported on resources of kind ${JSON.stringify(`${name}.${group}`)}`;
  return new ApiError(405, 'MethodNotAllowed', message, { group, kind: name });
}

/** Nothing that is accepted can be produced. */
export function notAcceptable(accepted: readonly string[]): ApiError {
  return new ApiError(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${accepted.join(', ')}`,
    undefined,
  );
}

/** A body in a format that is not read here. */
export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

export function tooLarge(message: string): ApiError {
  return new ApiError(413, 'RequestEntityTooLarge', message);
}

export function tooManyRequests(message: string, details: StatusDetails): ApiError {
  return new ApiError(429, 'TooManyRequests', message, details);
}

/** What is asked for exists in Kubernetes and not here. `name` says what. */
export function notImplemented(name: string): ApiError {
  return new ApiError(501, 'NotImplemented', `${name} is not implemented by this server`);
}

export function statusSuccess(details?: StatusDetails, code?: number): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    ...(details !== undefined && { details }),
    ...(code !== undefined && { code }),
  };
}
