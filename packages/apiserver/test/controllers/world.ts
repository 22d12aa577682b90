import type { Client, KubeObject, Propagation, Ref } from '@homeostat/kube';
import { createApiServer, manualClock, seededRandom } from '@homeostat/apiserver';
import type { ApiServer, ApiServerOptions } from '@homeostat/apiserver';

/** A server whose time stands still until it is moved, with a namespace `demo`, and what it takes to tell a story there. */
export interface World extends AsyncDisposable {
  readonly server: ApiServer;
  readonly client: Client;
  /** Errors of the controllers. */
  readonly failures: readonly unknown[];
  /** Creates it, in `demo` unless it says otherwise, and lets the controllers settle. */
  create(object: object): Promise<KubeObject>;
  /** `undefined` when it is not there. */
  get(kind: string, name: string, namespace?: string): Promise<KubeObject | undefined>;
  list(kind: string, namespace?: string): Promise<readonly KubeObject[]>;
  /** Changes it by a merge patch, and lets the controllers settle. */
  patch(kind: string, name: string, value: Readonly<Record<string, unknown>>, namespace?: string): Promise<KubeObject>;
  delete(kind: string, name: string, propagation?: Propagation, namespace?: string): Promise<void>;
}

export async function world(options: ApiServerOptions = {}): Promise<World> {
  const failures: unknown[] = [];
  const server = await createApiServer({
    clock: manualClock(),
    random: seededRandom(1),
    controllers: { onError: (error) => failures.push(error) },
    ...options,
  });
  const client = server.client({ userAgent: 'test' });
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
  await server.settled();
  return {
    server,
    client,
    failures,
    async create(object) {
      const { metadata, ...rest } = object as KubeObject;
      const place = CLUSTER.has(rest.kind) ? {} : { namespace: 'demo' };
      const made = await client.create({ ...rest, metadata: { ...place, ...metadata } });
      await server.settled();
      return made.object;
    },
    get: (kind, name, namespace = 'demo') => client.get(refOf(kind, name, namespace)),
    async list(kind, namespace = 'demo') {
      const resource = (await client.resources()).find({ group: GROUPS[kind] ?? '', kind });
      if (resource === undefined) throw new TypeError(`no ${kind}`);
      const items: KubeObject[] = [];
      for await (const page of client.list(resource, CLUSTER.has(kind) ? {} : { namespace })) items.push(...page.items);
      return items;
    },
    async patch(kind, name, value, namespace = 'demo') {
      const { object } = await client.patch(refOf(kind, name, namespace), { type: 'merge', value });
      await server.settled();
      return object;
    },
    async delete(kind, name, propagation, namespace = 'demo') {
      await client.delete(refOf(kind, name, namespace), { ...(propagation !== undefined && { propagation }) });
      await server.settled();
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function refOf(kind: string, name: string, namespace: string): Ref {
  return { group: GROUPS[kind] ?? '', kind, namespace: CLUSTER.has(kind) ? '' : namespace, name };
}

const GROUPS: Readonly<Record<string, string>> = {
  Deployment: 'apps',
  ReplicaSet: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ControllerRevision: 'apps',
  Job: 'batch',
  CronJob: 'batch',
  PodDisruptionBudget: 'policy',
  EndpointSlice: 'discovery.k8s.io',
  ClusterRole: 'rbac.authorization.k8s.io',
};
const CLUSTER = new Set(['Namespace', 'PersistentVolume', 'Node', 'ClusterRole']);
