/**
 * Writes src/data/packed.ts from what a Kubernetes API server answers. The server should be one for trials: objects are
 * made in it, and deleted.
 *
 *   KUBECONFIG=… node --conditions=@homeostat/source packages/kube/scripts/generate-data.ts
 */
import { writeFile } from 'node:fs/promises';
import { createClient, loadKubeconfig } from '../src/http/index.ts';
import type { KubeData } from '../src/data/kube-data.ts';
import { packedModule } from './packed-module.ts';
import { readServer } from './read-server.ts';

const client = createClient(await loadKubeconfig({}));
const get = async (path: string, accept: string): Promise<unknown> => {
  const answer = await client.request({ method: 'GET', path, headers: { accept } });
  if (answer.status !== 200) throw new Error(`${path}: ${String(answer.status)} ${answer.body}`);
  return JSON.parse(answer.body);
};
const served = await readServer(get);
const flags = {
  tracks:
    'Pod PodTemplate ReplicationController Deployment StatefulSet DaemonSet ReplicaSet Job CronJob Ingress IngressClass NetworkPolicy HorizontalPodAutoscaler PodDisruptionBudget PriorityClass EndpointSlice ValidatingWebhookConfiguration MutatingWebhookConfiguration CustomResourceDefinition FlowSchema'.split(
      ' ',
    ),
  rv: 'Lease PodDisruptionBudget ValidatingWebhookConfiguration MutatingWebhookConfiguration CustomResourceDefinition APIService'.split(
    ' ',
  ),
  creates: 'Endpoints Event LimitRange Lease Role RoleBinding ClusterRole ClusterRoleBinding'.split(' '),
  object:
    'ServiceAccount Service ResourceQuota PodTemplate StorageClass Pod Namespace PersistentVolumeClaim PersistentVolume'.split(
      ' ',
    ),
};
const data: KubeData = {
  ...served,
  groupVersions: served.groupVersions.map((gv) => ({
    ...gv,
    resources: gv.resources.map((r) => ({
      ...r,
      tracksGeneration: flags.tracks.includes(r.kind),
      needsResourceVersion: flags.rv.includes(r.kind),
      createsOnUpdate: flags.creates.includes(r.kind),
      deleteAnswer: flags.object.includes(r.kind) ? ('object' as const) : ('status' as const),
    })),
  })),
};
await writeFile(new URL('../src/data/packed.ts', import.meta.url), packedModule(data));
await client.close();
