import { expect, test } from 'vitest';
import { expose } from '../src/expose.ts';
import { get } from './support/get.ts';
import { homeostat } from './support/run.ts';

test('three paths, to be read and nothing else', async () => {
  await using exposed = await expose('127.0.0.1:0');
  const { url } = exposed;
  expect(await get(`${url}/healthz`)).toEqual({ status: 200, text: 'ok\n' });
  expect((await get(`${url}/readyz`)).status).toBe(503);
  expect((await get(`${url}/metrics?x=1`)).status).toBe(200);
  expect((await get(`${url}/`)).status).toBe(404);
  expect((await get(`${url}/metrics`, 'POST')).status).toBe(405);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test.each(['', 'here', '70000', 'host:', '127.0.0.1'])('the address %j is refused', async (address) => {
  const { code, stderr } = await homeostat(['sync', 'repository', '--name', 'site', '--metrics', address]);
  expect(code).toBe(64);
  expect(stderr).toContain('write PORT');
});

test('an address that is taken, and --once, are refused', async () => {
  await using exposed = await expose('0');
  const { port } = new URL(exposed.url);
  const taken = await homeostat(['sync', 'repository', '--name', 'site', '--metrics', port]);
  expect(taken).toMatchObject({ code: 64, stderr: expect.stringContaining('EADDRINUSE') as string });
  const once = await homeostat(['sync', 'repository', '--name', 'site', '--metrics', '0', '--once']);
  expect(once).toMatchObject({ code: 64, stderr: expect.stringContaining('--once') as string });
});
