/**
 * Writes src/builtin-kinds.ts from the discovery of a bare Kubernetes API server (one without CustomResourceDefinitions),
 * read through `kubectl get --raw`.
 *
 *   KUBECTL=kubectl KUBECONFIG=… node --conditions=@homeostat/source packages/kube/scripts/write-scopes.ts
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { compareText } from '../src/ref.ts';

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

interface GroupList {
  readonly groups: readonly {
    readonly name: string;
    readonly versions: readonly { readonly groupVersion: string }[];
  }[];
}

const kubectl = process.env['KUBECTL'] ?? 'kubectl';
const read = (path: string): unknown => JSON.parse(execFileSync(kubectl, ['get', '--raw', path], { encoding: 'utf8' }));

const { groups } = read('/apis') as GroupList;
const { gitVersion } = read('/version') as { readonly gitVersion: string };
const paths = [
  { group: '', path: '/api/v1' },
  ...groups.flatMap(({ name, versions }) =>
    versions.map(({ groupVersion }) => ({ group: name, path: `/apis/${groupVersion}` })),
  ),
];

const kinds = new Map<string, { cluster: Set<string>; namespaced: Set<string> }>();
for (const { group, path } of paths) {
  const scopes = kinds.get(group) ?? { cluster: new Set<string>(), namespaced: new Set<string>() };
  kinds.set(group, scopes);
  for (const { name, kind, namespaced } of (read(path) as ResourceList).resources) {
    if (!name.includes('/')) scopes[namespaced ? 'namespaced' : 'cluster'].add(kind);
  }
}

const words = (set: ReadonlySet<string>) => `'${[...set].sort(compareText).join(' ')}'`;
const rows = [...kinds]
  .sort(([a], [b]) => compareText(a, b))
  .map(
    ([group, { cluster, namespaced }]) =>
      `  '${group}': { cluster: ${words(cluster)}, namespaced: ${words(namespaced)} },`,
  );

writeFileSync(
  new URL('../src/builtin-kinds.ts', import.meta.url),
  `// Written by scripts/write-scopes.ts from the discovery of Kubernetes ${gitVersion}: do not edit.

/** Every kind that Kubernetes serves by itself, by group and scope. */
export const BUILTIN_KINDS: Readonly<Record<string, { readonly cluster: string; readonly namespaced: string }>> = {
${rows.join('\n')}
};
`,
);
