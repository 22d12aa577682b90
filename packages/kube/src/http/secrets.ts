import { isRecord } from '../record.ts';
import { createRedactor } from '../redactor.ts';
import type { Ref } from '../ref.ts';

/** Server-side apply quotes the value that does not fit its schema, in Go's spelling. */
const QUOTED_VALUE = /valueUnstructured\{Value:.*\}/gs;

/**
 * Takes the values of a Secret, or of a patch to one, out of what the server says about them. `undefined` for every other
 * kind. It costs nothing until there is a text.
 */
export function secretRedactor({ group, kind }: Ref, body: unknown): ((text: string) => string) | undefined {
  if (group !== '' || kind !== 'Secret') return undefined;
  return (text) => {
    const redactor = createRedactor();
    redactor.learn(asSecret(body));
    return redactor.text(text.replaceAll(QUOTED_VALUE, 'valueUnstructured{Value:<redacted>}'));
  };
}

function asSecret(body: unknown): unknown {
  if (isRecord(body)) return { ...body, apiVersion: 'v1', kind: 'Secret' };
  if (!Array.isArray(body)) return undefined;
  const values = body.filter(isRecord).flatMap(({ path, value }, index) => (isOpen(path) ? [] : [[index, value]]));
  return { apiVersion: 'v1', kind: 'Secret', data: Object.fromEntries(values) as unknown };
}

/** Where a JSON patch puts something that anybody may see. */
function isOpen(path: unknown): boolean {
  return typeof path === 'string' && /^\/(metadata|type|immutable)(\/|$)/.test(path);
}
