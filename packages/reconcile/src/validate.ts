import { decideConflict, formerOwners, policyFor, validateItems, withoutFields } from '@homeostat/apply';
import type { Answer, ApplyItem, FieldConflict, Inheritance } from '@homeostat/apply';
import { compare, releasePayload } from '@homeostat/diff';
import type { Change, Ignored } from '@homeostat/diff';
import { directivesOf, refKey } from '@homeostat/kube';
import type { Directives, KubeObject, RefKey, SetIdentity } from '@homeostat/kube';
import { conflictPolicyOf } from './conflict-policy.ts';
import { decideExisting } from './decide-existing.ts';
import type { ExistingFacts, Owner } from './decide-existing.ts';
import type { DraftItem } from './draft.ts';
import type { PassEvent } from './events.ts';
import { managersOf } from './look.ts';
import type { Ports } from './ports.ts';
import { validateStep } from './step.ts';
import type { Policy } from './sync.ts';

/** The server's last word about one item, and the item as it was asked then. */
export interface Verdict {
  readonly item: ApplyItem;
  /** Absent: the server was not asked (the policy says so, or it could not be yet). */
  readonly answer?: Answer;
  /** The object exists and may not be taken. */
  readonly refused?: string;
  /** The id of the set that has it, where that is why it is refused. */
  readonly heldBySet?: string;
  /** The object exists, and its annotation says that it is then left alone. */
  readonly leaveAlone?: true;
  /** Whom it is taken over from. */
  readonly owner?: Owner;
  readonly taken: readonly FieldConflict[];
  readonly yielded: readonly FieldConflict[];
  /** What would change, where the object was only looked at. */
  readonly changes?: readonly Change[];
}

export type Verdicts = ReadonlyMap<RefKey, Verdict>;

const MOVING: Answer = {
  answer: 'refused',
  code: 'stale',
  message: 'it changes faster than it can be looked at; the next pass looks at it anew',
  retry: 'backoff',
};
/**
 * Asks the server about every change, by dry run: one round for all, and another for those whose first answer leads to
 * another question (it exists already: may it be adopted? somebody owns a field: may it be taken?).
 *
 * With `lookOnly`, what our identity may not ask about is read and compared instead: for a plan that is only shown.
 */
export async function* validate(
  items: readonly DraftItem[],
  set: SetIdentity,
  policy: Policy,
  { actor, limit, clock, random, redactor, claims, memory }: Ports,
  {
    signal,
    always = false,
    lookOnly = false,
  }: { readonly signal: AbortSignal; readonly always?: boolean; readonly lookOnly?: boolean },
): AsyncGenerator<PassEvent, Verdicts> {
  const asked = items.filter((item) => item.step === 'ask');
  const drafts = new Map(asked.map((item) => [item.prepared.key, item]));
  const verdicts = new Map<RefKey, Verdict>(
    asked.map(({ prepared, item }) => [prepared.key, { item, taken: [], yielded: [] }]),
  );
  if (policy.validate === 'none' && !always) return verdicts;

  let round = asked.map(({ item }) => item);
  // Each object passes at most through: create, adopt, adopt by force. More rounds would mean that somebody moves it meanwhile.
  for (let rounds = 0; round.length > 0 && rounds < 3; rounds += 1) {
    const asking = validateItems(
      round,
      { client: actor, limit, clock, random, manager: managersOf(policy), fieldValidation: policy.fieldValidation },
      { signal, lookOnly },
    );
    let step = await asking.next();
    while (step.done !== true) {
      yield { type: 'validate', event: validateStep(step.value, redactor) };
      step = await asking.next();
    }
    const again: ApplyItem[] = [];
    for (const item of round) {
      const key = refKey(item.ref);
      const answer = step.value.get(key);
      const draft = drafts.get(key);
      if (answer === undefined || draft === undefined) continue;
      const before = verdicts.get(key) ?? { item, taken: [], yielded: [] };
      const next = follow(item, answer, before, {
        set,
        policy,
        desires: claims && ((id, wanted) => claims.desires(id, wanted, set)),
        had: memory.verified.has(key),
        directives: draft.prepared.directives,
        object: draft.prepared.object,
        ignore: draft.prepared.ignore,
      });
      verdicts.set(key, next.verdict);
      if (next.ask !== undefined) again.push(next.ask);
    }
    round = again;
  }
  // Somebody moved each of these every time: nothing is written that the server has not been asked about.
  for (const item of round) {
    const verdict = verdicts.get(refKey(item.ref));
    if (verdict?.answer === undefined) verdicts.set(refKey(item.ref), { item, taken: [], yielded: [], answer: MOVING });
  }
  return verdicts;
}

/** What an answer leads to: a verdict, and perhaps another question. Pure. */
export function follow(
  item: ApplyItem,
  answer: Answer,
  before: Pick<Verdict, 'taken' | 'yielded' | 'owner'>,
  {
    set,
    policy,
    desires,
    had = false,
    directives,
    object: changed = item.object,
    ignore,
  }: {
    readonly set: SetIdentity;
    readonly policy: Policy;
    /** What other sets of this process desire. */
    readonly desires?: ExistingFacts['desires'];
    /** Whether this process has had the object in the set. */
    readonly had?: boolean;
    readonly directives: Directives;
    /** What is applied to an object that exists: without the fields that are left to others. */
    readonly object?: KubeObject;
    readonly ignore?: Ignored | undefined;
  },
): { readonly verdict: Verdict; readonly ask?: ApplyItem } {
  const { taken, yielded, owner } = before;
  // Whoever asks to keep an object consents to its deletion only by name.
  const keeps = directivesOf(item.object, item.live).directives.prune !== 'allow';
  const mayReplace = directives.replaceOnImmutable || (policy.replace === 'on-immutable' && !keeps);
  // Force is for the question alone: when applying, the policy decides anew, field by field.
  const base = { item: { ...item, force: false }, taken, yielded, ...(owner !== undefined && { owner }) };
  switch (answer.answer) {
    case 'ok':
    case 'replaceable':
    case 'deferred':
      return { verdict: { ...base, answer } };
    case 'refused': {
      const replace = answer.code === 'immutable' && item.action === 'update' && mayReplace;
      const consent = policy.replaceProtected ? 'protected' : 'ordinary';
      return {
        verdict: { ...base, answer },
        ...(replace && { ask: { ...item, action: 'replace', replace: consent } }),
      };
    }
    case 'exists': {
      if (directives.apply === 'create-only') return { verdict: { ...base, answer, leaveAlone: true } };
      const decision = decideExisting(answer.live, { set, managers: managersOf(policy), policy, desires, had });
      if (decision.decision === 'refuse') {
        const heldBySet = decision.owner?.set;
        const verdict = { ...base, answer, refused: decision.message };
        return { verdict: { ...verdict, ...(heldBySet !== undefined && { heldBySet }) } };
      }
      const from = decision.decision === 'adopt' ? decision.owner : undefined;
      const action = decision.decision === 'ours' ? 'update' : 'adopt';
      const adopt = existing({ ...item, object: changed }, answer.live, action, {
        policy,
        ignore,
        inherits: from?.inherits,
      });
      const next = from === undefined ? base : { ...base, owner: from };
      return { verdict: { ...next, item: adopt }, ask: adopt };
    }
    case 'looked': {
      const { live } = answer;
      if (live === undefined) return { verdict: { ...base, item: { ...base.item, action: 'create' }, answer } };
      if (item.uid !== live.metadata.uid) {
        const next = follow(item, { answer: 'exists', live }, before, {
          set,
          policy,
          desires,
          had,
          directives,
          object: changed,
          ignore,
        });
        if (next.ask === undefined) return next;
        return foresee(next.ask, answer, next.verdict, policy, ignore);
      }
      return foresee({ ...item, live }, answer, base, policy, ignore);
    }
    case 'conflict': {
      const decision = decideConflict(answer.conflicts, policyFor(conflictPolicyOf(policy), item));
      if (decision.decision === 'fail') return { verdict: { ...base, answer } };
      const { taken: takes, yielded: yields } = decision;
      // What is left to others is left out of the question: else its answer would tell of a change that applying never makes.
      const { object, missing } = withoutFields(
        item.object,
        yields.map(({ path }) => path),
      );
      if (item.force || missing.length > 0) return { verdict: { ...base, answer } };
      const ask = { ...item, object, force: takes.length > 0 };
      return { verdict: { ...base, taken: takes, yielded: yields }, ask };
    }
    default:
      return answer satisfies never;
  }
}

/** What an apply of an object that may only be read would come to, as its managedFields tell. */
function foresee(
  item: ApplyItem,
  answer: Answer & { readonly answer: 'looked' },
  before: Pick<Verdict, 'taken' | 'yielded' | 'owner'>,
  policy: Policy,
  ignore: Ignored | undefined,
): { readonly verdict: Verdict } {
  const { live } = item;
  const comparison = live && compare(item.object, live, { manager: managersOf(policy), ignore });
  const changes = comparison === undefined || comparison.state === 'in-sync' ? [] : comparison.changes;
  const verdict: Verdict = { ...before, item: { ...item, force: false }, answer, changes };
  const conflicts = changes.flatMap(({ kind, path, heldBy }): readonly FieldConflict[] => {
    if (kind !== 'change' || heldBy === undefined) return [];
    return [{ path, ...heldBy }];
  });
  const decision = decideConflict(conflicts, policyFor(conflictPolicyOf(policy), item));
  if (decision.decision === 'fail')
    return { verdict: { ...verdict, answer: { answer: 'conflict', conflicts: decision.reasons } } };
  const { taken, yielded } = decision;
  const left = new Set(yielded.map(({ path }) => path));
  return { verdict: { ...verdict, taken, yielded, changes: changes.filter(({ path }) => !left.has(path)) } };
}

function existing(
  item: ApplyItem,
  live: KubeObject,
  action: 'adopt' | 'update',
  {
    policy,
    ignore,
    inherits,
  }: { readonly policy: Policy; readonly ignore: Ignored | undefined; readonly inherits: Inheritance | undefined },
): ApplyItem {
  const { uid, resourceVersion } = live.metadata;
  const rules = policyFor(conflictPolicyOf(policy), { ...(inherits !== undefined && { inherits }) });
  // What is left to others keeps its value, although we inherit whoever wrote it.
  const release = releasePayload(item.object, live, {
    manager: managersOf(policy),
    ignore,
    inherited: formerOwners(rules),
  });
  return {
    ...item,
    action,
    live,
    ...(release !== undefined && { release }),
    ...(inherits !== undefined && { inherits }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}
