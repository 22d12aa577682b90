/** How it must behave with `moved`: what exists is written only in a state that was looked at. */
import { describe, expect } from 'vitest';
import { refOf } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import type { Refusal } from '@homeostat/apply';
import { cluster } from '../../../test/support/cluster.ts';
import { configMap, deployment, itemOf, portsOn, run, setIn, updateOf } from './world.ts';

const NO: Refusal = { code: 'stale', retry: 'backoff', message: 'it is not what was looked at' };

/** A member as it was looked at, and what somebody did to it afterwards. */
async function moved(client: Client, object: KubeObject): Promise<KubeObject> {
  const { outcomes } = await run([itemOf(object, setIn(object.metadata.namespace ?? ''))], portsOn(client));
  const [made] = outcomes;
  if (made?.action !== 'created') throw new Error(JSON.stringify(made));
  const value = { metadata: { annotations: { 'example.com/note': 'x' } } };
  await client.patch(refOf(object), { type: 'merge', value }, { manager: 'somebody' });
  return made.object;
}

/** Answers as told, and keeps what it was asked about. */
function asked(answer: Refusal | undefined) {
  const seen: (KubeObject | undefined)[] = [];
  return {
    seen,
    moved: (_item: unknown, live: KubeObject | undefined) => {
      seen.push(live);
      return answer;
    },
  };
}

describe('a member that moved', () => {
  cluster.test(
    'is left when that is refused, and written in its new state when it is not',
    async ({ client, namespace }) => {
      const live = await moved(client, configMap(namespace, 'web'));
      const change = updateOf(configMap(namespace, 'web', { a: '2' }), live, setIn(namespace));

      const no = asked(NO);
      expect((await run([change], portsOn(client, no))).outcomes).toMatchObject([{ action: 'failed', ...NO }]);
      expect(no.seen).toMatchObject([{ metadata: { annotations: { 'example.com/note': 'x' } } }]);
      expect(await client.get(refOf(live))).toMatchObject({ data: { a: '1' } });

      const yes = asked(undefined);
      expect((await run([change], portsOn(client, yes))).outcomes).toMatchObject([{ action: 'updated' }]);
      expect(yes.seen).toHaveLength(1);
      expect(await client.get(refOf(live))).toMatchObject({
        data: { a: '2' },
        metadata: { annotations: { 'example.com/note': 'x' } },
      });
    },
  );

  cluster.test('is not asked about when it did not move, nor without the question', async ({ client, namespace }) => {
    const live = await moved(client, configMap(namespace, 'web'));
    const now = (await client.get(refOf(live))) as KubeObject;
    const question = asked(NO);
    const change = updateOf(configMap(namespace, 'web', { a: '2' }), now, setIn(namespace));
    expect((await run([change], portsOn(client, question))).outcomes).toMatchObject([{ action: 'updated' }]);
    expect(question.seen).toEqual([]);
    const late = updateOf(configMap(namespace, 'web', { a: '3' }), live, setIn(namespace));
    expect((await run([late], portsOn(client))).outcomes).toMatchObject([{ action: 'updated' }]);
  });

  cluster.test('is asked about before its values are released to others', async ({ client, namespace }) => {
    const live = await moved(client, deployment(namespace, 'web', { replicas: 0 }));
    const release = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: { replicas: 0 },
    };
    const change = updateOf(deployment(namespace, 'web'), live, setIn(namespace), { release });
    const no = asked(NO);
    expect((await run([change], portsOn(client, no))).outcomes).toMatchObject([{ action: 'failed', ...NO }]);
    const managers = (await client.get(refOf(live)))?.metadata.managedFields?.map(({ manager }) => manager);
    expect(managers?.some((manager) => manager?.endsWith('-released'))).toBe(false);

    expect((await run([change], portsOn(client, asked(undefined)))).outcomes).toMatchObject([{ action: 'updated' }]);
    expect(await client.get(refOf(live))).toMatchObject({ spec: { replicas: 0 } });
  });

  cluster.test(
    'is asked about when it is gone, and when what was to be new is there',
    async ({ client, namespace }) => {
      const live = await moved(client, configMap(namespace, 'web'));
      await client.delete(refOf(live));
      const gone = asked(NO);
      const change = updateOf(configMap(namespace, 'web', { a: '2' }), live, setIn(namespace));
      expect((await run([change], portsOn(client, gone))).outcomes).toMatchObject([
        { action: 'failed', code: 'stale' },
      ]);
      expect(gone.seen).toEqual([undefined]);
      expect(await client.get(refOf(live))).toBeUndefined();

      await client.create(configMap(namespace, 'new'));
      const there = asked(NO);
      const item = itemOf(configMap(namespace, 'new', { a: '2' }), setIn(namespace));
      expect((await run([item], portsOn(client, there))).outcomes).toMatchObject([{ action: 'failed', code: 'stale' }]);
      expect(there.seen).toMatchObject([{ data: { a: '1' } }]);
    },
  );
});
