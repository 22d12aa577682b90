import { runProgram } from '../../src/program.ts';
import type { ExitCode } from '../../src/exit.ts';

export interface Ran {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, as a script would: no terminal. */
export async function homeostat(
  args: readonly string[],
  {
    env = {},
    signal = new AbortController().signal,
    onStdout = () => {},
    onStderr = () => {},
  }: {
    readonly env?: Record<string, string>;
    readonly signal?: AbortSignal;
    /** For commands that stay. */
    readonly onStdout?: (text: string) => void;
    readonly onStderr?: (text: string) => void;
  } = {},
): Promise<Ran> {
  const out = { stdout: '', stderr: '' };
  const code = await runProgram(args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
    stdout: {
      isTTY: false,
      write: (text) => {
        out.stdout += text;
        onStdout(text);
      },
    },
    stderr: {
      isTTY: false,
      write: (text) => {
        out.stderr += text;
        onStderr(text);
      },
    },
    signal,
  });
  return { code, ...out };
}
