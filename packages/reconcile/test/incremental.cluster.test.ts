/** A plan costs what changed, and is the one that a process without a past would make. */
import { randomInt } from 'node:crypto';
import { expect } from 'vitest';
import { printRef, refOf, setOf } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { toYaml } from '@homeostat/render';
import {
  annotated,
  configMap,
  deployment,
  eventually,
  inNamespace,
  scenarioTest as story,
  secret,
  service,
} from '../../../test/support/scenario.ts';
import type { FileContent, Process } from '../../../test/support/scenario.ts';

story('moving files, rewriting them and commenting them sends nothing', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'a/web.yaml': [deployment('web'), service('web', { app: 'web' })], 'b.yaml': configMap('b') });
  const process = await world.process();
  expect((await process.reconcile()).counts).toMatchObject({ created: 3 });
  process.requests();

  const { apiVersion, kind, metadata, data } = configMap('b');
  const rewritten = `# moved\n${JSON.stringify({ data, metadata, kind, apiVersion }, undefined, 2)}\n`;
  await world.commit({
    'a/web.yaml': null,
    'b.yaml': null,
    'c/deployment.yaml': `# by itself now\n\n${toYaml(deployment('web'))}`,
    'c/service.yaml': service('web', { app: 'web' }),
    'c/d/b.yaml': rewritten,
  });
  const report = await process.reconcile();
  expect(report.counts).toMatchObject({ unchanged: 3, updated: 0 });
  expect(process.requests()).toEqual({});
  expect(report.objects.map(({ ref, origin }) => `${ref.name} ${origin.path}`).toSorted()).toEqual([
    'b c/d/b.yaml',
    'web c/deployment.yaml',
    'web c/service.yaml',
  ]);
});

story('a commit that touches nothing of the sync costs one fetch of commit and trees', async ({ scenario }) => {
  const world = await scenario({ git: true, path: 'apps' });
  const noise = 'what nobody wants to have fetched\n';
  const image = (seed: number): string => Array.from({ length: 3000 }, (_, i) => `${(i * seed) % 9973}`).join('');
  await world.commit({
    'apps/a.yaml': configMap('a'),
    'apps/ignored.yaml': configMap('ignored'),
    'apps/.homeostatignore': 'ignored.yaml\n',
    'site/index.html': noise,
  });
  const process = await world.process();
  expect((await process.reconcile()).counts).toMatchObject({ created: 1 });
  process.requests();
  const { counts } = process.ports.memory.render;
  const fetched = (): string[] =>
    world.git.requests.filter(({ body }) => body.includes('command=fetch')).map(({ body }) => body.toString());

  for (const changes of [
    { 'site/index.html': image(7), 'site/more.bin': image(13) },
    { 'apps/ignored.yaml': configMap('ignored', { a: image(17) }), 'apps/notes.txt': noise },
  ]) {
    await world.commit(changes);
    world.git.forget();
    const report = await process.reconcile();
    expect(report.counts).toMatchObject({ unchanged: 1, created: 0, updated: 0 });
    expect(process.requests()).toEqual({});
    expect(world.git.requests).toHaveLength(2);
    expect(fetched()).toEqual([expect.stringContaining('filter blob:none')]);
    expect(world.git.requests.at(-1)?.bytesOut).toBeLessThan(1000);
    const { documentsParsed, filesRead } = process.ports.memory.render.counts;
    expect({ documentsParsed, filesRead }).toEqual({
      documentsParsed: counts.documentsParsed,
      filesRead: counts.filesRead,
    });
  }

  await world.commit({ 'apps/a.yaml': configMap('a', { a: '2' }), 'site/index.html': image(19) });
  world.git.forget();
  expect((await process.reconcile()).counts).toMatchObject({ updated: 1 });
  expect(process.requests()).toEqual({ 'dry-run': 1, apply: 1 });
  expect(fetched()).toHaveLength(2);
  expect(fetched().at(-1)?.split('want ')).toHaveLength(2);
});

story('as long as neither source nor cluster moves, the plan is not made again', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'all.yaml': [configMap('a'), secret('s', { key: 'open sesame' })] });
  const process = await world.process();
  await process.reconcile();
  process.ports.live.follow();
  const first = await process.plan();
  expect(await process.plan()).toBe(first);

  const drifted = await world.applyAs('somebody', configMap('a', { a: '2' }));
  await seen(process, drifted);
  const second = await process.plan();
  expect(second.items.map(({ ref, action }) => `${action} ${printRef(ref)}`)).toContain(
    `update ConfigMap ${world.namespace}/a`,
  );
  await process.reconcile();
  await world.expectLive(configMap('a', { a: '1' }));
});

story('what could not be read is looked at again in the next pass', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'all.yaml': [configMap('a'), configMap('b')] });
  const process = await world.process();
  await process.reconcile();
  await world.commit({ 'all.yaml': configMap('a'), 'broken.yaml': 'kind: [' });
  expect(await process.reconcile()).toMatchObject({ state: 'Failed', orphans: [{ reason: 'render-incomplete' }] });
  expect(await process.reconcile()).toMatchObject({ state: 'Failed', orphans: [{ reason: 'render-incomplete' }] });
  await world.commit({ 'broken.yaml': null });
  expect(await process.reconcile()).toMatchObject({ state: 'Ready', orphans: [{ action: 'pruned' }] });
});

const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const STEPS = 14;

story(
  `after any commits and drift the plan is that of a fresh process (SEED=${seed})`,
  async ({ scenario, connect }) => {
    const below = randomFrom(seed);
    const world = await scenario();
    const admin = await connect();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const pick = (): string => names[below(names.length)]!;
    const content = (name: string): FileContent => {
      const text = [configMap(name, { v: String(below(3)) }), `# ${below(9)}\n${toYaml(configMap(name, { v: '1' }))}`];
      const more = [
        [configMap(name, { v: '2' }), secret(name, { key: `value-${below(3)}` })],
        [configMap(name), service(name, { app: pick() }), deployment(name, { minReadySeconds: below(3) })],
        annotated(configMap(name), { 'homeostat.dev/prune': below(2) === 0 ? 'false' : 'true' }),
        annotated(configMap(name, { v: '1' }), { 'homeostat.dev/apply': 'create-only' }),
      ];
      return [...text, ...more][below(text.length + more.length)]!;
    };
    const path = (name: string): string => `${below(2) === 0 ? 'x' : 'y'}/${name}.yaml`;
    const paths = new Map<string, string>();
    const commit = async (name: string, next: FileContent): Promise<void> => {
      const before = paths.get(name);
      const after = path(name);
      await world.commit({ ...(before !== undefined && { [before]: null }), [after]: next });
      paths.set(name, after);
    };
    const staying = await world.process();
    for (const name of names) await commit(name, content(name));
    await staying.reconcile();
    staying.ports.live.follow();

    for (let step = 0; step < STEPS; step++) {
      const name = pick();
      switch (below(6)) {
        case 0:
        case 1:
          await commit(name, content(name));
          break;
        case 2:
          await world.commit({ [paths.get(name)!]: null });
          break;
        case 3: {
          const theirs = configMap(name, { v: 'theirs', other: 'theirs' });
          await seen(staying, await world.applyAs('somebody', theirs));
          break;
        }
        case 4: {
          const ref = refOf(inNamespace(configMap(name), world.namespace));
          if (await admin.delete(ref)) await eventually(() => expect(staying.ports.live.get(ref)).toBeUndefined());
          break;
        }
        default:
          await staying.reconcile();
      }
      const fresh = await world.process();
      const expected = await fresh.plan();
      const plan = await staying.plan();
      const where = `SEED=${seed}, step ${step}`;
      expect(summary(plan), where).toEqual(summary(expected));
      expect(plan.digest, where).toBe(expected.digest);
      await fresh.close();
    }
  },
  60_000,
);

function summary({ items, prunes, complete }: Awaited<ReturnType<Process['plan']>>): unknown {
  const lines = [
    ...items.map(({ action, ref, origin }) => `${action} ${printRef(ref)} ${origin.path}:${origin.line}`),
    ...prunes.map(({ decision, ref, reason = '' }) => `${decision} ${printRef(ref)} ${reason}`),
  ];
  return { lines, complete };
}

/** Waits until a process's live view knows this state of a member; it never hears of other objects. */
async function seen({ ports }: Process, object: KubeObject): Promise<void> {
  if (setOf(object) === undefined) return;
  await ports.live.seen(refOf(object), object.metadata.resourceVersion ?? '', { signal: AbortSignal.timeout(20_000) });
}

/** Mulberry32. */
function randomFrom(start: number): (limit: number) => number {
  let state = start | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
