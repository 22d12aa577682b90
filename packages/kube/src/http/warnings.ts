/**
 * The texts of `Warning` headers (RFC 7234 section 5.5), unquoted, in order. Takes headers apart or joined by commas, as
 * HTTP libraries hand them on; an optional trailing date is dropped; what is malformed ends the list, without an error.
 */
export function parseWarnings(header: string | readonly string[] | undefined): string[] {
  if (header === undefined) return [];
  return (typeof header === 'string' ? [header] : header).flatMap(parseHeader);
}

/** `code SP agent SP "text"`, then perhaps `SP "date"`. */
const VALUE = /[\s,]*[0-9]{3} [^ ]+ "((?:[^"\\]|\\.)*)"(?: "[^"]*")?/sy;

function parseHeader(header: string): string[] {
  const texts: string[] = [];
  VALUE.lastIndex = 0;
  for (let match = VALUE.exec(header); match !== null; match = VALUE.exec(header)) {
    texts.push(asUtf8((match[1] ?? '').replaceAll(/\\(.)/gs, '$1')));
  }
  return texts;
}

/** Header bytes arrive as Latin-1; the server writes UTF-8. */
function asUtf8(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const decoded = bytes.toString('utf8');
  return Buffer.from(decoded, 'utf8').equals(bytes) ? decoded : text;
}
