/** The gate of a process: who may work, and who only waits. */
import { describe, expect, test } from 'vitest';
import { createTurns } from '@homeostat/reconcile';
import type { Urgency } from '@homeostat/reconcile';
import { createTurn, patience } from '../src/turns.ts';

const forever = new AbortController().signal;

async function rounds(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise(setImmediate);
}

/** A gate for one at a time that is taken, and those who ask for it in this order; returns in which order they get it. */
async function order(
  asking: readonly { readonly urgency: Urgency; readonly since: number }[],
): Promise<readonly string[]> {
  const turns = createTurns({ atOnce: 1 });
  const end = await turns.take({ urgency: 'revision', since: 0, signal: forever });
  const got: string[] = [];
  const all = asking.map(async ({ urgency, since }) => {
    const done = await turns.take({ urgency, since, signal: forever });
    got.push(`${urgency} of ${since}`);
    done?.();
  });
  expect(turns.waiting).toBe(asking.length);
  end?.();
  await Promise.all(all);
  await rounds();
  expect([turns.running, turns.waiting]).toEqual([0, 0]);
  return got;
}

describe('the gate', () => {
  test('of those who ask at the same time: a new revision, drift, a retry, a resync', async () => {
    const asking = (['resync', 'retry', 'drift', 'revision'] as const).map((urgency) => ({ urgency, since: 0 }));
    expect(await order(asking)).toEqual(['revision of 0', 'drift of 0', 'retry of 0', 'resync of 0']);
  });

  test('among equals: first come, first served', async () => {
    const asking = [1, 2, 3].map((since) => ({ urgency: 'drift' as const, since }));
    expect(await order(asking)).toEqual(['drift of 1', 'drift of 2', 'drift of 3']);
  });

  test('a resync among revisions without end has its turn all the same', async () => {
    const late = patience.resync + 1;
    const asking = [
      { urgency: 'revision' as const, since: late - 2 },
      { urgency: 'revision' as const, since: late },
      { urgency: 'resync' as const, since: 0 },
    ];
    expect(await order(asking)).toEqual([`revision of ${late - 2}`, 'resync of 0', `revision of ${late}`]);
  });

  test('lets in so many at once', async () => {
    const turns = createTurns({ atOnce: 2 });
    const ask = () => turns.take({ urgency: 'drift', since: 0, signal: forever });
    const [first, second] = await Promise.all([ask(), ask()]);
    const third = ask();
    expect([turns.running, turns.waiting]).toEqual([2, 1]);
    first?.();
    const last = await third;
    second?.();
    last?.();
    await rounds();
    expect([turns.running, turns.waiting]).toEqual([0, 0]);
  });

  test('who stops waiting leaves no trace, and who works keeps its turn to the end', async () => {
    const turns = createTurns({ atOnce: 1 });
    const stop = new AbortController();
    const end = await turns.take({ urgency: 'drift', since: 0, signal: stop.signal });
    const waiting = turns.take({ urgency: 'drift', since: 0, signal: stop.signal });
    stop.abort();
    expect(await waiting).toBeUndefined();
    expect(await turns.take({ urgency: 'drift', since: 0, signal: stop.signal })).toBeUndefined();
    await rounds();
    expect([turns.running, turns.waiting]).toEqual([1, 0]);
    end?.();
    await rounds();
    expect(turns.running).toBe(0);
  });
});

describe('a task', () => {
  function taskOf(turns: ReturnType<typeof createTurns>) {
    return createTurn(turns, { urgency: 'drift', since: 0, signal: forever });
  }

  test('has one turn for all that it does at once, and none while it waits', async () => {
    const turns = createTurns({ atOnce: 1 });
    const turn = taskOf(turns);
    const over = Promise.withResolvers<void>();
    const working = turn.work(async () => {
      await Promise.all([turn.work(rounds), turn.work(rounds)]);
      expect(turns.running).toBe(1);
      await turn.wait(() => over.promise);
      expect(turns.running).toBe(1);
    });
    const other = taskOf(turns);
    await other.work(async () => {
      await rounds();
      over.resolve();
      await rounds();
      expect([turns.running, turns.waiting]).toEqual([1, 1]);
    });
    await working;
    await rounds();
    expect([turns.running, turns.waiting]).toEqual([0, 0]);
  });

  test('keeps its turn from a request to the one that follows on it', async () => {
    const turns = createTurns({ atOnce: 1 });
    const turn = taskOf(turns);
    const done: string[] = [];
    await turn.work(async () => {
      const resting = turn.rest(
        (async function* () {
          for (const step of ['first', 'second']) {
            await turn.work(rounds);
            done.push(step);
            yield step;
          }
        })(),
      );
      const other = taskOf(turns).work(() => Promise.resolve(void done.push('other')));
      expect(await Array.fromAsync(resting)).toEqual(['first', 'second']);
      await turn.wait(() => other);
    });
    expect(done).toEqual(['first', 'second', 'other']);
  });

  test('that is left in the middle gives its turn back', async () => {
    const turns = createTurns({ atOnce: 1 });
    const turn = taskOf(turns);
    await turn.work(async () => {
      const steps = turn.rest(
        (async function* () {
          yield 1;
          yield 2;
        })(),
      );
      await steps.next();
      await steps.return(undefined);
    });
    await rounds();
    expect(turns.running).toBe(0);
  });
});
