import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';
import type { KubectlVersion } from './story.ts';

/** What a command printed. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** The executable. */
  readonly kubectl: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

const LIMIT = 60_000;

/** Gives one command; never rejects for an exit code. */
export async function run(args: readonly string[], around: Surroundings, stdin = ''): Promise<Printed> {
  const { child, printed, ended } = start(args, around);
  child.stdin?.on('error', () => {}).end(stdin);
  const code = await ended;
  return { code, ...printed };
}

export interface Running extends AsyncDisposable {
  /** Resolves once it has printed so many lines. */
  lines(count: number): Promise<void>;
  /** Ends it, and tells the lines that it printed. */
  stop(): Promise<Printed>;
}

/** Gives a command that stays. */
export function stay(args: readonly string[], around: Surroundings): Running {
  const { child, printed, ended } = start(args, around);
  child.stdin?.end();
  const count = (): number => printed.stdout.split('\n').length - 1;
  return {
    lines: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (count() >= wanted) resolve();
        };
        child.stdout?.on('data', look);
        void ended.then(() => reject(new Error(`it ended after ${count()} of ${wanted} lines: ${printed.stderr}`)));
        look();
      }),
    async stop() {
      child.kill();
      await ended;
      // Whatever ends a process from outside has no exit code to speak of.
      return { code: 0, ...printed };
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

interface Started {
  readonly child: ChildProcess;
  readonly printed: { stdout: string; stderr: string };
  readonly ended: Promise<number>;
}

function start(args: readonly string[], { kubectl, directory, env }: Surroundings): Started {
  const child = spawn(kubectl, args, { cwd: directory, env, timeout: LIMIT });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  return { child, printed, ended };
}

/** The minor version that an executable reports, or `undefined` where there is none. */
export async function versionOf(kubectl: string): Promise<string | undefined> {
  const answer = await promisify(execFile)(kubectl, ['version', '--client', '-o', 'json']).catch(() => undefined);
  if (answer === undefined) return undefined;
  const { clientVersion } = JSON.parse(answer.stdout) as { clientVersion: { gitVersion: string } };
  return /^v(\d+\.\d+)\./.exec(clientVersion.gitVersion)?.[1];
}

/** Where the kubectl of a version is: 1.37 is the control plane's own, 1.32 the one that the machine has. */
export async function findKubectl(version: KubectlVersion, own: string): Promise<string | undefined> {
  const candidate = version === '1.37' ? own : 'kubectl';
  return (await versionOf(candidate)) === version ? candidate : undefined;
}
