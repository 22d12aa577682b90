/**
 * What belongs to a set, and what becomes of it when the source no longer names it: the parent that names a set's kinds and
 * namespaces, the pure choice of orphans, the guarded delete.
 *
 * @packageDocumentation
 */
export { announce, deleteParent, narrow, parentRef, parseParent, readParent, storeReport, TOOLING } from './parent.ts';
export type { Parent, ParentOptions, SetSource, StoredReport } from './parent.ts';
export { isSameAnnotation, parseRequests, requestAnnotation } from './requests.ts';
export type { HandledRequest, ParentRequest, ParentRequests, RequestKind } from './requests.ts';
export { consentsTo, consentTo, heldOf } from './consent.ts';
export type { Consent, Held } from './consent.ts';
export { selectOrphans } from './select-orphans.ts';
export type { KeepReason, Member, OrphanDecision, PruneFacts } from './select-orphans.ts';
export { selectTeardown } from './select-teardown.ts';
export type { TeardownMode } from './select-teardown.ts';
export { pruneOrphans } from './prune-orphans.ts';
export type { PruneOptions, PrunePorts } from './prune-orphans.ts';
export type { PruneEvent, PruneFailureCode, PruneOutcome } from './outcome.ts';
export { abandon, abandonPatch } from './abandon.ts';
export { PruneError } from './error.ts';
export type { PruneErrorCode } from './error.ts';
