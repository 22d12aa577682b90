/**
 * Invariant 5. A second pass over a settled cluster sends no request at all (a fresh process: discovery, the parent, and one list page
 * per 500 members of each kind).
 */
import { expect } from 'vitest';
import type { KubeObject } from '@homeostat/kube';
import { annotated, configMap, deployment, scenarioTest as story, secret, service } from '../support/scenario.ts';
import type { Process } from '../support/scenario.ts';
import { SEED, draw } from './draw.ts';
import type { Draw } from './draw.ts';
import { tap } from './tap.ts';

/** Objects that the server does not store as they were written: it adds defaults, normalizes, drops. */
function drawn({ between, pick }: Draw, name: string): KubeObject {
  switch (between(0, 7)) {
    case 0:
      return configMap(name, {});
    case 1:
      return { ...configMap(name, { b: '2', a: '1' }), immutable: pick([true, false]) };
    case 2:
      return secret(name, { user: 'ada', empty: '' });
    case 3:
      return service(name, { app: name });
    case 4:
      return deployment(name, { strategy: { rollingUpdate: { maxSurge: '25%' } }, minReadySeconds: 0, paused: false });
    case 5:
      return deployment(name, {}, { nodeSelector: { disk: 'ssd' }, tolerations: [], hostNetwork: false });
    case 6:
      return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, labels: { team: 'a' } } };
    default:
      return annotated(configMap(name), { note: '' });
  }
}

const requests = (process: Process): Readonly<Record<string, number>> => process.requests();

story(
  `5. a pass over what is settled asks nothing; of a fresh process at most 3 requests, and a page for each kind (SEED=${SEED})`,
  async ({ scenario }) => {
    const dice = draw();
    for (let round = 0; round < 3; round += 1) {
      const world = await scenario({ name: `site-${round}`, git: round === 0 });
      const objects = Array.from({ length: dice.between(1, 15) }, (_, i) => drawn(dice, `r${round}-${i}`));
      await world.commit(Object.fromEntries(objects.map((object, i) => [`${i}.yaml`, object])));
      const warm = await world.process();
      expect((await warm.reconcile()).counts).toMatchObject({ failed: 0, created: objects.length });
      const about = JSON.stringify(objects);
      // What the server wrote otherwise than it was sent is asked about once.
      await warm.reconcile();
      for (let pass = 0; pass < 3; pass += 1) {
        warm.requests();
        expect((await warm.reconcile()).counts, about).toMatchObject({ unchanged: objects.length, updated: 0 });
        expect(requests(warm), about).toEqual({});
      }
      const fresh = await world.process();
      const calls = tap(fresh);
      expect((await fresh.reconcile()).counts, about).toMatchObject({ unchanged: objects.length, updated: 0 });
      const lists = calls.filter(({ verb }) => verb === 'list').map(({ kind }) => kind);
      // The set's parent is a ConfigMap, so that kind is looked at whether or not it is desired.
      const kinds = new Set(objects.map(({ kind }) => kind));
      expect(lists.toSorted(), about).toEqual([...new Set(lists)].toSorted());
      expect(new Set(lists), about).toEqual(kinds);
      const { list = 0, discovery = 0, get = 0, ...rest } = requests(fresh);
      expect({ list, rest }, about).toEqual({ list: kinds.size, rest: {} });
      expect(discovery + get, about).toBeLessThanOrEqual(3);
    }
  },
);

story('5. 1,200 members of one kind are three pages, and a second look at them is none', async ({ scenario }) => {
  const count = 1_200;
  const world = await scenario({ policy: { wait: false, validate: 'none' } });
  await world.commit({ 'all.yaml': Array.from({ length: count }, (_, i) => configMap(`c-${i}`)) });
  expect((await world.reconcile()).counts).toMatchObject({ created: count, failed: 0 });
  const fresh = await world.process();
  expect((await fresh.reconcile()).counts).toMatchObject({ unchanged: count });
  const { list = 0, discovery = 0, get = 0, ...rest } = requests(fresh);
  expect({ list, rest }).toEqual({ list: 3, rest: {} });
  expect(discovery + get).toBeLessThanOrEqual(3);
  await fresh.reconcile();
  expect(requests(fresh)).toEqual({});
});

story('5. a commit that changes nothing of a set asks nothing of the cluster', async ({ scenario }) => {
  const world = await scenario({ path: 'apps', git: true });
  await world.commit({ 'apps/a.yaml': configMap('a'), 'apps/b.yaml': configMap('b'), 'README.md': 'one' });
  const process = await world.process();
  await process.reconcile();
  const quiet: readonly Parameters<typeof world.commit>[0][] = [
    { 'README.md': 'two', 'elsewhere/c.yaml': configMap('c') },
    { 'apps/a.yaml': null, 'apps/deeper/moved.yaml': configMap('a') },
    { 'apps/b.yaml': '# a comment\napiVersion: v1\nkind: ConfigMap\ndata: {a: "1"}\nmetadata:\n  name: b\n' },
  ];
  for (const files of quiet) {
    await world.commit(files);
    process.requests();
    expect((await process.reconcile()).counts).toMatchObject({ unchanged: 2, updated: 0, created: 0, pruned: 0 });
    const asked = requests(process);
    // The revision in the report at the parent may be told along with something else, never for itself.
    expect(asked, Object.keys(files).join(', ')).toEqual({});
  }
});
