import { MergeError } from './error.ts';

/**
 * The tokens of a JSON pointer (RFC 6901): `/metadata/annotations/a.b~1c` → `metadata`, `annotations`, `a.b/c`. `''` is the
 * whole value and has no token.
 *
 * @throws {MergeError} `INVALID_POINTER`: no leading slash, or a `~` that is neither `~0` nor `~1`.
 */
export function parsePointer(text: string): readonly string[] {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) {
    const hint = 'it starts with "/", and "/" and "~" inside a name are written "~1" and "~0"';
    throw new MergeError('INVALID_POINTER', `"${text}" is not a JSON pointer: ${hint}`);
  }
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The inverse of {@link parsePointer}. */
export function printPointer(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
