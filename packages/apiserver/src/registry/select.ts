import { matchesFields, matchesLabels, parseFieldSelector } from '@homeostat/kube';
import type { FieldSelector, KubeObject } from '@homeostat/kube';
import { badRequest } from '../status.ts';
import { readLabelSelector } from './label-selector.ts';
import type { ServedResource } from './served-resource.ts';

/** Which objects of a resource are meant. */
export interface Selection {
  /** No selector at all: everything. */
  readonly everything: boolean;
  /** The one that a field selector asks for; `''` for any. */
  readonly namespace: string;
  matches(object: KubeObject): boolean;
}

/** @throws {ApiError} 400 for a selector that cannot be read, or that names a field which the kind does not select by. */
export function selection(
  resource: ServedResource,
  labelSelector: string,
  fieldSelector: string,
  name = '',
): Selection {
  const labels = readLabelSelector(labelSelector);
  const fields = readFieldSelector(fieldSelector, resource);
  const named: FieldSelector =
    name === '' ? fields : [...fields, { operator: '=', field: 'metadata.name', value: name }];
  return {
    everything: labels.length === 0 && named.length === 0,
    namespace: named.find(({ field, operator }) => field === 'metadata.namespace' && operator === '=')?.value ?? '',
    matches: (object) =>
      matchesLabels(labels, object.metadata.labels) &&
      (named.length === 0 || matchesFields(named, selectableFields(resource, object, named))),
  };
}

function readFieldSelector(text: string, resource: ServedResource): FieldSelector {
  let selector: FieldSelector;
  try {
    selector = parseFieldSelector(text);
  } catch {
    const escape = /\\([^\\,=])/.exec(text)?.[1];
    if (escape !== undefined) throw badRequest(`invalid field selector: invalid escape sequence: \\${escape}`);
    const part = text.split(',').find((one) => !one.includes('=')) ?? text;
    throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
  }
  for (const { field } of selector) {
    if (field === 'metadata.name' || field === 'metadata.namespace') continue;
    if (resource.fieldLabels.includes(field)) continue;
    throw badRequest(
      resource.fieldLabelError === 'labels'
        ? `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
        : `field label not supported: ${field}`,
    );
  }
  return selector;
}

function printField(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** Labels that are not the path of the field that they stand for. */
const ALIASES: Readonly<Record<string, string>> = {
  name: 'metadata.name',
  source: 'source.component',
};
/** What an absent field counts as, where that is not the empty text. */
const ABSENT: Readonly<Record<string, string>> = {
  'spec.unschedulable': 'false',
  'spec.hostNetwork': 'false',
  'status.successful': '0',
  'status.replicas': '0',
};

function selectableFields(
  resource: ServedResource,
  object: KubeObject,
  selector: FieldSelector,
): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { field } of selector) {
    const path = field === 'status.successful' ? 'status.succeeded' : (ALIASES[field] ?? field);
    let value: unknown = object;
    for (const step of path.split('.')) {
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
    }
    if (field === 'source' && (value === undefined || value === '')) value = object['reportingComponent'];
    fields[field] = printField(value) ?? absent(resource, field);
  }
  return fields;
}

function absent(resource: ServedResource, field: string): string {
  return resource.custom === undefined ? (ABSENT[field] ?? '') : '';
}
