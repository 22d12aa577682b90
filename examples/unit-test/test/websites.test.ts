import { startTestServer } from '@homeostat/apiserver/testing';
import type { TestServer } from '@homeostat/apiserver/testing';
import { expect, test } from 'vitest';
import { reconcileWebsites } from '../websites.ts';

const BLOG = `
apiVersion: v1
kind: ConfigMap
metadata: { name: blog, labels: { example.com/website: "" } }
data: { image: nginx:1.27 }
`;

async function imageOf(world: TestServer, deployment: string): Promise<string | undefined> {
  const live = await world.get(deployment);
  const spec = live?.['spec'] as
    | { readonly template: { readonly spec: { readonly containers: readonly [{ readonly image: string }] } } }
    | undefined;
  return spec?.template.spec.containers[0].image;
}

test('a website gets a Deployment', async () => {
  await using world = await startTestServer({ objects: BLOG });
  await reconcileWebsites(world.client, 'default');
  expect(await imageOf(world, 'apps/Deployment default/website-blog')).toBe('nginx:1.27');
});

test('drift is repaired, and what is settled is left alone', async () => {
  await using world = await startTestServer({ objects: BLOG });
  await reconcileWebsites(world.client, 'default');
  await world.apply(
    `
apiVersion: apps/v1
kind: Deployment
metadata: { name: website-blog }
spec: { template: { spec: { containers: [{ name: web, image: 'nginx:evil' }] } } }
`,
    { manager: 'somebody' },
  );
  await reconcileWebsites(world.client, 'default');
  expect(await imageOf(world, 'apps/Deployment default/website-blog')).toBe('nginx:1.27');

  world.requests.clear();
  await reconcileWebsites(world.client, 'default');
  expect(world.requests.counts()).not.toHaveProperty('apply');
});

test('a busy server is asked again when it says so', async () => {
  await using world = await startTestServer({ objects: BLOG });
  const busy = world.faults.add({
    fault: 'throttle',
    resource: 'deployments',
    verb: 'apply',
    retryAfter: 30,
    times: 1,
  });
  const pass = reconcileWebsites(world.client, 'default', world.clock);
  await world.eventually(() => busy.hits === 1);
  expect(await world.get('apps/Deployment default/website-blog')).toBeUndefined();
  await world.elapse(60_000);
  await pass;
  expect(await imageOf(world, 'apps/Deployment default/website-blog')).toBe('nginx:1.27');
});

test('a website that goes takes its Deployment with it', async () => {
  await using world = await startTestServer({ objects: BLOG });
  await reconcileWebsites(world.client, 'default');
  await world.delete('ConfigMap default/blog');
  await reconcileWebsites(world.client, 'default');
  expect(await world.list('apps/Deployment', 'default')).toEqual([]);
});
