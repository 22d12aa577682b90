import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { errors, Pool, ProxyAgent } from 'undici';
import type { Dispatcher } from 'undici';
import type { ClusterConfig } from './config.ts';

/** What a connection, as opposed to a request, is authenticated by. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** `auto`: HTTP/2 where the server speaks it over TLS. */
export type Protocol = 'auto' | 'http1';

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | undefined;
  readonly certificate: ClientCertificate | undefined;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: AnswerBody;
}

/** Read once, in one of the three ways. */
export interface AnswerBody extends AsyncIterable<Uint8Array> {
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
  /** Gives up what has not been read. */
  destroy(): void;
}

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Long-lived connections to one server. */
export interface Transport {
  /** Resolves with the head of the answer. Rejects with what the network library throws. */
  open(request: TransportRequest): Promise<Answer>;
  /** Ends every exchange and closes every connection. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Below the 60 s after which common load balancers drop an idle connection without a word. */
const IDLE_MS = 30_000;
const STREAM_WINDOW = 4 << 20;
const SESSION_WINDOW = 16 << 20;
/** Each of them costs a new connection, which takes at least one of the requests that wait for it. */
const MAX_REFUSED = 16;

export interface TransportOptions {
  readonly protocol: Protocol;
  /** An HTTP/2 ping, or TCP probes, without an answer for so long end a half-open connection: within twice this time. */
  readonly probeIntervalMs: number;
}

/**
 * One pool per server and client certificate: HTTP/2 on one connection where the server speaks it (more when its stream
 * limit is reached), else one HTTP/1.1 connection per exchange at a time. A renewed client certificate gets a new pool;
 * exchanges on the old one run to their end. Time limits are the caller's signal: a quiet watch is never cut for being
 * quiet.
 */
export function createTransport(config: ClusterConfig, options: TransportOptions): Transport {
  const url = new URL(config.server);
  const prefix = url.pathname.replace(/\/+$/, '');
  const retired = new Set<Dispatcher>();
  let current: { readonly certificate: ClientCertificate | undefined; readonly dispatcher: Dispatcher } | undefined;

  function dispatcherFor(certificate: ClientCertificate | undefined): Dispatcher {
    if (current?.certificate?.cert === certificate?.cert && current?.certificate?.key === certificate?.key && current) {
      return current.dispatcher;
    }
    if (current !== undefined) {
      const old = current.dispatcher;
      retired.add(old);
      void old.close().finally(() => retired.delete(old));
    }
    const dispatcher = createDispatcher(config, url.origin, certificate, options);
    current = { certificate, dispatcher };
    return dispatcher;
  }

  return {
    async open({ method, path, headers, body, certificate, signal }) {
      const request = {
        origin: url.origin,
        method,
        path: prefix + path,
        headers,
        body: body ?? null,
        signal: inLaterTurn(signal),
        headersTimeout: 0,
        bodyTimeout: 0,
      };
      for (let refused = 0; ; refused++) {
        try {
          const answer = await dispatcherFor(certificate).request(request);
          return { status: answer.statusCode, headers: answer.headers, body: answer.body };
        } catch (error) {
          if (refused === MAX_REFUSED || !wasNotLookedAt(error)) throw error;
        }
      }
    },
    async close() {
      const all = current === undefined ? [...retired] : [...retired, current.dispatcher];
      current = undefined;
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/**
 * Follows a signal one turn of the event loop later. undici 8.13 forgets an HTTP/2 stream that is aborted in the turn that
 * sent it; the error with which the connection is closed one day would then find no listener there and end the process.
 */
function inLaterTurn(signal: AbortSignal): AbortSignal {
  if (signal.aborted) return signal;
  const later = new AbortController();
  signal.addEventListener('abort', () => setImmediate(() => later.abort(signal.reason)), { once: true });
  return later.signal;
}

function createDispatcher(
  config: ClusterConfig,
  origin: string,
  certificate: ClientCertificate | undefined,
  { protocol, probeIntervalMs }: TransportOptions,
): Dispatcher {
  const allowH2 = protocol === 'auto';
  const tls = {
    ...(config.ca !== undefined && { ca: config.ca }),
    ...(certificate !== undefined && { cert: certificate.cert, key: certificate.key }),
    ...(config.tlsServerName !== undefined && { servername: config.tlsServerName }),
    rejectUnauthorized: !config.insecureSkipTlsVerify,
    minVersion: 'TLSv1.2' as const,
    keepAlive: true,
    keepAliveInitialDelay: probeIntervalMs,
    timeout: CONNECT_TIMEOUT_MS,
    allowH2,
    preferH2: allowH2,
  };
  const pool = {
    keepAliveTimeout: IDLE_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    allowH2,
    h2Options: {
      pingInterval: probeIntervalMs,
      connectionWindowSize: SESSION_WINDOW,
      settings: { initialWindowSize: STREAM_WINDOW },
    },
  };
  if (config.proxyUrl !== undefined) {
    return new ProxyAgent({
      ...pool,
      uri: config.proxyUrl,
      requestTls: { ...tls, allowH2: protocol !== 'http1', preferH2: true },
    });
  }
  return new Pool(origin, { ...pool, connect: tls });
}

/**
 * The server ended the connection in good order before it looked at the request (GOAWAY, RFC 9113 section 6.8), so that it
 * is safe to send it again. kube-apiserver does so after every 401. undici itself tries once more only.
 */
function wasNotLookedAt(error: unknown): boolean {
  return error instanceof errors.InformationalError && error.message.startsWith('HTTP/2: "GOAWAY"');
}

const gunzipBytes = promisify(gunzip);

/** The whole body as text, decompressed. */
export async function readText(answer: Answer): Promise<string> {
  if (header(answer.headers, 'content-encoding') !== 'gzip') return answer.body.text();
  return (await gunzipBytes(await answer.body.arrayBuffer())).toString('utf8');
}

/** A header that can stand only once. */
export function header(headers: AnswerHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
