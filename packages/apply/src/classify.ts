import type { KubeError, RetryHint, StatusCause } from '@homeostat/kube';
import type { OutcomeCode } from './outcome.ts';

export interface Classified {
  readonly code: OutcomeCode;
  /** Whether trying the same thing again can help. */
  readonly retry: RetryHint;
}

/**
 * What an error means for the object that it is about. Total: every error has exactly one code.
 *
 * 1. What a policy, a webhook, a quota or built-in admission refused is `denied`, in whatever words: to call a policy's "is
 *    immutable" immutable would let a replacement go round the policy.
 * 2. `immutable` needs a cause with a field outside `metadata` and one of the server's wordings for it.
 * 3. Another uid is `stale`, never `immutable`: replacing would delete a stranger.
 *
 * Source: answers of Kubernetes 1.37, see the tests.
 */
export function classify(error: KubeError): Classified {
  return { code: codeOf(error), retry: retryOf(codeOf(error), error) };
}

function codeOf(error: KubeError): OutcomeCode {
  switch (error.code) {
    case 'CONFLICT':
      return 'conflict';
    case 'STALE':
    case 'ALREADY_EXISTS':
    case 'NOT_FOUND':
      return 'stale';
    case 'INVALID':
      return isDenial(error.answer) ? 'denied' : error.causes.some(isImmutable) ? 'immutable' : 'invalid';
    case 'UNSUPPORTED':
      return 'invalid';
    case 'FORBIDDEN':
      return isTerminatingDefinition(error.answer)
        ? 'terminating'
        : isMissingRight(error.answer)
          ? 'forbidden'
          : 'denied';
    case 'IMPERSONATION':
    case 'UNAUTHORIZED':
    case 'CREDENTIALS':
    case 'KUBECONFIG':
      return 'forbidden';
    case 'UNKNOWN_KIND':
      return 'not-found-kind';
    case 'MISSING_NAMESPACE':
      return 'missing-namespace';
    case 'TERMINATING':
      return 'terminating';
    case 'THROTTLED':
      return 'throttled';
    case 'WEBHOOK':
      return 'webhook';
    case 'UNAVAILABLE':
    case 'UNREACHABLE':
    case 'PROTOCOL':
    case 'GONE':
      return 'unavailable';
    case 'TIMEOUT':
      return 'timeout';
    case 'CANCELLED':
      return 'cancelled';
    default:
      return error.code satisfies never;
  }
}

function retryOf(code: OutcomeCode, error: KubeError): RetryHint {
  switch (code) {
    case 'conflict':
    case 'immutable':
    case 'invalid':
    case 'not-allowed':
    case 'reserved':
    case 'cancelled':
      return 'never';
    case 'stale':
    case 'forbidden':
    case 'not-found-kind':
    case 'missing-namespace':
    case 'terminating':
    case 'denied':
    case 'webhook':
    case 'throttled':
    case 'unavailable':
    case 'timeout':
      return typeof error.retry === 'object' ? error.retry : 'backoff';
    default:
      return code satisfies never;
  }
}

/** A policy's or a webhook's own words follow these; nothing in them may be taken for the server's. */
function isDenial(message: string): boolean {
  return (
    /\badmission webhook "[^"]*" denied the request/.test(message) ||
    /\b(?:Validating|Mutating)AdmissionPolicy '[^']*' (?:with binding '[^']*' )?denied request/.test(message)
  );
}

/**
 * Whether the server refused because our identity has no right to this request. Not for what it would refuse to anyone with
 * such a right: a policy's denial, or RBAC's refusal to let somebody grant more than they have.
 */
export function mayNotWrite(error: KubeError): boolean {
  return (
    error.code === 'FORBIDDEN' && classify(error).code === 'forbidden' && !/is attempting to grant/.test(error.answer)
  );
}

/** Authorization, and RBAC's refusal to let somebody grant more than they have. Every other 403 comes from admission. */
function isMissingRight(message: string): boolean {
  if (isDenial(message)) return false;
  return /\b(?:User|user) "[^"]*"[^"]* cannot |is attempting to grant RBAC permissions not currently held/.test(
    message,
  );
}

function isTerminatingDefinition(message: string): boolean {
  return message.includes('create not allowed while custom resource definition is terminating');
}

/** The server's wordings; a CEL rule's message is its author's, so there only the word itself counts. */
const IMMUTABLE = [
  /\bimmutable\b/i,
  /may not change once set/,
  /may not be changed in an update/,
  /updates? (?:may not change|to statefulset spec for) fields other than/,
  /self == oldSelf/,
];

function isImmutable({ field, message }: StatusCause): boolean {
  if (field === '' || field === 'metadata' || field.startsWith('metadata.')) return false;
  // The refused value is quoted in the message, and may hold any of these words.
  const words = message.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  return IMMUTABLE.some((wording) => wording.test(words));
}
