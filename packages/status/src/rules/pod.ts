import { instant, items, text } from '../fields.ts';
import type { Status } from '../status.ts';
import { current, failed, inProgress, unknown } from '../status.ts';
import type { Rule, Subject } from '../subject.ts';
import { conditionOf } from '../subject.ts';

/** A Pod may be unschedulable for so long, while nodes come up, before it counts as failed (kstatus). */
const SCHEDULING_GRACE_MS = 15_000;
/** So long a container may fail to start for reasons that heal by themselves (a registry hiccup, a late ConfigMap). */
const START_GRACE_MS = 30_000;

/** Waiting reasons of the kubelet behind which no progress happens unless somebody acts. */
const CANNOT_START: ReadonlySet<string> = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
]);

/** A container that does not run, and why. */
interface Waiting {
  readonly reason: string;
  readonly text: string;
}

export const pod: Rule = (subject) => {
  const { object, strict } = subject;
  const phase = text(object, 'status', 'phase');
  switch (phase) {
    case 'Succeeded':
      return current('PodCompleted', 'the Pod has completed');
    case 'Failed':
      return strict
        ? failed(text(object, 'status', 'reason') || 'PodFailed', failureOf(object))
        : current('PodCompleted', 'the Pod has completed, but not successfully');
    case 'Running':
      return running(subject);
    case 'Pending':
      return pending(subject);
    case '':
      return inProgress('PodNotObserved', 'the Pod has no phase yet');
    default:
      return unknown('PodPhaseUnknown', `Kubernetes defines no phase "${phase}"`);
  }
};

function running(subject: Subject): Status {
  if (conditionOf(subject, 'Ready')?.status === 'True') return current('PodReady', 'the Pod is ready');
  return stuckContainer(subject) ?? inProgress('PodRunningNotReady', notReady(subject));
}

function pending(subject: Subject): Status {
  const { object, now, strict } = subject;
  const scheduled = conditionOf(subject, 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    const message = scheduled.message || 'no node can take the Pod';
    const created = instant(object, 'metadata', 'creationTimestamp');
    if (created === undefined) return inProgress('PodNotScheduled', message);
    const deadline = created + SCHEDULING_GRACE_MS;
    return now < deadline ? inProgress('PodNotScheduled', message, deadline) : failed('PodUnschedulable', message);
  }
  return (strict ? stuckContainer(subject) : undefined) ?? inProgress('PodPending', notReady(subject));
}

/** A container that crashes again and again, or (strict) cannot be started. */
function stuckContainer(subject: Subject): Status | undefined {
  const { strict, now } = subject;
  const waiting = waitingContainers(subject.object, strict);
  const crashing = waiting.find(({ reason }) => reason === 'CrashLoopBackOff');
  if (crashing !== undefined) return failed('ContainerCrashLooping', crashing.text);
  if (!strict) return undefined;

  const stuck = waiting.find(({ reason }) => CANNOT_START.has(reason));
  if (stuck === undefined) return undefined;
  const since = notReadySince(subject);
  if (since === undefined) return inProgress(stuck.reason, stuck.text);
  const deadline = since + START_GRACE_MS;
  return now < deadline ? inProgress(stuck.reason, stuck.text, deadline) : failed(stuck.reason, stuck.text);
}

/** A waiting state carries no time; the Pod has not been ready for at least as long as its container waits. */
function notReadySince(subject: Subject): number | undefined {
  return (
    conditionOf(subject, 'Ready')?.since ??
    instant(subject.object, 'status', 'startTime') ??
    instant(subject.object, 'metadata', 'creationTimestamp')
  );
}

function waitingContainers(object: unknown, initToo: boolean): readonly Waiting[] {
  return [
    ...(initToo ? waitingIn(object, 'initContainerStatuses', 'init container') : []),
    ...waitingIn(object, 'containerStatuses', 'container'),
  ];
}

function waitingIn(object: unknown, list: string, word: string): readonly Waiting[] {
  return items(object, 'status', list).flatMap((status) => {
    const reason = text(status, 'state', 'waiting', 'reason');
    if (reason === '') return [];
    const message = text(status, 'state', 'waiting', 'message');
    return [{ reason, text: `${word} ${text(status, 'name')}: ${message === '' ? reason : `${reason}: ${message}`}` }];
  });
}

/** What a Pod that is not ready waits for: the first container that says so, or its Ready condition. */
function notReady(subject: Subject): string {
  const [first] = waitingContainers(subject.object, true);
  if (first !== undefined) return first.text;
  return conditionOf(subject, 'Ready')?.message || 'the Pod is not ready yet';
}

function failureOf(object: unknown): string {
  const message = text(object, 'status', 'message');
  if (message !== '') return message;
  for (const list of ['initContainerStatuses', 'containerStatuses']) {
    for (const status of items(object, 'status', list)) {
      const reason = text(status, 'state', 'terminated', 'reason');
      if (reason !== '' && reason !== 'Completed') return `container ${text(status, 'name')}: ${reason}`;
    }
  }
  return 'the Pod has failed';
}
