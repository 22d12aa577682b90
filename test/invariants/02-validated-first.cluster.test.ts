/**
 * Invariant 2. Nothing is mutated before rendering has ended and every changed object has been validated (objects whose kind or
 * namespace is created by the same plan are validated as soon as that exists). What passed goes on; what failed holds its dependants and
 * all pruning.
 */
import { expect } from 'vitest';
import type { KubeObject } from '@homeostat/kube';
import {
  annotated,
  configMap,
  deployment,
  inNamespace,
  namespaceObject,
  randomName,
  scenarioTest as story,
  secret,
  told,
} from '../support/scenario.ts';
import type { Process } from '../support/scenario.ts';
import { SEED, draw } from './draw.ts';
import { isWrite, tap } from './tap.ts';
import type { Call } from './tap.ts';

/** Everything that the server refuses under a dry run, in its own way. */
const BAD: readonly ((name: string) => KubeObject)[] = [
  (name) => deployment(name, { replicas: -1 }),
  (name) => deployment(name, { replica: 1 }),
  (name) => inNamespace(configMap(name), 'no-such-namespace'),
  (name) => secret(name, { port: { not: 'a text' } }),
  (name) => ({ ...configMap(name), data: { a: { not: 'a text' } } }),
];
const GOOD: readonly ((name: string) => KubeObject)[] = [
  configMap,
  (name) => deployment(name),
  (name) => secret(name, { a: '1' }),
];

/** Tells of each request how far the process was when it was sent. */
function watched(process: Process): { readonly calls: readonly Call[]; readonly early: readonly string[] } {
  const early: string[] = [];
  let open = 0;
  const calls = tap(process, {
    before(call) {
      if (call.dryRun) open += 1;
      if (!isWrite(call)) return;
      if (!process.events.some(({ type }) => type === 'rendered')) early.push(`${call.name}: still rendering`);
      if (!process.events.some(({ type }) => type === 'planned')) early.push(`${call.name}: there is no plan`);
      if (open > 0) early.push(`${call.name}: ${open} dry runs without an answer`);
    },
    after: ({ dryRun }) => void (open -= dryRun ? 1 : 0),
  });
  return {
    calls,
    get early() {
      // What was refused has been answered too.
      open = 0;
      return early;
    },
  };
}

const path = ({ kind, metadata: { name } }: KubeObject, namespace: string): string =>
  `${kind === 'Deployment' ? 'apps' : ''}/namespaces/${namespace}/${kind}/${name}`;

story(
  `2. before the first write all is rendered and every changed object has an answer; what failed holds its dependants and all pruning (SEED=${SEED})`,
  async ({ scenario }) => {
    const { between, pick, shuffle } = draw();
    for (let round = 0; round < 6; round += 1) {
      const world = await scenario({ name: `site-${round}`, policy: { wait: false } });
      const orphans = Array.from({ length: between(1, 3) }, (_, i) => configMap(`r${round}-orphan-${i}`));
      const settled = [configMap(`r${round}-settled`), configMap(`r${round}-changed`)];
      await world.commit({ 'orphans.yaml': orphans, 'settled.yaml': settled });
      await world.reconcile();

      const bad = Array.from({ length: round % 3 === 0 ? 0 : between(1, 3) }, (_, i) =>
        pick(BAD)(`r${round}-bad-${i}`),
      );
      const good = Array.from({ length: between(1, 4) }, (_, i) => pick(GOOD)(`r${round}-good-${i}`));
      // Each hangs on one that stands before it, good or bad, or on one that hangs itself.
      const hanging: { readonly object: KubeObject; readonly dead: boolean }[] = [];
      const grounds = [
        ...bad.map((object) => ({ object, dead: true })),
        ...good.map((object) => ({ object, dead: false })),
      ];
      for (let i = 0; i < between(1, 4); i += 1) {
        const { object: on, dead } = pick([...grounds, ...hanging]);
        const needs = path(on, on.metadata.namespace ?? world.namespace);
        hanging.push({
          object: annotated(configMap(`r${round}-hangs-${i}`), { 'homeostat.dev/depends-on': needs }),
          dead,
        });
      }
      const dead = hanging.filter((one) => one.dead).map(({ object }) => object);
      const live = [...good, ...hanging.filter((one) => !one.dead).map(({ object }) => object)];
      const files = shuffle([...bad, ...good, ...hanging.map(({ object }) => object)]).map(
        (object, i) => [`${i}.yaml`, object] as const,
      );
      await world.commit({
        ...Object.fromEntries(files),
        'orphans.yaml': null,
        'settled.yaml': [settled[0]!, configMap(`r${round}-changed`, { a: '2' })],
      });
      const process = await world.process();
      const { calls, early } = watched(process);
      const report = await process.reconcile();
      const about = `round ${round}: ${JSON.stringify(told(report), undefined, 1)}`;

      const first = calls.findIndex(isWrite);
      const last = calls.findLastIndex(({ dryRun }) => dryRun);
      expect(last, `the last dry run is asked before the first write; ${about}`).toBeLessThan(first);
      expect(calls.slice(0, first).filter((call) => call.dryRun && call.answer === undefined)).toEqual([]);
      const asked = new Set(calls.flatMap(({ dryRun, kind, name }) => (dryRun ? [`${kind} ${name}`] : [])));
      const written = calls.filter(({ verb, name, dryRun }) => verb === 'apply' && !dryRun && name !== world.sync.name);
      for (const { kind, name } of written) expect(asked, about).toContain(`${kind} ${name}`);
      for (const { kind, metadata } of bad) expect(asked, about).toContain(`${kind} ${metadata.name}`);
      expect(
        early.filter((line) => !line.includes('without an answer')),
        about,
      ).toEqual([]);

      const outcomes = (action: string, objects: readonly KubeObject[]): readonly string[] =>
        objects.map(({ kind, metadata }) => `${action} ${kind} ${metadata.name}`);
      const lines = told(report).map((line) => line.replace(/ \(.*\)$/, ''));
      expect(
        lines.filter((line) => !/ r\d+-(settled|changed)$/.test(line)),
        about,
      ).toEqual(
        [
          ...outcomes('failed', bad),
          ...outcomes('blocked', dead),
          ...outcomes('created', live),
          ...outcomes(bad.length > 0 ? 'kept' : 'pruned', orphans),
        ].toSorted(),
      );
      expect(lines).toContain(`updated ConfigMap r${round}-changed`);
      for (const orphan of orphans) await (bad.length > 0 ? world.expectLive(orphan) : world.expectGone(orphan));
    }
  },
);

story(
  '2. what its own plan makes a namespace for is asked about as soon as that is there, and before it is written',
  async ({ scenario, raw, onTestFinished }) => {
    const home = randomName('home');
    onTestFinished(async () => void (await raw('DELETE', `/api/v1/namespaces/${home}`)));
    const world = await scenario({ policy: { wait: false } });
    await world.commit({ 'a.yaml': configMap('a'), 'old.yaml': configMap('old') });
    await world.reconcile();
    const inside = [configMap('good'), { ...configMap('bad'), data: { a: { not: 'a text' } } }];
    await world.commit({
      'old.yaml': null,
      'home.yaml': namespaceObject(home),
      'inside.yaml': inside.map((object) => inNamespace(object, home)),
    });
    const process = await world.process();
    const calls = tap(process);
    expect(told(await process.reconcile())).toEqual([
      'created ConfigMap good',
      `created Namespace ${home}`,
      'failed ConfigMap bad (invalid)',
      'kept ConfigMap old (apply-failed)',
      'unchanged ConfigMap a',
    ]);
    const made = calls.findIndex((call) => isWrite(call) && call.kind === 'Namespace');
    const accepted = calls.findIndex((call) => isWrite(call) && call.name === 'good');
    expect(made).toBeGreaterThan(-1);
    expect(accepted).toBeGreaterThan(made);
    await world.expectLive(configMap('old'));
  },
);

story('2. a broken file holds nothing back but what is not there yet, and all pruning', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a'), 'old.yaml': configMap('old') });
  await world.reconcile();
  await world.commit({ 'b.yaml': configMap('b'), 'broken.yaml': 'a: [', 'old.yaml': null });
  const process = await world.process();
  const { calls, early } = watched(process);
  expect(told(await process.reconcile())).toEqual([
    'created ConfigMap b',
    'kept ConfigMap old (render-incomplete)',
    'unchanged ConfigMap a',
  ]);
  expect(early).toEqual([]);
  expect(calls.filter((call) => call.verb === 'delete')).toEqual([]);
});
