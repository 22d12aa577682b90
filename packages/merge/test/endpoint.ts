import { fieldElement, fieldSet } from '@homeostat/merge';
import type { FieldSet, FieldTracking, JsonObject, OpenApiSchema, TypeUse } from '@homeostat/merge';
import type { Raw } from '../../../test/support/cluster.ts';
import type { RandomKind } from './random-objects.ts';

export const APPLY = 'application/apply-patch+yaml';
export const MERGE = 'application/merge-patch+json';
const STATUS_RESET: FieldSet = fieldSet([[fieldElement('status')]]);
export interface Endpoint {
  readonly raw: Raw;
  readonly random: RandomKind;
  readonly namespace: string;
  readonly name: string;
  readonly type: TypeUse;
}

export function urlOf({ random, namespace, name }: Endpoint, version: string): string {
  return `${collectionOf(random, namespace, version)}/${name}`;
}

export function collectionOf(random: RandomKind, namespace: string, version: string): string {
  const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  return `${root}/namespaces/${namespace}/${random.paths[version] ?? ''}`;
}

export function trackingOf({ random, type }: Endpoint, now: string): FieldTracking {
  return {
    typeOf: (apiVersion) => (apiVersion in random.paths ? type : undefined),
    convert: (object, apiVersion) => ({ ...object, apiVersion }),
    ...(random.empty !== undefined && { empty: random.empty }),
    // As the server's strategies have it; ConfigMaps have no status.
    resetFields: () => STATUS_RESET,
    now,
  };
}

export function metadataOf(object: JsonObject): JsonObject {
  return object['metadata'] as JsonObject;
}

export function withEntries(object: JsonObject, entries: unknown): JsonObject {
  const { managedFields: _, ...metadata } = metadataOf(object);
  return { ...object, metadata: entries === undefined ? metadata : { ...metadata, managedFields: entries } };
}

/** Without the times themselves; whether there is one stays. */
export function ownersIn(object: JsonObject): unknown {
  const entries = metadataOf(object)['managedFields'] as readonly JsonObject[] | undefined;
  return entries?.map((entry) => ({ ...entry, time: 'time' in entry }));
}

export function latestTime(object: JsonObject): string {
  const entries = (metadataOf(object)['managedFields'] ?? []) as readonly JsonObject[];
  const times = entries.map(({ time }) => (typeof time === 'string' ? time : ''));
  return times.reduce((a, b) => (a > b ? a : b), '2000-01-01T00:00:00Z');
}

export async function componentsOf(raw: Raw, groupVersion: string): Promise<Readonly<Record<string, OpenApiSchema>>> {
  const { body } = await raw('GET', `/openapi/v3/${groupVersion.includes('/') ? 'apis' : 'api'}/${groupVersion}`);
  const { components } = (typeof body === 'string' ? JSON.parse(body) : body) as {
    components: { schemas: Readonly<Record<string, OpenApiSchema>> };
  };
  return components.schemas;
}
