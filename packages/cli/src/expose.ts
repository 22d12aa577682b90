import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '@homeostat/reconcile';
import { createPromMetrics } from '@homeostat/reconcile/prom-client';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { UsageError } from './exit.ts';

/** Where a process can be looked at from outside, by HTTP. */
export interface Exposed extends AsyncDisposable {
  readonly metrics: Metrics;
  /** `http://127.0.0.1:9090`. */
  readonly url: string;
  /** From now on `/readyz` answers as this says; before that, that it is not ready. */
  readyWhen(check: () => boolean): void;
}

/**
 * Serves `/metrics` (Prometheus' text), `/healthz` and `/readyz` until it is disposed of. An address is `PORT`, which is one of 127.0.0.1,
 * or `HOST:PORT`; port 0 takes any that is free.
 *
 * @throws {UsageError} when it is no address, or cannot be listened on.
 */
export async function expose(address: string): Promise<Exposed> {
  const { host, port } = parseAddress(address);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = createPromMetrics(registry);
  let isReady = (): boolean => false;
  const server = createServer(answer(registry, () => isReady()));
  try {
    await listen(server, host, port);
  } catch (error) {
    throw new UsageError(
      `--metrics cannot listen on ${address}: ${(error as Error).message}; name an address of this machine and a port that is free`,
    );
  }
  // What was bound: the port may have been 0.
  const bound = server.address() as AddressInfo;
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    metrics,
    url: `http://${name}:${bound.port}`,
    readyWhen(check) {
      isReady = check;
    },
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function answer(registry: Registry, isReady: () => boolean): RequestListener {
  const page = async (path: string | undefined): Promise<readonly [status: number, type: string, text: string]> => {
    switch (path) {
      case '/metrics':
        return [200, registry.contentType, await registry.metrics()];
      case '/healthz':
        return [200, 'text/plain', 'ok\n'];
      case '/readyz':
        return isReady() ? [200, 'text/plain', 'ok\n'] : [503, 'text/plain', 'no report of every sync yet\n'];
      default:
        return [404, 'text/plain', 'there are /metrics, /healthz and /readyz\n'];
    }
  };
  return ({ method, url }, response) => {
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    page(url?.split('?')[0]).then(
      ([status, type, text]) => response.writeHead(status, { 'content-type': type }).end(text),
      (error: unknown) => response.destroy(error as Error),
    );
  };
}

function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const [, host = '127.0.0.1', digits = ''] = /^(?:(\[[^\]]+\]|[^:\s]+):)?(\d{1,5})$/.exec(address) ?? [];
  const port = digits === '' ? Number.NaN : Number(digits);
  if (!(port <= 65_535))
    throw new UsageError(`--metrics ${address}: write PORT, which is one of 127.0.0.1, or HOST:PORT`);
  return { host: host.replace(/^\[|\]$/g, ''), port };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  server.off('error', reject);
}
