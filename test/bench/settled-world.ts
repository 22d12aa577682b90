import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineProcess } from './line-process.ts';
import { writeMembers } from './members.ts';

const [NAMESPACE, NAME] = ['default', 'site'];
const NODE_FLAGS = ['--expose-gc', '--max-semi-space-size=8'];

/**
 * So many settled members, and an engine that keeps them: the server and the engine each in a process of their own, the
 * engine as it is built.
 */
export interface SettledWorld extends AsyncDisposable {
  readonly server: LineProcess;
  readonly engine: LineProcess;
  /** From the start of the engine's process to its first report. */
  readonly settledMs: number;
}

/**
 * @param script instead of the program that people start: one that answers questions. It is given to Node with what the program's first
 * line gives.
 */
export async function settledWorld(count: number, script?: string): Promise<SettledWorld> {
  const scratch = await mkdtemp(join(tmpdir(), 'homeostat-bench-'));
  const [folder, kubeconfig] = [join(scratch, 'manifests'), join(scratch, 'kubeconfig')];
  await writeMembers(folder, NAMESPACE, count);
  const here = (name: string): string => join(import.meta.dirname, name);
  const server = new LineProcess(process.execPath, [here('members-process.ts'), NAMESPACE, NAME, String(count)]);
  await writeFile(kubeconfig, JSON.parse(await server.answer()) as string);
  const document = join(scratch, 'sync.json');
  const source = { url: folder, directory: true };
  await writeFile(document, JSON.stringify({ name: NAME, namespace: NAMESPACE, source, policy: { wait: false } }));
  const began = performance.now();
  const engine =
    script === undefined
      ? new LineProcess(
          here('../../packages/cli/dist/main.js'),
          ['sync', '-f', document, '--kubeconfig', kubeconfig],
          'SIGTERM',
        )
      : new LineProcess(process.execPath, [...NODE_FLAGS, here(script), kubeconfig, folder, NAMESPACE, NAME]);
  const said = await engine.answer();
  if (!/ready/i.test(said)) throw new Error(`the engine did not come to rest: ${said}`);
  return {
    server,
    engine,
    settledMs: performance.now() - began,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
