import type { KubeObject, Ref } from '@homeostat/kube';
import { compareText } from '@homeostat/kube';
import { text } from './fields.ts';
import type { Status } from './status.ts';
import { earliest } from './status.ts';
import type { Subject } from './subject.ts';

/** Deployment → ReplicaSet → Pod. Owner references can form a circle, so the walk is bounded. */
const MAX_DEPTH = 2;
/** Kinds whose verdict and message their Pods can better. */
const WORKLOADS: ReadonlySet<string> = new Set([
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'apps/ReplicaSet',
  'batch/Job',
]);

/** Whether the Pods of an object have a say in its verdict. */
export function isJudgedByPods({ group, kind }: Pick<Ref, 'group' | 'kind'>): boolean {
  return WORKLOADS.has(`${group}/${kind}`);
}

/** Their Pods are all of the wanted revision and are not given up by them: a failed one will not heal by waiting (kstatus). */
const FAIL_WITH_A_POD: ReadonlySet<string> = new Set(['apps/StatefulSet', 'apps/ReplicaSet']);

interface JudgedChild {
  readonly ref: Ref;
  readonly status: Status;
}

/**
 * A workload's verdict in the light of what it owns: an unfinished one names the child that is to blame, and a ReplicaSet
 * or StatefulSet with a failed Pod of the wanted revision is Failed.
 *
 * @param judge gives the verdict on a child.
 */
export function withChildren(verdict: Status, subject: Subject, judge: (child: KubeObject) => JudgedChild): Status {
  const { ref, options, depth } = subject;
  if (options.children === undefined || depth >= MAX_DEPTH || !isJudgedByPods(ref)) return verdict;
  if (verdict.state !== 'InProgress' && verdict.state !== 'Failed') return verdict;

  const judged = wanted(subject, options.children(ref))
    .map(judge)
    .filter(({ status }) => status.state === 'Failed' || status.state === 'InProgress')
    .toSorted((a, b) => severity(a) - severity(b) || compareText(a.ref.name, b.ref.name));
  const [worst] = judged;
  if (worst === undefined) return verdict;

  const fails = FAIL_WITH_A_POD.has(`${ref.group}/${ref.kind}`) && judged.some(isFailedPod);
  const others = judged.length === 1 ? '' : ` (and ${judged.length - 1} more)`;
  const recheckAt = judged.reduce((first, { status }) => earliest(first, status.recheckAt), verdict.recheckAt);
  return {
    state: fails ? 'Failed' : verdict.state,
    reason: fails && verdict.state !== 'Failed' ? worst.status.reason : verdict.reason,
    message: `${verdict.message}; ${worst.ref.kind.toLowerCase()} ${worst.ref.name}: ${worst.status.message}${others}`,
    ...(recheckAt !== undefined && { recheckAt }),
  };
}

function isFailedPod({ ref, status }: JudgedChild): boolean {
  return ref.group === '' && ref.kind === 'Pod' && status.state === 'Failed';
}

function severity({ status }: JudgedChild): number {
  return status.state === 'Failed' ? 0 : 1;
}

/** Leaves out children of revisions that the workload is replacing: their troubles end with them. */
function wanted({ ref, object }: Subject, children: readonly KubeObject[]): readonly KubeObject[] {
  if (ref.kind === 'Deployment') {
    const newest = Math.max(...children.map(revisionOf));
    return children.filter((child) => revisionOf(child) === newest);
  }
  const revision = text(object, 'status', 'updateRevision');
  if (ref.kind !== 'StatefulSet' || revision === '') return children;
  return children.filter((child) => {
    const own = text(child, 'metadata', 'labels', 'controller-revision-hash');
    return own === '' || own === revision;
  });
}

function revisionOf(replicaSet: KubeObject): number {
  const revision = Number(text(replicaSet, 'metadata', 'annotations', 'deployment.kubernetes.io/revision'));
  return Number.isNaN(revision) ? 0 : revision;
}
