/**
 * The command line over the engine. What it does stands in the commands; {@link runProgram} runs one of them.
 *
 * @packageDocumentation
 */
export { runProgram } from './program.ts';
export { exitCode } from './exit.ts';
export type { ExitCode } from './exit.ts';
export type { Io, Output } from './io.ts';
