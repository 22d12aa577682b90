/** A field of a map; `undefined` where it has none. Its own fields alone: JSON may name one `constructor`. */
export function fieldOf(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
