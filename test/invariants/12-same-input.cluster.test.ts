/** Invariant 12. Same input, same plan, same order of requests. */
import { expect } from 'vitest';
import { createLimit } from '@homeostat/apply';
import type { KubeObject } from '@homeostat/kube';
import {
  annotated,
  configMap,
  deployment,
  randomName,
  scenarioTest as story,
  secret,
  service,
} from '../support/scenario.ts';
import type { FileContent, World } from '../support/scenario.ts';
import { SEED, draw } from './draw.ts';
import type { Draw } from './draw.ts';
import { isWrite, tap } from './tap.ts';
import type { Call } from './tap.ts';

/** Objects of many kinds, some of which hang on others, or stand in waves. */
function drawn({ between, pick, chance }: Draw, namespace: string): readonly KubeObject[] {
  return Array.from({ length: between(6, 16) }, (_, i) => {
    const name = `o-${i}`;
    const object = pick([
      configMap,
      (at: string) => secret(at, { a: '1' }),
      (at: string) => service(at, { app: at }),
      (at: string) => deployment(at),
    ])(name);
    if (i > 0 && chance(0.2))
      return annotated(object, { 'homeostat.dev/depends-on': `/namespaces/${namespace}/ConfigMap/first` });
    return chance(0.2) ? annotated(object, { 'homeostat.dev/wave': `${between(-1, 2)}` }) : object;
  });
}

const first = configMap('first');

/** One per file, in the order in which they are given. */
const oneEach = (objects: readonly KubeObject[]): Record<string, FileContent> =>
  Object.fromEntries(objects.map((object) => [`${object.kind}-${object.metadata.name}.yaml`, object]));

const line = ({ verb, kind, name, dryRun }: Call): string => `${verb}${dryRun ? ' (dry run)' : ''} ${kind} ${name}`;

/** Two passes with one request at a time: everything is made, then some is changed and some goes. */
async function told(
  world: World,
  files: Record<string, FileContent>,
): Promise<{ readonly requests: readonly string[]; readonly plans: readonly string[] }> {
  const requests: string[] = [];
  const plans: string[] = [];
  const gone = Object.keys(files).slice(0, 3).toSorted();
  for (const step of [files, Object.fromEntries(gone.map((path) => [path, null]))]) {
    await world.commit(step);
    const process = await world.process({ policy: { wait: false } });
    const calls = tap(process, {}, { limit: createLimit({ start: 1, min: 1, max: 1 }) });
    const plan = await process.plan();
    // The commit names the content of the files, so it is input too.
    plans.push(
      JSON.stringify({ ...plan, digest: '' })
        .replaceAll(world.namespace, 'NS')
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID')
        .replaceAll(/"resourceVersion":"\d+"/g, '')
        // Of an orphan it is the digest of all that it holds, as the address that a Service was given.
        .replaceAll(/,"content":"[0-9a-f]{64}"/g, ''),
    );
    await process.reconcile();
    requests.push(...calls.filter((call) => call.dryRun || isWrite(call)).map(line));
  }
  return { requests, plans };
}

story(
  `12. in two namespaces the same files lead to the same plans and the same requests in the same order (SEED=${SEED})`,
  async ({ scenario, client, raw, onTestFinished }) => {
    const dice = draw();
    for (let round = 0; round < 2; round += 1) {
      const worlds = [0, 1].map(() => randomName('same'));
      const objects = drawn(dice, 'NS');
      const tales = [];
      for (const [i, namespace] of worlds.entries()) {
        onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${namespace}`)));
        await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
        const world = await scenario({ namespace });
        const own = objects.map(
          (object) => JSON.parse(JSON.stringify(object).replaceAll('NS', namespace)) as KubeObject,
        );
        // A repository that was written in another order.
        const files = Object.entries(oneEach([first, ...own]));
        const order = i === 0 ? files : dice.shuffle(files);
        const kept = Object.fromEntries(files.slice(0, 3).map(([path]) => [path, true]));
        tales.push(
          await told(world, Object.fromEntries(order.toSorted(([a], [b]) => Number(b in kept) - Number(a in kept)))),
        );
      }
      const [one, two] = tales;
      const commit = /"commit":"[0-9a-f]+"/g;
      expect(two?.plans.map((plan) => plan.replaceAll(commit, ''))).toEqual(
        one?.plans.map((plan) => plan.replaceAll(commit, '')),
      );
      expect(two?.requests).toEqual(one?.requests);
      expect(one?.requests.length).toBeGreaterThan(objects.length);
    }
  },
);

story(
  `12. asked twice, by fresh processes and by one that stays, the plan has the same digest (SEED=${SEED})`,
  async ({ scenario }) => {
    const dice = draw();
    const world = await scenario({ policy: { wait: false } });
    const objects = [first, ...drawn(dice, world.namespace)];
    await world.commit(oneEach(objects));
    const digests = new Set<string>();
    const stays = await world.process();
    for (let time = 0; time < 3; time += 1) {
      digests.add((await stays.plan()).digest);
      digests.add((await (await world.process()).plan()).digest);
    }
    expect(digests.size).toBe(1);
    await stays.reconcile();
    const settled = await (await world.process()).plan();
    expect(digests).not.toContain(settled.digest);
    expect((await (await world.process()).plan()).digest).toBe(settled.digest);
    // Somebody else's field is no input of ours, our own is.
    await world.applyAs('somebody', configMap('first', { theirs: '1' }));
    expect((await (await world.process()).plan()).digest).toBe(settled.digest);
    await world.applyAs('somebody', configMap('first', { a: 'theirs' }));
    expect((await (await world.process()).plan()).digest).not.toBe(settled.digest);
  },
);

story(
  `12. how objects are spread over files says nothing about the order in which they are written (SEED=${SEED})`,
  async ({ scenario }) => {
    const dice = draw();
    const world = await scenario({ policy: { wait: false } });
    const objects = [first, ...drawn(dice, world.namespace)];
    const orders: string[][] = [];
    for (let spread = 0; spread < 4; spread += 1) {
      const files: Record<string, KubeObject[]> = {};
      for (const object of spread === 0 ? objects : dice.shuffle(objects))
        (files[`${dice.between(0, 4)}.yaml`] ??= []).push(object);
      await world.commit({ ...Object.fromEntries([0, 1, 2, 3, 4].map((i) => [`${i}.yaml`, null])), ...files });
      const process = await world.process();
      // With as many requests at once as may be: what they are asked in is the order of sending.
      const calls = tap(process);
      await process.plan();
      orders.push(calls.filter(({ dryRun }) => dryRun).map(line));
    }
    expect(orders[0]?.length).toBe(objects.length);
    for (const order of orders) expect(order).toEqual(orders[0]);
  },
);
