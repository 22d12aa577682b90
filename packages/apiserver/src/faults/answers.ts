import type { ApiAnswer } from '../http/exchange.ts';
import { ConnectionReset } from '../http/faults.ts';
import type { FaultSubject } from '../http/faults.ts';
import { nameOf } from '../http/request-content.ts';
import { BASE_HEADERS } from '../http/write-answer.ts';
import { readContinueToken } from '../registry/continue-token.ts';
import { expiredToken } from '../registry/list.ts';
import { alreadyExists, ApiError, conflict, expired, forbiddenObject, MODIFIED, plainFailure } from '../status.ts';
import type { Named } from '../status.ts';
import type { FaultKind } from './rule.ts';

/** A fault that ends a request. */
export type EndingFault = Exclude<FaultKind, { readonly fault: 'latency' | 'silence' | 'gap' }>;

/**
 * What a request is answered with under a fault: to the letter what kube-apiserver 1.37 says in that situation.
 *
 * @throws {ApiError} what is answered as any refusal.
 * @throws {ConnectionReset} when there is no answer.
 */
export function answerOf(fault: EndingFault, subject: FaultSubject): ApiAnswer {
  switch (fault.fault) {
    case 'conflict': {
      const resource = resourceOf(subject);
      if (subject.verb === 'create') throw alreadyExists(resource, nameOf(subject), false);
      throw conflict(resource, nameOf(subject), MODIFIED);
    }
    case 'gone':
      if (subject.verb === 'watch') {
        return {
          status: 200,
          headers: JSON_HEADERS,
          body: goneLine('The resourceVersion for the provided watch is too old.'),
        };
      }
      throw forgotten(subject.query.get('continue') ?? '');
    case 'throttle':
      // Priority and fairness says it as text, not as a Status.
      return {
        status: 429,
        headers: {
          ...BASE_HEADERS,
          'content-type': 'text/plain; charset=utf-8',
          'x-content-type-options': 'nosniff',
          'retry-after': String(fault.retryAfter ?? 1),
        },
        body: 'Too many requests, please try again later.\n',
      };
    case 'error':
      throw plainFailure(fault.message ?? 'etcdserver: request timed out');
    case 'unavailable': {
      const { message = 'apiserver is shutting down', retryAfter = 1 } = fault;
      return {
        status: 503,
        headers: { ...JSON_HEADERS, 'x-content-type-options': 'nosniff', 'retry-after': String(retryAfter) },
        body: `${JSON.stringify(new ApiError(503, 'ServiceUnavailable', message).status)}\n`,
      };
    }
    case 'reset':
      throw new ConnectionReset();
    case 'deny':
      if (fault.webhook === undefined) throw forbiddenObject(resourceOf(subject), nameOf(subject), fault.message);
      throw new ApiError(
        403,
        'Forbidden',
        `admission webhook ${JSON.stringify(fault.webhook)} denied the request: ${fault.message}`,
      );
    default:
      return fault satisfies never;
  }
}

const JSON_HEADERS = { ...BASE_HEADERS, 'content-type': 'application/json' } as const;

/** The line of a watch whose next events are forgotten. */
export function goneLine(message: string): string {
  return `{"type":"ERROR","object":${JSON.stringify(expired(message).status)}}\n`;
}

/** A watch of what a gap has swallowed. */
export function goneAnswer(from: number, version: number): ApiAnswer {
  return { status: 200, headers: JSON_HEADERS, body: goneLine(tooOld(from, version)) };
}

export function tooOld(from: number, version: number): string {
  return `too old resource version: ${String(from)} (${String(version)})`;
}

function resourceOf({ info }: FaultSubject): Named {
  return info.type === 'path' ? { group: '', name: '' } : { group: info.group, name: info.resource };
}

/** @throws {ApiError} 400 for a token that cannot be read. */
function forgotten(token: string): Error {
  if (token === '') return expired('The resourceVersion for the provided list is too old.');
  return expiredToken(readContinueToken(token).start);
}
