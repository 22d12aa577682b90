/**
 * Why Go refuses to read `text` into a map, in the words of its encoding/json; `undefined` where it does not. Only the
 * first characters are told apart as Go does: a text that breaks off, and a value that is no object.
 */
export function goJsonError(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
    return `json: cannot unmarshal ${nameOf(value)} into Go value of type map[string]interface {}`;
  } catch {
    const first = text.trimStart()[0];
    if (first === undefined || isPrefix(text)) return 'unexpected end of JSON input';
    if (/[{["\d-]/.test(first) || text.trimStart().startsWith('t')) return 'invalid JSON';
    return `invalid character ${goQuoted(first)} looking for beginning of value`;
  }
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Whether more text could still make it JSON: true of what was cut off, for objects that are not nested. */
function isPrefix(text: string): boolean {
  return ['}', '"}', ':0}', '0}', '":0}', '"a":0}'].some((end) => {
    try {
      JSON.parse(text + end);
      return true;
    } catch {
      return false;
    }
  });
}

function goQuoted(character: string): string {
  return character === "'" ? "'\\''" : `'${character}'`;
}
