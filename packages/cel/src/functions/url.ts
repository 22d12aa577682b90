import type { Environment } from '@marcbachmann/cel-js';
import { register, registerValue } from './register.ts';

interface Parts {
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

class CelUrl implements Parts {
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor({ text, scheme, host, path, query }: Parts) {
    this.text = text;
    this.scheme = scheme;
    this.host = host;
    this.path = path;
    this.query = query;
  }

  equals(other: unknown): boolean {
    return other instanceof CelUrl && other.text === this.text;
  }
}

const SCHEME = /^([a-zA-Z][a-zA-Z0-9+.-]*):/;
const HOST = /^(?:\[[0-9a-fA-F:.]+(?:%25[^\]]+)?\]|(?:[^\s/?#[\]:%<>"]|%[0-9a-fA-F]{2})*)(?::[0-9]*)?$/;
const PORT = /:([0-9]*)$/;

/** Source: Kubernetes `apiserver/pkg/cel/library/urls.go`, Go `net/url`. Absolute URIs and absolute paths are URLs. */
export function registerUrl(environment: Environment): void {
  const url = 'net.URL';
  registerValue(environment, url, CelUrl);
  register(environment, {
    [`url(string): ${url}`]: (text: string) => {
      const parts = parse(text);
      if (parts === undefined) throw new Error('this is neither an absolute URI nor an absolute path');
      return new CelUrl(parts);
    },
    'isURL(string): bool': (text: string) => parse(text) !== undefined,
    [`${url}.getScheme(): string`]: ({ scheme }: CelUrl) => scheme,
    [`${url}.getHost(): string`]: ({ host }: CelUrl) => host,
    [`${url}.getHostname(): string`]: ({ host }: CelUrl) => withoutPort(host).replace(/^\[(.*)\]$/, '$1'),
    [`${url}.getPort(): string`]: ({ host }: CelUrl) => host.slice(withoutPort(host).length + 1),
    [`${url}.getEscapedPath(): string`]: ({ path }: CelUrl) =>
      path.replace(/[^A-Za-z0-9\-_.~$&+,/:;=@!'()*%]/gu, (char) => encodeURIComponent(char)),
    [`${url}.getQuery(): map<string, list<string>>`]: ({ query }: CelUrl) => queryOf(query),
  });
}

function parse(text: string): Parts | undefined {
  // oxlint-disable-next-line no-control-regex -- what Go refuses in a URL
  if (/[\u0000-\u001f\u007f]/.test(text)) return undefined;
  const [withoutFragment = ''] = text.split('#');
  const [before = '', ...queries] = withoutFragment.split('?');
  const scheme = SCHEME.exec(before)?.[1] ?? '';
  let path = scheme === '' ? before : before.slice(scheme.length + 1);
  if (scheme === '' && !path.startsWith('/')) return undefined;
  let host = '';
  if (path.startsWith('//') && !(scheme === '' && path.startsWith('///'))) {
    const end = path.indexOf('/', 2);
    const authority = path.slice(2, end === -1 ? undefined : end);
    path = end === -1 ? '' : path.slice(end);
    host = authority.slice(authority.lastIndexOf('@') + 1);
    if (!HOST.test(host)) return undefined;
  }
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return undefined;
  return { text, scheme: scheme.toLowerCase(), host, path: path.startsWith('/') ? path : '', query: queries.join('?') };
}

function withoutPort(host: string): string {
  return host.replace(PORT, '');
}

function queryOf(query: string): Map<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(query)) found.set(key, [...(found.get(key) ?? []), value]);
  return found;
}
