/**
 * Desired against live: in sync, or which fields, whose, and why. Ignore rules, and differences as text and as RFC 6902.
 * Pure: no request, no clock, nothing mutated.
 *
 * @packageDocumentation
 */
export { addedBack, additions, removalPatch, withoutAdditions } from './additions.ts';
export type { Removal } from './additions.ts';
export type { Addition, KeepAddition } from './addition.ts';
export type { AdditionOptions } from './foreign.ts';
export { compare } from './compare.ts';
export type { CompareOptions } from './compare.ts';
export type { Change, ChangeKind, Comparison, Holder, UnknownReason } from './change.ts';
export { equalContent } from './content.ts';
export { DiffError } from './error.ts';
export type { DiffErrorCode } from './error.ts';
export { foresee } from './foresee.ts';
export { compileIgnore, withoutFields } from './ignore.ts';
export type { IgnoreFacts, IgnoreRule, IgnoreSelect, Ignored } from './ignore.ts';
export { jsonPatch } from './json-patch.ts';
export { ownedValues, releasePayload } from './release.ts';
export { remainingChanges } from './remaining.ts';
export type { RemainingChange, RemainingOptions } from './remaining.ts';
export { textDiff } from './text.ts';
export type { TextDiffOptions } from './text.ts';
