/**
 * Is a Kubernetes object there yet? {@link statusOf} answers from the object alone, compatible with kstatus; `strict`
 * rules mend what kstatus gets wrong. Pure: no clock, no request.
 *
 * @packageDocumentation
 */
export { statusOf, statusOfAbsent } from './status-of.ts';
export type { StatusOptions } from './subject.ts';
export type { State, Status } from './status.ts';
export { isJudgedByPods } from './children.ts';
export { customRules } from './custom.ts';
export type { CustomRule, CustomRules } from './custom.ts';
export { aggregate } from './aggregate.ts';
export type { Aggregate, StatusEntry } from './aggregate.ts';
export { StatusError } from './error.ts';
export type { StatusErrorCode } from './error.ts';
