import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem, type as osType } from 'node:os';
import { performance } from 'node:perf_hooks';
import { linesOf } from './line-process.ts';

/** What one piece of work cost. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time of the process that did it. */
  readonly cpuMs: number;
  /** Peak resident memory of that process since it started; 0 where the system does not tell. */
  readonly peakMiB: number;
}

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end. @throws with what it printed, when it fails. */
export async function measureCommand(command: Command): Promise<Cost> {
  const began = performance.now();
  const child = start(command);
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const usage = followUsage(child);
  const [code] = (await once(child, 'close')) as [number | null];
  const wallMs = performance.now() - began;
  const { cpuMs, peakMiB } = usage.stop();
  if (code !== 0) throw new Error(`${command.command} exited with ${code}:\n${printed.slice(-4000)}`);
  return { wallMs, cpuMs, peakMiB };
}

function start({ command, args, env }: Command): ChildProcess {
  return spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
}

/**
 * A process that stays and does one pass for every line on its stdin; it answers each with a line on its stdout, and
 * prints one, `ready`, before the first. A figure may follow on the line.
 */
export class StayingProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #usage: UsageFollower;
  /** The figure on the first line. */
  #ready = Number.NaN;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#lines = linesOf(child);
    this.#usage = followUsage(child);
    child.stderr?.pipe(process.stderr);
  }

  static async start(command: Command): Promise<StayingProcess> {
    const staying = new StayingProcess(start(command));
    staying.#ready = await staying.#answer();
    return staying;
  }

  /** What it said of its first pass. */
  get ready(): number {
    return this.#ready;
  }

  /** One pass, from the line that asks for it to the line that answers. */
  async pass(): Promise<Cost> {
    const cpuBefore = this.#usage.now().cpuMs;
    const began = performance.now();
    this.#child.stdin?.write('pass\n');
    await this.#answer();
    const wallMs = performance.now() - began;
    const { cpuMs, peakMiB } = this.#usage.now();
    return { wallMs, cpuMs: cpuMs - cpuBefore, peakMiB };
  }

  /** What it has used since it started. */
  usage(): Omit<Cost, 'wallMs'> {
    return this.#usage.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#usage.stop();
    if (this.#child.exitCode !== null) return;
    this.#child.stdin?.end();
    this.#child.kill();
    await once(this.#child, 'close');
  }

  async #answer(): Promise<number> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error('the process ended without an answer; what it said stands above');
    return Number(value.split(' ')[1]);
  }
}

interface Usage {
  readonly cpuMs: number;
  readonly peakMiB: number;
}

interface UsageFollower {
  now(): Usage;
  stop(): Usage;
}

/**
 * Reads the process's own counters (10 ms ticks of CPU, the high-water mark of its memory) every 5 ms: Node tells
 * nothing about a child that has ended.
 */
function followUsage(child: ChildProcess): UsageFollower {
  let usage: Usage = { cpuMs: 0, peakMiB: 0 };
  const read = (): Usage => {
    usage = readUsage(child.pid) ?? usage;
    return usage;
  };
  const timer = setInterval(read, 5);
  return {
    now: read,
    stop() {
      clearInterval(timer);
      return read();
    },
  };
}

function readUsage(pid: number | undefined): Usage | undefined {
  try {
    // Source: proc(5). The command's name may hold blanks; what counts follows its closing parenthesis.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    if (peak === undefined) return undefined;
    return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, peakMiB: Number(peak) / 1024 };
  } catch {
    return undefined;
  }
}

/** What a running process occupies now, in MB of 10⁶ bytes. */
export function residentMB(pid: number): number {
  const kB = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return (Number(kB) * 1024) / 1e6;
}

/** CPU of a running process so far, user and system. */
export function cpuOf(pid: number): number {
  return readUsage(pid)?.cpuMs ?? 0;
}

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** The median of each figure on its own. */
export function medianCost(costs: readonly Cost[]): Cost {
  return {
    wallMs: median(costs.map(({ wallMs }) => wallMs)),
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
    peakMiB: Math.max(...costs.map(({ peakMiB }) => peakMiB)),
  };
}

/** What the figures were measured on. */
export function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown CPU';
  const memory = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${availableParallelism()} × ${model}, ${memory} GiB, ${osType()}, Node ${process.version}`;
}
