import { compareText } from '../src/ref.ts';

/** Reads a path of an API server as JSON. */
export type Read = (path: string) => Promise<unknown>;

/** Kinds by group and scope: sorted, separated by spaces. */
export type KindTable = Readonly<Record<string, { readonly cluster: string; readonly namespaced: string }>>;

/** What a server serves by itself: neither from CustomResourceDefinitions nor through other servers. */
export async function servedKinds(read: Read): Promise<KindTable> {
  const builtin = (await read(`${API_SERVICES}?labelSelector=kube-aggregator.kubernetes.io/automanaged=onstart`)) as {
    readonly items: readonly { readonly spec: { readonly group?: string; readonly version: string } }[];
  };
  const served = [...builtin.items.map(({ spec }) => spec), { group: 'apiregistration.k8s.io', version: 'v1' }];
  const groups = Map.groupBy(served, ({ group = '' }) => group);
  const rows = [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .map(async ([group, versions]) => {
      const paths = versions.map(({ version }) => (group === '' ? `/api/${version}` : `/apis/${group}/${version}`));
      return [group, await kindsAt(read, paths)] as const;
    });
  return Object.fromEntries(await Promise.all(rows));
}

const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';

async function kindsAt(read: Read, paths: readonly string[]): Promise<KindTable[string]> {
  const lists = await Promise.all(paths.map(async (path) => (await read(path)) as ResourceList));
  const resources = lists.flatMap((list) => list.resources).filter(({ name }) => !name.includes('/'));
  const inScope = (scope: boolean) => {
    const kinds = resources.filter(({ namespaced }) => namespaced === scope).map(({ kind }) => kind);
    return [...new Set(kinds)].sort(compareText).join(' ');
  };
  return { cluster: inScope(false), namespaced: inScope(true) };
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}
