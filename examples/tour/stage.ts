import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createApiServer } from '@homeostat/apiserver';
import { createGitSource } from '@homeostat/git';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import type { HttpClient } from '@homeostat/kube/http';
import { createLoop, createPorts, defineSync } from '@homeostat/reconcile';
import type { Loop } from '@homeostat/reconcile';
import { startGitServer } from '../../test/support/git-server.ts';
import type { TestRepository } from '../../test/support/git-server.ts';

/** Everything that plays a part, started and connected; nothing is synced yet. */
export interface Stage extends AsyncDisposable {
  readonly url: string;
  /** How long the API server took to start, in milliseconds. */
  readonly startedIn: number;
  /** Path of a kubeconfig. */
  readonly kubeconfig: string;
  /** Anybody may clone it and push to it. */
  readonly repository: TestRepository;
  /** The files of its first commit. */
  readonly files: Readonly<Record<FileName, string>>;
  /** Somebody else with access to the cluster. */
  readonly somebody: HttpClient;
  readonly loop: Loop;
}

export type FileName = (typeof FILES)[number];

const FILES = ['deploy/database.yaml', 'deploy/settings.yaml', 'deploy/website.yaml', 'deploy/worker.yaml'] as const;

export const NAMESPACE = 'shop';

/**
 * Starts an API server in memory and a Git server, and connects a loop to both as any program would: over TLS with a kubeconfig,
 * over HTTP with an address.
 *
 * @param keep hears of every folder that is made, for those ends of a process after which nothing is disposed of.
 */
export async function setStage(keep: (folder: string) => void): Promise<Stage> {
  await needGit();
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-tour-'));
  keep(folder);
  stack.defer(() => rm(folder, { recursive: true, force: true }));

  const began = performance.now();
  const api = stack.use(await createApiServer({ simulate: 'workloads' }));
  const startedIn = performance.now() - began;
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, api.kubeconfig, { mode: 0o600 });

  const git = stack.use(await startGitServer());
  const repository = await git.createRepository('shop.git');
  keep(dirname(repository.directory));
  await repository.git('config', 'http.receivepack', 'true');
  const files = await readFiles();
  await repository.commit(files, 'Open the shop');

  const config = await loadKubeconfig({ path: kubeconfig, env: {} });
  const somebody = stack.use(createClient(config, { userAgent: 'kubectl-edit', env: {} }));
  await somebody.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });

  const client = stack.use(createClient(config, { env: {} }));
  const source = createGitSource({ url: repository.url, ref: 'main', env: {} });
  stack.defer(() => source.close());
  const sync = defineSync({ name: 'shop', namespace: NAMESPACE, path: 'deploy', policy: { poll: 500 } });
  const ports = createPorts(sync, { client, source });
  stack.defer(() => ports.live.close());
  const loop = createLoop(sync, ports);
  stack.defer(() => loop.stop());

  const all = stack.move();
  return {
    url: api.url,
    startedIn,
    kubeconfig,
    repository,
    files,
    somebody,
    loop,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Its HTTP server is a part of git that a few systems package by itself. */
async function needGit(): Promise<void> {
  const { stdout } = await promisify(execFile)('git', ['--exec-path']).catch((cause: unknown) => {
    throw new Error('the tour needs git on the PATH', { cause });
  });
  if (!existsSync(join(stdout.trim(), 'git-http-backend')))
    throw new Error('the tour needs git http-backend; on Alpine it is in the package git-daemon');
}

async function readFiles(): Promise<Readonly<Record<FileName, string>>> {
  const texts = FILES.map(async (name) => [name, await readFile(join(import.meta.dirname, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts)) as Record<FileName, string>;
}
