/**
 * Server-side apply in dependency order: `applyItems` makes objects true and says what became of each, `validateItems` asks the
 * server first and writes nothing. What happens on the way comes as events, what came of it as data; no error of one object ends
 * the others.
 *
 * @packageDocumentation
 */
export { applyItems } from './apply-items.ts';
export type { ApplyEvent } from './apply-items.ts';
export { amendItems } from './amend-items.ts';
export type { AmendOptions, Amended, Amendment } from './amend-items.ts';
export { validateItems } from './validate-items.ts';
export type { Answer, ValidateEvent, ValidateOptions } from './validate-items.ts';
export type {
  ApplyItem,
  ApplyOptions,
  ApplyPorts,
  Readiness,
  ReadyOptions,
  ReplaceConsent,
  ValidatePorts,
} from './item.ts';
export type {
  ApplyOutcome,
  Blocked,
  Failed,
  ItemOrigin,
  OutcomeCode,
  Overridden,
  Refusal,
  Skipped,
  Written,
} from './outcome.ts';
export type { Waiting } from './run.ts';
export { createLimit } from './limit.ts';
export type { Limit, LimitOptions } from './limit.ts';
export { classify } from './classify.ts';
export type { Classified } from './classify.ts';
export {
  GITOPS_MANAGERS,
  LEGACY_MANAGERS,
  conflictsOf,
  decideConflict,
  formerOwners,
  policyFor,
  printHolder,
} from './conflicts.ts';
export type { ConflictDecision, ConflictMode, ConflictPolicy, FieldConflict } from './conflicts.ts';
export { isMigrationDue } from './migrate.ts';
export { TOOLS, claimantOf, isAppliedByKubectl, isCopyOfLabels } from './tools.ts';
export type { Claimant, Inheritance, ToolName } from './tools.ts';
export { listed, printConflicts } from './explain.ts';
export { withoutFields } from './without-fields.ts';
export type { Reduced } from './without-fields.ts';
