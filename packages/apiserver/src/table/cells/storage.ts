import { mapAt, mapsAt, textAt } from '../../draft.ts';
import type { DraftMap } from '../../draft.ts';
import {
  ageOf,
  annotation,
  byText,
  flag,
  isDeleted,
  nameOf,
  shown,
  sizeAt,
  specOf,
  statusOf,
  textOr,
  textsAt,
} from './format.ts';
import type { Cells } from './format.ts';

const MODES: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

function accessModes(parent: DraftMap | undefined): string {
  const modes = textsAt(parent, 'accessModes');
  return MODES.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

function phaseOf(object: DraftMap): string {
  return isDeleted(object) ? 'Terminating' : textAt(statusOf(object), 'phase');
}

function classOf(object: DraftMap): string {
  return annotation(object, 'volume.beta.kubernetes.io/storage-class') ?? textAt(specOf(object), 'storageClassName');
}

const volume: Cells = (object, now) => {
  const spec = specOf(object);
  const claim = mapAt(spec, 'claimRef');
  return [
    nameOf(object),
    shown(mapAt(spec, 'capacity'), 'storage', '0'),
    accessModes(spec),
    textAt(spec, 'persistentVolumeReclaimPolicy'),
    phaseOf(object),
    claim === undefined ? '' : `${textAt(claim, 'namespace')}/${textAt(claim, 'name')}`,
    classOf(object),
    shown(spec, 'volumeAttributesClassName', '<unset>'),
    textAt(statusOf(object), 'reason'),
    ageOf(object, now),
    shown(spec, 'volumeMode', '<unset>'),
  ];
};

const claim: Cells = (object, now) => {
  const [spec, status] = [specOf(object), statusOf(object)];
  const bound = textAt(spec, 'volumeName') !== '';
  return [
    nameOf(object),
    phaseOf(object),
    textAt(spec, 'volumeName'),
    bound ? shown(mapAt(status, 'capacity'), 'storage', '0') : '',
    bound ? accessModes(status) : '',
    classOf(object),
    shown(spec, 'volumeAttributesClassName', '<unset>'),
    ageOf(object, now),
    shown(spec, 'volumeMode', '<unset>'),
  ];
};

const storageClass: Cells = (object, now) => [
  nameOf(object),
  textAt(object, 'provisioner'),
  textOr(object, 'reclaimPolicy', 'Delete'),
  textOr(object, 'volumeBindingMode', 'Immediate'),
  flag(object, 'allowVolumeExpansion'),
  ageOf(object, now),
];

/** The class that claims without one get: the youngest that is marked, and of those the first by name. */
export function defaultStorageClass(objects: readonly DraftMap[]): DraftMap | undefined {
  const marks = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];
  const created = (object: DraftMap): string => textAt(mapAt(object, 'metadata'), 'creationTimestamp');
  return objects
    .filter((object) => marks.some((mark) => annotation(object, mark) === 'true'))
    .toSorted((a, b) => byText(created(b), created(a)) || byText(nameOf(a), nameOf(b)))[0];
}

const volumeAttributesClass: Cells = (object, now) => [
  nameOf(object),
  textAt(object, 'driverName'),
  ageOf(object, now),
];

const volumeAttachment: Cells = (object, now) => {
  const spec = specOf(object);
  return [
    nameOf(object),
    textAt(spec, 'attacher'),
    textAt(mapAt(spec, 'source'), 'persistentVolumeName'),
    textAt(spec, 'nodeName'),
    flag(statusOf(object), 'attached'),
    ageOf(object, now),
  ];
};

const csiNode: Cells = (object, now) => [nameOf(object), sizeAt(specOf(object), 'drivers'), ageOf(object, now)];

const csiDriver: Cells = (object, now) => {
  const spec = specOf(object);
  const audiences = mapsAt(spec, 'tokenRequests').map((request) => textAt(request, 'audience'));
  const modes = textsAt(spec, 'volumeLifecycleModes').join(',');
  return [
    nameOf(object),
    spec?.['attachRequired'] !== false,
    flag(spec, 'podInfoOnMount'),
    flag(spec, 'storageCapacity'),
    spec?.['tokenRequests'] === undefined ? '<unset>' : audiences.join(','),
    flag(spec, 'requiresRepublish'),
    modes === '' ? '<none>' : modes,
    ageOf(object, now),
  ];
};

/** By `group/Kind`. */
export const storageCells: Readonly<Record<string, Cells>> = {
  '/PersistentVolume': volume,
  '/PersistentVolumeClaim': claim,
  'storage.k8s.io/StorageClass': storageClass,
  'storage.k8s.io/VolumeAttributesClass': volumeAttributesClass,
  'storage.k8s.io/VolumeAttachment': volumeAttachment,
  'storage.k8s.io/CSINode': csiNode,
  'storage.k8s.io/CSIDriver': csiDriver,
};
