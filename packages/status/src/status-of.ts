import type { KubeObject, Ref } from '@homeostat/kube';
import { isRecord } from '@homeostat/kube';
import { withChildren } from './children.ts';
import { explain, isTrue } from './conditions.ts';
import { runRule } from './custom.ts';
import { field, integer, text } from './fields.ts';
import { isBuiltIn, kindRule } from './rules/table.ts';
import type { Status } from './status.ts';
import { current, failed, inProgress, unknown } from './status.ts';
import type { StatusOptions, Subject } from './subject.ts';
import { conditionOf, subjectOf } from './subject.ts';

/**
 * Is it there yet? Judges one object by what stands on it.
 *
 * Guarantees
 * 1. Total: any JSON value gets a verdict; it never throws.
 * 2. Pure, when `now` is given: the same object, time and children give the same verdict.
 * 3. No requests: children and related objects come from the injected functions alone.
 * 4. A verdict that time alone can change says when (`recheckAt`).
 *
 * The rules are asked in order; the first that knows decides. Source: kstatus (sigs.k8s.io/cli-utils), and the README's
 * table for what `strict` adds.
 */
export function statusOf(object: KubeObject, options: StatusOptions = {}): Status {
  return judge(subjectOf(object, options.now ?? Date.now(), options, 0));
}

/**
 * The verdict on an object that is not there: `NotFound`, unless it is a Job that was last seen complete and asked to be
 * removed by itself (`ttlSecondsAfterFinished`), which is `Current`.
 *
 * @param last the object as it was last seen.
 */
export function statusOfAbsent(last?: KubeObject): Status {
  if (last !== undefined) {
    const { ref, conditions } = subjectOf(last, 0, {}, 0);
    const expires = integer(last, 'spec', 'ttlSecondsAfterFinished') !== undefined;
    const complete = conditions.some((condition) => condition.type === 'Complete' && isTrue(condition));
    if (ref.group === 'batch' && ref.kind === 'Job' && expires && complete) {
      return current('JobExpired', 'the Job has completed and was removed after its time to live');
    }
  }
  return { state: 'NotFound', reason: 'NotFound', message: 'the object does not exist' };
}

function judge(subject: Subject): Status {
  return (
    senseless(subject) ??
    terminating(subject) ??
    notObserved(subject) ??
    byCustomRule(subject) ??
    byReconciling(subject) ??
    byKind(subject) ??
    byReady(subject) ??
    byExistence(subject)
  );
}

function senseless({ ref }: Subject): Status | undefined {
  if (ref.kind !== '') return undefined;
  return unknown('NotAnObject', 'this is no Kubernetes object: it has no kind');
}

function terminating({ object }: Subject): Status | undefined {
  if ((field(object, 'metadata', 'deletionTimestamp') ?? undefined) === undefined) return undefined;
  const finalizers = field(object, 'metadata', 'finalizers');
  const waits =
    Array.isArray(finalizers) && finalizers.length > 0 ? `; waits for ${finalizers.map(String).join(', ')}` : '';
  return { state: 'Terminating', reason: 'Terminating', message: `the object is being deleted${waits}` };
}

function notObserved({ object, generation }: Subject): Status | undefined {
  const observed = integer(object, 'status', 'observedGeneration');
  if (generation === undefined || observed === undefined || generation === observed) return undefined;
  return inProgress('LatestGenerationNotObserved', `generation is ${generation}, but ${observed} was observed last`);
}

function byCustomRule({ object, ref, now, options }: Subject): Status | undefined {
  const rule = options.custom?.find(ref.group, ref.kind);
  return rule === undefined ? undefined : runRule(rule, object, now);
}

/** The two conditions that say plainly what they mean. Source: kstatus, "abnormal-true" conditions. */
function byReconciling({ conditions }: Subject): Status | undefined {
  for (const condition of conditions) {
    if (!isTrue(condition)) continue;
    if (condition.type === 'Reconciling') {
      return inProgress(condition.reason || 'Reconciling', condition.message || 'a controller is at work');
    }
    if (condition.type === 'Stalled') {
      return failed(condition.reason || 'Stalled', condition.message || 'the controller makes no progress');
    }
  }
  return undefined;
}

function byKind(subject: Subject): Status | undefined {
  const verdict = kindRule(subject)?.(subject);
  if (verdict === undefined) return undefined;
  return withChildren(verdict, subject, (child) => judgeChild(subject, child));
}

function judgeChild(
  { now, options, depth }: Subject,
  child: KubeObject,
): { readonly ref: Ref; readonly status: Status } {
  const subject = subjectOf(child, now, options, depth + 1);
  return { ref: subject.ref, status: judge(subject) };
}

function byReady(subject: Subject): Status | undefined {
  const ready = conditionOf(subject, 'Ready');
  if (ready === undefined) return undefined;
  // A stale Ready must not pass for readiness, nor for "no condition", which would be Current.
  if (ready.stale) return inProgress('ConditionNotObserved', 'Ready was not decided for this generation yet');
  if (ready.status === 'True') return current(ready.reason || 'Ready', ready.message || 'the object is ready');
  if (ready.status !== 'False' && ready.status !== 'Unknown') return undefined;
  return inProgress(ready.reason || 'NotReady', explain(ready, 'the object is not ready'));
}

function byExistence({ object, ref, options }: Subject): Status {
  const waits = options.unknownKind === 'wait-observed' && !isBuiltIn(ref.group);
  if (waits && !hasStatus(object)) {
    return inProgress('NotObserved', `no controller has written a status of this ${text(object, 'kind')} yet`);
  }
  return current('Exists', 'the object exists');
}

function hasStatus(object: unknown): boolean {
  const status = field(object, 'status');
  return isRecord(status) && Object.keys(status).length > 0;
}
