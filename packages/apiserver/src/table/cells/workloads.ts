import { mapAt, mapsAt, textAt } from '../../draft.ts';
import type { DraftMap } from '../../draft.ts';
import { humanDuration, since } from '../human-duration.ts';
import {
  ageOf,
  conditionOf,
  containerCells,
  count,
  formatLabels,
  formatSelector,
  isDeleted,
  nameOf,
  selectorText,
  shown,
  sizeAt,
  specOf,
  statusOf,
} from './format.ts';
import type { Cell, Cells } from './format.ts';

const templateOf = (object: DraftMap): DraftMap | undefined => mapAt(specOf(object), 'template');
const selectorOf = (object: DraftMap): DraftMap | undefined => mapAt(specOf(object), 'selector');

const readyOf = (object: DraftMap): string =>
  `${String(count(statusOf(object), 'readyReplicas'))}/${String(count(specOf(object), 'replicas'))}`;

const deployment: Cells = (object, now) => {
  const status = statusOf(object);
  return [
    nameOf(object),
    readyOf(object),
    count(status, 'updatedReplicas'),
    count(status, 'availableReplicas'),
    ageOf(object, now),
    ...containerCells(templateOf(object)),
    selectorText(selectorOf(object)),
  ];
};

const statefulSet: Cells = (object, now) => [
  nameOf(object),
  readyOf(object),
  ageOf(object, now),
  ...containerCells(templateOf(object)),
];

const daemonSet: Cells = (object, now) => {
  const status = statusOf(object);
  return [
    nameOf(object),
    count(status, 'desiredNumberScheduled'),
    count(status, 'currentNumberScheduled'),
    count(status, 'numberReady'),
    count(status, 'updatedNumberScheduled'),
    count(status, 'numberAvailable'),
    formatLabels(mapAt(mapAt(templateOf(object), 'spec'), 'nodeSelector')),
    ageOf(object, now),
    ...containerCells(templateOf(object)),
    formatSelector(selectorOf(object)),
  ];
};

function replicas(object: DraftMap, now: number): readonly Cell[] {
  const status = statusOf(object);
  return [
    nameOf(object),
    count(specOf(object), 'replicas'),
    count(status, 'replicas'),
    count(status, 'readyReplicas'),
    ageOf(object, now),
    ...containerCells(templateOf(object)),
  ];
}

const replicaSet: Cells = (object, now) => [...replicas(object, now), formatSelector(selectorOf(object))];

const replicationController: Cells = (object, now) => [...replicas(object, now), formatLabels(selectorOf(object))];

const podTemplate: Cells = (object) => {
  const template = mapAt(object, 'template');
  return [nameOf(object), ...containerCells(template), formatLabels(mapAt(mapAt(template, 'metadata'), 'labels'))];
};

const controllerRevision: Cells = (object, now) => {
  const owner = mapsAt(mapAt(object, 'metadata'), 'ownerReferences').find(({ controller }) => controller === true);
  return [
    nameOf(object),
    owner === undefined ? '<none>' : ownerText(owner),
    count(object, 'revision'),
    ageOf(object, now),
  ];
};

function ownerText(owner: DraftMap): string {
  const [group] = textAt(owner, 'apiVersion').includes('/') ? textAt(owner, 'apiVersion').split('/') : [''];
  const kind = textAt(owner, 'kind');
  return `${(group === '' ? kind : `${kind}.${String(group)}`).toLowerCase()}/${textAt(owner, 'name')}`;
}

const job: Cells = (object, now) => [
  nameOf(object),
  jobStatus(object),
  completions(object),
  jobDuration(object, now),
  ageOf(object, now),
  ...containerCells(templateOf(object)),
  formatSelector(selectorOf(object)),
];

function jobStatus(object: DraftMap): string {
  const holds = (type: string): boolean => conditionOf(object, type)?.['status'] === 'True';
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (isDeleted(object)) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running';
}

function completions(object: DraftMap): string {
  const succeeded = String(count(statusOf(object), 'succeeded'));
  const wanted = shown(specOf(object), 'completions', '');
  if (wanted !== '') return `${succeeded}/${wanted}`;
  const parallelism = count(specOf(object), 'parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${String(parallelism)}` : `${succeeded}/1`;
}

function jobDuration(object: DraftMap, now: number): string {
  const start = textAt(statusOf(object), 'startTime');
  const end = textAt(statusOf(object), 'completionTime');
  if (start === '') return '';
  return humanDuration((end === '' ? now : Date.parse(end)) - Date.parse(start));
}

const cronJob: Cells = (object, now) => {
  const [spec, status] = [specOf(object), statusOf(object)];
  const jobSpec = mapAt(mapAt(spec, 'jobTemplate'), 'spec');
  const suspend = spec?.['suspend'];
  const last = textAt(status, 'lastScheduleTime');
  return [
    nameOf(object),
    textAt(spec, 'schedule'),
    shown(spec, 'timeZone', '<none>'),
    suspend === true ? 'True' : suspend === false ? 'False' : '<unset>',
    sizeAt(status, 'active'),
    last === '' ? '<none>' : since(last, now),
    ageOf(object, now),
    ...containerCells(mapAt(jobSpec, 'template')),
    formatSelector(mapAt(jobSpec, 'selector')),
  ];
};

/** By `group/Kind`. */
export const workloadCells: Readonly<Record<string, Cells>> = {
  'apps/Deployment': deployment,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'apps/ReplicaSet': replicaSet,
  'apps/ControllerRevision': controllerRevision,
  '/ReplicationController': replicationController,
  '/PodTemplate': podTemplate,
  'batch/Job': job,
  'batch/CronJob': cronJob,
};
