import { createGitSource } from '@homeostat/git';
import { printRef } from '@homeostat/kube';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createPorts, defineSync, drive, reconcileOnce } from '@homeostat/reconcile';

/** Makes a namespace equal to a repository, once, and tells what became of each object. */
export async function main(url: string, namespace: string, kubeconfig?: string): Promise<string[]> {
  await using client = createClient(await loadKubeconfig(kubeconfig === undefined ? {} : { path: kubeconfig }));
  const sync = defineSync({ name: 'embed', namespace });
  const ports = createPorts(sync, { client, source: createGitSource({ url, ref: 'main' }) });
  try {
    const report = await drive(reconcileOnce(sync, ports));
    return [report.state, ...report.objects.map(({ action, ref }) => `${action} ${printRef(ref)}`)];
  } finally {
    await ports.live.close();
    await ports.source.close();
  }
}
