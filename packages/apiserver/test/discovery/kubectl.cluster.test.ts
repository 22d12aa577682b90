import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeData } from '@homeostat/kube/data';
import { expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import { customResourceOf } from '../../src/custom/custom-resource.ts';
import { AGGREGATED_TYPE, aggregatedDiscovery } from '../../src/discovery/aggregated.ts';
import { servedGroups } from '../../src/discovery/served-groups.ts';
import { versionInfo } from '../../src/discovery/version-info.ts';
import { builtinOpenApi, customOpenApi, openApiIndex } from '../../src/openapi/openapi-documents.ts';
import { gadgets } from './definitions.ts';

const data = kubeData();
const custom = customResourceOf({
  ...gadgets('example.com'),
  status: { conditions: [{ type: 'Established', status: 'True' }] },
});
const groups = servedGroups(data, [custom]);
const documents = new Map([...builtinOpenApi(data), ...customOpenApi(data, [custom])]);

/** Our documents behind plain HTTP; every other request gets its own body back. */
const test = cluster.test.extend('served', async ({ plane: _plane }, { onCleanup }) => {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    paths.push(`${request.method ?? ''} ${pathname}`);
    const answer = (body: string, type = 'application/json', code = 200): void => {
      response.writeHead(code, { 'content-type': type }).end(body);
    };
    if (pathname === '/api' || pathname === '/apis')
      answer(aggregatedDiscovery(groups, pathname).body, AGGREGATED_TYPE);
    else if (pathname === '/version') answer(JSON.stringify(versionInfo(data)));
    else if (pathname === '/openapi/v3') answer(openApiIndex(documents), 'text/plain; charset=utf-8');
    else if (pathname.startsWith('/openapi/v3/')) answer(documents.get(pathname.slice(12))?.body ?? '{}');
    else if (request.method === 'POST') {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => answer(body, 'application/json', 201));
    } else
      answer('{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}', undefined, 404);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cache = await mkdtemp(join(tmpdir(), 'homeostat-kubectl-'));
  onCleanup(async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(cache, { recursive: true });
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { paths, flags: ['--server', url, '--cache-dir', cache] };
});

test('kubectl explains built-in and custom kinds by our documents', async ({ kubectl, served }) => {
  const { flags } = served;
  const replicas = await kubectl([...flags, 'explain', 'deployment.spec.replicas']);
  expect(replicas.stdout).toMatch(/GROUP: +apps\nKIND: +Deployment\nVERSION: +v1\n\nFIELD: replicas <integer>/);
  const color = await kubectl([...flags, 'explain', 'gd.spec']);
  expect(color.stdout).toContain('What it is to be.');
  expect(color.stdout).toMatch(/color\t<string> -required-\n {2}enum: red, blue/);
});

test('kubectl applies by our documents and asks for no other version of them', async ({ kubectl, served }) => {
  const object = {
    apiVersion: 'example.com/v1',
    kind: 'Gadget',
    metadata: { name: 'x', namespace: 'y' },
    spec: { color: 'red' },
  };
  const applied = await kubectl([...served.flags, 'apply', '-f', '-'], { stdin: JSON.stringify(object) });
  expect(applied.stdout).toBe('gadget.example.com/x created\n');
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'y' } };
  const created = await kubectl([...served.flags, 'create', '-f', '-'], { stdin: JSON.stringify(map) });
  expect(created.stdout).toBe('configmap/x created\n');
  expect(served.paths).toContain('POST /api/v1/namespaces/y/configmaps');
  expect(served.paths.filter((path) => path.includes('/openapi/v2'))).toEqual([]);
});

test('kubectl lists what our discovery tells of', async ({ kubectl, served }) => {
  const { stdout } = await kubectl([...served.flags, 'api-resources', '--no-headers']);
  expect(stdout).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment$/m);
  expect(stdout).toMatch(/^gadgets +gd,gg +example.com\/v1 +true +Gadget$/m);
});
