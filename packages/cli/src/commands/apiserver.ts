import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer } from '@homeostat/apiserver';
import { stringifyJson } from '@homeostat/kube';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { writeOwnKubeconfig } from '../own-kubeconfig.ts';
import { painter, usesColor } from '../style.ts';

export interface ApiServerCommandOptions {
  readonly simulate?: boolean;
  readonly port: number;
  readonly kubeconfig?: string;
  readonly output: 'text' | 'json';
}

/**
 * Runs the in-memory API server until it is stopped. Its kubeconfig goes with it, and so does everything that was in it.
 */
export async function apiserverCommand(options: ApiServerCommandOptions, io: Io): Promise<ExitCode> {
  await using server = await start(options);
  await using folder = options.kubeconfig === undefined ? await temporaryFolder() : undefined;
  const path = folder === undefined ? resolve(options.kubeconfig ?? '') : join(folder.path, 'kubeconfig');
  await using kubeconfig = await writeOwnKubeconfig(path, server.kubeconfig);
  io.stdout.write(introduce(server.url, kubeconfig.path, options, io));
  if (!io.signal.aborted) await once(io.signal, 'abort');
  return exitCode.done;
}

async function start({ port, simulate }: ApiServerCommandOptions): Promise<ApiServer> {
  try {
    return await createApiServer({ port, ...(simulate === true && { simulate: 'workloads' }) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw error;
    const message = `port ${port} of 127.0.0.1 is taken; without --port it takes one that is free`;
    throw Object.assign(new Error(message, { cause: error }), { code });
  }
}

function introduce(url: string, kubeconfig: string, { output, simulate = false }: ApiServerCommandOptions, io: Io) {
  if (output === 'json') return `${stringifyJson({ kind: 'ApiServer', version: 1, url, kubeconfig, simulate })}\n`;
  const paint = painter(usesColor(io, io.stdout));
  return [
    `A Kubernetes API server, in memory${simulate ? ', with workloads simulated' : ''}`,
    `  url         ${paint('cyan', url)}`,
    `  kubeconfig  ${paint('cyan', kubeconfig)}`,
    '',
    `  export KUBECONFIG=${kubeconfig}`,
    '  kubectl get namespaces',
    '',
    'Ctrl-C ends it, and all that is in it is gone.',
    '',
  ].join('\n');
}

async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'homeostat-apiserver-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
