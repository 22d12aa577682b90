import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One pass of the engine's process over many members. */
export interface ScalePass {
  readonly wallMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  /** To the API server. */
  readonly requests: number;
}

/** What the engine's process holds when nothing happens. */
export interface AtRest {
  readonly rssMB: number;
  /** On the heap and beside it, after garbage collection. */
  readonly heldMB: number;
}

/** Writes ConfigMaps of 300 bytes into a folder, so many to a file, 100 files to a directory. */
export async function writeMembers(folder: string, members: number, perFile: number): Promise<void> {
  const files = Math.ceil(members / perFile);
  for (let file = 0; file < files; file++) {
    const directory = join(folder, `team-${Math.floor(file / 100)}`);
    if (file % 100 === 0) await mkdir(directory, { recursive: true });
    const last = Math.min(members, (file + 1) * perFile);
    const objects = Array.from({ length: last - file * perFile }, (_, i) => manifest(file * perFile + i));
    await writeFile(join(directory, `config-${file}.yaml`), objects.join('---\n'));
  }
}

function manifest(at: number): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: config-${at}
  namespace: default
  labels:
    app.kubernetes.io/name: config-${at}
    app.kubernetes.io/part-of: shop
data:
  mode: production
  note: as it was
  app.properties: |
    id=${at}
    level=info
    retries=3
    endpoint=https://backend-${at % 7}.example.com/api
`;
}

/** `scale-engine.mjs`: one pass at the start, and what is asked of it afterwards. */
export class ScaleEngine implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  }

  /** Starts it on a folder of manifests. Its first pass is over when this resolves. */
  static async start(
    kubeconfig: string,
    folder: string,
    name: string,
  ): Promise<{ readonly engine: ScaleEngine; readonly first: ScalePass }> {
    const script = join(import.meta.dirname, 'scale-engine.mjs');
    const args = ['--expose-gc', '--max-semi-space-size=8', script, kubeconfig, folder, 'default', name];
    const engine = new ScaleEngine(spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
    return { engine, first: (await engine.#answer()) as ScalePass };
  }

  /** A pass over what is unchanged. */
  async pass(): Promise<ScalePass> {
    return (await this.#ask('pass')) as ScalePass;
  }

  /** A pass after one file has changed. */
  async change(): Promise<ScalePass> {
    return (await this.#ask('change')) as ScalePass;
  }

  /** Follows the cluster, and waits until all that can become smaller has. */
  async rest(): Promise<AtRest> {
    return (await this.#ask('rest')) as AtRest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null) await once(this.#child, 'close');
  }

  async #ask(what: string): Promise<unknown> {
    this.#child.stdin?.write(`${what}\n`);
    return await this.#answer();
  }

  async #answer(): Promise<unknown> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error('the engine ended without an answer; what it said stands above');
    return JSON.parse(value) as unknown;
  }
}
