const STRICT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BREAKS = /[\r\n]/g;

/**
 * Base64 as Go reads it (line breaks mean nothing) and writes it again; or the position of the first byte that is wrong.
 */
export function canonicalBase64(text: string): { readonly text: string } | { readonly wrongAt: number } {
  const joined = text.replace(BREAKS, '');
  if (!STRICT.test(joined)) return { wrongAt: wrongByte(text) };
  // What is left over of the last group may have bits that say nothing: they are written as zeros.
  return { text: joined.endsWith('=') ? Buffer.from(joined, 'base64').toString('base64') : joined };
}

/** Source: Go's encoding/base64, `decodeQuantum`. */
function wrongByte(text: string): number {
  const bytes = Buffer.from(text);
  const significant = [...bytes.keys()].filter((at) => bytes[at] !== 0x0a && bytes[at] !== 0x0d);
  for (let group = 0; group < significant.length; group += 4) {
    for (let place = 0; place < 4; place++) {
      const at = significant[group + place];
      // The text ends within a group: its length less what was read of the group is what Go names.
      if (at === undefined) return bytes.length - place;
      const character = String.fromCharCode(bytes[at] as number);
      if (/[A-Za-z0-9+/]/.test(character)) continue;
      if (character !== '=' || place < 2) return at;
      const next = significant[group + place + 1];
      if (place === 3) return next ?? at;
      if (next === undefined) return bytes.length;
      if (bytes[next] !== 0x3d) return next - 1;
      return significant[group + 4] ?? next;
    }
  }
  return bytes.length;
}
