import { spawn } from 'node:child_process';

import { cancelled } from './cancel.ts';
import { GitError, reasonOf } from './error.ts';
import { printableText } from './text.ts';

export interface RunGitOptions {
  /** The whole environment: nothing of this process's is added. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly signal: AbortSignal;
  readonly cwd?: string;
}

/** How the git command line failed. Its own words are in `stderr`, not in the message, until someone has read them. */
export class GitCommandError extends GitError {
  readonly stderr: string;

  constructor(verb: string, stderr: string) {
    super('COMMAND', `git ${verb} failed: ${printableText(stderr)}`, { retry: 'backoff' });
    this.stderr = stderr;
  }
}

/** Runs git to its end. @throws {GitError} `COMMAND` if it is missing or fails, `CANCELLED`, `TIMEOUT` */
export async function runGit(args: readonly string[], options: RunGitOptions): Promise<{ stdout: Buffer }> {
  const stdout: Uint8Array[] = [];
  for await (const chunk of streamGit(args, options)) stdout.push(chunk);
  return { stdout: Buffer.concat(stdout) };
}

/** Runs git and yields what it prints as it comes. */
export async function* streamGit(
  args: readonly string[],
  { env, input, signal, cwd }: RunGitOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (signal.aborted) throw cancelled(signal);
  const child = spawn('git', args, { env, stdio: ['pipe', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) });
  const stderr: Buffer[] = [];
  let stderrBytes = 0;
  child.stderr.on('data', (chunk: Buffer) => {
    stderrBytes += chunk.length;
    if (stderrBytes < 64 * 1024) stderr.push(chunk);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  ended.catch(() => {}); // looked at below, once the output has ended
  const kill = (): void => {
    child.kill();
  };
  signal.addEventListener('abort', kill, { once: true });
  child.stdin.on('error', () => {}); // git says itself why it did not read
  child.stdin.end(input ?? '');
  const verb = args.find((arg) => /^[a-z][a-z-]+$/.test(arg)) ?? '';
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const code = await ended.catch((error: unknown) => {
      throw new GitError('COMMAND', `git cannot be run: ${reasonOf(error)}; install it, or use https://`, {
        cause: error,
      });
    });
    if (signal.aborted) throw cancelled(signal);
    if (code !== 0) throw new GitCommandError(verb, Buffer.concat(stderr).toString('utf8'));
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}
