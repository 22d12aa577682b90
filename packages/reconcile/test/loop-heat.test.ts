import { expect, test, vi } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import { createMemorySource } from '@homeostat/git';
import { stringifyJson } from '@homeostat/kube';
import { createLoop, createPorts, defineSync } from '@homeostat/reconcile';
import type { LoopEvent } from '@homeostat/reconcile';

const web = { group: 'apps', kind: 'Deployment', namespace: 'default', name: 'web' };
const labels = { app: 'web' };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  },
};

test('a controller that keeps writing the status fights nobody, and drift after it is repaired at once', async () => {
  await using server = await createApiServer();
  const client = server.client();
  const source = createMemorySource();
  source.write({ 'web.json': stringifyJson(deployment) });
  const sync = defineSync({ name: 'site', namespace: 'default' });
  const ports = createPorts(sync, { client, source });
  const loop = createLoop(sync, ports);
  const events: LoopEvent[] = [];
  const listening = (async () => {
    for await (const event of loop.events()) events.push(event);
  })();
  void loop.run();
  try {
    await vi.waitFor(() => expect(events.some(({ type }) => type === 'report')).toBe(true), { timeout: 10_000 });

    const path = '/apis/apps/v1/namespaces/default/deployments/web/status';
    for (let observedGeneration = 1; observedGeneration <= 20; observedGeneration += 1) {
      const body = stringifyJson({ status: { observedGeneration } });
      await client.request({
        method: 'PATCH',
        path,
        headers: { 'content-type': 'application/merge-patch+json' },
        body,
      });
      const seen = (): unknown =>
        (ports.live.get(web)?.object()['status'] as Record<string, unknown> | undefined)?.['observedGeneration'];
      await vi.waitFor(() => expect(Number(seen())).toBe(observedGeneration));
    }
    await client.patch(web, { type: 'merge', value: { spec: { replicas: 0 } } });
    await vi.waitFor(async () => expect(await client.get(web)).toMatchObject({ spec: { replicas: 3 } }), {
      timeout: 10_000,
    });
  } finally {
    await loop.stop();
    await listening;
    await ports.live.close();
    await source.close();
  }
  const told = events.map(({ type }) => type).filter((type) => type === 'drift' || type === 'fight');
  expect(told).toEqual(['drift']);
});
