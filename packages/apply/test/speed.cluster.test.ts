import { expect } from 'vitest';
import type { Client, KubeObject } from '@homeostat/kube';
import { cluster } from '../../../test/support/cluster.ts';
import { configMap, itemOf, managers, portsOn, run, setIn } from './world.ts';

const COUNT = 1_000;
const IN_FLIGHT = 16;

/** The limit: the same requests in a bare loop. */
async function bare(client: Client, objects: readonly KubeObject[]): Promise<number> {
  const since = performance.now();
  const open = objects.values();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (const object of open) {
        const metadata = { ...object.metadata, resourceVersion: '1' };
        await client.apply({ ...object, metadata }, { manager: managers.current, fieldValidation: 'Strict' });
      }
    }),
  );
  return performance.now() - since;
}

cluster.test(
  'a first apply of 1,000 objects takes at most 1.5 times as long as the same requests in a bare loop',
  async ({ client, namespace }) => {
    const set = setIn(namespace);
    const items = (prefix: string) =>
      Array.from({ length: COUNT }, (_, i) => itemOf(configMap(namespace, `${prefix}-${i}`), set));
    await client.resources();
    const ratios: number[] = [];
    for (let round = 0; round < 3 && !ratios.some((ratio) => ratio <= 1.5); round++) {
      const limit = await bare(
        client,
        items(`bare-${round}`).map(({ object }) => object),
      );
      const since = performance.now();
      const ran = await run(items(`run-${round}`), portsOn(client));
      ratios.push((performance.now() - since) / limit);
      expect(ran.outcomes.every(({ action }) => action === 'created')).toBe(true);
    }
    console.log(`1,000 ConfigMaps: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')} × the bare loop`);
    expect(Math.min(...ratios)).toBeLessThanOrEqual(1.5);
  },
);
