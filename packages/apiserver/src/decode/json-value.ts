export type JsonMap = Record<string, unknown>;

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What Go calls a JSON value. */
export function wordFor(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'number';
    case 'number':
    case 'string':
    case 'object':
      return typeof value;
    default:
      throw new TypeError(`no JSON value: ${typeof value}`);
  }
}
