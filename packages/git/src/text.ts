import { printableUrl } from './url.ts';

/** What a server or a command said, fit for a message: one line, no control characters, no credentials, not endless. */
export function printableText(text: string): string {
  let line = '';
  for (const character of text) line += character < ' ' || character === '\u007F' ? ' ' : character;
  line = line
    .replace(/[a-z][a-z0-9+.-]*:\/\/[^\s'"]+/gi, (url) => printableUrl(url))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
