/**
 * The command line over the engine. What it does stands in the commands; {@link runProgram} runs one of them. What it prints can be
 * had alone: {@link printReport} and {@link printEvent} put into words what a loop tells.
 *
 * @packageDocumentation
 */
export { runProgram } from './program.ts';
export { exitCode } from './exit.ts';
export type { ExitCode } from './exit.ts';
export type { Io, Output } from './io.ts';
export { printEvent } from './print-event.ts';
export { printReport, printSummary } from './print-report.ts';
export { painter, printDuration, usesColor } from './style.ts';
export type { Paint } from './style.ts';
