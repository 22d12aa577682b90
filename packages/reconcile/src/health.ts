import { readChildren } from '@homeostat/cache';
import type { LiveEntry } from '@homeostat/cache';
import { KubeError, refKey } from '@homeostat/kube';
import type { Client, Clock, KubeObject, Ref, RefKey } from '@homeostat/kube';
import { isJudgedByPods, statusOf } from '@homeostat/status';
import type { Status, StatusOptions } from '@homeostat/status';
import type { Ports } from './ports.ts';

/**
 * How far objects are, by the rules of this sync. The live view keeps the verdicts of the built-in rules, because it may be
 * shared by syncs with other rules; what has a rule here is judged anew, once for each version of the object.
 */
export interface Health {
  /** The verdict on an entry of the live view, at this time. */
  of(entry: LiveEntry<Status>): Status;
  judge(object: KubeObject): Status;
  /**
   * The verdicts on those workloads among the entries that are not there yet, in the light of what they have made: the message
   * names the Pod that is to blame. One list of ReplicaSets, Jobs and Pods for each namespace; none where no such workload is.
   * What may not be listed makes messages poorer, nothing else.
   */
  explain(
    entries: readonly LiveEntry<Status>[],
    options: { readonly signal: AbortSignal },
  ): Promise<ReadonlyMap<RefKey, Status>>;
}

/** Which rules there are besides the built-in ones. */
export type HealthOptions = Pick<StatusOptions, 'custom' | 'unknownKind'>;

export function createHealth(
  { custom, unknownKind = 'current' }: HealthOptions,
  { client, clock }: { readonly client: Client; readonly clock: Clock },
): Health {
  const judged = new WeakMap<LiveEntry<Status>, Status>();
  const judge = (object: KubeObject, children?: StatusOptions['children']): Status =>
    statusOf(object, {
      now: clock.now(),
      unknownKind,
      ...(custom !== undefined && { custom }),
      ...(children !== undefined && { children }),
    });
  const hasRule = ({ group, kind }: Ref): boolean =>
    unknownKind === 'wait-observed' || custom?.find(group, kind) !== undefined;
  const of = (entry: LiveEntry<Status>): Status => {
    const known = judged.get(entry) ?? (hasRule(entry.ref) ? undefined : entry.summary);
    if (known !== undefined && (known.recheckAt === undefined || known.recheckAt > clock.now())) return known;
    const verdict = judge(entry.object());
    judged.set(entry, verdict);
    return verdict;
  };
  return {
    of,
    judge: (object) => judge(object),
    async explain(entries, { signal }) {
      const unfinished = entries.filter((entry) => {
        const { state } = of(entry);
        return isJudgedByPods(entry.ref) && (state === 'InProgress' || state === 'Failed');
      });
      if (unfinished.length === 0) return new Map();
      try {
        const { children } = await readChildren(unfinished, client, { signal });
        return new Map(unfinished.map((entry) => [refKey(entry.ref), judge(entry.object(), children)]));
      } catch (error) {
        // Whoever asked to stop is heard where the wait itself looks; everything else is for the wait to meet.
        if (signal.aborted || error instanceof KubeError) return new Map();
        throw error;
      }
    },
  };
}

/** Equal verdicts kept as one; beyond that they are forgotten, and kept anew. */
const SHARED_VERDICTS = 1_000;

/** What a live view keeps of an object besides its bytes: the built-in verdict. Thousands of objects share a few verdicts. */
export function createSummarizer(clock: Pick<Clock, 'now'>): (object: KubeObject) => Status {
  const shared = new Map<string, Status>();
  return (object) => {
    const verdict = statusOf(object, { now: clock.now() });
    if (verdict.recheckAt !== undefined) return verdict;
    const key = `${verdict.state} ${verdict.reason} ${verdict.message}`;
    const known = shared.get(key);
    if (known !== undefined) return known;
    if (shared.size >= SHARED_VERDICTS) shared.clear();
    shared.set(key, verdict);
    return verdict;
  };
}

/** The verdict on an object as the live view has it, as it may be told: conditions can say anything. */
export function statusIn(
  { live, health, redactor }: Pick<Ports, 'live' | 'health' | 'redactor'>,
  ref: Ref,
): Status | undefined {
  const entry = live.get(ref);
  if (entry === undefined) return undefined;
  const status = health.of(entry);
  const message = redactor.text(status.message);
  return message === status.message ? status : { ...status, message };
}
