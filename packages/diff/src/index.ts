/**
 * Desired against live: in sync, or which fields, whose, and why. Also ignore rules, text and RFC 6902 output. Pure.
 *
 * @packageDocumentation
 */
export { compare } from './compare.ts';
export type { CompareOptions } from './compare.ts';
export type { Change, ChangeKind, Comparison, Holder, UnknownReason } from './change.ts';
export { DiffError } from './error.ts';
export type { DiffErrorCode } from './error.ts';
export { compileIgnore, withoutFields } from './ignore.ts';
export type { IgnoreFacts, IgnoreRule, IgnoreSelect, Ignored } from './ignore.ts';
