import type { DraftMap } from '../draft.ts';

/** Fields that the two versions of an Event call differently: `v1` first, `events.k8s.io/v1` second. */
const NAMES: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

/** Empty, `v1` writes them and `events.k8s.io/v1` leaves them out: names in both. */
const WRITTEN_EMPTY = { reportingComponent: '', reportingInstance: '' };
const LEFT_OUT = new Set(['reportingController', 'reportingInstance']);

/**
 * The same Event in the other version: both groups serve one collection. Lossless in both directions; an object that is
 * in `apiVersion` already is returned as it is.
 */
export function convertEvent(event: Readonly<DraftMap>, apiVersion: 'v1' | 'events.k8s.io/v1'): DraftMap {
  if (event['apiVersion'] === apiVersion) return event;
  const toCore = apiVersion === 'v1';
  const renamed = new Map(NAMES.map(([core, events]) => (toCore ? [events, core] : [core, events])));
  const entries = Object.entries(event).map(([field, value]) => [renamed.get(field) ?? field, value] as const);
  if (toCore) return { ...WRITTEN_EMPTY, ...Object.fromEntries(entries), apiVersion };
  const told = entries.filter(([field, value]) => value !== '' || !LEFT_OUT.has(field));
  return { ...Object.fromEntries(told), apiVersion };
}
