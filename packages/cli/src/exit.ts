/** How the process ends. Documented in the README; scripts rely on it. */
export const exitCode = {
  done: 0,
  failed: 1,
  /** `plan` and `diff` found something to do. */
  differences: 2,
  /** Something waits for somebody's consent. */
  held: 3,
  usage: 64,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** The command line itself is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
