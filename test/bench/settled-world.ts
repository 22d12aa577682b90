import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineProcess } from './line-process.ts';
import { writeMembers } from './members.ts';

const [NAMESPACE, NAME] = ['default', 'site'];

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

/** @param flags given to the engine's Node, beside what the command line gives. */
export async function settledWorld(count: number, flags: readonly string[] = []): Promise<SettledWorld> {
  const scratch = await mkdtemp(join(tmpdir(), 'homeostat-bench-'));
  const [folder, kubeconfig] = [join(scratch, 'manifests'), join(scratch, 'kubeconfig')];
  await writeMembers(folder, NAMESPACE, count);
  const script = (name: string): string => join(import.meta.dirname, name);
  const server = new LineProcess(process.execPath, [script('members-process.ts'), NAMESPACE, NAME, String(count)]);
  await writeFile(kubeconfig, JSON.parse(await server.answer()) as string);
  const began = performance.now();
  const engine = new LineProcess(process.execPath, [
    '--max-semi-space-size=8',
    ...flags,
    script('engine-process.mjs'),
    kubeconfig,
    folder,
    NAMESPACE,
    NAME,
  ]);
  await engine.answer();
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
