import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from 'homeostat';
import type { ExitCode } from 'homeostat';
import { refOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { cluster } from './cluster.ts';
import { startGitServer } from './git-server.ts';
import { textOf } from './world.ts';
import type { FileContent } from './world.ts';
import { expect } from 'vitest';

export interface Said {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellOptions {
  /** The sync's name. */
  readonly name?: string;
  /** As a sync document has it. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Of another shell: two sets of one repository. */
  readonly repository?: Shell['repository'];
  readonly path?: string;
}

/** Somebody at a shell: a repository behind a real Git server, a sync document, and the commands of `homeostat`. */
export interface Shell {
  readonly repository: {
    readonly url: string;
    commit(files: Readonly<Record<string, string | null>>): Promise<unknown>;
  };
  readonly namespace: string;
  commit(files: Readonly<Record<string, FileContent>>): Promise<void>;
  /** `homeostat sync --once` with the document and these flags. */
  sync(...flags: readonly string[]): Promise<Said>;
  /** `homeostat plan` with the document and these flags. */
  plan(...flags: readonly string[]): Promise<Said>;
  /** `homeostat destroy --yes` of the set, with these flags. */
  destroy(...flags: readonly string[]): Promise<Said>;
  /** `homeostat sync`, until the test ends or `stop`. */
  stay(): Staying;
}

export interface Staying {
  /** All that it has printed so far, results and progress. */
  readonly said: string;
  stop(): Promise<Said>;
}

/** `cluster.needs('controllers')` with {@link Shell}s, and looks at the cluster under them. */
export const shellTest = cluster
  .needs('controllers')
  .extend('shell', ({ namespace, kubeconfig }, { onCleanup }): ((options?: ShellOptions) => Promise<Shell>) => {
    const cleanups: (() => Promise<unknown>)[] = [];
    onCleanup(async () => {
      for (const cleanup of cleanups.toReversed()) await cleanup();
    });
    return async ({ name = 'site', policy = {}, path = '', ...given } = {}) => {
      const folder = await mkdtemp(join(tmpdir(), 'homeostat-shell-'));
      cleanups.push(() => rm(folder, { recursive: true }));
      const repository = given.repository ?? (await newRepository(cleanups));
      const document = join(folder, 'sync.json');
      const source = { url: repository.url };
      const text = JSON.stringify({ name, namespace, path, source, policy: { poll: '100ms', ...policy } });
      await writeFile(document, text);
      const set = ['--name', name, '--namespace', namespace];
      const run = (args: readonly string[], told?: (text: string) => void, signal?: AbortSignal): Promise<Said> =>
        homeostat(args, kubeconfig, told, signal);
      return {
        repository,
        namespace,
        commit: async (files) => {
          const texts = Object.entries(files).map(([file, content]) => [file, textOf(content)] as const);
          await repository.commit(Object.fromEntries(texts));
        },
        sync: (...flags) => run(['sync', '-f', document, '--once', ...flags]),
        plan: (...flags) => run(['plan', '-f', document, ...flags]),
        destroy: (...flags) => run(['destroy', ...set, '--yes', ...flags]),
        stay() {
          const stop = new AbortController();
          let said = '';
          const running = run(['sync', '-f', document], (more) => (said += more), stop.signal);
          const end = (): Promise<Said> => {
            stop.abort();
            return running;
          };
          cleanups.push(end);
          return {
            get said() {
              return said;
            },
            stop: end,
          };
        },
      };
    };
  })
  /** The object as it is live, in the test's namespace if it names none. */
  .extend('live', ({ client, namespace }) => async (object: KubeObject): Promise<KubeObject | undefined> => {
    const resource = (await client.resources({ refresh: true })).find(refOf(object));
    const ref = refOf(object);
    return resource === undefined
      ? undefined
      : client.get(resource.namespaced && ref.namespace === '' ? { ...ref, namespace } : ref);
  })
  .extend('expectLive', ({ live }) => async (object: KubeObject): Promise<KubeObject> => {
    const found = await live(object);
    expect(found, `${object.kind} ${object.metadata.name} is to be there`).toMatchObject(object);
    return found!;
  });

async function newRepository(cleanups: (() => Promise<unknown>)[]): Promise<Shell['repository']> {
  const git = await startGitServer();
  cleanups.push(() => git.close());
  return git.createRepository();
}

/** One command in this process, as a script would run it: no terminal. */
async function homeostat(
  args: readonly string[],
  kubeconfig: string,
  told: (text: string) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Said> {
  const out = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof out) => ({
    isTTY: false,
    write: (text: string) => {
      out[name] += text;
      told(text);
    },
  });
  const code = await runProgram(args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', KUBECONFIG: kubeconfig },
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    signal,
  });
  return { code, ...out };
}
