import { expect, vi } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { main } from '../main.ts';

cluster.test('a website comes, is repaired, and goes', async ({ client, namespace }) => {
  const stopping = new AbortController();
  const ref = { group: 'apps', kind: 'Deployment', namespace, name: 'website-blog' };
  const image = async (): Promise<unknown> => {
    const live = await client.get(ref);
    return (live?.['spec'] as { template: { spec: { containers: [{ image: string }] } } } | undefined)?.template.spec
      .containers[0].image;
  };
  const loop = await main(client, namespace, stopping.signal);
  try {
    const website = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'blog', namespace, labels: { 'example.com/website': '' } },
    };
    await client.create({ ...website, data: { image: 'nginx:1.27' } });
    await vi.waitFor(async () => expect(await image()).toBe('nginx:1.27'), { timeout: 30_000 });

    await client.patch(ref, {
      type: 'json',
      operations: [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'other' }],
    });
    await vi.waitFor(async () => expect(await image()).toBe('nginx:1.27'), { timeout: 30_000 });

    await client.delete({ group: '', kind: 'ConfigMap', namespace, name: 'blog' });
    await vi.waitFor(async () => expect(await client.get(ref)).toBeUndefined(), { timeout: 30_000 });
  } finally {
    stopping.abort();
    await loop.stop();
  }
});
