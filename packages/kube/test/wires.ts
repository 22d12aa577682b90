import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, request } from 'node:http';
import { createServer as createHttpsServer, request as requestTls } from 'node:https';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Real things that stand between a client and an API server. Each listens on a port of the loopback until disposed. */
export interface Wire extends AsyncDisposable {
  readonly port: number;
  /** Connections that were made through it. */
  readonly count: () => number;
}

async function listening(server: Server, count: () => number, sockets: ReadonlySet<Socket>): Promise<Wire> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    count,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export interface Forwarder extends Wire {
  /** Bytes that came from the server. */
  readonly received: () => number;
  /** Drops every connection at once. */
  readonly cut: () => void;
  /** From now on nothing goes through, in either direction, and nobody is told: a half-open connection. */
  readonly freeze: () => void;
}

/** Passes bytes on to `server`. */
export async function startForwarder(server: string): Promise<Forwarder> {
  const { hostname, port } = new URL(server);
  const sockets = new Set<Socket>();
  let count = 0;
  let received = 0;
  const listener = createServer((near) => {
    count += 1;
    const far = connect(Number(port), hostname);
    far.on('data', (bytes) => (received += bytes.length));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  return {
    ...(await listening(listener, () => count, sockets)),
    received: () => received,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    freeze: () =>
      sockets.forEach((socket) => {
        socket.unpipe();
        socket.pause();
      }),
  };
}

/** An HTTP proxy that tunnels by CONNECT, for whoever brings `credentials` (`user:password`). */
export async function startProxy(credentials: string): Promise<Wire> {
  const sockets = new Set<Socket>();
  let count = 0;
  const expected = `Basic ${Buffer.from(credentials).toString('base64')}`;
  const proxy = createHttpServer();
  proxy.on('connection', (socket) => sockets.add(socket));
  proxy.on('connect', (head, near: Socket) => {
    if (head.headers['proxy-authorization'] !== expected) {
      near.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    count += 1;
    const target = new URL(`tcp://${head.url ?? ''}`);
    const far = connect(Number(target.port), target.hostname, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    sockets.add(far);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  return listening(proxy, () => count, sockets);
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const run = promisify(execFile);

/** A certificate that is its own authority, for `commonName`, which is also its only DNS name. */
export async function makeCertificate(folder: string, commonName: string): Promise<Certificate> {
  const cert = join(folder, `${commonName}.crt`);
  const key = join(folder, `${commonName}.key`);
  const subject = ['-subj', `/CN=${commonName}`, '-addext', `subjectAltName=DNS:${commonName}`];
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    ...subject,
    '-out',
    cert,
    '-keyout',
    key,
  ]);
  return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
}

/**
 * A gateway in front of `server` as many companies have one: HTTP/1.1 over its own TLS, below a path prefix, open to
 * client certificates that `clients` signed, and with its own token towards the server.
 */
export async function startGateway(
  server: string,
  {
    prefix,
    certificate,
    clients,
    token,
  }: { prefix: string; certificate: Certificate; clients: readonly string[]; token: string },
): Promise<Wire> {
  const sockets = new Set<Socket>();
  let count = 0;
  const gateway = createHttpsServer(
    { ...certificate, ca: [...clients], requestCert: true, rejectUnauthorized: true },
    (asked, answer) => {
      if (!asked.url?.startsWith(`${prefix}/`)) {
        answer.writeHead(404, { 'content-type': 'text/html' }).end('<html>no such cluster</html>');
        return;
      }
      const headers = { ...asked.headers, authorization: `Bearer ${token}` };
      const options = { method: asked.method, headers, rejectUnauthorized: false };
      const url = new URL(asked.url.slice(prefix.length), server);
      const passed = (url.protocol === 'https:' ? requestTls : request)(url, options, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      asked.pipe(passed);
    },
  );
  gateway.on('secureConnection', (socket) => {
    count += 1;
    sockets.add(socket);
  });
  return listening(gateway, () => count, sockets);
}
