import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '@homeostat/kube';
import { toYaml } from '@homeostat/render';

const PER_FILE = 10;

/** Member number `n` of a set of any size: a ConfigMap that holds 300 bytes, the same every time. */
export function memberObject(namespace: string, n: number): KubeObject {
  const text = `${n}:`.padEnd(300, 'settings ');
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `cm-${n}`, namespace }, data: { text } };
}

/** Manifests of the first `count` members, ten in a file. */
export async function writeMembers(folder: string, namespace: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let at = 0; at < count; at += PER_FILE) {
    const objects = Array.from({ length: Math.min(PER_FILE, count - at) }, (_, index) =>
      memberObject(namespace, at + index),
    );
    await writeFile(join(folder, `file-${at}.yaml`), objects.map((object) => toYaml(object)).join('---\n'));
  }
}
