/** What a command sees of the process: handed in, so that a test can be one. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

export interface Output {
  readonly isTTY: boolean;
  write(text: string): void;
}
