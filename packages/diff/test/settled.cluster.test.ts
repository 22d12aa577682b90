import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { compare, equalContent, remainingChanges } from '@homeostat/diff';
import { KubeError, builtinScope, gvkOf, payloadOf, printRef, refOf, stringifyJson } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { MANIFESTS, manifests } from './manifests.ts';
import { ASK_THE_SERVER } from './questions.ts';

const manager = { current: 'homeostat', former: [] };
const test = cluster.needs('controllers');

for (const file of MANIFESTS) {
  test(`right after our apply, ${file} are in sync, or need one question to the server for a known reason`, async ({
    client,
    namespace,
  }) => {
    const unique = `u${randomBytes(4).toString('hex')}`;
    const crds =
      file === 'custom'
        ? manifests('cluster', namespace, unique).filter(({ kind }) => kind === 'CustomResourceDefinition')
        : [];
    const applied: KubeObject[] = [];
    const pairs: { desired: KubeObject; live: KubeObject }[] = [];
    try {
      for (const desired of [...crds, ...manifests(file, namespace, unique)]) {
        const answer = await apply(client, desired);
        applied.push(desired);
        pairs.push({ desired, live: answer });
        const verdict = compare(desired, answer, { manager });
        const name = `${desired.kind} ${desired.metadata.name.replaceAll(unique, 'UNIQUE')}`;
        const reason = ASK_THE_SERVER[name];
        expect(verdict, name).toMatchObject(
          reason === undefined ? { state: 'in-sync' } : { state: 'unknown', reason: 'normalization' },
        );
        if (reason === undefined) continue;

        // The one question: an apply of the same leaves everything as it is, and nothing counts as overridden.
        const again = await apply(client, desired);
        expect(equalContent(again, await liveOf(client, desired)), name).toBe(true);
        expect(remainingChanges(desired, again, { manager, before: answer }), name).toEqual([]);
      }
      for (const desired of applied) {
        const live = await liveOf(client, desired);
        if (ASK_THE_SERVER[`${desired.kind} ${desired.metadata.name.replaceAll(unique, 'UNIQUE')}`] !== undefined)
          continue;
        expect(
          compare(desired, live, { manager }),
          `${printRef(refOf(desired))} once controllers have seen it`,
        ).toEqual({ state: 'in-sync' });
      }
      record(file, pairs, namespace, unique);
    } finally {
      for (const desired of applied.toReversed()) {
        const { group, kind } = gvkOf(desired);
        if (builtinScope(group, kind) === 'Cluster') await client.delete(refOf(desired));
      }
    }
  });
}

/** Applies, and waits for a CRD that was applied a moment ago to be served. */
async function apply(client: Client, desired: KubeObject): Promise<KubeObject> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      const { object } = await client.apply(payloadOf(desired), {
        manager: 'homeostat',
        force: true,
        fieldValidation: 'Strict',
      });
      return object;
    } catch (error) {
      const soon = error instanceof KubeError && (error.code === 'UNKNOWN_KIND' || error.code === 'THROTTLED');
      if (!soon || Date.now() > deadline) throw error;
      await client.resources({ refresh: true });
    }
  }
}

async function liveOf(client: Client, desired: KubeObject): Promise<KubeObject> {
  const live = await client.get(refOf(desired), { version: gvkOf(desired).version });
  if (live === undefined) throw new Error(`${printRef(refOf(desired))} is gone`);
  return live;
}

/** With `RECORD=1` the answers become the fixtures of the unit tests. */
function record(file: string, pairs: readonly unknown[], namespace: string, unique: string): void {
  if (process.env['RECORD'] !== '1') return;
  const folder = new URL('./fixtures/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const text = pairs.map((pair) => stringifyJson(pair)).join('\n');
  writeFileSync(
    new URL(`${file}.jsonl`, folder),
    `${text.replaceAll(namespace, 'demo').replaceAll(unique, 'unique')}\n`,
  );
}
