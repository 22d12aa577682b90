/** What is wrong with a body: it cannot be read, is of another kind or version, or holds a value of a wrong type. */
export type DecodeErrorCode = 'UNREADABLE' | 'WRONG_KIND' | 'WRONG_VERSION' | 'WRONG_VALUE';

/** A body that cannot become an object. The message is that of Kubernetes' decoder, without what its handlers add. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code: DecodeErrorCode;
  /** What the body says of itself, where it could be read that far. */
  readonly said: { readonly version: string; readonly kind: string } | undefined;

  constructor(code: DecodeErrorCode, message: string, said?: { readonly version: string; readonly kind: string }) {
    super(message);
    this.code = code;
    this.said = said;
  }
}

/**
 * The message of the 400 that answers a POST or PUT with this body, where an object of `kind` was expected. Source:
 * k8s.io/apiserver, endpoints/handlers, `transformDecodeError`.
 */
export function refusalOf(error: DecodeError, kind: string, body: Uint8Array): string {
  if (error.code === 'WRONG_VERSION') return error.message;
  if (error.said === undefined)
    return `the object provided is unrecognized (must be of type ${kind}): ${error.message} (${summary(body)})`;
  const { said } = error;
  return `${said.kind} in version ${JSON.stringify(said.version)} cannot be handled as a ${kind}: ${error.message}`;
}

/** What Go's decoder says of a kind that it does not know. */
export function notRegistered(kind: string, apiVersion: string): string {
  const scheme = 'pkg/runtime/scheme.go:111';
  return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "${scheme}"`;
}

/** Bytes of a body that a message shows. */
const SHOWN = 30;

function summary(body: Uint8Array): string {
  if (body.length === 0) return '<empty>';
  const start = Buffer.from(body.subarray(0, SHOWN));
  const text = body[0] === 0x7b ? start.toString() : start.toString('hex');
  return body.length > SHOWN ? `${text} ...` : text;
}
