/**
 * Invariant 14. Retries back off with jitter, honour Retry-After, and are bounded in rate for the whole process.
 *
 * Time moves only when a test moves it; requests that fail never reach the server.
 */
import { describe, expect } from 'vitest';
import { createLimit } from '@homeostat/apply';
import { KubeError } from '@homeostat/kube';
import type { KubeErrorCode, RetryHint } from '@homeostat/kube';
import type { Process, World } from '../support/scenario.ts';
import { configMap, eventually, scenarioTest as story } from '../support/scenario.ts';
import { labClock } from '../support/lab-clock.ts';
import type { LabClock } from '../support/lab-clock.ts';
import { SEED, draw } from './draw.ts';
import { elapse, isWrite, tap } from './tap.ts';
import type { Call } from './tap.ts';

const second = 1_000;
const minute = 60 * second;

interface Failing {
  readonly clock: LabClock;
  readonly process: Process;
  readonly calls: readonly Call[];
  /** When each attempt to write `a` was made, in milliseconds since the start. */
  readonly attempts: readonly number[];
  mend(): void;
}

/** A process of which no write to `a` succeeds, for this reason, until it is mended. */
async function failing(world: World, random: () => number, code: KubeErrorCode, retry: RetryHint): Promise<Failing> {
  const clock = labClock();
  const process = await world.process({}, { clock });
  const start = clock.now();
  const attempts: number[] = [];
  let isMended = false;
  const calls = tap(
    process,
    {
      before(call) {
        if (call.name !== 'a' || !isWrite(call) || isMended) return;
        attempts.push(clock.now() - start);
        throw new KubeError(code, `${code}: come back later`, { retry });
      },
    },
    { random, limit: createLimit({ now: () => clock.now() }) },
  );
  return { clock, process, calls, attempts, mend: () => void (isMended = true) };
}

const gaps = (times: readonly number[]): readonly number[] => times.slice(1).map((time, i) => time - times[i]!);

/** One pass to its end, however long that takes. */
async function onePass({ clock, process, calls }: Failing): Promise<void> {
  const state = { ended: false };
  const running = process.reconcile().finally(() => {
    state.ended = true;
  });
  await eventually(async () => {
    await elapse(clock, calls, 500);
    expect(state.ended).toBe(true);
  });
  expect((await running).counts.failed).toBe(1);
}

describe('14. within a pass', () => {
  story(
    `14. the pauses double, each is half to the whole of its length by chance, and they end (SEED=${SEED})`,
    async ({ scenario }) => {
      const world = await scenario({ policy: { wait: false, validate: 'none' } });
      await world.commit({ 'a.yaml': configMap('a') });
      const sequences = new Set<string>();
      for (const random of [draw(SEED).random, draw(SEED + 1).random, () => 0, () => 1 - Number.EPSILON]) {
        const one = await failing(world, random, 'UNAVAILABLE', 'backoff');
        await onePass(one);
        expect(one.attempts).toHaveLength(5);
        for (const [i, gap] of gaps(one.attempts).entries()) {
          const whole = 250 * 2 ** i;
          expect(gap).toBeGreaterThanOrEqual(whole / 2);
          expect(gap).toBeLessThanOrEqual(whole);
        }
        sequences.add(gaps(one.attempts).join());
      }
      expect(sequences.size, 'no two come back at the same time').toBe(4);
      const again = await failing(world, draw(SEED).random, 'UNAVAILABLE', 'backoff');
      await onePass(again);
      expect(sequences, 'and the same seed is the same run').toContain(gaps(again.attempts).join());
    },
  );

  story(
    `14. a server that says when to come back is asked no sooner, and not much later (SEED=${SEED})`,
    async ({ scenario }) => {
      const { random, between } = draw();
      const world = await scenario({ policy: { wait: false, validate: 'none' } });
      await world.commit({ 'a.yaml': configMap('a') });
      for (let round = 0; round < 2; round += 1) {
        const afterMs = between(1, 20) * second;
        const one = await failing(world, random, 'THROTTLED', { afterMs });
        await onePass(one);
        expect(one.attempts.length).toBeGreaterThan(1);
        for (const gap of gaps(one.attempts)) {
          expect(gap).toBeGreaterThanOrEqual(afterMs);
          expect(gap).toBeLessThanOrEqual(afterMs + 3 * second);
        }
      }
    },
  );

  story('14. what trying again cannot mend is not tried again', async ({ scenario }) => {
    const world = await scenario({ policy: { wait: false, validate: 'none' } });
    await world.commit({ 'a.yaml': configMap('a') });
    for (const code of ['INVALID', 'FORBIDDEN'] as const) {
      const one = await failing(world, () => 0.5, code, 'never');
      await onePass(one);
      expect(one.attempts, code).toHaveLength(1);
    }
  });
});

describe('14. from pass to pass', () => {
  /** Longer steps for longer pauses: how exactly they can be told. */
  const stepAfter = (attempts: number): number => Math.min(20 * second, 125 * 2 ** attempts);

  /** When each pass of a loop came to the write that fails, until there are so many. */
  async function passes(one: Failing, count: number): Promise<readonly number[]> {
    await eventually(async () => {
      const step = stepAfter(one.attempts.length);
      await elapse(one.clock, one.calls, step, step);
      expect(one.attempts.length).toBeGreaterThanOrEqual(count);
    });
    return one.attempts.slice(0, count);
  }

  story(
    `14. a loop waits longer each time, five minutes at most, never in step with others, until all is well (SEED=${SEED})`,
    async ({ scenario }) => {
      const world = await scenario({
        policy: { wait: false, validate: 'none', interval: 24 * 60 * minute, poll: 24 * 60 * minute },
      });
      await world.commit({ 'a.yaml': configMap('a') });
      const sequences = new Set<string>();
      for (const random of [draw(SEED).random, draw(SEED + 1).random]) {
        // It is tried once in each pass.
        const one = await failing(world, random, 'FORBIDDEN', 'never');
        const loop = one.process.loop();
        const pauses = gaps(await passes(one, 11));
        for (const [i, pause] of pauses.entries()) {
          const whole = Math.min(300, 2 ** i) * second;
          expect(pause, `pause ${i}: ${pauses.join()}`).toBeGreaterThanOrEqual(whole / 2);
          expect(pause, `pause ${i}: ${pauses.join()}`).toBeLessThanOrEqual(whole + 2 * stepAfter(i + 1));
        }
        sequences.add(pauses.join());
        one.mend();
        await eventually(async () => {
          await elapse(one.clock, one.calls, 20 * second, 20 * second);
          expect(loop.report?.state).toBe('Ready');
        });
        await loop.stop();
        await world.drift(configMap('a'), null);
      }
      expect(sequences.size).toBe(2);
    },
  );
});

story(
  `14. however much fails in however many sets: the retries of the process are no more than 50 a second, and 100 at once (SEED=${SEED})`,
  async ({ scenario }) => {
    const { random } = draw();
    const clock = labClock();
    const start = clock.now();
    const limit = createLimit({ now: () => clock.now() });
    const attempts: { readonly at: number; readonly key: string }[] = [];
    const open: (readonly Call[])[] = [];
    const running: Promise<unknown>[] = [];
    const state = { ended: 0 };
    for (let set = 0; set < 3; set += 1) {
      const world = await scenario({ name: `site-${set}`, policy: { wait: false, validate: 'none' } });
      await world.commit({ 'all.yaml': Array.from({ length: 100 }, (_, i) => configMap(`s${set}-${i}`)) });
      const process = await world.process({}, { clock });
      open.push(
        tap(
          process,
          {
            before(call) {
              if (!isWrite(call) || !/^s\d+-/.test(call.name)) return;
              attempts.push({ at: clock.now() - start, key: call.name });
              throw new KubeError('UNAVAILABLE', 'no answer', { retry: 'backoff' });
            },
          },
          { random, limit },
        ),
      );
      running.push(process.reconcile().finally(() => (state.ended += 1)));
    }
    await eventually(async () => {
      await elapse(clock, open.flat(), 500);
      expect(state.ended).toBe(3);
    });
    await Promise.all(running);
    const seen = new Set<string>();
    const retries = attempts.flatMap(({ at, key }) => (seen.has(key) ? [at] : (seen.add(key), [])));
    expect(retries).toHaveLength(300 * 4);
    // In any stretch of time, wherever it begins.
    for (const [i, from] of retries.entries()) {
      for (const length of [second, 5 * second]) {
        const count = retries.slice(i).filter((at) => at < from + length).length;
        expect(count, `${count} within ${length} ms from ${from} ms`).toBeLessThanOrEqual(
          100 + (length / second) * 50 + 16,
        );
      }
    }
    // First attempts are not held up by them.
    const first = attempts.slice(0, 300).filter(({ at }) => at <= 2 * second);
    expect(first.length).toBeGreaterThan(100);
  },
);
