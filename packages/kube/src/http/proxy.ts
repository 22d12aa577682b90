import { BlockList, isIP } from 'node:net';

/**
 * The proxy that the environment names for a server, by the rules of Go's `httpproxy`, which kubectl follows:
 * `HTTPS_PROXY` or `HTTP_PROXY` by the server's scheme, upper case first; never for the loopback; `NO_PROXY` holds hosts
 * (with their subdomains; subdomains alone with a leading dot), addresses, networks, each with or without a port, or `*`.
 */
export function proxyFromEnv(server: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const url = new URL(server);
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = env[name] || env[name.toLowerCase()];
  if (!proxy || isLoopback(hostOf(url)) || isExcluded(url, env['NO_PROXY'] || env['no_proxy'] || '')) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isExcluded(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => matches(hostOf(url), port, entry));
}

function matches(host: string, port: string, entry: string): boolean {
  if (entry === '*') return true;
  const slash = entry.indexOf('/');
  if (slash >= 0) return isInNetwork(host, entry.slice(0, slash), Number(entry.slice(slash + 1)));
  const { name, port: wanted } = splitPort(entry);
  if (wanted !== undefined && wanted !== port) return false;
  if (isIP(name) !== 0) return host === name;
  if (name.startsWith('.') || name.startsWith('*.')) return host.endsWith(name.replace(/^\*/, ''));
  return host === name || host.endsWith(`.${name}`);
}

function splitPort(entry: string): { readonly name: string; readonly port: string | undefined } {
  const bracketed = /^\[(.*)\](?::(.*))?$/.exec(entry);
  if (bracketed !== null) return { name: bracketed[1] ?? '', port: bracketed[2] };
  const parts = entry.split(':');
  return parts.length === 2 ? { name: parts[0] ?? '', port: parts[1] } : { name: entry, port: undefined };
}

function isInNetwork(host: string, address: string, prefix: number): boolean {
  const family = isIP(address);
  if (
    family === 0 ||
    isIP(host) !== family ||
    !Number.isInteger(prefix) ||
    prefix < 0 ||
    prefix > (family === 4 ? 32 : 128)
  ) {
    return false;
  }
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const network = new BlockList();
  network.addSubnet(address, prefix, type);
  return network.check(host, type);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** In lower case, an IPv6 address without brackets. */
function hostOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}
