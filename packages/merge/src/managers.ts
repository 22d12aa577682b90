import { MergeError } from './error.ts';
import { emptySet } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { parseFieldsV1, toFieldsV1 } from './fields-v1.ts';
import { equalJson, isRecord, recordAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { compareText } from './path.ts';
import type { FieldsCache } from './tracking.ts';

export type Operation = 'Apply' | 'Update';

/** One entry of `metadata.managedFields`. */
export interface Manager {
  /** What makes two entries one: see {@link identityOf}. */
  readonly id: string;
  readonly name: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource: string;
  /** `''` when there is none. */
  readonly time: string;
  readonly set: FieldSet;
  /** The stored entry that says just this, when there is one: written back as it is. */
  readonly entry?: JsonObject;
}

/** By {@link Manager.id}. */
export type Managers = ReadonlyMap<string, Manager>;

/**
 * The identity of an entry, as JSON in the API server's order of fields: its order is that of managers in conflicts, and
 * among updates of one second. A manager has one entry for all versions it applies, and one per version it updates;
 * others for each subresource.
 */
export function identityOf(entry: Pick<Manager, 'name' | 'operation' | 'apiVersion' | 'subresource'>): string {
  return JSON.stringify({
    ...(entry.name !== '' && { manager: entry.name }),
    operation: entry.operation,
    ...(entry.operation === 'Update' && { apiVersion: entry.apiVersion }),
    ...(entry.subresource !== '' && { subresource: entry.subresource }),
  });
}

export function newManager(parts: Omit<Manager, 'id' | 'entry'>): Manager {
  return { ...parts, id: identityOf(parts) };
}

/** The manager with another set; its time stays. The same instance when it is the same set. */
export function withSet(manager: Manager, set: FieldSet): Manager {
  if (set === manager.set) return manager;
  const { entry: _, ...rest } = manager;
  return { ...rest, set };
}

export function withTime(manager: Manager, time: string): Manager {
  if (time === manager.time) return manager;
  const { entry: _, ...rest } = manager;
  return { ...rest, time };
}

/** What a list of entries was read from: what is stored is written back as it is, what a client sent in the server's form. */
export type Source = 'stored' | 'sent';

/**
 * Reads `metadata.managedFields`. Of two entries of one identity the later counts.
 *
 * @throws {MergeError} `INVALID_FIELDS`, with the API server's message.
 */
export function readManagers(list: unknown, source: Source, cache: FieldsCache | undefined): Map<string, Manager> {
  const managers = new Map<string, Manager>();
  if (!Array.isArray(list)) return managers;
  for (const [i, entry] of list.entries()) {
    const manager = readManager(isRecord(entry) ? entry : {}, i, source, cache);
    managers.set(manager.id, manager);
  }
  return managers;
}

function readManager(entry: JsonObject, i: number, source: Source, cache: FieldsCache | undefined): Manager {
  const operation = textAt(entry, 'operation');
  if (operation !== 'Apply' && operation !== 'Update') throw invalid('operation must be `Apply` or `Update`');
  const apiVersion = textAt(entry, 'apiVersion');
  if (apiVersion === '') throw invalid('apiVersion must not be empty');
  const type = textAt(entry, 'fieldsType');
  if (type === '') throw invalid(`missing fieldsType in managed fields entry ${i}`);
  if (type !== 'FieldsV1') throw invalid(`invalid fieldsType ${JSON.stringify(type)} in managed fields entry ${i}`);
  const parts = {
    name: textAt(entry, 'manager'),
    operation,
    apiVersion,
    subresource: textAt(entry, 'subresource'),
    time: source === 'stored' ? textAt(entry, 'time') : wholeSeconds(textAt(entry, 'time')),
    set: readSet(recordAt(entry, 'fieldsV1'), cache),
  } as const;
  return source === 'stored' ? { ...newManager(parts), entry } : newManager(parts);
}

function readSet(fieldsV1: JsonObject | undefined, cache: FieldsCache | undefined): FieldSet {
  if (fieldsV1 === undefined) return emptySet;
  const known = cache?.get(fieldsV1);
  if (known !== undefined) return known;
  const set = parseFieldsV1(fieldsV1);
  cache?.set(fieldsV1, set);
  return set;
}

function invalid(message: string): MergeError {
  return new MergeError('INVALID_FIELDS', message);
}

function wholeSeconds(time: string): string {
  if (time === '' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time)) return time;
  const at = Date.parse(time);
  return Number.isNaN(at) ? '' : `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** The list as it is stored, in the API server's order; `undefined` when nobody owns anything. */
export function writeManagers(managers: Managers, cache: FieldsCache | undefined): readonly JsonObject[] | undefined {
  if (managers.size === 0) return undefined;
  return [...managers.values()].sort(compareManagers).map((manager) => manager.entry ?? writeManager(manager, cache));
}

function writeManager(manager: Manager, cache: FieldsCache | undefined): JsonObject {
  const fieldsV1 = toFieldsV1(manager.set);
  cache?.set(fieldsV1, manager.set);
  return {
    ...(manager.name !== '' && { manager: manager.name }),
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time !== '' && { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(manager.subresource !== '' && { subresource: manager.subresource }),
  };
}

function compareManagers(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    secondsOf(a) - secondsOf(b) ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

/** No time is the oldest. */
export function secondsOf({ time }: Manager): number {
  return time === '' ? 0 : Math.floor(Date.parse(time) / 1000);
}

/** An object with this list of entries; the same instance when it has it already. */
export function withManagedFields(object: JsonObject, list: readonly JsonObject[] | undefined): JsonObject {
  const metadata = recordAt(object, 'metadata');
  const present = metadata?.['managedFields'];
  if (list === present || (list === undefined && !('managedFields' in (metadata ?? {})))) return object;
  if (list !== undefined && equalJson(list, present)) return object;
  const { managedFields: _, ...rest } = metadata ?? {};
  return { ...object, metadata: list === undefined ? rest : { ...rest, managedFields: list } };
}

export function managedFieldsOf(object: JsonObject | undefined): unknown {
  return recordAt(object, 'metadata')?.['managedFields'];
}
