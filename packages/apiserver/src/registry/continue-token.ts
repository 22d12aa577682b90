import { badRequest } from '../status.ts';

/** Where the next page begins, and of which snapshot it is. */
export interface ContinueToken {
  /** −1: of the latest state, after the snapshot has been forgotten. */
  readonly version: number;
  /** The key from which on to list, relative to what is listed. */
  readonly start: string;
}

const FORMAT = 'meta.k8s.io/v1';

export function writeContinueToken({ version, start }: ContinueToken): string {
  // The form in which Kubernetes writes it: the slash is absent where the version is.
  const key = version < 0 ? `${start}\u0000` : `/${start}\u0000`;
  return Buffer.from(JSON.stringify({ v: FORMAT, rv: version, start: key })).toString('base64url');
}

/** @throws {ApiError} 400. */
export function readContinueToken(text: string): ContinueToken {
  const refuse = (why: string): never => {
    throw badRequest(`invalid continue token: continue key is not valid: ${why}`);
  };
  const wrong = /[^A-Za-z0-9_-]/.exec(text);
  if (wrong !== null) return refuse(`illegal base64 data at input byte ${String(wrong.index)}`);
  let token: unknown;
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return refuse(
      `invalid character ${quoted(Buffer.from(text, 'base64url').toString('latin1'))} looking for beginning of value`,
    );
  }
  const { v, rv, start } = typeof token === 'object' && token !== null ? (token as Record<string, unknown>) : {};
  if (v !== FORMAT) return refuse(`server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`);
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0) {
    return refuse(`incorrect encoded start resourceVersion (version ${FORMAT})`);
  }
  if (typeof start !== 'string' || start === '') return refuse(`encoded start key empty (version ${FORMAT})`);
  const key = start.startsWith('/') ? start : `/${start}`;
  // Nobody is to reach another list's keys through it.
  if (key.split('/').some((part) => part === '..' || part === '.')) return refuse(JSON.stringify(start));
  return { version: rv, start: key.slice(1) };
}

function quoted(text: string): string {
  const [first = ''] = text;
  const code = first.charCodeAt(0);
  if ((code >= 0x20 && code < 0x7f) || (code > 0xa0 && code !== 0xad)) return `'${first}'`;
  const hex = code.toString(16).padStart(2, '0');
  return code < 0x80 ? `'\\x${hex}'` : `'\\u00${hex}'`;
}
