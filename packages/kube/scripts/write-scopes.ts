/**
 * Writes src/builtin-kinds.ts from what a Kubernetes API server serves by itself, read through kubectl:
 *
 *   KUBECTL=kubectl KUBECONFIG=… node --conditions=@homeostat/source packages/kube/scripts/write-scopes.ts
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { servedKinds } from './served-kinds.ts';
import type { Read } from './served-kinds.ts';

const read: Read = async (path) => {
  const { stdout } = await promisify(execFile)(process.env['KUBECTL'] ?? 'kubectl', ['get', '--raw', path]);
  return JSON.parse(stdout);
};

const { gitVersion } = (await read('/version')) as { readonly gitVersion: string };
const rows = Object.entries(await servedKinds(read)).map(
  ([group, { cluster, namespaced }]) => `  '${group}': { cluster: '${cluster}', namespaced: '${namespaced}' },`,
);

await writeFile(
  new URL('../src/builtin-kinds.ts', import.meta.url),
  `// Written by scripts/write-scopes.ts from the discovery of Kubernetes ${gitVersion}: do not edit.

/** Every kind that Kubernetes serves by itself, by group and scope. */
export const BUILTIN_KINDS: Readonly<Record<string, { readonly cluster: string; readonly namespaced: string }>> = {
${rows.join('\n')}
};
`,
);
