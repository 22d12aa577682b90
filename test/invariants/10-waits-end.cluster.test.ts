/**
 * Invariant 10. Every wait has a deadline, can be cancelled by `signal`, and names object, condition and age.
 *
 * The clock stands still unless a test moves it: a wait that ends without that was cancelled, one that ends with it had a deadline.
 */
import { describe, expect } from 'vitest';
import type { Report } from '@homeostat/reconcile';
import { refOf } from '@homeostat/kube';
import {
  annotated,
  configMap,
  deployment,
  eventually,
  inNamespace,
  scenarioTest as story,
} from '../support/scenario.ts';
import type { Process, World } from '../support/scenario.ts';
import { labClock } from '../support/lab-clock.ts';
import type { LabClock } from '../support/lab-clock.ts';
import { elapse, isWrite, silence, tap } from './tap.ts';
import type { Call } from './tap.ts';

const second = 1_000;
const never = { nodeSelector: { 'no-such-node': 'at-all' } };

type Told = { readonly name: string; readonly since: number };

/** Each `waiting` that the process told, of any stage. */
function waits({ events }: Process): readonly Told[] {
  return events.flatMap((event) => {
    if (event.type === 'waiting') return [{ name: event.ref.name, since: event.since }];
    if (
      (event.type === 'apply' || event.type === 'prune' || event.type === 'validate') &&
      event.event.type === 'waiting'
    )
      return [{ name: event.event.ref.name, since: event.event.since }];
    return [];
  });
}

interface Wait {
  /** Makes the world so that the next pass has to wait for the object of this name. */
  readonly prepare: (world: World, hold: (name: string) => Promise<unknown>) => Promise<string>;
  readonly policy: { readonly waitTimeout: number; readonly deadline: number };
  /** What the report of a wait in vain says: the object and the condition. */
  readonly says: RegExp;
}

const text = ({ failure, objects, orphans }: Report): string =>
  [failure?.message, ...objects.map(({ message }) => message), ...orphans.map(({ message }) => message)].join('\n');

const patient = { waitTimeout: 60 * second, deadline: 600 * second };
const hurried = { waitTimeout: 600 * second, deadline: 60 * second };

const dependency: Wait['prepare'] = async (world) => {
  const on = `/namespaces/${world.namespace}/ConfigMap/nowhere`;
  await world.commit({ 'after.yaml': annotated(configMap('after'), { 'homeostat.dev/depends-on': on }) });
  return 'nowhere';
};
const wave: Wait['prepare'] = async (world) => {
  await world.commit({
    'web.yaml': deployment('web', { replicas: 1 }, never),
    'after.yaml': annotated(configMap('after'), { 'homeostat.dev/wave': '1' }),
  });
  return 'web';
};
const ready: Wait['prepare'] = async (world) => {
  await world.commit({ 'web.yaml': deployment('web', { replicas: 1 }, never) });
  return 'web';
};
const gone: Wait['prepare'] = async (world, hold) => {
  await world.commit({ 'a.yaml': configMap('a'), 'held.yaml': configMap('held') });
  await world.reconcile({ waitTimeout: 20 * second });
  await hold('held');
  await world.commit({ 'held.yaml': null });
  return 'held';
};

const WAITS: Readonly<Record<string, Wait>> = {
  'a dependency, no longer than an object may take': {
    prepare: dependency,
    policy: patient,
    says: /ConfigMap .*nowhere/,
  },
  'a dependency, no longer than the pass may take': {
    prepare: dependency,
    policy: hurried,
    says: /policy deadline of 60 s: .*ConfigMap .*nowhere to be ready \(.*\), for \d+ s/,
  },
  'an earlier wave': { prepare: wave, policy: patient, says: /Deployment .*web/ },
  'an object to be ready, no longer than one may take': {
    prepare: ready,
    policy: patient,
    says: /no progress for 60 s: .*Deployment .*web: /,
  },
  'an object to be ready, no longer than the pass may take': {
    prepare: ready,
    policy: hurried,
    says: /policy deadline of 60 s: .*Deployment .*web: /,
  },
  'an object to be gone, no longer than one may take': { prepare: gone, policy: patient, says: /example\.com\/hold/ },
  'an object to be gone, no longer than the pass may take': {
    prepare: gone,
    policy: hurried,
    says: /policy deadline of 60 s: .*ConfigMap .*held to be gone \(.*\), for \d+ s/,
  },
};

/** Starts a pass and goes on until it waits. */
async function untilItWaits(process: Process, clock: LabClock, name: string, signal?: AbortSignal) {
  const calls = tap(process);
  const state = { ended: false };
  const running = process.reconcile(signal === undefined ? {} : { signal }).finally(() => {
    state.ended = true;
  });
  await eventually(async () => {
    await elapse(clock, calls, second);
    if (state.ended) throw new Error(`it does not wait: ${text(await running)}`);
    expect(waits(process).map((told) => told.name)).toContain(name);
  });
  return { running, state, calls };
}

describe('10. a wait ends with its deadline and says what it was for, and ends at once when it is cancelled', () => {
  for (const [title, { prepare, policy, says }] of Object.entries(WAITS)) {
    story(`10. for ${title}`, async ({ scenario, client }) => {
      const world = await scenario({ policy });
      const hold = async (name: string, finalizers: readonly string[] | null = ['example.com/hold']): Promise<void> => {
        const ref = refOf(inNamespace(configMap(name), world.namespace));
        await client.patch(ref, { type: 'merge', value: { metadata: { finalizers } } });
      };
      const name = await prepare(world, hold);

      // Cancelled: it ends in the time that it is.
      const clock = labClock();
      const stop = new AbortController();
      const cancelled = await untilItWaits(await world.process({}, { clock }), clock, name, stop.signal);
      const at = clock.now();
      stop.abort();
      await eventually(() => expect(cancelled.state.ended).toBe(true));
      expect(clock.now()).toBe(at);

      // Left alone: it ends with the shorter of its two deadlines, and no sooner.
      const time = labClock();
      const process = await world.process({}, { clock: time });
      const start = time.now();
      const { running, state, calls } = await untilItWaits(process, time, name);
      const { since } = waits(process).find((told) => told.name === name)!;
      expect(since, 'its age is told').toBeGreaterThanOrEqual(start);
      expect(since).toBeLessThanOrEqual(time.now());
      await elapse(time, calls, 45 * second - (time.now() - start));
      expect(state.ended, 'not before its time').toBe(false);
      // Controllers live in a time of their own: what they do late is progress, with which the wait begins anew.
      for (let round = 0; round < 4 && !state.ended; round += 1) await elapse(time, calls, 30 * second);
      await eventually(() => expect(state.ended, 'and not long after').toBe(true));
      const report = await running;
      expect(report.state).toBe('Failed');
      expect(text(report)).toMatch(says);
      if (name === 'held') await hold('held', null);
    });
  }
});

/** Requests that a pass makes, one of each: what asks it, and at which stage. */
const REQUESTS: Readonly<Record<string, { readonly is: (call: Call) => boolean; readonly stage: string }>> = {
  'what kinds there are': { is: ({ verb }) => verb === 'discovery', stage: 'render' },
  'the parent': { is: ({ verb, name }) => verb === 'get' && name === 'site', stage: 'look' },
  'a list': { is: ({ verb }) => verb === 'list', stage: 'look' },
  'a dry run': { is: ({ dryRun }) => dryRun, stage: 'validate' },
  'the widening of the parent': { is: (call) => isWrite(call) && call.name === 'site', stage: 'apply' },
  'a write': { is: (call) => isWrite(call) && call.name === 'new', stage: 'apply' },
  'a deletion': { is: ({ verb }) => verb === 'delete', stage: 'prune' },
};

describe('10. a request that nobody answers is given up with the deadline of the pass, or at once', () => {
  for (const [title, { is, stage }] of Object.entries(REQUESTS)) {
    story(`10. ${title}`, async ({ scenario }) => {
      const world = await scenario({ policy: { deadline: 60 * second, wait: false } });
      await world.commit({ 'a.yaml': configMap('a'), 'old.yaml': configMap('old') });
      await world.reconcile();
      await world.commit({ 'new.yaml': deployment('new'), 'old.yaml': null });
      for (const end of ['signal', 'deadline'] as const) {
        const clock = labClock();
        const process = await world.process({}, { clock });
        let asked = 0;
        tap(process, {
          before(call) {
            // Once: the client would give up by itself too.
            if (asked > 0 || !is(call)) return undefined;
            asked += 1;
            return silence(call);
          },
        });
        const stop = new AbortController();
        const state = { ended: false };
        const running = process.reconcile({ signal: stop.signal }).finally(() => {
          state.ended = true;
        });
        await eventually(() => expect(asked, title).toBeGreaterThan(0));
        if (end === 'signal') {
          const at = clock.now();
          stop.abort();
          await eventually(() => expect(state.ended, title).toBe(true));
          expect(clock.now()).toBe(at);
          continue;
        }
        await clock.elapse(59 * second);
        expect(state.ended, title).toBe(false);
        await clock.elapse(2 * second);
        await eventually(() => expect(state.ended, title).toBe(true));
        const { failure } = await running;
        expect(failure, title).toMatchObject({ stage, code: 'TIMEOUT', retry: 'backoff' });
        expect(failure?.message, title).toContain('60 s');
      }
    });
  }
});

story(
  '10. for a Lease that another engine has: its holder is named, it ends when that is gone, and at once when it is told to',
  async ({ scenario, client }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a') });
    const clock = labClock();
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'homeostat-site', namespace: world.namespace },
    };
    await client.create({
      ...lease,
      spec: {
        holderIdentity: 'host-b/2/y',
        leaseDurationSeconds: 15,
        acquireTime: new Date(clock.now()).toISOString().replace('Z', '000Z'),
        renewTime: new Date(clock.now()).toISOString().replace('Z', '000Z'),
      },
    });
    const isTold = (process: Process) => async (): Promise<void> => {
      await clock.elapse(1);
      expect(process.events).toContainEqual({ type: 'standby', holder: 'host-b/2/y' });
    };
    const impatient = await world.process({}, { clock });
    const stopped = impatient.loop({ lease: { holder: 'host-a/1/x' } });
    await eventually(isTold(impatient));
    const at = clock.now();
    await stopped.stop();
    expect(clock.now()).toBe(at);
    await world.expectGone(configMap('a'));

    const next = await world.process({}, { clock });
    const waiting = next.loop({ lease: { holder: 'host-a/1/z' } });
    await eventually(isTold(next));
    await clock.elapse(10 * second);
    expect(waiting.report, 'as long as it may be alive').toBeUndefined();
    await eventually(async () => {
      await clock.elapse(5 * second);
      expect(waiting.report?.state).toBe('Ready');
    });
    expect(clock.now() - at).toBeLessThanOrEqual(120 * second);
  },
);
