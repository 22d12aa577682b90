import { execFile, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { access, mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * `full` has controllers, a scheduler and one node: workloads roll out, owners are collected, namespaces go away.
 * `owners` collects owners and namespaces, and leaves workloads alone. `bare` is etcd and kube-apiserver alone.
 */
export type Mode = 'bare' | 'owners' | 'full';

/** A running control plane, as plain data: it crosses from Vitest's main process into its workers. */
export interface ControlPlane {
  /** Contexts `admin` (the current one) and `someone` (no rights). */
  readonly kubeconfig: string;
  readonly server: string;
  readonly adminToken: string;
  /** Of user `someone`, who may do nothing until a test grants it. */
  readonly userToken: string;
  readonly mode: Mode;
  /** '' where there is none. */
  readonly kubectl: string;
  /** Where the in-memory server is told to forget its history; a real control plane has etcd for that. */
  readonly forget?: string;
}

export interface StartedControlPlane extends ControlPlane, AsyncDisposable {
  /** Holds the logs while it runs. */
  readonly directory: string;
  /** Process ids by component. */
  readonly pids: Readonly<Record<string, number>>;
}

const run = promisify(execFile);
const scripts = join(import.meta.dirname, '../../control-plane');

/**
 * The folder with the binaries: `KUBEBUILDER_ASSETS` where it is set (envtest's do, in bare mode), otherwise what
 * `test/control-plane/build` makes with Go. `undefined` when there is neither.
 *
 * @throws when `KUBEBUILDER_ASSETS` names a folder without kube-apiserver, or the build fails.
 */
export async function findAssets(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets) {
    if (await exists(join(assets, 'kube-apiserver'))) return assets;
    throw new Error(`KUBEBUILDER_ASSETS is ${assets}, which holds no kube-apiserver: unset it to build one with Go`);
  }
  const hasGo = await run('go', ['version'], { env }).then(
    () => true,
    () => false,
  );
  if (!hasGo) return undefined;
  const build = run(join(scripts, 'build'), { env, maxBuffer: 64 << 20 });
  build.child.stderr?.pipe(process.stderr);
  return (await build).stdout.trim();
}

/**
 * Starts a control plane on free ports of the loopback interface, its state in a temporary folder. Disposing stops the
 * processes that it started, and no other; so does the end of this process, however it comes, short of SIGKILL.
 * Mode: `full` where the binaries allow it.
 */
export async function startControlPlane(
  assets: string,
  options: { readonly mode?: Mode } = {},
): Promise<StartedControlPlane> {
  const mode = options.mode ?? ((await exists(join(assets, 'kwok'))) ? 'full' : 'bare');
  const directory = await mkdtemp(join(tmpdir(), 'homeostat-control-plane-'));
  let up: ChildProcess | undefined;
  const kill = (): void => {
    up?.kill('SIGKILL');
    spawnSync(join(scripts, 'down'), [directory], { stdio: 'ignore' });
  };
  // Synchronous, so that it can also run while this process exits.
  const stop = (): void => {
    kill();
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', stop);
  try {
    const port = await freePorts(4);
    const env = { ...process.env, KUBEBUILDER_ASSETS: assets };
    const started = run(join(scripts, 'up'), [directory, String(port), mode], { env, timeout: 120_000 });
    up = started.child;
    await started;
    return {
      ...describeControlPlane(
        join(directory, 'kubeconfig'),
        `https://127.0.0.1:${port}`,
        mode,
        join(assets, 'kubectl'),
      ),
      directory,
      pids: await pidsIn(directory),
      async [Symbol.asyncDispose]() {
        process.off('exit', stop);
        stop();
      },
    };
  } catch (error) {
    process.off('exit', stop);
    kill();
    throw new Error(`the control plane did not start; its logs are in ${directory}`, { cause: error });
  }
}

/** One that `test/control-plane/up` started earlier and that somebody else stops. */
export async function reuseControlPlane(kubeconfig: string, assets: string | undefined): Promise<ControlPlane> {
  const server = /server: "?(https:[^"},\s]+)/.exec(await readFile(kubeconfig, 'utf8'))?.[1];
  if (server === undefined)
    throw new Error(`${kubeconfig} names no server: a kubeconfig that "up" printed is expected`);
  const kubectl = assets === undefined ? 'kubectl' : join(assets, 'kubectl');
  const nodes = await run(kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'name']);
  return describeControlPlane(kubeconfig, server, nodes.stdout === '' ? 'bare' : 'full', kubectl);
}

function describeControlPlane(kubeconfig: string, server: string, mode: Mode, kubectl: string): ControlPlane {
  return { kubeconfig, server, adminToken: 'admin-token', userToken: 'user-token', mode, kubectl };
}

async function pidsIn(directory: string): Promise<Record<string, number>> {
  const pids: Record<string, number> = {};
  for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok']) {
    const file = join(directory, `${name}.pid`);
    if (await exists(file)) pids[name] = Number(await readFile(file, 'utf8'));
  }
  return pids;
}

/** The first of `count` consecutive ports that nobody listens on. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await listen(0);
    const rest = await Promise.all(Array.from({ length: count - 1 }, (_, index) => listen(first.port + 1 + index)));
    const free = rest.every((listener) => listener.port !== 0);
    await Promise.all([first, ...rest].map((listener) => listener.close()));
    if (free) return first.port;
  }
}

function listen(port: number): Promise<{ readonly port: number; close(): Promise<void> }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve({ port: 0, close: async () => {} }));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        close: () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
