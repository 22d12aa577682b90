import type { Answer, Transport } from '@homeostat/kube/http';
import { isStream } from './exchange.ts';
import type { AnswerStream, ApiAnswer, ApiRequest } from './exchange.ts';
import { isTooLarge, refuseBody } from './https-server.ts';

/**
 * The way to the server for clients of this process: no socket, no TLS, the same requests and answers. Text goes over as
 * it is made; neither side can touch what the other holds.
 */
export function memoryTransport(handle: (request: ApiRequest) => Promise<ApiAnswer>): Transport {
  const open = new Set<AbortController>();
  let closed = false;
  return {
    async open({ method, path, headers, body, signal }) {
      if (closed) throw new Error('the connection is closed');
      signal.throwIfAborted();
      const gone = new AbortController();
      open.add(gone);
      const stop = (): void => gone.abort();
      signal.addEventListener('abort', stop, { once: true });
      const bytes = body === undefined ? EMPTY : Buffer.from(body);
      const answering = isTooLarge(bytes)
        ? Promise.resolve(refuseBody())
        : handle({ method, target: path, headers, body: bytes, signal: gone.signal });
      const answer = await unlessAborted(answering, gone.signal);
      const end = (): void => {
        open.delete(gone);
        signal.removeEventListener('abort', stop);
      };
      if (!isStream(answer.body)) end();
      return {
        status: answer.status,
        headers: flat(answer.headers),
        body: isStream(answer.body) ? new StreamBody(answer.body, gone, end) : new TextBody(answer.body),
      };
    },
    async close() {
      closed = true;
      for (const one of open) one.abort();
      open.clear();
    },
  };
}

const EMPTY = new Uint8Array();

type AnswerBody = Answer['body'];

function flat(headers: ApiAnswer['headers']): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('the request was cut'));
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

class TextBody implements AnswerBody {
  readonly #body: string | Uint8Array;

  constructor(body: string | Uint8Array) {
    this.#body = body;
  }

  async text(): Promise<string> {
    return typeof this.#body === 'string' ? this.#body : Buffer.from(this.#body).toString('utf8');
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(Buffer.from(await this.text())).buffer;
  }

  destroy(): void {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield Buffer.from(await this.text());
  }
}

class StreamBody implements AnswerBody {
  readonly #stream: AnswerStream;
  readonly #cut: AbortController;
  readonly #end: () => void;

  constructor(stream: AnswerStream, cut: AbortController, end: () => void) {
    this.#stream = stream;
    this.#cut = cut;
    this.#end = end;
    stream.onAbandoned(() => cut.abort());
    cut.signal.addEventListener('abort', () => stream.close(), { once: true });
  }

  async text(): Promise<string> {
    let text = '';
    for await (const piece of this) text += Buffer.from(piece).toString('utf8');
    return text;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(Buffer.from(await this.text())).buffer;
  }

  destroy(): void {
    this.#stream.close();
    this.#end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const piece = await this.#stream.next();
        if (this.#cut.signal.aborted) throw new Error('the watch was cut');
        if (piece === undefined) return;
        yield Buffer.from(piece);
      }
    } finally {
      this.destroy();
    }
  }
}
