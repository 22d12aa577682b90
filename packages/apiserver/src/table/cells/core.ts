import { mapAt, mapsAt, textAt } from '../../draft.ts';
import type { DraftMap } from '../../draft.ts';
import { since } from '../human-duration.ts';
import { ageOf, byText, conditionOf, count, nameOf, shown, sizeAt, specOf, statusOf, textOr } from './format.ts';
import type { Cells } from './format.ts';
import { podCells } from './pod.ts';

const configMap: Cells = (object, now) => [
  nameOf(object),
  sizeAt(object, 'data') + sizeAt(object, 'binaryData'),
  ageOf(object, now),
];

const secret: Cells = (object, now) => [
  nameOf(object),
  textAt(object, 'type'),
  sizeAt(object, 'data'),
  ageOf(object, now),
];

const nameAndAge: Cells = (object, now) => [nameOf(object), ageOf(object, now)];

const namespace: Cells = (object, now) => [nameOf(object), textAt(statusOf(object), 'phase'), ageOf(object, now)];

const node: Cells = (object, now) => {
  const info = mapAt(statusOf(object), 'nodeInfo');
  const architecture = textAt(info, 'architecture');
  const kernel = textOr(info, 'kernelVersion', '<unknown>');
  return [
    nameOf(object),
    nodeStatus(object),
    nodeRoles(object),
    ageOf(object, now),
    textAt(info, 'kubeletVersion'),
    nodeAddress(object, 'InternalIP'),
    nodeAddress(object, 'ExternalIP'),
    textOr(info, 'osImage', '<unknown>'),
    architecture === '' ? kernel : `${kernel} (${architecture})`,
    textOr(info, 'containerRuntimeVersion', '<unknown>'),
  ];
};

function nodeStatus(object: DraftMap): string {
  const ready = mapsAt(statusOf(object), 'conditions').findLast(({ type }) => type === 'Ready');
  const status = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady';
  return specOf(object)?.['unschedulable'] === true ? `${status},SchedulingDisabled` : status;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function nodeRoles(object: DraftMap): string {
  const labels = Object.entries(mapAt(mapAt(object, 'metadata'), 'labels') ?? {});
  const roles = labels.map(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return key.slice(ROLE_PREFIX.length);
    return key === 'kubernetes.io/role' ? String(value) : '';
  });
  const named = new Set(roles.filter((role) => role !== ''));
  return named.size === 0 ? '<none>' : [...named].toSorted(byText).join(',');
}

function nodeAddress(object: DraftMap, type: string): string {
  const address = mapsAt(statusOf(object), 'addresses').find((candidate) => candidate['type'] === type);
  return address === undefined ? '<none>' : textAt(address, 'address');
}

const resourceQuota: Cells = (object, now) => {
  const status = statusOf(object);
  const [hard, used] = [mapAt(status, 'hard') ?? {}, mapAt(status, 'used')];
  const lines = Object.keys(hard)
    .toSorted(byText)
    .map((name) => ({
      limits: name.startsWith('limits.'),
      text: `${name}: ${shown(used, name, '0')}/${shown(hard, name, '0')}`,
    }));
  const only = (limits: boolean): string =>
    lines
      .filter((line) => line.limits === limits)
      .map(({ text }) => text)
      .join(', ');
  return [nameOf(object), only(false), only(true), ageOf(object, now)];
};

const componentStatus: Cells = (object) => {
  const healthy = mapsAt(object, 'conditions').find(({ type }) => type === 'Healthy');
  const status = healthy === undefined ? 'Unknown' : healthy['status'] === 'True' ? 'Healthy' : 'Unhealthy';
  return [nameOf(object), status, textAt(healthy, 'message'), textAt(healthy, 'error')];
};

/** Both groups of Event name the same things differently. */
const event =
  (modern: boolean): Cells =>
  (object, now) => {
    const field = (core: string, events: string): string => (modern ? events : core);
    const eventTime = object['eventTime'];
    const started = textOr(object, field('firstTimestamp', 'deprecatedFirstTimestamp'), '');
    const first = since(started === '' ? eventTime : started, now);
    const ended = textAt(object, field('lastTimestamp', 'deprecatedLastTimestamp'));
    const series = mapAt(object, 'series');
    const counted = count(object, field('count', 'deprecatedCount'));
    const about = mapAt(object, field('involvedObject', 'regarding'));
    const kind = textAt(about, 'kind').toLowerCase();
    const name = textAt(about, 'name');
    const source = mapAt(object, field('source', 'deprecatedSource'));
    const component = textOr(source, 'component', textAt(object, field('reportingComponent', 'reportingController')));
    const instance = textOr(source, 'host', textAt(object, 'reportingInstance'));
    const last = ended === '' ? first : since(ended, now);
    return [
      series === undefined ? last : since(series['lastObservedTime'], now),
      textAt(object, 'type'),
      textAt(object, 'reason'),
      name === '' ? kind : `${kind}/${name}`,
      textAt(about, 'fieldPath'),
      instance === '' ? component : `${component}, ${instance}`,
      textAt(object, field('message', 'note')).trim(),
      first,
      series === undefined ? counted || 1 : count(series, 'count'),
      nameOf(object),
    ];
  };

const apiService: Cells = (object, now) => {
  const service = mapAt(specOf(object), 'service');
  const available = conditionOf(object, 'Available');
  const status = textOr(available, 'status', 'Unknown');
  const reason = textAt(available, 'reason');
  return [
    nameOf(object),
    service === undefined ? 'Local' : `${textAt(service, 'namespace')}/${textAt(service, 'name')}`,
    status === 'True' || reason === '' ? status : `${status} (${reason})`,
    ageOf(object, now),
  ];
};

const customResourceDefinition: Cells = (object) => {
  const spec = specOf(object);
  const names = mapAt(spec, 'names');
  const versions = mapsAt(spec, 'versions').filter(({ served }) => served === true);
  const labels = versions.map((one) => `${textAt(one, 'name')}${one['storage'] === true ? '(storage)' : ''}`);
  const shortNames = names?.['shortNames'];
  return [
    nameOf(object),
    textAt(spec, 'scope'),
    labels.toSorted(byText).join(','),
    textAt(mapAt(object, 'metadata'), 'creationTimestamp'),
    textAt(spec, 'group'),
    textAt(names, 'kind'),
    Array.isArray(shortNames) ? shortNames.join(',') : '',
    conditionOf(object, 'Established')?.['status'] === 'True',
  ];
};

/** By `group/Kind`. */
export const coreCells: Readonly<Record<string, Cells>> = {
  '/ConfigMap': configMap,
  '/Secret': secret,
  '/ServiceAccount': nameAndAge,
  '/Namespace': namespace,
  '/Node': node,
  '/Pod': podCells,
  '/ResourceQuota': resourceQuota,
  '/ComponentStatus': componentStatus,
  '/Event': event(false),
  'events.k8s.io/Event': event(true),
  'apiregistration.k8s.io/APIService': apiService,
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinition,
};
