import { connect } from 'node:http2';
import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer, ApiServerOptions } from '@homeostat/apiserver';

/** What came back, read as JSON where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server, and raw requests to it over one HTTP/2 connection. */
export interface World extends AsyncDisposable {
  readonly server: ApiServer;
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** The first `count` lines of a stream, or all of one that ends before. */
  lines(path: string, count: number, asked?: Asked): Promise<Readonly<Record<string, unknown>>[]>;
}

export async function startWorld(options: ApiServerOptions = {}): Promise<World> {
  const server = await createApiServer({
    users: [
      { name: 'admin', groups: ['system:masters'], token: 'admin-token' },
      { name: 'someone', groups: [], token: 'user-token' },
    ],
    ...options,
  });
  const { clusters } = JSON.parse(server.kubeconfig) as {
    readonly clusters: readonly [{ readonly cluster: { readonly 'certificate-authority-data': string } }];
  };
  const ca = Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64');
  const session = connect(server.url, { ca });

  function open(path: string, { method = 'GET', body, type = 'application/json', accept, headers }: Asked) {
    const stream = session.request(
      {
        ':path': path,
        ':method': method,
        authorization: 'Bearer admin-token',
        ...(body !== undefined && { 'content-type': type }),
        ...(accept !== undefined && { accept }),
        ...headers,
      },
      { endStream: body === undefined },
    );
    if (body !== undefined)
      stream.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
    return stream;
  }

  return {
    server,
    async ask(path, asked = {}) {
      const stream = open(path, asked);
      const head = new Promise<Answer['headers']>((resolve) => {
        stream.once('response', (headers) => resolve(headers));
      });
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const headers = await head;
      const text = Buffer.concat(chunks).toString('utf8');
      const body = text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {};
      return { status: Number(headers[':status']), headers, text, body };
    },
    async lines(path, count, asked = {}) {
      const stream = open(path, asked);
      const lines: Readonly<Record<string, unknown>>[] = [];
      let pending = '';
      for await (const chunk of stream) {
        pending += String(chunk);
        const whole = pending.split('\n');
        pending = whole.pop() ?? '';
        lines.push(...whole.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>));
        if (lines.length >= count) break;
      }
      stream.close();
      return lines.slice(0, count);
    },
    async [Symbol.asyncDispose]() {
      session.destroy();
      await server.close();
    },
  };
}
