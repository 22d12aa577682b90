import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '@homeostat/apiserver/testing';
import { reconcileWebsites } from '../websites.ts';

void test('a website gets a Deployment', async () => {
  await using world = await startTestServer();
  await world.apply(
    '{ apiVersion: v1, kind: ConfigMap, metadata: { name: blog, labels: { example.com/website: "" } } }',
  );
  await reconcileWebsites(world.client, 'default');
  equal((await world.get('apps/Deployment default/website-blog'))?.metadata.namespace, 'default');
});
