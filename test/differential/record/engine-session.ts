import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemorySource } from '@homeostat/git';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createPorts, defineSync, destroySet, drive, reconcileOnce } from '@homeostat/reconcile';
import { toYaml } from '@homeostat/render';
import type { KubeObject } from '@homeostat/kube';

/** What our engine asks from a first sync to the end of the set. */
export async function tellEngineStory(url: string, namespace: string, home: string): Promise<void> {
  const kubeconfig = join(home, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: url } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  const source = createMemorySource();
  const sync = defineSync({ name: 'site', namespace });
  await using client = createClient(await loadKubeconfig({ path: kubeconfig }));
  const pass = async (): Promise<void> => {
    const ports = createPorts(sync, { client, source: { ...source, close: () => Promise.resolve() } });
    await drive(reconcileOnce(sync, ports));
    await ports.live.close();
  };

  source.write({
    'a.yaml': text(configMap('a', '1'), configMap('b', '1'), service('web')),
    'more.yaml': text(account('runner')),
  });
  await pass();
  await pass();
  source.write({ 'a.yaml': text(configMap('a', '2'), configMap('b', '1'), service('web')) });
  await pass();
  await client.apply(
    { ...configMap('a', '9'), metadata: { name: 'a', namespace } },
    {
      manager: 'somebody',
      force: true,
    },
  );
  await pass();
  source.write({ 'a.yaml': text(configMap('a', '2'), service('web')), 'more.yaml': null });
  await pass();
  const ports = createPorts(sync, { client, source });
  await drive(destroySet(sync, ports, { mode: 'delete' }));
  await ports.live.close();
  await ports.source.close();
}

function text(...objects: readonly KubeObject[]): string {
  return objects.map((object) => toYaml(object)).join('---\n');
}

function configMap(name: string, value: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } };
}

function service(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80 }] },
  };
}

function account(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } };
}
