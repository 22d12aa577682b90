import { isMap } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { asResource, schemaOfField } from './structural.ts';
import type { Structural } from './structural.ts';

const OWN_FIELDS = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Takes away, in place, what the schema of a custom resource does not name, and returns the paths of it, sorted. The
 * object's own apiVersion, kind and metadata stay, as do those of embedded resources.
 */
export function pruneUnknown(object: DraftMap, schema: Structural): readonly string[] {
  const removed: string[] = [];
  prune(object, asResource(schema), '', removed);
  return removed.sort();
}

/** Whether a value of `schema`, which is not the root of a resource, has nothing to prune. */
export function isPruned(value: unknown, schema: Structural): boolean {
  const removed: string[] = [];
  prune(structuredClone(value), schema, '', removed);
  return removed.length === 0;
}

function prune(value: unknown, schema: Structural | undefined, path: string, removed: string[]): void {
  const preserve = schema?.preserveUnknown === true;
  if (Array.isArray(value)) {
    if (preserve && schema.items === undefined) return;
    for (const [index, item] of value.entries()) {
      // Under a schema that preserves, items without a word of their own preserve too.
      if (preserve) pruneKept(item, schema.items, `${path}[${String(index)}]`, removed);
      else prune(item, schema?.items, `${path}[${String(index)}]`, removed);
    }
    return;
  }
  if (!isMap(value)) return;
  for (const [name, below] of Object.entries(value)) {
    if (schema?.embedded === true && OWN_FIELDS.has(name)) continue;
    const child = schemaOfField(schema, name);
    const at = path === '' ? name : `${path}.${name}`;
    if (child !== undefined || schema?.additional !== undefined) prune(below, child, at, removed);
    else if (!preserve) {
      // Kubernetes does not speak of the three fields at the root, even where it drops them.
      if (!OWN_FIELDS.has(name) || path !== '') removed.push(at);
      delete value[name];
    }
  }
}

/** Items of a list that preserves unknown fields: only what their schema names is looked at. */
function pruneKept(value: unknown, schema: Structural | undefined, path: string, removed: string[]): void {
  if (schema !== undefined) prune(value, { ...schema, preserveUnknown: true }, path, removed);
}

/** Takes away, in place, nulls where the schema allows none and has no default to put there. */
export function pruneNulls(value: unknown, schema: Structural | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) pruneNulls(item, schema.items);
    return;
  }
  if (!isMap(value)) return;
  for (const [name, below] of Object.entries(value)) {
    const child = schemaOfField(schema, name);
    if (below === null && child !== undefined && !child.nullable && child.default === undefined) delete value[name];
    else pruneNulls(below, child);
  }
}
