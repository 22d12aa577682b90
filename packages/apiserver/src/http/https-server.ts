import { constants, createSecureServer } from 'node:http2';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiError } from '../status.ts';
import { tooLarge } from '../status.ts';
import type { ServerCertificate } from './certificate.ts';
import { isStream } from './exchange.ts';
import type { AnswerStream, ApiAnswer, ApiRequest } from './exchange.ts';

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

export interface HttpsServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface HttpsOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly certificate: ServerCertificate;
}

/** Kubernetes' limit of a body. */
const BODY_LIMIT = 3 * 1024 * 1024;

/** HTTP/2 and HTTP/1.1 over TLS, as the client likes. */
export async function listen(
  { host, port, certificate }: HttpsOptions,
  handle: (request: ApiRequest) => Promise<ApiAnswer>,
): Promise<HttpsServer> {
  const sockets = new Set<Socket>();
  const server = createSecureServer(
    { allowHTTP1: true, cert: certificate.cert, key: certificate.key, settings: { maxConcurrentStreams: 250 } },
    (request, response) => {
      // What goes wrong on a connection is its client's business; the server lives on.
      request.on('error', () => response.destroy());
      response.on('error', () => {});
      exchange(request, response, handle).catch(() => cut(response));
    },
  );
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('sessionError', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function exchange(
  request: Request,
  response: Response,
  handle: (request: ApiRequest) => Promise<ApiAnswer>,
): Promise<void> {
  const gone = new AbortController();
  // The request's own 'close' comes when its body has been read.
  response.once('close', () => {
    // Aborting costs an error with its stack: not after every answer, when nobody looks at the signal any more.
    if (!response.writableEnded) gone.abort();
  });
  const body = await readBody(request);
  const answer =
    body === 'too large'
      ? refuseBody()
      : await handle({
          method: request.method ?? 'GET',
          target: request.url ?? '/',
          headers: distinctHeaders(request.rawHeaders),
          body,
          signal: gone.signal,
        });
  if (gone.signal.aborted) {
    if (isStream(answer.body)) answer.body.close();
    return;
  }
  writeHead(response, answer);
  if (!isStream(answer.body)) {
    // Node would encode the head anew together with a text that it sends along.
    response.end(typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body);
    return;
  }
  await pump(answer.body, response);
}

/** Headers that stand more than once stay apart: Node would join those that it does not know. */
function distinctHeaders(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const value = raw[i + 1] ?? '';
    const known = headers[name];
    headers[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value];
  }
  return headers;
}

async function readBody(request: Request): Promise<Uint8Array | 'too large'> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // The rest is read and dropped, so that a client which only listens afterwards gets its answer.
    if (length <= BODY_LIMIT) chunks.push(chunk);
    else if (length > 8 * BODY_LIMIT) break;
  }
  return length > BODY_LIMIT ? 'too large' : Buffer.concat(chunks);
}

/** What a body over the limit is answered with, whatever it was for. */
export function refuseBody(): ApiAnswer {
  const refusal: ApiError = tooLarge(`Request entity too large: limit is ${String(BODY_LIMIT)}`);
  return {
    status: refusal.code,
    headers: { 'cache-control': 'no-cache, private', 'content-type': 'application/json' },
    body: `${JSON.stringify(refusal.status)}\n`,
  };
}

export function isTooLarge(body: Uint8Array): boolean {
  return body.length > BODY_LIMIT;
}

function writeHead(response: Response, { status, headers, body }: ApiAnswer): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    const write = 'stream' in response ? (text: string): string => text : bytesOf;
    response.setHeader(name, typeof value === 'string' ? write(value) : value.map(write));
  }
  if (isStream(body)) {
    // A watcher waits for the head before it does anything else.
    (response as ServerResponse).flushHeaders();
  } else {
    response.setHeader('content-length', String(typeof body === 'string' ? Buffer.byteLength(body) : body.length));
  }
}

/** Node sends headers of HTTP/1.1 byte by byte (those of HTTP/2 as UTF-8): what is beyond ASCII goes as UTF-8. */
function bytesOf(value: string): string {
  return /^[\t\x20-\x7e]*$/.test(value) ? value : Buffer.from(value, 'utf8').toString('latin1');
}

/** Writes as fast as the reader reads, and holds no more than one piece for it. */
async function pump(stream: AnswerStream, response: Response): Promise<void> {
  response.once('close', () => stream.close());
  stream.onAbandoned(() => cut(response));
  for (;;) {
    const piece = await stream.next();
    if (piece === undefined || response.destroyed) break;
    const flowing = (response as ServerResponse).write(piece);
    if (!flowing) await drained(response);
  }
  response.end();
}

/** Ends an answer in the middle, so that its client sees it. */
function cut(response: Response): void {
  // Destroying it would wait for what nobody reads; CANCEL is no error to Node's own clients, and so to undici's.
  if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
