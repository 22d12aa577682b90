import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';

import { GitError } from './error.ts';

/** How a repository is reached. `printable` holds no credentials. */
export type Address =
  | { readonly via: 'http'; readonly url: URL; readonly printable: string; readonly userinfo?: UserInfo }
  | { readonly via: 'ssh'; readonly url: string; readonly printable: string }
  | { readonly via: 'file'; readonly path: string; readonly printable: string };

export interface UserInfo {
  readonly username: string;
  readonly password: string;
}

/**
 * Reads the address of a repository: `https://…`, `http://…`, `ssh://…`, `user@host:path`, `file://…`, or a path.
 *
 * @throws {GitError} `BAD_URL`, and `UNSUPPORTED` for a scheme that is known but not spoken
 */
export function parseAddress(text: string): Address {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'http':
    case 'https':
      return httpAddress(text);
    case 'ssh':
    case 'git+ssh':
    case 'ssh+git':
      return sshAddress(text, URL.canParse(text) ? new URL(text).hostname : '');
    case 'file':
      return fileAddress(text);
    case undefined:
      break;
    default:
      throw new GitError(
        'UNSUPPORTED',
        `${scheme}:// is not a way to reach a repository here; use https://, ssh:// or a path`,
      );
  }
  // As git does: a colon before any slash makes it user@host:path.
  const host = /^(?:[^@/:]+@)?([^/:]+):(?!\\)/.exec(text)?.[1];
  if (host !== undefined && !/^[a-z]$/i.test(host)) return sshAddress(text, host);
  if (text === '' || text.startsWith('-') || text.includes('\0')) throw badUrl(text);
  return { via: 'file', path: text.replace(/^~(?=\/|$)/, () => homedir()), printable: text };
}

function httpAddress(text: string): Address {
  if (!URL.canParse(text)) throw badUrl(printableUrl(text));
  const url = new URL(text);
  const userinfo = { username: decode(url.username), password: decode(url.password) };
  url.username = '';
  url.password = '';
  url.hash = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  const printable = printableUrl(url.href);
  return { via: 'http', url, printable, ...(userinfo.username + userinfo.password === '' ? {} : { userinfo }) };
}

function sshAddress(text: string, host: string): Address {
  // A host that begins with a dash would be an option of ssh.
  if (host === '' || host.startsWith('-') || hasSpace(text)) throw badUrl(printableUrl(text));
  return { via: 'ssh', url: text, printable: printableUrl(text) };
}

function fileAddress(text: string): Address {
  try {
    return { via: 'file', path: fileURLToPath(text), printable: text };
  } catch (error) {
    throw new GitError('BAD_URL', `"${text}" is no address of a local file; write file:///path/to/repository`, {
      cause: error,
    });
  }
}

/** An address as it may be shown: without password, and without the query, which can hold a token. */
export function printableUrl(text: string): string {
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/i, (_, scheme: string, userinfo: string) =>
      // The user of an SSH URL is part of the address; with HTTP it may be a token.
      /ssh/i.test(scheme) && !userinfo.includes(':') ? `${scheme}${userinfo}@` : scheme,
    )
    .replace(/[?#].*$/s, '');
}

/** Whether a host is this very machine. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(?:\.\d+){3}$/.test(hostname)
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hasSpace(text: string): boolean {
  return /\s/.test(text) || text.includes('\0');
}

function badUrl(text: string): GitError {
  return new GitError(
    'BAD_URL',
    `"${text}" is no address of a repository; write https://host/path, ssh://user@host/path, user@host:path, or a path`,
  );
}
