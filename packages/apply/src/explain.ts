import { printRef } from '@homeostat/kube';
import type { KubeError, Ref } from '@homeostat/kube';
import { classify } from './classify.ts';
import { conflictsOf, isMembership, printHolder } from './conflicts.ts';
import type { FieldConflict } from './conflicts.ts';
import { toolOf } from './tools.ts';
import type { OutcomeCode, Refusal } from './outcome.ts';

/** An error as data, with the next step in its message. */
export function refusalOf(error: KubeError, ref: Ref): Refusal {
  const { code, retry } = classify(error);
  if (code === 'conflict') return conflictRefusal(conflictsOf(error), ref);
  // Without an answer the client itself says what to do next: it knows the connection, the credentials, the kinds.
  if (error.answer === '') return { code, retry, message: error.message };
  return { code, retry, message: `${printRef(ref)}: ${error.answer}; ${nextStep(code, error.answer, ref)}` };
}

export function conflictRefusal(conflicts: readonly FieldConflict[], ref: Ref): Refusal {
  return { code: 'conflict', retry: 'never', message: `${printRef(ref)}: ${printConflicts(conflicts)}` };
}

/** Who owns which fields, since when, and what can be done about it. */
export function printConflicts(conflicts: readonly FieldConflict[]): string {
  if (conflicts.some(isMembership))
    return `${[...new Set(conflicts.map(printHolder))].join(' and ')} made it a member of another set; remove it from one of the two sources, or take it over with the policy adoptFrom`;
  const owners = Map.groupBy(conflicts, printHolder);
  const held = [...owners].map(([holder, fields]) => `${holder} owns ${listed(fields.map(({ path }) => path))}`);
  const tools = [...new Set(conflicts.flatMap(({ manager }) => toolOf(manager) ?? []))].toSorted();
  const take =
    tools.length === 0
      ? 'the policy conflicts: force or the annotation homeostat.dev/conflicts: force'
      : `the policy adoptFrom: [${tools.join(', ')}]`;
  return `${held.join('; ')}; leave these fields out, or take them with ${take}`;
}

/** The first ten, and how many there are beside. */
export function listed(texts: readonly string[]): string {
  return texts.length <= 10 ? texts.join(', ') : `${texts.slice(0, 10).join(', ')} and ${texts.length - 10} more`;
}

function nextStep(code: OutcomeCode, said: string, ref: Ref): string {
  switch (code) {
    case 'conflict':
      return 'leave these fields out of the manifest, or take them by force';
    case 'stale':
      return 'it changed in the meantime: the next pass plans it anew';
    case 'immutable':
      return 'undo the change, or let it be replaced with the annotation homeostat.dev/replace: on-immutable';
    case 'invalid':
      return said.includes('duplicate entries for key')
        ? 'two items of this list have the same key: remove one (kubectl apply takes the last with a warning, server-side apply takes none)'
        : 'correct the manifest';
    case 'forbidden':
      return 'give this identity the right, or use another one';
    case 'not-found-kind':
      return `install the CustomResourceDefinition of ${ref.group === '' ? ref.kind : `${ref.kind}.${ref.group}`}, or correct apiVersion and kind`;
    case 'missing-namespace':
      return `add the Namespace ${ref.namespace} to the manifests, or create it`;
    case 'terminating':
      return 'wait until it is gone; its finalizers say what holds it';
    case 'not-allowed':
      return 'change the policy, or take the object out';
    case 'reserved':
      return 'give the object another name, or take it out';
    case 'denied':
      return 'change the manifest so that admission accepts it, or the rule that refused it';
    case 'webhook':
      return 'see that the service behind the webhook runs; it is tried again';
    case 'throttled':
    case 'unavailable':
    case 'timeout':
      return 'it is tried again';
    case 'cancelled':
      return 'the next pass goes on from here';
    default:
      return code satisfies never;
  }
}
