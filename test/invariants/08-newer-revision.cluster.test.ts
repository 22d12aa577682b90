/**
 * Invariant 8. A newer revision supersedes a running pass at its next safe point; a broken revision never blocks its fix.
 *
 * No clock moves here unless a test moves it, so whatever happens after a commit happens because of that, and not because a wait is over.
 */
import { describe, expect } from 'vitest';
import type { KubeObject } from '@homeostat/kube';
import { refOf } from '@homeostat/kube';
import {
  annotated,
  configMap,
  deployment,
  eventually,
  inNamespace,
  scenarioTest as story,
} from '../support/scenario.ts';
import type { FileContent, Process, World } from '../support/scenario.ts';
import { labClock } from '../support/lab-clock.ts';
import type { LabClock } from '../support/lab-clock.ts';
import { isWrite, silence, tap } from './tap.ts';

const never = { nodeSelector: { 'no-such-node': 'at-all' } };
const minute = 60_000;

/** Waits, as the loop says within its time, and not for long by the machine's. */
async function waitsFor(process: Process, clock: LabClock, kind: string): Promise<void> {
  await eventually(async () => {
    await clock.elapse(1_000);
    const told = process.events.flatMap((event) =>
      (event.type === 'apply' || event.type === 'prune') && event.event.type === 'waiting'
        ? [event.event.ref.kind]
        : [],
    );
    expect(told).toContain(kind);
  });
}

interface Blocker {
  readonly broken: (world: World) => Readonly<Record<string, FileContent>>;
  readonly fix: Readonly<Record<string, FileContent>>;
  readonly waitsFor?: string;
}

const after = ({ namespace }: World, what: string): KubeObject =>
  annotated(configMap('after'), { 'homeostat.dev/depends-on': what.replace('NS', namespace) });

/** What a broken revision leads to, and a revision that mends it. */
const BLOCKERS: Readonly<Record<string, Blocker>> = {
  'waits for a workload that never gets ready': {
    broken: (world) => ({
      'web.yaml': deployment('web', { replicas: 1 }, never),
      'after.yaml': after(world, 'apps/namespaces/NS/Deployment/web'),
    }),
    fix: { 'web.yaml': deployment('web', { replicas: 0 }) },
    waitsFor: 'Deployment',
  },
  'waits for something that is not there': {
    broken: (world) => ({ 'after.yaml': after(world, '/namespaces/NS/ConfigMap/nowhere') }),
    fix: { 'after.yaml': configMap('after') },
    waitsFor: 'ConfigMap',
  },
  'waits for a kind that nobody defines': {
    broken: () => ({
      'crd.yaml': { apiVersion: 'example.com/v1', kind: 'Operator', metadata: { name: 'x' } },
      'after.yaml': configMap('after', { a: 'early' }),
    }),
    fix: { 'crd.yaml': null, 'after.yaml': configMap('after') },
  },
  'is refused by the server': {
    broken: () => ({ 'web.yaml': deployment('web', { replicas: -1 }) }),
    fix: { 'web.yaml': deployment('web'), 'after.yaml': configMap('after') },
  },
  'cannot be rendered': {
    broken: () => ({ 'web.yaml': 'a: [' }),
    fix: { 'web.yaml': deployment('web'), 'after.yaml': configMap('after') },
  },
  'would take everything away': {
    broken: () => ({ 'base.yaml': null }),
    fix: { 'base.yaml': configMap('base'), 'after.yaml': configMap('after') },
  },
};

describe('8. a revision that is broken does not hold the one that mends it', () => {
  for (const [title, blocker] of Object.entries(BLOCKERS)) {
    story(`8. one that ${title}`, async ({ scenario }) => {
      const clock = labClock();
      const world = await scenario({ policy: { waitTimeout: 30 * minute, deadline: 60 * minute } });
      await world.commit({ 'base.yaml': configMap('base') });
      const process = await world.process({}, { clock });
      const loop = process.loop();
      await eventually(() => expect(loop.report?.state).toBe('Ready'));
      const before = process.events.filter(({ type }) => type === 'report').length;
      await world.commit(blocker.broken(world));
      if (blocker.waitsFor === undefined)
        await eventually(() =>
          expect(process.events.filter(({ type }) => type === 'report').length).toBeGreaterThan(before),
        );
      else await waitsFor(process, clock, blocker.waitsFor);
      const since = clock.now();
      await world.commit(blocker.fix);
      await eventually(() => world.expectLive(configMap('after')));
      await world.expectLive(configMap('base'));
      expect(clock.now(), 'no time had to pass').toBe(since);
    });
  }
});

story('8. nor does one that waits for a deletion, of something that somebody holds', async ({ scenario, client }) => {
  const clock = labClock();
  const world = await scenario({ policy: { waitTimeout: 30 * minute, deadline: 60 * minute } });
  await world.commit({ 'base.yaml': configMap('base'), 'held.yaml': configMap('held') });
  const process = await world.process({}, { clock });
  const loop = process.loop();
  await eventually(() => expect(loop.report?.state).toBe('Ready'));
  const held = refOf(inNamespace(configMap('held'), world.namespace));
  const finalizers = (list: readonly string[] | null) =>
    client.patch(held, { type: 'merge', value: { metadata: { finalizers: list } } });
  await finalizers(['example.com/hold']);
  await world.commit({ 'held.yaml': null });
  await waitsFor(process, clock, 'ConfigMap');
  const since = clock.now();
  await world.commit({ 'base.yaml': configMap('base', { a: '2' }) });
  await eventually(() => world.expectLive(configMap('base', { a: '2' })));
  expect(clock.now()).toBe(since);
  await finalizers(null);
});

story(
  '8. nor a request that nobody answers: it is given up, and what was on its way is not written twice',
  async ({ scenario }) => {
    const world = await scenario({ policy: { wait: false } });
    await world.commit({ 'base.yaml': configMap('base') });
    const process = await world.process({}, { clock: labClock() });
    let asked = 0;
    const calls = tap(process, {
      before(call) {
        if (call.name !== 'stuck' || !isWrite(call)) return undefined;
        asked += 1;
        return silence(call);
      },
    });
    const loop = process.loop();
    await eventually(() => expect(loop.report?.state).toBe('Ready'));
    await world.commit({ 'stuck.yaml': configMap('stuck') });
    await eventually(() => expect(asked).toBe(1));
    await world.commit({ 'stuck.yaml': null, 'base.yaml': configMap('base', { a: '2' }) });
    await eventually(() => world.expectLive(configMap('base', { a: '2' })));
    await eventually(() => expect(loop.report).toMatchObject({ state: 'Ready', counts: { updated: 1 } }));
    expect(asked).toBe(1);
    await world.expectGone(configMap('stuck'));
    expect(calls.filter((call) => isWrite(call) && call.name === 'base' && call.served === true)).toHaveLength(2);
  },
);

story(
  '8. a pass that was superseded leaves no report of its own, and the last revision is what is there',
  async ({ scenario }) => {
    const clock = labClock();
    const world = await scenario({ policy: { waitTimeout: 30 * minute, deadline: 60 * minute } });
    await world.commit({ 'base.yaml': configMap('base') });
    const process = await world.process({}, { clock });
    const loop = process.loop();
    await eventually(() => expect(loop.report?.state).toBe('Ready'));
    const commits: string[] = [];
    for (let i = 1; i <= 4; i += 1) {
      await world.commit({
        'web.yaml': deployment('web', { replicas: 1 }, never),
        'after.yaml': after(world, 'apps/namespaces/NS/Deployment/web'),
        'base.yaml': configMap('base', { a: `${i}` }),
      });
      await eventually(() => world.expectLive(configMap('base', { a: `${i}` })));
      commits.push(loop.report?.revision?.commit ?? '');
    }
    await world.commit({ 'web.yaml': null, 'after.yaml': null, 'base.yaml': configMap('base', { a: 'last' }) });
    await eventually(() => expect(loop.report?.counts).toMatchObject({ pruned: 1 }));
    await world.expectLive(configMap('base', { a: 'last' }));
    // All of them waited, none of them ended: the report is of the first revision until the last one has its own.
    expect(new Set(commits).size).toBe(1);
  },
);

story('8. with supersede: false a pass ends first, and then the newer revision has its turn', async ({ scenario }) => {
  const clock = labClock();
  const world = await scenario({ policy: { supersede: false, waitTimeout: minute, deadline: 5 * minute } });
  await world.commit({
    'web.yaml': deployment('web', { replicas: 1 }, never),
    'after.yaml': after(world, 'apps/namespaces/NS/Deployment/web'),
  });
  const process = await world.process({}, { clock });
  process.loop();
  await waitsFor(process, clock, 'Deployment');
  await world.commit({ 'web.yaml': deployment('web') });
  await clock.elapse(5_000);
  await world.expectGone(configMap('after'));
  await eventually(async () => {
    await clock.elapse(5_000);
    await world.expectLive(configMap('after'));
  });
  const states = process.events.flatMap((event) => (event.type === 'report' ? [event.report.state] : []));
  expect(states[0]).toBe('Failed');
});
