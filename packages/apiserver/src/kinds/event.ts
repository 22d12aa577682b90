import type { Draft, DraftMap } from '../draft.ts';
import { isMap, mapAt, numberAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { invalid, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { immutable, wrong } from './checks.ts';
import { equal } from './equal.ts';
import { convertEvent } from './event-versions.ts';
import { kindStrategy } from './kind-strategy.ts';
import { byteLength, qualifiedNameErrors } from './meta/formats.ts';

const IMMUTABLE = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
];

const OF_REFERENCE = ['Kind', 'Namespace', 'Name', 'UID', 'APIVersion', 'ResourceVersion', 'FieldPath'];
const REFERENCE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  involvedObject: OF_REFERENCE,
  related: OF_REFERENCE,
  source: ['Component', 'Host'],
};

/** Events of group `''`: old ones are hardly looked at, those with an `eventTime` as the newer group asks. */
export const coreEvent: Strategy = kindStrategy({
  anyFinalizer: true,
  validate: (draft) => eventErrors(draft, 'reportingComponent'),
});

/** Events of group `events.k8s.io`. Causes name fields as `v1` does, as on the real server. */
export const newEvent: Strategy = kindStrategy({
  validate(draft, old) {
    const event = convertEvent(draft, 'v1');
    const errors = eventErrors(event, 'reportingController');
    return old === undefined ? [...errors, ...seriesErrors(event), ...newErrors(event)] : errors;
  },
  validateChange(draft, old) {
    const event = convertEvent(draft, 'v1');
    const before = convertEvent(old, 'v1');
    return [
      ...(equal(event['series'], before['series']) ? [] : seriesErrors(event)),
      ...IMMUTABLE.flatMap((field) => immutable(event, before, field, field, shown(field, event[field]))),
      ...immutable(event, before, 'reportingComponent', 'reportingController'),
      ...immutable(event, before, 'reportingInstance'),
    ];
  },
});

/** The server shows references and the source as its own Go types, whose fields have no JSON names. */
function shown(field: string, value: unknown): unknown {
  const names = REFERENCE_FIELDS[field];
  if (names === undefined || !isMap(value)) return value ?? (names === undefined ? '' : null);
  return Object.fromEntries(names.map((name) => [name, textAt(value, jsonName(name))]));
}

function jsonName(name: string): string {
  return name === 'UID' || name === 'APIVersion'
    ? name.replace(/^[A-Z]+?(?=Version|$)/, (part) => part.toLowerCase())
    : `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}

function eventErrors(event: Readonly<Draft> | DraftMap, controllerField: string): FieldError[] {
  const namespace = textAt(mapAt(event, 'metadata'), 'namespace');
  const about = textAt(mapAt(event, 'involvedObject'), 'namespace');
  const mismatch = invalid('involvedObject.namespace', about, 'does not match event.namespace');
  if (event['eventTime'] === undefined || event['eventTime'] === null) {
    const fits = about === '' ? namespace === '' || namespace === 'default' : namespace === about;
    return fits ? [] : [mismatch];
  }
  const clusterWide = namespace === 'default' || namespace === 'kube-system';
  const controller = textAt(event, 'reportingComponent');
  return [
    ...(about === '' && !clusterWide ? [mismatch] : []),
    ...(controller === '' ? [required(controllerField)] : []),
    ...wrong(controllerField, controller, qualifiedNameErrors(controller)),
    ...neededUpTo(event, 'reportingInstance', 128),
    ...neededUpTo(event, 'action', 128),
    ...neededUpTo(event, 'reason', 128),
    ...upTo(event, 'message', 1024),
  ];
}

function neededUpTo(event: DraftMap, field: string, max: number): FieldError[] {
  return textAt(event, field) === '' ? [required(field)] : upTo(event, field, max);
}

function upTo(event: DraftMap, field: string, max: number): FieldError[] {
  return byteLength(textAt(event, field)) > max ? [invalid(field, '', `can have at most ${max} characters`)] : [];
}

function seriesErrors(event: DraftMap): FieldError[] {
  const series = mapAt(event, 'series');
  if (series === undefined) return [];
  return [
    ...((numberAt(series, 'count') ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(textAt(series, 'lastObservedTime') === '' ? [required('series.lastObservedTime')] : []),
  ];
}

/** What only the newer group asks: a time, a known type, and none of the fields of before. */
function newErrors(event: DraftMap): FieldError[] {
  const type = textAt(event, 'type');
  const source = mapAt(event, 'source');
  const given = (field: string): boolean => event[field] !== undefined && event[field] !== null && event[field] !== 0;
  const unset = ['firstTimestamp', 'lastTimestamp', 'count'].filter(given);
  if (textAt(source, 'component') !== '' || textAt(source, 'host') !== '') unset.push('source');
  return [
    ...(given('eventTime') ? [] : [required('eventTime')]),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${type}`)]),
    ...unset.map((field) => invalid(field, '', 'needs to be unset')),
  ];
}
