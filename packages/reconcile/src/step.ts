import type { Answer, ApplyEvent, ApplyOutcome, OutcomeCode, ValidateEvent, Waiting } from '@homeostat/apply';
import type { Redactor, Ref } from '@homeostat/kube';
import type { PruneEvent } from '@homeostat/prune';
import { safeMessage } from './redact.ts';

/** One question of the validation was answered, or it waits. */
export type ValidateStep = { readonly type: 'answer'; readonly ref: Ref; readonly answer: Answer['answer'] } | Waiting;

/** One object was written, or could not be, or something is waited for. */
export type ApplyStep =
  | {
      readonly type: 'outcome';
      readonly ref: Ref;
      readonly action: ApplyOutcome['action'];
      readonly code?: OutcomeCode;
      readonly message?: string;
    }
  | Waiting;

/** What the packages tell among themselves holds whole objects, Secrets too; what leaves a pass holds neither. */
export function validateStep(event: ValidateEvent, redactor: Redactor): ValidateStep {
  if (event.type === 'waiting') return safeWaiting(event, redactor);
  return { type: 'answer', ref: event.item.ref, answer: event.answer.answer };
}

export function applyStep(event: ApplyEvent, redactor: Redactor): ApplyStep {
  if (event.type === 'waiting') return safeWaiting(event, redactor);
  const { ref, action } = event.outcome;
  const step = { type: 'outcome', ref, action } as const;
  switch (event.outcome.action) {
    case 'failed': {
      const { code, message } = event.outcome;
      return { ...step, code, message: safeMessage(ref, message, redactor) };
    }
    case 'blocked':
    case 'skipped':
      return { ...step, message: safeMessage(ref, event.outcome.reason, redactor) };
    default:
      return step;
  }
}

/** Taking additions away tells only of waits; what came of it is in the report. */
export function amendStep(event: Waiting, redactor: Redactor): ApplyStep {
  return safeWaiting(event, redactor);
}

export function pruneStep(event: PruneEvent, redactor: Redactor): PruneEvent {
  if (event.type === 'waiting') return safeWaiting(event, redactor);
  const { outcome } = event;
  if (!('message' in outcome) || outcome.message === undefined) return event;
  return { ...event, outcome: { ...outcome, message: safeMessage(outcome.ref, outcome.message, redactor) } };
}

function safeWaiting<T extends { readonly ref: Ref; readonly reason: string }>(waiting: T, redactor: Redactor): T {
  return { ...waiting, reason: safeMessage(waiting.ref, waiting.reason, redactor) };
}
