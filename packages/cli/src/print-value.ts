/** A value in one short line. */
export function printValue(value: unknown): string {
  const text =
    value === undefined
      ? ''
      : JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
