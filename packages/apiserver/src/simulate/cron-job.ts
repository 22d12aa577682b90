import { compareText } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import type { DraftMap } from '../draft.ts';
import { ensureMap, mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import { ownKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { recordEvent } from '../controllers/events.ts';
import { create, read, remove, resourceOf, update } from '../controllers/writes.ts';
import { cronTimes } from './cron-times.ts';
import { isEnded } from './job-status.ts';
import { controllerOf, controllerRef, isControlledBy } from './owned.ts';
import { isDeleted, specOf, statusOf } from './pods.ts';

const WRITER = 'kube-controller-manager';
const SHELF = 'cronjobs.batch';
const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** Makes a Job whenever a CronJob's schedule says so, and forgets old ones. Of several times that were missed the last counts. */
export function cronJobs({ registry }: ControllerWorld): Controller {
  const { store, clock } = registry;
  const resource = resourceOf(registry, 'batch', 'CronJob');
  const jobResource = resourceOf(registry, 'batch', 'Job');

  const tell = (cron: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> =>
    recordEvent(registry, WRITER, cron, { type, reason, message, component: 'cronjob-controller' });

  const jobsOf = (cron: KubeObject): KubeObject[] =>
    store
      .list(jobResource.shelf, `${cron.metadata.namespace ?? ''}/`)
      .map(({ object }) => object)
      .filter((job) => isControlledBy(job, cron));

  const deleteJob = async (cron: KubeObject, { metadata }: KubeObject): Promise<void> => {
    const key = `${metadata.namespace ?? ''}/${metadata.name}`;
    await remove(registry, WRITER, { resource: jobResource, key }, { uid: metadata.uid });
    await tell(cron, 'Normal', 'SuccessfulDelete', `Deleted job ${metadata.name}`);
  };

  /** Of the Jobs that ended well, and of those that failed, only so many are kept. */
  const trim = async (cron: KubeObject): Promise<void> => {
    const ended = jobsOf(cron).filter((job) => isEnded(statusOf(job)) && !isDeleted(job));
    const spec = specOf(cron);
    for (const [type, limit] of [
      ['Complete', numberAt(spec, 'successfulJobsHistoryLimit') ?? 3],
      ['Failed', numberAt(spec, 'failedJobsHistoryLimit') ?? 1],
    ] as const) {
      const some = ended.filter((job) => conditionMet(job) === type).toSorted(byStart);
      for (const job of some.slice(0, Math.max(0, some.length - limit))) await deleteJob(cron, job);
    }
  };

  const createJob = async (cron: KubeObject, at: number): Promise<KubeObject | undefined> => {
    const template = mapAt(specOf(cron), 'jobTemplate') ?? {};
    const metadata = mapAt(template, 'metadata');
    const name = `${cron.metadata.name}-${String(Math.floor(at / 60_000))}`;
    const made = await create(registry, WRITER, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name,
        namespace: cron.metadata.namespace,
        ...(metadata?.['labels'] !== undefined && { labels: metadata['labels'] }),
        annotations: { ...mapAt(metadata, 'annotations'), [SCHEDULED]: timestamp(at) },
        ownerReferences: [controllerRef(cron)],
      },
      spec: template['spec'],
    });
    if (made !== undefined) await tell(cron, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
    return made;
  };

  return {
    name: 'cron-jobs',
    watches: {
      [SHELF]: ownKey,
      [jobResource.shelf]: ({ stored: { object } }) => {
        const owner = controllerOf(object);
        return owner?.['kind'] === 'CronJob' ? [`${object.metadata.namespace ?? ''}/${textAt(owner, 'name')}`] : [];
      },
    },
    async settle(key) {
      const place = { resource, key };
      const cron = read(registry, place);
      if (cron === undefined || isDeleted(cron)) return undefined;
      const spec = specOf(cron);
      const now = clock.now();
      await trim(cron);

      const times = cronTimes(textAt(spec, 'schedule'), textAt(spec, 'timeZone'));
      const last = textAt(statusOf(cron), 'lastScheduleTime') || textAt(cron.metadata, 'creationTimestamp');
      const patience = numberAt(spec, 'startingDeadlineSeconds');
      const since = Math.max(Date.parse(last), patience === undefined ? 0 : now - patience * 1000);
      const due = spec['suspend'] === true ? undefined : lastTime(times, since, now);
      let scheduled: string | undefined;
      if (due !== undefined) {
        const running = jobsOf(cron).filter((job) => !isEnded(statusOf(job)));
        const policy = textAt(spec, 'concurrencyPolicy');
        if (policy === 'Forbid' && running.length > 0) {
          const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
          await tell(cron, 'Normal', 'JobAlreadyActive', message);
        } else {
          if (policy === 'Replace') for (const job of running) await deleteJob(cron, job);
          await createJob(cron, due);
          scheduled = timestamp(due);
        }
      }
      for (const job of jobsOf(cron)) {
        const known = mapsAt(statusOf(cron), 'active').some((one) => one['uid'] === job.metadata.uid);
        if (!known || !isEnded(statusOf(job))) continue;
        const message = `Saw completed job: ${job.metadata.name}, condition: ${String(conditionMet(job))}`;
        await tell(cron, 'Normal', 'SawCompletedJob', message);
      }
      await update(
        registry,
        WRITER,
        place,
        (draft) => describe(ensureMap(draft, 'status'), jobsOf(cron), scheduled),
        'status',
      );
      if (spec['suspend'] === true) return undefined;
      const following = times(due ?? since);
      const next = following !== undefined && following <= now ? times(now) : following;
      return next === undefined ? undefined : next - now;
    },
  };
}

function describe(status: DraftMap, jobs: readonly KubeObject[], scheduled: string | undefined): void {
  const active = jobs.filter((job) => !isEnded(statusOf(job)) && !isDeleted(job));
  if (active.length === 0) delete status['active'];
  else {
    status['active'] = active.map(({ apiVersion, kind, metadata }) => {
      const { namespace, name, uid, resourceVersion } = metadata;
      // The version that was seen first stays: it is a reference, not news.
      const known = mapsAt(status, 'active').find((one) => one['uid'] === uid);
      return known ?? { kind, namespace, name, uid, apiVersion, resourceVersion };
    });
  }
  if (scheduled !== undefined) status['lastScheduleTime'] = scheduled;
  const ends = jobs.map((job) => textAt(statusOf(job), 'completionTime')).filter((time) => time !== '');
  const latest = [...ends, textAt(status, 'lastSuccessfulTime')].toSorted(compareText).at(-1);
  if (latest !== undefined && latest !== '') status['lastSuccessfulTime'] = latest;
}

/** The last time of a schedule after `since` and not after `now`. */
function lastTime(times: (after: number) => number | undefined, since: number, now: number): number | undefined {
  let found: number | undefined;
  for (let time = times(since); time !== undefined && time <= now; time = times(time)) found = time;
  return found;
}

function conditionMet(job: KubeObject): unknown {
  const met = mapsAt(statusOf(job), 'conditions').filter(({ status }) => status === 'True');
  return met.find(({ type }) => type === 'Complete' || type === 'Failed')?.['type'];
}

function byStart(a: KubeObject, b: KubeObject): number {
  return (
    compareText(textAt(statusOf(a), 'startTime'), textAt(statusOf(b), 'startTime')) ||
    compareText(a.metadata.name, b.metadata.name)
  );
}
