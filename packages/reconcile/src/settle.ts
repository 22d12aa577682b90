import { printConflicts } from '@homeostat/apply';
import type { ApplyItem } from '@homeostat/apply';
import { compare, equalContent, foresee, remainingChanges } from '@homeostat/diff';
import type { Change } from '@homeostat/diff';
import type { KubeObject, Redactor } from '@homeostat/kube';
import type { DraftItem } from './draft.ts';
import { managersOf } from './look.ts';
import type { AdditionsFound, FoundAdditions } from './find-additions.ts';
import type { PlanItem, PlannedAddition } from './plan.ts';
import type { Prepared } from './prepare.ts';
import { publicAddition, publicChanges, safeMessage } from './redact.ts';
import type { Policy, Sync } from './sync.ts';
import type { Verdict, Verdicts } from './validate.ts';

/** An item of the plan together with what carrying it out needs and no output may hold. */
export interface Settled {
  readonly plan: PlanItem;
  readonly prepared: Prepared;
  /** As the apply package takes it: also for what is unchanged or refused, since others may depend on it. */
  readonly apply: ApplyItem;
  /** The live object that the verdict rests on, where one was seen, and what would come of it: as the server says, or foreseen. */
  readonly live?: KubeObject;
  readonly after?: KubeObject;
  /** What is to be taken away of what others added, by path, once it is applied. */
  readonly removal?: Removal;
}

/** What is to be taken away from one object. */
export interface Removal {
  readonly paths: ReadonlySet<string>;
  /** The state in which it was found, and what would come of it: as the server says, or foreseen. */
  readonly live: KubeObject;
  readonly after: KubeObject;
}

/**
 * Draft and answers to the items of the plan. Pure.
 *
 * 1. A change that the server answers with equal contents is `unchanged`: it was a difference in writing only. What still
 *    differs then is named as `overridden`.
 * 2. An immutable field leads to `replace` only with consent, else to a refusal that says how to consent.
 * 3. No value of a Secret enters an item.
 * 4. An object that is as desired, and from which something is to be taken away, is an `update` without changes.
 */
export function settle(
  items: readonly DraftItem[],
  verdicts: Verdicts,
  sync: Pick<Sync, 'namespace' | 'policy'>,
  redactor: Redactor,
  additions: AdditionsFound = new Map(),
): readonly Settled[] {
  return items.map((draft) => {
    const settled = withAdditions(settleOne(draft, verdicts, sync), additions.get(draft.prepared.key));
    const plan = withoutSecrets(settled.plan, redactor);
    return plan === settled.plan ? settled : { ...settled, plan };
  });
}

function settleOne(draft: DraftItem, verdicts: Verdicts, sync: Pick<Sync, 'namespace' | 'policy'>): Settled {
  const { prepared } = draft;
  const { ref, origin } = prepared;
  switch (draft.step) {
    case 'unchanged':
    case 'skip': {
      const { entry } = draft;
      const seen = entry === undefined ? {} : { uid: entry.uid, resourceVersion: entry.resourceVersion };
      const plan: PlanItem =
        draft.step === 'skip'
          ? { action: 'skip', ref, origin, reason: draft.reason, ...seen }
          : { action: 'unchanged', ref, origin, ...seen };
      return { plan, prepared, apply: node(prepared, seen) };
    }
    case 'not-allowed':
      return refused(prepared, { code: draft.code, message: draft.message, retry: 'never' });
    case 'ask': {
      const verdict = verdicts.get(prepared.key) ?? { item: draft.item, taken: [], yielded: [] };
      return settleAsked(draft, verdict, sync);
    }
    default:
      return draft satisfies never;
  }
}

function settleAsked(
  draft: DraftItem & { step: 'ask' },
  verdict: Verdict,
  { namespace, policy }: Pick<Sync, 'namespace' | 'policy'>,
): Settled {
  const { prepared } = draft;
  const { ref, origin } = prepared;
  const { item, answer, taken, yielded } = verdict;
  const live = item.live;

  if (verdict.refused !== undefined) {
    return refused(prepared, { code: 'conflict', message: verdict.refused, retry: 'backoff' });
  }
  if (verdict.leaveAlone === true && answer?.answer === 'exists') {
    const { uid = '', resourceVersion = '' } = answer.live.metadata;
    return {
      plan: { action: 'skip', ref, origin, reason: 'create-only', uid, resourceVersion },
      prepared,
      apply: node(prepared, { uid, resourceVersion }),
    };
  }

  const write = (
    action: 'create' | 'update' | 'adopt' | 'replace',
    validated: boolean,
    changes: readonly Change[],
    deferred = answer?.answer === 'deferred' ? answer.until : undefined,
  ): Settled => ({
    plan: {
      action,
      ref,
      origin,
      changes,
      taken,
      yielded,
      validated,
      warnings: answer?.answer === 'ok' ? answer.warnings : [],
      ...(item.uid !== undefined && { uid: item.uid }),
      ...(item.resourceVersion !== undefined && { resourceVersion: item.resourceVersion }),
      ...(deferred !== undefined && { deferred }),
      ...(verdict.owner !== undefined && { owner: verdict.owner.text }),
    },
    prepared,
    // All of it, whatever the last question left out: when applying, the policy decides anew.
    apply: { ...item, object: action === 'create' ? prepared.initial : prepared.object, action },
    ...(live !== undefined && { live }),
    ...(answer?.answer === 'ok'
      ? { after: answer.object }
      : live !== undefined &&
        action !== 'replace' && {
          after: foresee(prepared.object, live, { manager: managersOf(policy), ignore: prepared.ignore }),
        }),
  });
  const action = item.action === 'adopt' || item.action === 'update' ? item.action : 'create';

  if (answer === undefined) return write(action, false, draft.changes);
  switch (answer.answer) {
    case 'ok': {
      // What is on its way out is made anew, however equal it still is.
      const isEqual = live !== undefined && stays(live) && equalContent(answer.object, live);
      // What our entry still names and the source does not is ours no longer once it is applied: a killed engine may have left it so.
      const owesRelease = draft.migrates === true || draft.changes.some(({ kind }) => kind === 'remove');
      if (action === 'update' && isEqual && !owesRelease) {
        return unchanged(prepared, live, policy);
      }
      return write(action, true, action === 'adopt' ? changesTo(live, prepared, policy) : draft.changes);
    }
    case 'deferred':
      return write(action, false, draft.changes);
    case 'looked': {
      const { changes = [] } = verdict;
      const settled =
        action === 'update' && live !== undefined && changes.length === 0 && draft.migrates !== true && stays(live);
      return settled ? unchanged(prepared, live, policy) : write(action, false, changes);
    }
    case 'replaceable':
      return write('replace', true, draft.changes);
    case 'refused': {
      // The parent's namespace is made with the parent, before any object.
      if (answer.code === 'missing-namespace' && ref.namespace === namespace)
        return write(action, false, draft.changes, 'namespace');
      // What can be said for the one object is said already.
      const hint = answer.code === 'immutable' ? ', or for all objects with the policy replace: on-immutable' : '';
      return refused(prepared, { code: answer.code, message: answer.message + hint, retry: answer.retry });
    }
    case 'conflict': {
      return refused(prepared, {
        code: 'conflict',
        message: `other managers own fields that it sets: ${printConflicts(answer.conflicts)}`,
        retry: 'backoff',
      });
    }
    case 'exists':
      // It was asked about three times, and somebody moved it each time.
      return refused(prepared, {
        code: 'stale',
        message: 'it changes faster than it can be looked at',
        retry: 'backoff',
      });
    default:
      return answer satisfies never;
  }
}

/** What an object that exists would get. */
function changesTo(live: KubeObject | undefined, prepared: Prepared, policy: Policy): readonly Change[] {
  if (live === undefined) return [];
  const comparison = compare(prepared.object, live, { manager: managersOf(policy), ignore: prepared.ignore });
  return comparison.state === 'in-sync' ? [] : comparison.changes;
}

/** Nothing is taken from an object that is refused, skipped, or made anew. */
function withAdditions(settled: Settled, found: FoundAdditions | undefined): Settled {
  const { plan } = settled;
  if (found === undefined || plan.action === 'skip' || plan.action === 'create' || plan.action === 'replace')
    return settled;
  const may = plan.action === 'unchanged' || plan.action === 'update';
  const additions = found.additions.map((one): PlannedAddition => {
    const { keep: _keep, ...addition } = one;
    return may || addition.action !== 'remove' ? addition : { ...addition, action: 'keep', reason: 'refused' };
  });
  const removes = additions.filter(({ action }) => action === 'remove');
  if (removes.length === 0) return { ...settled, plan: { ...plan, additions } };
  const { live, after } = found;
  const removal = { paths: new Set(removes.map(({ path }) => path)), live, after: after ?? live };
  if (plan.action !== 'unchanged') return { ...settled, plan: { ...plan, additions }, removal };
  const { ref, origin, uid, resourceVersion } = plan;
  return {
    ...settled,
    plan: {
      action: 'update',
      ref,
      origin,
      changes: [],
      taken: [],
      yielded: [],
      validated: found.validated,
      warnings: [],
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      additions,
    },
    removal,
  };
}

function unchanged(prepared: Prepared, live: KubeObject, policy: Policy): Settled {
  const { ref, origin } = prepared;
  const { uid = '', resourceVersion = '' } = live.metadata;
  const overridden = remainingChanges(prepared.object, live, { manager: managersOf(policy) });
  return {
    plan: { action: 'unchanged', ref, origin, uid, resourceVersion, ...(overridden.length > 0 && { overridden }) },
    prepared,
    apply: node(prepared, { uid, resourceVersion }),
    live,
  };
}

function stays({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined;
}

/** A node of the graph only: others may wait for it. */
export function node(
  { ref, object, origin }: Prepared,
  seen: { readonly uid?: string; readonly resourceVersion?: string },
): ApplyItem {
  return { ref, object, origin, action: 'none', force: false, ...seen };
}

function refused(prepared: Prepared, refusal: NonNullable<ApplyItem['refused']>): Settled {
  const { ref, origin, object } = prepared;
  return {
    plan: { action: 'refused', ref, origin, ...refusal },
    prepared,
    apply: { ref, object, origin, action: 'refused', force: false, refused: refusal },
  };
}

/** A plan travels: it shows which fields of a Secret change, never from what to what. */
function withoutSecrets(item: PlanItem, redactor: Redactor): PlanItem {
  const { additions } = item;
  const safe = withoutSecretChanges(item, redactor);
  if (additions === undefined) return safe;
  return { ...safe, additions: additions.map((addition) => publicAddition(item.ref, addition, redactor)) };
}

function withoutSecretChanges(item: PlanItem, redactor: Redactor): PlanItem {
  switch (item.action) {
    case 'refused':
      return { ...item, message: safeMessage(item.ref, item.message, redactor) };
    case 'skip':
    case 'drifted':
      return item;
    case 'unchanged':
      return item.overridden === undefined ? item : { ...item, overridden: publicChanges(item.ref, item.overridden) };
    case 'create':
    case 'update':
    case 'adopt':
    case 'replace':
      return {
        ...item,
        changes: publicChanges(item.ref, item.changes),
        warnings: item.warnings.map((warning) => safeMessage(item.ref, warning, redactor)),
      };
    default:
      return item satisfies never;
  }
}
