import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A program that answers each line on its stdin with one on its stdout. It ends when its stdin does, or is told to. */
export class LineProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #endedBy: NodeJS.Signals | undefined;

  /** @param endedBy what ends a program that does not read its stdin. */
  constructor(command: string, args: readonly string[], endedBy?: NodeJS.Signals) {
    this.#endedBy = endedBy;
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = linesOf(this.#child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next line. @throws when the process has ended. */
  async answer(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error('the process ended without an answer; what it said stands above');
    return value;
  }

  async ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    return await this.answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin?.end();
    if (this.#endedBy !== undefined) this.#child.kill(this.#endedBy);
    await once(this.#child, 'close');
  }
}

export async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of child.stdout ?? []) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
