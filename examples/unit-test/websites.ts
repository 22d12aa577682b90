import { createMemorySource } from '@homeostat/git';
import type { Client, KubeObject } from '@homeostat/kube';
import { stringifyJson } from '@homeostat/kube';
import { createPorts, defineSync, drive, reconcileOnce } from '@homeostat/reconcile';
import type { Clock, Report } from '@homeostat/reconcile';

/**
 * Makes the Deployments of a namespace what its websites say: ConfigMaps labelled `example.com/website`. It looks at the
 * state and never at events, so call it whenever something may have changed.
 */
export async function reconcileWebsites(client: Client, namespace: string, clock?: Clock): Promise<Report> {
  const items = (await websitesIn(client, namespace)).map(deploymentOf);
  const source = createMemorySource();
  source.write({ 'objects.json': stringifyJson({ apiVersion: 'v1', kind: 'List', items }) });
  const sync = defineSync({ name: 'websites', namespace, policy: { allowEmpty: true, wait: false } });
  const ports = createPorts(sync, { client, source, ...(clock && { clock }) });
  try {
    return await drive(reconcileOnce(sync, ports));
  } finally {
    await ports.live.close();
    await source.close();
  }
}

async function websitesIn(client: Client, namespace: string): Promise<readonly KubeObject[]> {
  const resource = (await client.resources()).find({ group: '', kind: 'ConfigMap' });
  if (resource === undefined) throw new Error('the server does not serve ConfigMap');
  const websites: KubeObject[] = [];
  for await (const page of client.list(resource, { namespace, labelSelector: 'example.com/website' })) {
    websites.push(...page.items);
  }
  return websites;
}

function deploymentOf(website: KubeObject): KubeObject {
  const app = `website-${website.metadata.name}`;
  const { image = 'nginx' } = (website['data'] ?? {}) as { readonly image?: string };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app },
    spec: {
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'web', image }] } },
    },
  };
}
