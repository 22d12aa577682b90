import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createSocketServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { createGitSource } from '@homeostat/git';
import type { Source } from '@homeostat/git';

import { startGitServer } from '../../../test/support/git-server.ts';
import type { TestRepository } from '../../../test/support/git-server.ts';
import { failure } from './errors.ts';
import { current, textOf } from './source-conformance.ts';

const fixture = (name: string): Promise<string> => readFile(join(import.meta.dirname, 'fixtures', name), 'utf8');

async function repositoryWithFile(): Promise<TestRepository> {
  const server = await startGitServer();
  onTestFinished(() => server.close());
  const repository = await server.createRepository();
  await repository.commit({ a: '1' });
  return repository;
}

async function listen(server: Server): Promise<number> {
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Hands a request on to where `origin` says. */
function forward(origin: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { hostname, port, pathname, search } = new URL(incoming.url ?? '', origin);
  const { method, headers } = incoming;
  incoming.pipe(
    request({ hostname, port, path: pathname + search, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    }),
  );
}

function open(options: Parameters<typeof createGitSource>[0]): Source {
  const source = createGitSource(options);
  onTestFinished(() => source.close());
  return source;
}

test('a server with a certificate of its own is trusted when its authority is given, and only then', async () => {
  const repository = await repositoryWithFile();
  const cert = await fixture('localhost.crt');
  const key = await fixture('localhost.key');
  const origin = new URL(repository.url).origin;
  const handOn: RequestListener = (incoming, outgoing) => {
    forward(origin, incoming, outgoing);
  };
  const port = await listen(createTlsServer({ cert, key }, handOn));
  const url = `https://localhost:${port}/${repository.name}`;
  expect(await textOf(await current(open({ url, tls: { ca: cert } })), 'a')).toBe('1');
  const error = await failure(open({ url }).resolve());
  expect(error).toMatchObject({ code: 'UNREACHABLE', retry: 'backoff' });
  expect(error.message).toContain('certificate');

  const strict = await listen(
    createTlsServer({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: true }, handOn),
  );
  const strictUrl = url.replace(String(port), String(strict));
  expect(await textOf(await current(open({ url: strictUrl, tls: { ca: cert, cert, key } })), 'a')).toBe('1');
  expect(await failure(open({ url: strictUrl, tls: { ca: cert } }).resolve())).toMatchObject({ code: 'UNREACHABLE' });
});

test('a proxy carries requests, encrypted or not', async () => {
  const repository = await repositoryWithFile();
  const seen: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${new URL(incoming.url ?? '').origin}`);
    forward(incoming.url ?? '', incoming, outgoing);
  });
  proxy.on('connect', ({ url = '' }: IncomingMessage, socket, head) => {
    seen.push(`CONNECT ${url}`);
    const { hostname, port } = new URL(`http://${url}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  const proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
  const { origin } = new URL(repository.url);
  expect(await textOf(await current(open({ url: repository.url, proxy: proxyUrl })), 'a')).toBe('1');
  expect(new Set(seen)).toEqual(new Set([`GET ${origin}`, `POST ${origin}`]));

  const cert = await fixture('localhost.crt');
  const key = await fixture('localhost.key');
  const port = await listen(
    createTlsServer({ cert, key }, (incoming, outgoing) => forward(origin, incoming, outgoing)),
  );
  const url = `https://localhost:${port}/${repository.name}`;
  expect(await textOf(await current(open({ url, proxy: proxyUrl, tls: { ca: cert } })), 'a')).toBe('1');
  expect(seen).toContain(`CONNECT localhost:${port}`);
});

test('a SOCKS proxy carries requests', async () => {
  const repository = await repositoryWithFile();
  let asked = 0;
  const proxy = createSocketServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0])); // no authentication
      socket.once('data', (wish: Buffer) => {
        asked++;
        const onward = connect(wish.readUInt16BE(wish.length - 2), '127.0.0.1', () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          onward.pipe(socket).pipe(onward);
        });
        onward.on('error', () => socket.destroy());
      });
    });
  });
  const sockets = new Set<Socket>();
  proxy.on('connection', (socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  const { port } = proxy.address() as AddressInfo;
  expect(await textOf(await current(open({ url: repository.url, proxy: `socks5://127.0.0.1:${port}` })), 'a')).toBe(
    '1',
  );
  expect(asked).toBeGreaterThan(0);
});
