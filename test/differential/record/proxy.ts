import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { Server } from '../wire.ts';

/** One request that passed, with as much of its answer as later requests may refer to. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly accept: string | undefined;
  readonly type: string | undefined;
  readonly agent: string | undefined;
  readonly body: string;
  /** What came back so far; grows while a watch is open. */
  answer: string;
  status: number;
  /** How many requests had begun when it ended; undefined while it is open. */
  endedAt: number | undefined;
}

export interface RecordingProxy extends AsyncDisposable {
  /** Plain HTTP on the loopback interface: whoever comes is admin, so that no client ever holds a token. */
  readonly url: string;
  readonly exchanges: readonly Exchange[];
}

/** Stands between a client and a server and keeps what the client asked. */
export async function startRecordingProxy(target: Server): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const pass = async (asked: IncomingMessage, answered: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const exchange: Exchange = {
      method: asked.method ?? 'GET',
      path: asked.url ?? '/',
      accept: asked.headers.accept,
      type: asked.headers['content-type'],
      agent: asked.headers['user-agent'],
      body: body.toString('utf8'),
      answer: '',
      status: 0,
      endedAt: undefined,
    };
    exchanges.push(exchange);
    const ended = (): void => {
      exchange.endedAt ??= exchanges.length;
    };
    const headers = { ...asked.headers, host: undefined, 'accept-encoding': undefined };
    const sent = request(
      new URL(exchange.path, target.url),
      {
        method: exchange.method,
        agent,
        headers: {
          ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
          authorization: `Bearer ${target.adminToken}`,
        },
      },
      (answer) => {
        exchange.status = answer.statusCode ?? 0;
        answered.writeHead(exchange.status, answer.headers);
        answered.flushHeaders();
        answer.on('data', (chunk: Buffer) => (exchange.answer += chunk.toString('utf8')));
        answer.once('close', ended);
        answer.pipe(answered);
      },
    );
    sent.once('error', () => answered.destroy());
    answered.once('close', () => {
      ended();
      sent.destroy();
    });
    sent.end(body);
  };
  const server = createServer((asked, answered) => void pass(asked, answered));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}
