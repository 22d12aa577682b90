/** How it must behave: what a sync that stays serves to Prometheus and the kubelet. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { eventually } from '../../../test/support/scenario.ts';
import { get } from './support/get.ts';
import { homeostat } from './support/run.ts';
import type { Ran } from './support/run.ts';

async function manifests(...names: readonly string[]): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-metrics-'));
  for (const name of names) {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
    await writeFile(join(folder, `${name}.json`), JSON.stringify(object));
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

interface Serving extends AsyncDisposable {
  readonly url: string;
  readonly stop: () => Promise<Ran>;
}

/** Runs a sync that stays, until it is stopped, and knows where it serves its metrics. */
async function serving(args: readonly string[], kubeconfig: string): Promise<Serving> {
  const stop = new AbortController();
  let stderr = '';
  const running = homeostat(['sync', ...args, '--metrics', '0'], {
    env: { KUBECONFIG: kubeconfig },
    signal: stop.signal,
    onStderr: (text) => void (stderr += text),
  });
  const url = await eventually(() => {
    const [, found] = /^metrics at (http:\/\/127\.0\.0\.1:\d+)\/metrics$/m.exec(stderr) ?? [];
    expect(found).toBeDefined();
    return found!;
  });
  const end = async (): Promise<Ran> => {
    stop.abort();
    return await running;
  };
  return { url, stop: end, [Symbol.asyncDispose]: async () => void (await end()) };
}

cluster.test('one sync: its metrics, and ready after its first report', async ({ namespace, kubeconfig }) => {
  await using place = await manifests('a', 'b');
  const args = [place.folder, '--directory', '--name', 'site', '--namespace', namespace];
  await using sync = await serving(args, kubeconfig);
  const { url } = sync;
  await eventually(async () => expect((await get(`${url}/readyz`)).status).toBe(200));
  const { status, text } = await get(`${url}/metrics`);
  expect(status).toBe(200);
  const labels = `sync_namespace="${namespace}",sync="site"`;
  expect(text).toContain(`homeostat_sync_state{${labels},state="Ready"} 1`);
  expect(text).toContain(`homeostat_applies_total{${labels},action="created"} 2`);
  expect(text).toMatch(/^homeostat_requests_total\{verb="apply",code="201",dry_run="false"\} \d+$/m);
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect((await sync.stop()).code).toBe(0);
  await expect(get(`${url}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

cluster.test('several: ready after a report of each', async ({ namespace, kubeconfig }) => {
  await using place = await manifests('a');
  await using documents = await manifests();
  for (const name of ['one', 'two']) {
    const document = { name, namespace, source: { url: place.folder, directory: true }, policy: { adopt: 'never' } };
    await writeFile(join(documents.folder, `${name}.json`), JSON.stringify(document));
  }
  await using syncs = await serving(['-f', documents.folder], kubeconfig);
  const { url } = syncs;
  await eventually(async () => expect((await get(`${url}/readyz`)).status).toBe(200));
  const { text } = await get(`${url}/metrics`);
  // One has the object and the other is refused: that is no reason not to be ready.
  const states = [...text.matchAll(/^homeostat_sync_state\{.*state="(\w+)"\} 1$/gm)]
    .map(([, state]) => state)
    .join(' ');
  expect(states).toMatch(/^(Ready Failed|Failed Ready)$/);
});
