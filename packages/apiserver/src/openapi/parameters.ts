/** A parameter of an operation, as OpenAPI v3 documents have it. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly required?: true;
  readonly schema: { readonly type: 'string' | 'integer' | 'boolean'; readonly uniqueItems: true };
}

function query(type: 'string' | 'integer' | 'boolean', ...names: readonly string[]): readonly Parameter[] {
  return names.map((name) => ({ name, in: 'query', schema: { type, uniqueItems: true } }));
}

export function pathParameter(name: string): Parameter {
  return { name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } };
}

const byName = (a: Parameter, b: Parameter): number => (a.name < b.name ? -1 : 1);

export const PRETTY: readonly Parameter[] = query('string', 'pretty');
export const WRITE: readonly Parameter[] = query('string', 'dryRun', 'fieldManager', 'fieldValidation');
export const PATCH: readonly Parameter[] = [...WRITE, ...query('boolean', 'force')];
export const RESOURCE_VERSION: readonly Parameter[] = query('string', 'resourceVersion');
export const LIST: readonly Parameter[] = [
  ...query('boolean', 'allowWatchBookmarks', 'sendInitialEvents', 'watch'),
  ...query('integer', 'limit', 'timeoutSeconds'),
  ...query(
    'string',
    'continue',
    'fieldSelector',
    'labelSelector',
    'resourceVersion',
    'resourceVersionMatch',
    'shardSelector',
  ),
].toSorted(byName);
export const DELETE: readonly Parameter[] = [
  ...query('string', 'dryRun', 'propagationPolicy'),
  ...query('integer', 'gracePeriodSeconds'),
  ...query('boolean', 'ignoreStoreReadErrorWithClusterBreakingPotential', 'orphanDependents'),
].toSorted(byName);
