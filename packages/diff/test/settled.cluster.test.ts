import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { compare, equalContent, remainingChanges } from '@homeostat/diff';
import { printRef, refOf, stringifyJson } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import { MANAGER as manager, apply, cleanUp, liveOf } from './apply.ts';
import { SERVER_DEFAULTS } from '../src/normalization.ts';
import { addedBy } from './defaults.ts';
import { MANIFESTS, manifests } from './manifests.ts';
import { questionOf } from './questions.ts';

const test = cluster.needs('controllers');
const newName = () => `u${randomBytes(4).toString('hex')}`;

for (const file of MANIFESTS) {
  test(`right after our apply, ${file} are in sync, or need one question to the server for a known reason`, async ({
    client,
    namespace,
  }) => {
    const unique = newName();
    const needed = file === 'custom' ? manifests('cluster', namespace, unique) : [];
    const crds = needed.filter(({ kind }) => kind === 'CustomResourceDefinition');
    const objects = [...crds, ...manifests(file, namespace, unique)];
    const pairs: { desired: KubeObject; live: KubeObject }[] = [];
    try {
      for (const desired of objects) {
        const answer = await apply(client, desired);
        pairs.push({ desired, live: answer });
        await expectSettled(client, desired, answer, questionOf(desired, unique));
      }
      for (const desired of objects.filter((object) => questionOf(object, unique) === undefined)) {
        const name = `${printRef(refOf(desired))}, after controllers have seen it`;
        expect(compare(desired, await liveOf(client, desired), { manager }), name).toEqual({ state: 'in-sync' });
      }
    } finally {
      await cleanUp(client, objects);
    }
    record(file, pairs, namespace, unique);
  });
}

async function expectSettled(
  client: Client,
  desired: KubeObject,
  answer: KubeObject,
  question: string | undefined,
): Promise<void> {
  const verdict = compare(desired, answer, { manager });
  const name = printRef(refOf(desired));
  if (question === undefined) return expect(verdict, name).toEqual({ state: 'in-sync' });

  expect(verdict, name).toMatchObject({ state: 'unknown', reason: 'normalization' });
  // The one question: an apply of the same leaves everything as it is, and nothing counts as overridden.
  const before = await liveOf(client, desired);
  const again = await apply(client, desired);
  expect(equalContent(again, before), name).toBe(true);
  expect(remainingChanges(desired, again, { manager, before }), name).toEqual([]);
}

test('every row of the known defaults is what the server adds', async ({ client, namespace }) => {
  const unique = newName();
  const objects = MANIFESTS.filter((file) => file !== 'custom').flatMap((file) => manifests(file, namespace, unique));
  const pairs: { desired: KubeObject; live: KubeObject }[] = [];
  try {
    for (const desired of objects) pairs.push({ desired, live: await apply(client, desired) });
  } finally {
    await cleanUp(client, objects);
  }

  const rows = SERVER_DEFAULTS.flatMap((row) =>
    (row.kinds ?? [undefined]).map((kind) => (kind ? { ...row, kinds: [kind] } : row)),
  );
  const unseen = rows.flatMap((row) =>
    Object.keys(row.adds)
      .filter((name) => !pairs.some(({ desired, live }) => addedBy(row, name, desired, live)))
      .map((name) => `${row.kinds?.join() ?? 'any kind'} ${row.at.join('.')} ${name}`),
  );
  expect(unseen).toEqual([]);
});

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
