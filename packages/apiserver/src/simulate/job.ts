import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import type { DraftMap } from '../draft.ts';
import { ensureMap, mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import { ownKey, splitKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { recordEvent } from '../controllers/events.ts';
import { dropFinalizer } from '../controllers/finalizers.ts';
import { create, read, remove, resourceOf, update } from '../controllers/writes.ts';
import { conditionOf, replaceCondition } from './conditions.ts';
import { endDecided, isEnded, jobStatus, REACHED } from './job-status.ts';
import type { JobEnd } from './job-status.ts';
import { claim, controllerOf, ownerKeys } from './owned.ts';
import { isActive, isDeleted, isOver, isReady, phaseOf, soonest, specOf, statusOf } from './pods.ts';
import { podFrom, templateOf } from './template.ts';

const WRITER = 'kube-controller-manager';
const SHELF = 'jobs.batch';
const TRACKING = 'batch.kubernetes.io/job-tracking';
const INDEX = 'batch.kubernetes.io/job-completion-index';
const FIRST_BACKOFF_MS = 10_000;
const LAST_BACKOFF_MS = 600_000;

/** What is remembered of a Job whose Pods come and go. */
interface Tally {
  readonly uid: string;
  readonly succeeded: Set<string>;
  readonly failed: Set<string>;
  readonly done: Set<number>;
  failedAt: number;
}

/**
 * Runs the Pods of Jobs until as many have ended well as are wanted, or more have failed than the Job bears: in parallel,
 * Indexed or not, with pauses after failures, suspended and resumed, until a deadline, and cleaned up after a time to live.
 */
export function jobs({ registry }: ControllerWorld): Controller {
  const { clock, store } = registry;
  const resource = resourceOf(registry, 'batch', 'Job');
  const podResource = resourceOf(registry, '', 'Pod');
  const tallies = new Map<string, Tally>();

  const tell = (job: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> =>
    recordEvent(registry, WRITER, job, { type, reason, message, component: 'job-controller' });

  const tallyOf = (key: string, { metadata: { uid = '' } }: KubeObject): Tally => {
    const known = tallies.get(key);
    if (known?.uid === uid) return known;
    const fresh = {
      uid,
      succeeded: new Set<string>(),
      failed: new Set<string>(),
      done: new Set<number>(),
      failedAt: 0,
    };
    tallies.set(key, fresh);
    return fresh;
  };

  const podKey = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

  /** Pods that have ended are counted once, and let go. */
  const count = async (tally: Tally, pods: readonly KubeObject[]): Promise<void> => {
    for (const pod of pods) {
      const { uid = '' } = pod.metadata;
      if (!isOver(pod) && !isDeleted(pod)) continue;
      if (phaseOf(pod) === 'Succeeded') {
        tally.succeeded.add(uid);
        const index = indexOf(pod);
        if (index !== undefined) tally.done.add(index);
      } else if (!tally.failed.has(uid)) {
        tally.failed.add(uid);
        tally.failedAt = clock.now();
      }
      if (isOver(pod)) await letGo(pod);
    }
  };

  const letGo = (pod: KubeObject): Promise<unknown> =>
    update(registry, WRITER, { resource: podResource, key: podKey(pod) }, (draft) => dropFinalizer(draft, TRACKING));

  const createPod = async (job: KubeObject, index: number | undefined): Promise<void> => {
    const template = templateOf(job);
    const text = String(index);
    const pod = podFrom(job, template, {
      finalizers: [TRACKING],
      ...(index !== undefined && {
        labels: { [INDEX]: text },
        annotations: { [INDEX]: text },
        spec: { hostname: `${job.metadata.name}-${text}`, containers: indexed(mapAt(template, 'spec')) },
      }),
    });
    if (index !== undefined) ensureMap(pod, 'metadata')['generateName'] = `${job.metadata.name}-${text}-`;
    const made = await create(registry, WRITER, pod);
    await tell(job, 'Normal', 'SuccessfulCreate', `Created pod: ${made?.metadata.name ?? ''}`);
  };

  const deletePods = async (job: KubeObject, pods: readonly KubeObject[]): Promise<void> => {
    for (const pod of pods) {
      await remove(registry, WRITER, { resource: podResource, key: podKey(pod) }, { uid: pod.metadata.uid });
      await tell(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    }
  };

  /** Makes Pods that are missing. Answers after how long to look again. */
  const fill = async (job: KubeObject, tally: Tally, active: readonly KubeObject[]): Promise<number | undefined> => {
    const spec = specOf(job);
    const completions = numberAt(spec, 'completions');
    const parallelism = numberAt(spec, 'parallelism') ?? 1;
    // Without a number of completions none is begun any more after the first success.
    const left =
      completions === undefined
        ? tally.succeeded.size > 0
          ? active.length
          : parallelism
        : completions - tally.succeeded.size;
    const missing = Math.min(parallelism, left) - active.length;
    if (missing < 0) {
      await deletePods(job, active.slice(missing));
      return undefined;
    }
    if (missing === 0) return undefined;
    const pause = Math.min(FIRST_BACKOFF_MS * 2 ** (tally.failed.size - 1), LAST_BACKOFF_MS);
    const wait = tally.failed.size === 0 ? 0 : tally.failedAt + pause - clock.now();
    if (wait > 0) return wait;
    const taken = new Set([...tally.done, ...active.map(indexOf)]);
    const free = Array.from({ length: completions ?? 0 }, (_, index) => index).filter((index) => !taken.has(index));
    for (let i = 0; i < missing; i++) await createPod(job, isIndexed(job) ? free[i] : undefined);
    return undefined;
  };

  const suspend = async (job: KubeObject, active: readonly KubeObject[]): Promise<boolean> => {
    const place = { resource, key: podKey(job) };
    const suspended = specOf(job)['suspend'] === true;
    const said = conditionOf(statusOf(job), 'Suspended')?.['status'] === 'True';
    if (suspended) await deletePods(job, active);
    if (suspended === said) return suspended;
    const [status, reason, message] = suspended
      ? (['True', 'JobSuspended', 'Job suspended'] as const)
      : (['False', 'JobResumed', 'Job resumed'] as const);
    const now = timestamp(clock.now());
    await update(
      registry,
      WRITER,
      place,
      (draft) => {
        const own = ensureMap(draft, 'status');
        replaceCondition(own, { type: 'Suspended', status, reason, message }, now, ['lastProbeTime']);
        if (suspended) delete own['startTime'];
        else own['startTime'] = now;
      },
      'status',
    );
    await tell(job, 'Normal', suspended ? 'Suspended' : 'Resumed', message);
    return suspended;
  };

  /** Pods whose Job is no more wait for nobody. */
  const orphans = async (key: string): Promise<void> => {
    const { namespace, name } = splitKey(key);
    for (const { object } of store.list('pods', `${namespace}/`)) {
      const owner = controllerOf(object);
      if (owner?.['kind'] === 'Job' && owner['name'] === name && object.metadata.finalizers?.includes(TRACKING)) {
        await letGo(object);
      }
    }
  };

  return {
    name: 'jobs',
    watches: { [SHELF]: ownKey, pods: ownerKeys(registry, 'Job', SHELF) },
    async settle(key) {
      const place = { resource, key };
      const job = read(registry, place);
      if (job === undefined) {
        tallies.delete(key);
        await orphans(key);
        return undefined;
      }
      const podsOf = (): Promise<KubeObject[]> =>
        claim(registry, { group: '', kind: 'Pod' }, job, mapAt(specOf(job), 'selector'));
      const tally = tallyOf(key, job);
      await count(tally, await podsOf());
      if (isDeleted(job)) return undefined;
      if (isEnded(statusOf(job))) return expire(place, job);

      const active = (await podsOf()).filter(isActive);
      const suspended = await suspend(job, active);
      const end = suspended ? undefined : endOf(job, tally, active, clock.now());
      let again: number | undefined;
      if (end !== undefined) await deletePods(job, active);
      else if (!suspended) again = await fill(job, tally, active);

      const pods = await podsOf();
      await count(tally, pods);
      const now = timestamp(clock.now());
      const done = await update(
        registry,
        WRITER,
        place,
        (draft) => {
          const before = mapAt(draft, 'status') ?? {};
          const started = suspended ? {} : { startTime: before['startTime'] ?? now };
          const counts = {
            active: pods.filter(isActive).length,
            ready: pods.filter((pod) => isActive(pod) && isReady(pod)).length,
            terminating: pods.filter((pod) => isDeleted(pod) && !isOver(pod)).length,
            succeeded: tally.succeeded.size,
            failed: tally.failed.size,
            done: isIndexed(job) ? [...tally.done] : undefined,
          };
          draft['status'] = jobStatus({ ...before, ...started }, counts, end, now);
        },
        'status',
      );
      if (end !== undefined && isEnded(statusOf(done))) {
        const well = end.type === 'Complete';
        await tell(
          job,
          well ? 'Normal' : 'Warning',
          well ? 'Completed' : end.reason,
          well ? 'Job completed' : end.message,
        );
        return undefined;
      }
      // A deadline that has passed has ended it.
      return soonest([again, end === undefined ? deadlineIn(job, clock.now()) : undefined]);
    },
  };

  async function expire(place: Parameters<typeof remove>[2], job: KubeObject): Promise<number | undefined> {
    const seconds = numberAt(specOf(job), 'ttlSecondsAfterFinished');
    if (seconds === undefined) return undefined;
    const ended = mapsAt(statusOf(job), 'conditions').find(({ type }) => type === 'Complete' || type === 'Failed');
    const wait = Date.parse(textAt(ended, 'lastTransitionTime')) + seconds * 1000 - clock.now();
    if (wait > 0) return wait;
    await remove(registry, WRITER, place, { uid: job.metadata.uid, propagation: 'Foreground' });
    return undefined;
  }
}

function endOf(job: KubeObject, tally: Tally, active: readonly KubeObject[], now: number): JobEnd | undefined {
  const decided = endDecided(statusOf(job));
  if (decided !== undefined) return decided;
  const spec = specOf(job);
  const bears = numberAt(spec, 'backoffLimit') ?? 6;
  const restarts = active.reduce((total, pod) => total + restartsOf(pod), 0);
  if (tally.failed.size > bears || (restarts > 0 && restarts >= bears)) {
    return {
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    };
  }
  const left = deadlineIn(job, now);
  if (left !== undefined && left <= 0) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  }
  const completions = numberAt(spec, 'completions');
  const done =
    completions === undefined ? tally.succeeded.size > 0 && active.length === 0 : tally.succeeded.size >= completions;
  return done ? REACHED : undefined;
}

/** Of Pods that are restarted in place (`restartPolicy: OnFailure`). */
function restartsOf(pod: KubeObject): number {
  return mapsAt(statusOf(pod), 'containerStatuses').reduce(
    (total, container) => total + (numberAt(container, 'restartCount') ?? 0),
    0,
  );
}

function deadlineIn(job: KubeObject, now: number): number | undefined {
  const seconds = numberAt(specOf(job), 'activeDeadlineSeconds');
  const started = textAt(statusOf(job), 'startTime');
  return seconds === undefined || started === '' ? undefined : Date.parse(started) + seconds * 1000 - now;
}

function isIndexed(job: KubeObject): boolean {
  return specOf(job)['completionMode'] === 'Indexed';
}

function indexOf({ metadata }: KubeObject): number | undefined {
  const text = metadata.annotations?.[INDEX];
  return text === undefined ? undefined : Number(text);
}

/** Its containers know their index from the environment. */
function indexed(spec: DraftMap | undefined): readonly DraftMap[] {
  const variable = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX}']` } },
  };
  return mapsAt(spec, 'containers').map((container) => ({
    ...container,
    env: [...mapsAt(container, 'env'), variable],
  }));
}
