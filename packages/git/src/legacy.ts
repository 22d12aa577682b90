import fs from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { HttpClient } from 'isomorphic-git';

import { cancelled } from './cancel.ts';
import { GitError, reasonOf } from './error.ts';
import type { Limits } from './limits.ts';
import type { RemoteRef } from './refs.ts';
import { printableText } from './text.ts';
import type { Transport } from './transport.ts';

/** Stands for the repository's address, which only the transport knows. */
const placeholder = 'https://repository.invalid';

/** Every ref of a server that does not speak protocol version 2. */
export async function legacyRefs(transport: Transport, limits: Limits, signal: AbortSignal): Promise<RemoteRef[]> {
  const git = await import('isomorphic-git');
  return await guard(transport, signal, async () => {
    const http = httpClient(transport, limits.refBytes, signal);
    const listing = { http, url: placeholder, protocolVersion: 1, symrefs: true, peelTags: true } as const;
    const refs = await git.listServerRefs(listing);
    return refs.map(({ ref, oid, target, peeled }) => ({
      name: ref,
      id: oid,
      ...(target === undefined ? {} : { target }),
      ...(peeled === undefined ? {} : { peeled }),
    }));
  });
}

/** The pack of one commit from such a server. It is always the whole snapshot: isomorphic-git asks for no thin packs. */
export async function* legacyPack(
  transport: Transport,
  commit: string,
  limits: Limits,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const git = await import('isomorphic-git');
  const gitdir = await mkdtemp(join(tmpdir(), 'homeostat-fetch-'));
  try {
    await guard(transport, signal, async () => {
      await git.init({ fs, gitdir, bare: true });
      await git.addRemote({ fs, gitdir, remote: 'origin', url: placeholder });
      await git.fetch({
        fs,
        gitdir,
        http: httpClient(transport, limits.packBytes, signal),
        remote: 'origin',
        ref: commit,
        remoteRef: commit,
        singleBranch: true,
        tags: false,
        depth: 1,
      });
    });
    const packs = join(gitdir, 'objects', 'pack');
    const pack = (await readdir(packs)).find((name) => name.endsWith('.pack'));
    if (pack === undefined) {
      throw new GitError('PROTOCOL', `${transport.where} sent no pack for commit ${commit}; try again`, {
        retry: 'backoff',
      });
    }
    yield* fs.createReadStream(join(packs, pack)) as AsyncIterable<Uint8Array>;
  } finally {
    await rm(gitdir, { recursive: true, force: true });
  }
}

/** Lets isomorphic-git make its requests through our transport, so that credentials, redirects and limits are ours. */
function httpClient(transport: Transport, maxBytes: number, signal: AbortSignal): HttpClient {
  return {
    async request({ url, method = 'GET', headers = {}, body }) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body ?? []) chunks.push(chunk);
      const answer = await transport.request({
        method: method === 'POST' ? 'POST' : 'GET',
        path: url.slice(placeholder.length),
        headers,
        signal,
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
      });
      return {
        url,
        method,
        headers: { 'content-type': answer.contentType },
        statusCode: 200,
        statusMessage: 'OK',
        body: bounded(answer.body, maxBytes),
      };
    },
  };
}

async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new GitError(
        'LIMIT_EXCEEDED',
        `an answer of more than ${maxBytes} bytes is over the limits; raise limits.packBytes or limits.refBytes`,
      );
    }
    yield chunk;
  }
}

async function guard<T>(transport: Transport, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof GitError) throw error;
    if (signal.aborted) throw cancelled(signal);
    const words = printableText(reasonOf(error).replaceAll(placeholder, transport.where));
    throw new GitError(
      'PROTOCOL',
      `${transport.where} speaks only an old Git protocol, and reading it failed: ${words}`,
      {
        retry: 'backoff',
        cause: error,
      },
    );
  }
}
