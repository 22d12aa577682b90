import { explain, isTrue } from '../conditions.ts';
import { count, field, integer, text } from '../fields.ts';
import type { Status } from '../status.ts';
import { current, failed, inProgress } from '../status.ts';
import type { Rule, Subject } from '../subject.ts';
import { conditionOf } from '../subject.ts';

/** A Deployment's own default for `progressDeadlineSeconds`; ReplicaSets, which have none, borrow it. */
const PROGRESS_DEADLINE_MS = 600_000;
/** `progressDeadlineSeconds` with this value means: no deadline (math.MaxInt32). */
const NO_DEADLINE = 2_147_483_647;

export const deployment: Rule = (subject) => {
  const { object, strict } = subject;
  const progress = conditionOf(subject, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') {
    return failed('ProgressDeadlineExceeded', progress.message || 'the rollout made no progress before its deadline');
  }
  if (strict && field(object, 'spec', 'paused') === true && isObserved(subject)) {
    return current('Paused', 'the rollout is paused (spec.paused)');
  }

  const spec = integer(object, 'spec', 'replicas') ?? 1;
  const replicas = count(object, 'status', 'replicas');
  const updated = count(object, 'status', 'updatedReplicas');
  const available = count(object, 'status', 'availableReplicas');
  const ready = count(object, 'status', 'readyReplicas');
  const deadline = integer(object, 'spec', 'progressDeadlineSeconds');
  const progressing =
    deadline === undefined ||
    deadline === NO_DEADLINE ||
    (isTrue(progress) && progress?.reason === 'NewReplicaSetAvailable');

  if (spec > replicas) return inProgress('LessReplicas', `${replicas} of ${spec} replicas exist`);
  if (spec > updated) return inProgress('LessUpdated', `${updated} of ${spec} replicas are updated`);
  if (replicas > spec) return inProgress('ExtraPods', `${replicas - spec} old replicas are still terminating`);
  if (updated > available)
    return inProgress('LessAvailable', `${available} of ${updated} updated replicas are available`);
  if (spec > ready) return inProgress('LessReady', `${ready} of ${spec} replicas are ready`);
  if (!progressing) return inProgress('ReplicaSetNotAvailable', 'the new ReplicaSet is not available yet');
  if (!isTrue(conditionOf(subject, 'Available'))) {
    return inProgress('DeploymentNotAvailable', 'the Deployment is not Available yet');
  }
  return current('Available', `all ${replicas} replicas are available`);
};

export const statefulSet: Rule = (subject) => {
  const { object } = subject;
  if (text(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return current('OnDelete', 'Pods are replaced when they are deleted (updateStrategy OnDelete)');
  }
  const unobserved = notObserved(subject);
  if (unobserved) return unobserved;

  const spec = integer(object, 'spec', 'replicas') ?? 1;
  const replicas = count(object, 'status', 'replicas');
  const ready = count(object, 'status', 'readyReplicas');
  const updated = count(object, 'status', 'updatedReplicas');
  const currentReplicas = count(object, 'status', 'currentReplicas');
  const partition = count(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');

  if (spec > replicas) return inProgress('LessReplicas', `${replicas} of ${spec} replicas exist`);
  if (spec > ready) return inProgress('LessReady', `${ready} of ${spec} replicas are ready`);
  if (replicas > spec) return inProgress('ExtraPods', `${replicas - spec} replicas are still terminating`);
  if (partition > 0) {
    return updated < spec - partition
      ? inProgress('PartitionRollout', `${updated} of ${spec - partition} replicas above the partition are updated`)
      : current('PartitionRolloutComplete', `${updated} replicas above the partition are updated`);
  }
  if (spec > currentReplicas) return inProgress('LessCurrent', `${currentReplicas} of ${spec} replicas are current`);
  if (text(object, 'status', 'currentRevision') !== text(object, 'status', 'updateRevision')) {
    return inProgress('RevisionMismatch', `${updated} of ${spec} replicas are of the new revision`);
  }
  return current('RolledOut', `all ${replicas} replicas are ready and of one revision`);
};

export const daemonSet: Rule = ({ object, strict, generation }) => {
  if (generation === undefined) return inProgress('NoGeneration', 'metadata.generation is not set yet');
  if (integer(object, 'status', 'observedGeneration') === undefined) {
    return inProgress('NoObservedGeneration', 'no controller has seen the DaemonSet yet');
  }
  const desired = integer(object, 'status', 'desiredNumberScheduled');
  if (desired === undefined) return inProgress('NoDesiredNumber', 'the number of nodes to run on is not known yet');

  const scheduled = count(object, 'status', 'currentNumberScheduled');
  const updated = count(object, 'status', 'updatedNumberScheduled');
  const available = count(object, 'status', 'numberAvailable');
  const ready = count(object, 'status', 'numberReady');
  // Under OnDelete old Pods stay until somebody deletes them: waiting for them would never end.
  const replacesPods = !strict || text(object, 'spec', 'updateStrategy', 'type') !== 'OnDelete';

  if (desired > scheduled) return inProgress('LessCurrent', `${scheduled} of ${desired} Pods are scheduled`);
  if (replacesPods && desired > updated) return inProgress('LessUpdated', `${updated} of ${desired} Pods are updated`);
  if (desired > available) return inProgress('LessAvailable', `${available} of ${desired} Pods are available`);
  if (desired > ready) return inProgress('LessReady', `${ready} of ${desired} Pods are ready`);
  return current('RolledOut', `all ${desired} Pods are available`);
};

export const replicaSet: Rule = (subject) => {
  const { object } = subject;
  const failure = replicaFailure(subject);
  if (failure) return failure;
  const unobserved = notObserved(subject);
  if (unobserved) return unobserved;

  const spec = integer(object, 'spec', 'replicas') ?? 1;
  const replicas = count(object, 'status', 'replicas');
  const labelled = count(object, 'status', 'fullyLabeledReplicas');
  const available = count(object, 'status', 'availableReplicas');
  const ready = count(object, 'status', 'readyReplicas');

  if (spec > labelled) return inProgress('LessLabelled', `${labelled} of ${spec} replicas exist`);
  if (spec > available) return inProgress('LessAvailable', `${available} of ${spec} replicas are available`);
  if (spec > ready) return inProgress('LessReady', `${ready} of ${spec} replicas are ready`);
  if (replicas > spec) return inProgress('ExtraPods', `${replicas - spec} replicas are still terminating`);
  return current('Available', `all ${replicas} replicas are available`);
};

/** Pods that cannot be created (a quota, an admission refusal): kstatus waits for ever, strict for the usual deadline. */
function replicaFailure(subject: Subject): Status | undefined {
  const failure = conditionOf(subject, 'ReplicaFailure');
  if (failure === undefined || !isTrue(failure)) return undefined;
  const message = explain(failure, 'Pods cannot be created or deleted');
  if (!subject.strict || failure.since === undefined) return inProgress('ReplicaFailure', message);
  const deadline = failure.since + PROGRESS_DEADLINE_MS;
  return subject.now < deadline ? inProgress('ReplicaFailure', message, deadline) : failed('ReplicaFailure', message);
}

function isObserved({ object }: Subject): boolean {
  return integer(object, 'status', 'observedGeneration') !== undefined;
}

/** With `replicas: 0` an untouched status looks finished to kstatus, although no controller has seen the object. */
function notObserved(subject: Subject): Status | undefined {
  if (!subject.strict || isObserved(subject)) return undefined;
  return inProgress('NotObserved', `no controller has seen the ${subject.ref.kind} yet`);
}
