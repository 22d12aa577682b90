/**
 * The Common Expression Language as Kubernetes speaks it: {@link compile} an expression once, evaluate it often, each time
 * within a limit of steps.
 *
 * @packageDocumentation
 */
export { compile } from './compile.ts';
export type { CelValue, CompileOptions, EvaluateOptions, Program } from './compile.ts';
export type { CelError, CelErrorCode } from './error.ts';
