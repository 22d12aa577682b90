import { stringifyJson } from '../json.ts';
import { isRecord } from '../record.ts';

/**
 * Takes the values of a Secret out of what the server says about it: schema errors of server-side apply quote the value
 * that does not fit. `undefined` for every other kind.
 */
export function secretRedactor(kind: string, body: unknown): ((text: string) => string) | undefined {
  if (kind !== 'Secret') return undefined;
  const values = [...new Set(scalarsUnder(body, false))]
    .filter((text) => text !== '')
    .toSorted((a, b) => b.length - a.length);
  return (text) => values.reduce((rest, value) => rest.replaceAll(value, '<redacted>'), text);
}

/** Every scalar below a `data` or `stringData`, as it may be quoted: plain, and decoded or encoded as base64. */
function scalarsUnder(value: unknown, inside: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => scalarsUnder(item, inside));
  if (isRecord(value)) {
    // A JSON patch names the place in `path`, beside its value.
    const within = inside || (typeof value['path'] === 'string' && /^\/(data|stringData)(\/|$)/.test(value['path']));
    return Object.entries(value).flatMap(([key, item]) =>
      scalarsUnder(item, key === 'data' || key === 'stringData' || (within && (inside || key === 'value'))),
    );
  }
  if (!inside || value === null || value === undefined) return [];
  const text = typeof value === 'string' ? value : stringifyJson(value);
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  // What is no base64 decodes to a few odd letters, and those would be taken out of every word.
  return [text, Buffer.from(text, 'utf8').toString('base64'), ...(decoded.length < 4 ? [] : [decoded])];
}
