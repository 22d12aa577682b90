import { describe, expect, test } from 'vitest';
import { proxyFromEnv } from '../src/http/proxy.ts';

const proxy = 'http://proxy.example:3128';

describe('the proxy of the environment', () => {
  test('depends on the scheme of the server; upper case goes first; a scheme may be missing', () => {
    expect(proxyFromEnv('https://kube.example:6443', { HTTPS_PROXY: proxy, https_proxy: 'http://other' })).toBe(proxy);
    expect(proxyFromEnv('https://kube.example:6443', { https_proxy: 'proxy.example:3128' })).toBe(proxy);
    expect(proxyFromEnv('https://kube.example:6443', { HTTP_PROXY: proxy })).toBe(undefined);
    expect(proxyFromEnv('http://kube.example', { HTTP_PROXY: proxy, HTTPS_PROXY: 'http://other' })).toBe(proxy);
  });

  test.each([
    ['https://localhost:6443', ''],
    ['https://127.0.0.1:6443', ''],
    ['https://[::1]:6443', ''],
    ['https://kube.example', '*'],
    ['https://kube.example', 'a, kube.example ,b'],
    ['https://KUBE.example', 'kube.EXAMPLE'],
    ['https://api.kube.example', 'kube.example'],
    ['https://api.kube.example', '.kube.example'],
    ['https://api.kube.example', '*.kube.example'],
    ['https://kube.example:6443', 'kube.example:6443'],
    ['https://kube.example', 'kube.example:443'],
    ['https://10.1.2.3:6443', '10.0.0.0/8'],
    ['https://10.1.2.3:6443', '10.1.2.3'],
    ['https://[fd00::1]:6443', 'fd00::/8'],
    ['https://[fd00::1]:6443', '[fd00::1]:6443'],
  ])('is not used for %s when NO_PROXY is "%s"', (server, list) => {
    expect(proxyFromEnv(server, { HTTPS_PROXY: proxy, NO_PROXY: list })).toBe(undefined);
  });

  test.each([
    ['https://kube.example', 'example.org'],
    ['https://notkube.example', 'kube.example'],
    ['https://kube.example', '.kube.example'],
    ['https://kube.example:6443', 'kube.example:443'],
    ['https://11.1.2.3:6443', '10.0.0.0/8'],
    ['https://10.1.2.3:6443', '10.0.0.0/99'],
    ['https://10.1.2.3:6443', 'fd00::/8'],
  ])('is used for %s when NO_PROXY is "%s"', (server, list) => {
    expect(proxyFromEnv(server, { HTTPS_PROXY: proxy, NO_PROXY: list })).toBe(proxy);
  });
});
