/**
 * The command line over the engine. What it does stands in the commands; {@link runProgram} runs one of them. What it prints can be
 * had alone: {@link printReport} and {@link createProgress} put a loop's events into words.
 *
 * @packageDocumentation
 */
export { runProgram } from './program.ts';
export { exitCode } from './exit.ts';
export type { ExitCode } from './exit.ts';
export type { Io, Output } from './io.ts';
export { printReport } from './print-report.ts';
export { createProgress } from './progress.ts';
export type { Progress } from './progress.ts';
export { painter, printDuration, usesColor } from './style.ts';
export type { Paint } from './style.ts';
