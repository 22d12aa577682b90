import { createMemorySource } from '@homeostat/git';
import type { Client, KubeObject } from '@homeostat/kube';
import { stringifyJson } from '@homeostat/kube';
import { createLoop, createPorts, defineSync } from '@homeostat/reconcile';
import type { Loop } from '@homeostat/reconcile';

/**
 * A controller without Git: it watches ConfigMaps that are labelled `example.com/website`, renders a Service and a Deployment
 * for each, and lets the engine make them true, repair them, and take them away with their website.
 */
export async function main(client: Client, namespace: string, signal: AbortSignal): Promise<Loop> {
  const source = createMemorySource();
  const websites = new Map<string, KubeObject>();
  const publish = (): void => {
    const objects = [...websites.values()].flatMap(render);
    source.write({ 'objects.json': stringifyJson({ apiVersion: 'v1', kind: 'List', items: objects }) });
  };

  const resource = (await client.resources({ signal })).find({ group: '', kind: 'ConfigMap' });
  if (resource === undefined) throw new Error('the server does not serve ConfigMap');
  const scope = { namespace, labelSelector: 'example.com/website', signal };
  let resourceVersion = '';
  for await (const page of client.list(resource, scope)) {
    resourceVersion = page.resourceVersion;
    for (const website of page.items) websites.set(website.metadata.name, website);
  }
  publish();
  void follow();

  const sync = defineSync({ name: 'websites', namespace, policy: { allowEmpty: true, poll: 200 } });
  const loop = createLoop(sync, createPorts(sync, { client, source }));
  void loop.run({ signal });
  return loop;

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const event of client.watch(resource!, { ...scope, resourceVersion })) {
          if (event.type === 'BOOKMARK') resourceVersion = event.resourceVersion;
          else if (event.type === 'DELETED') websites.delete(event.ref.name);
          else websites.set(event.object.metadata.name, event.object);
          if (event.type !== 'BOOKMARK') publish();
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}

function render(website: KubeObject): KubeObject[] {
  const { name } = website.metadata;
  const { image = 'nginx' } = (website['data'] ?? {}) as { readonly image?: string };
  const app = `website-${name}`;
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: app },
      spec: { selector: { app }, ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: app },
      spec: {
        selector: { matchLabels: { app } },
        template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'web', image }] } },
      },
    },
  ];
}
