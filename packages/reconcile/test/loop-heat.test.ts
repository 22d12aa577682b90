import { expect, test } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import { createMemorySource } from '@homeostat/git';
import { stringifyJson } from '@homeostat/kube';
import { createLoop, createPorts, defineSync } from '@homeostat/reconcile';
import type { LoopEvent } from '@homeostat/reconcile';
import { eventually } from '../../../test/support/eventually.ts';

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
    await eventually(() => expect(events.some(({ type }) => type === 'report')).toBe(true));

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
      await eventually(() => expect(Number(seen())).toBe(observedGeneration));
    }
    await client.patch(web, { type: 'merge', value: { spec: { replicas: 0 } } });
    await eventually(async () => expect(await client.get(web)).toMatchObject({ spec: { replicas: 3 } }));
  } finally {
    await loop.stop();
    await listening;
    await ports.live.close();
    await source.close();
  }
  const told = events.map(({ type }) => type).filter((type) => type === 'drift' || type === 'fight');
  expect(told).toEqual(['drift']);
});
