import { Agent, request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';

/** One of the two servers that hear the same stories. */
export interface Server {
  readonly name: string;
  readonly url: string;
  readonly adminToken: string;
  /** Of user `someone`, who may do nothing. */
  readonly userToken: string;
}

export interface Wire {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a server answered, as it came. */
export interface Answer {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  /** Only the headers that are compared. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Parsed where it is JSON; `undefined` where there is none. */
  readonly body?: unknown;
}

/** A watch that is open. */
export interface OpenStream {
  readonly status: number;
  readonly headers: Answer['headers'];
  /** Those that came and were not taken yet. */
  take(): unknown[];
  readonly pending: number;
  readonly ended: boolean;
  /** Resolves at the next event, at the end, or after so many milliseconds. */
  next(ms: number): Promise<void>;
  close(): void;
}

export class Connection implements Disposable {
  // The servers' certificates are their own and live as long as the run.
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

  readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  send(wire: Wire): Promise<Answer> {
    // Node would send the body of a DELETE without saying that there is one.
    const length = wire.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(wire.body)) };
    const headers = { ...wire.headers, ...length };
    return new Promise((resolve) => {
      const broken = (): void => resolve({ status: 0, headers: {} });
      const sent = request(
        new URL(wire.path, this.server.url),
        { method: wire.method, headers, agent: this.#agent, timeout: 20_000 },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.once('error', broken);
          answer.once('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: compared(answer.headers),
              ...parsed(Buffer.concat(chunks).toString('utf8'), answer.headers['content-type']),
            }),
          );
        },
      );
      sent.once('timeout', () => sent.destroy());
      sent.once('error', broken);
      sent.end(wire.body);
    });
  }

  open(wire: Wire): Promise<OpenStream | Answer> {
    return new Promise((resolve) => {
      const sent = request(
        new URL(wire.path, this.server.url),
        { method: wire.method, headers: wire.headers, agent: this.#agent },
        (answer) => {
          const headers = compared(answer.headers);
          const status = answer.statusCode ?? 0;
          answer.setEncoding('utf8');
          if (status !== 200) {
            let text = '';
            answer.on('data', (chunk: string) => (text += chunk));
            answer.once('end', () => resolve({ status, headers, ...parsed(text, answer.headers['content-type']) }));
            return;
          }
          let rest = '';
          let events: unknown[] = [];
          let ended = false;
          let wake = (): void => {};
          answer.on('data', (chunk: string) => {
            const lines = (rest + chunk).split('\n');
            rest = lines.pop() ?? '';
            events.push(...lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown));
            wake();
          });
          const end = (): void => {
            ended = true;
            wake();
          };
          answer.once('end', end);
          answer.once('error', end);
          resolve({
            status,
            headers,
            take: () => {
              const taken = events;
              events = [];
              return taken;
            },
            get pending() {
              return events.length;
            },
            get ended() {
              return ended;
            },
            next: (ms) =>
              new Promise((done) => {
                const timer = setTimeout(done, ms);
                wake = () => {
                  clearTimeout(timer);
                  done();
                };
              }),
            close: () => sent.destroy(),
          });
        },
      );
      sent.setTimeout(20_000, () => sent.destroy());
      sent.once('error', () => resolve({ status: 0, headers: {} }));
      sent.end();
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** The headers that carry meaning for a client. */
function compared(headers: IncomingHttpHeaders): Answer['headers'] {
  const kept: Record<string, string | readonly string[]> = {};
  for (const name of ['content-type', 'retry-after', 'location', 'allow', 'vary'])
    if (typeof headers[name] === 'string') kept[name] = headers[name];
  if (headers['warning'] !== undefined) kept['warning'] = splitWarnings(headers['warning']);
  if (headers['etag'] !== undefined) kept['etag'] = headers['etag'];
  if (headers['cache-control'] !== undefined) kept['cache-control'] = headers['cache-control'];
  return kept;
}

/** Node joins headers of one name by ", "; every warning begins with its code. */
function splitWarnings(joined: string): readonly string[] {
  return joined.split(/, (?=299 - )/);
}

function parsed(text: string, type: string | undefined): { readonly body?: unknown } {
  if (text === '') return {};
  if (!(type?.startsWith('application/json') ?? false) && !text.startsWith('{')) return { body: text };
  try {
    return { body: JSON.parse(text) as unknown };
  } catch {
    return { body: text };
  }
}
