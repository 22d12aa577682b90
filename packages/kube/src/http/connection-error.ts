import { KubeError } from '../error.ts';
import type { RetryHint } from '../error.ts';
import { isRecord } from '../record.ts';
import type { Asked } from './answer-error.ts';

/**
 * The error for an exchange that got no answer, or lost it half-way: `UNREACHABLE`, with what to do about it; `INVALID` for
 * one that could not be sent as it is (a header or path with characters that HTTP does not allow).
 */
export function errorOfConnection(error: unknown, asked: Asked): KubeError {
  const cause = rootOf(error);
  if (cause.code === 'UND_ERR_INVALID_ARG') {
    return new KubeError('INVALID', `${asked.doing} cannot be sent: ${cause.message}; correct it`, {
      cause: error,
      ...(asked.ref !== undefined && { ref: asked.ref }),
    });
  }
  const { text, next, retry } = explain(cause);
  return new KubeError('UNREACHABLE', `${asked.doing} got no answer: ${text}; ${next}`, {
    retry,
    cause: error,
    ...(asked.ref !== undefined && { ref: asked.ref }),
  });
}

interface Explanation {
  readonly text: string;
  readonly next: string;
  readonly retry: RetryHint;
}

/** Codes of Node (system and OpenSSL errors) and of undici. */
function explain({ code, message }: { readonly code: string; readonly message: string }): Explanation {
  switch (code) {
    case 'ECONNREFUSED':
      return {
        text: 'connection refused',
        next: 'start the API server, or correct the server URL in the kubeconfig',
        retry: 'backoff',
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        text: 'its host name cannot be resolved',
        next: 'correct the server URL in the kubeconfig, or check DNS',
        retry: 'backoff',
      };
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return {
        text: 'no connection could be made in time',
        next: 'check the network, firewalls, and whether a proxy is needed',
        retry: 'backoff',
      };
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_SIGNATURE_FAILURE':
      return {
        text: `its certificate is not trusted (${code})`,
        next: "set the cluster's certificate-authority in the kubeconfig",
        retry: 'never',
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        text: 'its certificate is for another name',
        next: 'correct the host in the server URL, or set tls-server-name in the kubeconfig',
        retry: 'never',
      };
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return {
        text: `a certificate is not valid now (${code})`,
        next: "renew the server's certificate, or correct the clock",
        retry: 'never',
      };
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return {
        text: 'it does not speak TLS',
        next: 'use http:// in the server URL if that is meant, or correct the port',
        retry: 'never',
      };
    default:
      if (/alert|ERR_SSL|ERR_OSSL|PEM/.test(code + message)) {
        return {
          text: `TLS failed (${code || message})`,
          next: "check the client certificate and key and the cluster's certificate-authority",
          retry: 'never',
        };
      }
      if (/Proxy/.test(message)) {
        return { text: message, next: 'check proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY', retry: 'backoff' };
      }
      return {
        text: `the connection was lost (${code || message})`,
        next: 'try again; what was asked may or may not have been done',
        retry: 'backoff',
      };
  }
}

/** Follows causes and the parts of an AggregateError (one per address tried) to the first that has a code. */
function rootOf(error: unknown): { readonly code: string; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (!isRecord(error)) return { code: '', message };
  const code = typeof error['code'] === 'string' ? error['code'] : '';
  const inner = Array.isArray(error['errors']) ? (error['errors'] as unknown[])[0] : error['cause'];
  if (inner !== undefined && (code === '' || code === 'UND_ERR_SOCKET')) {
    const root = rootOf(inner);
    if (root.code !== '') return root;
  }
  return { code, message };
}
