import { expect } from 'vitest';
import { createMemorySource } from '@homeostat/git';
import { createPorts, defineSync, drive, reconcileOnce } from '@homeostat/reconcile';
import { cluster } from '../../../test/support/cluster.ts';

cluster.test(
  'facts 1: a field that an ignore rule leaves to others keeps its value when the object is applied again',
  async ({ client, namespace }) => {
    const web = (image: string): string =>
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          replicas: 5,
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
        },
      });
    const replicas = async (): Promise<unknown> => {
      const live = await client.get({ group: 'apps', kind: 'Deployment', namespace, name: 'web' });
      return (live?.['spec'] as { readonly replicas?: number } | undefined)?.replicas;
    };
    const source = createMemorySource({ 'web.json': web('nginx:1') });
    const run = (ignore: readonly { readonly pointers: readonly string[] }[]) => {
      const sync = defineSync({ name: 'release', namespace, policy: { wait: false, ignore } });
      return drive(reconcileOnce(sync, createPorts(sync, { client, source })));
    };

    expect((await run([])).objects).toMatchObject([{ action: 'created' }]);
    expect(await replicas()).toBe(5);

    source.write({ 'web.json': web('nginx:2') });
    expect((await run([{ pointers: ['/spec/replicas'] }])).objects).toMatchObject([{ action: 'updated' }]);
    expect(await replicas()).toBe(5);

    expect((await run([{ pointers: ['/spec/replicas'] }])).objects).toMatchObject([{ action: 'unchanged' }]);
  },
);

cluster.test(
  'facts 19: replicas of what an autoscaler of the set scales are set once, and then left to it',
  async ({ client, namespace }) => {
    const objects = (image: string): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name: 'web' },
            spec: {
              replicas: 3,
              selector: { matchLabels: { app: 'web' } },
              template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
            },
          },
          {
            apiVersion: 'autoscaling/v2',
            kind: 'HorizontalPodAutoscaler',
            metadata: { name: 'web' },
            spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 9 },
          },
        ],
      });
    const ref = { group: 'apps', kind: 'Deployment', namespace, name: 'web' };
    const replicas = async (): Promise<unknown> =>
      ((await client.get(ref))?.['spec'] as { readonly replicas?: number } | undefined)?.replicas;
    const source = createMemorySource({ 'web.json': objects('nginx:1') });
    const sync = defineSync({ name: 'scaled', namespace, policy: { wait: false } });
    const run = () => drive(reconcileOnce(sync, createPorts(sync, { client, source })));

    await run();
    expect(await replicas()).toBe(3);
    await client.patch(ref, { type: 'merge', value: { spec: { replicas: 7 } } }, { manager: 'autoscaler' });
    source.write({ 'web.json': objects('nginx:2') });
    await run();
    expect(await replicas()).toBe(7);
  },
);
