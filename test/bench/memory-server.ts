import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The in-memory API server in a process of its own, as a real one is: what it costs is not the client's. */
export interface MemoryServer extends AsyncDisposable {
  /** The text of a kubeconfig for it. */
  readonly kubeconfig: string;
}

export async function startMemoryServer(): Promise<MemoryServer> {
  const script = join(import.meta.dirname, 'apiserver-process.ts');
  const child = spawn(process.execPath, [script, 'serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    kubeconfig: JSON.parse(line) as string,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await once(child, 'close');
    },
  };
}
