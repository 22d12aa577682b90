/** What a loop does next, as lists of what it heard. Times are in milliseconds from 0. */
import { describe, expect, test } from 'vitest';
import { refKey } from '@homeostat/kube';
import type { Ref, RetryHint } from '@homeostat/kube';
import { begin, decide, decideBeside, next } from '../src/machine.ts';
import type { Input, LoopState, RepairTask, Task, Work } from '../src/machine.ts';

const minute = 60_000;
const rules = { interval: 10 * minute, supersede: true };
const [a, b] = ['a', 'b'].map((name): Ref => ({ group: '', kind: 'ConfigMap', namespace: 'demo', name })) as [Ref, Ref];

type Story = readonly (readonly [at: number, input: Input])[];

function after(story: Story, from: LoopState = begin(rules, 0)): LoopState {
  return story.reduce((state, [at, input]) => next(state, input, at), from);
}

function pass(since: number, urgency: 'revision' | 'retry' | 'resync' = 'revision'): Work {
  return { task: 'pass', urgency, since };
}

const passed: Input = { input: 'passed', suspended: false, hints: [], random: 0.5 };
const repaired: Input = { input: 'repaired', failed: false, hints: [], random: 0.5 };
const refreshed: Input = { input: 'refreshed', hints: [], random: 0.5 };
const took = (commit: string): Input => ({ input: 'took-up', newest: commit });
const revision = (commit: string): Input => ({ input: 'revision', commit });
const changed = (...refs: readonly Ref[]): Input => ({ input: 'changed', refs });
const began = (task: Work): Input => ({ input: 'began', task });

/** The first pass has ended at 0, at commit 1. */
const settled = after([
  [0, began(pass(0))],
  [0, took('1')],
  [0, passed],
]);

/** What is repaired, or which pass is made. */
function print(task: Task): string {
  switch (task.task) {
    case 'pass':
      return `pass for ${task.urgency} since ${task.since}`;
    case 'repair':
      return `repair ${task.drifted.map(({ ref }) => ref.name).join(' ')} since ${task.since}`;
    case 'refresh':
      return 'refresh';
    case 'wait':
      return `wait until ${task.until}`;
    default:
      return task satisfies never;
  }
}

describe('what is next', () => {
  test('at the start: a pass', () => {
    expect(print(decide(begin(rules, 0), 0))).toBe('pass for revision since 0');
  });

  const stories: readonly [title: string, story: Story, now: number, task: string][] = [
    ['settled: nothing before the resync', [], 0, 'wait until 600000'],
    ['after the interval: a resync', [], 600_000, 'pass for resync since 600000'],
    ['a new revision: a pass', [[5, revision('2')]], 7, 'pass for revision since 5'],
    ['the revision that is there already: nothing', [[5, revision('1')]], 7, 'wait until 600000'],
    [
      'a revision and back again: nothing',
      [
        [5, revision('2')],
        [6, revision('1')],
      ],
      7,
      'wait until 600000',
    ],
    [
      'a revision told twice: one pass, since the first',
      [
        [5, revision('2')],
        [6, revision('2')],
      ],
      7,
      'pass for revision since 5',
    ],
    ['drift: a repair', [[5, changed(a)]], 5, 'repair a since 5'],
    [
      'drift told twice and out of order: one repair of each',
      [
        [5, changed(b, a)],
        [6, changed(a)],
      ],
      6,
      'repair b a since 5',
    ],
    [
      'a new revision goes before drift',
      [
        [5, changed(a)],
        [6, revision('2')],
      ],
      6,
      'pass for revision since 6',
    ],
    [
      'whoever asks goes before drift',
      [
        [5, changed(a)],
        [6, { input: 'asked' }],
      ],
      6,
      'pass for revision since 6',
    ],
    ['drift goes before a resync', [[600_000, changed(a)]], 600_000, 'repair a since 600000'],
    ['but not for ever', [[660_000, changed(a)]], 660_000, 'pass for resync since 600000'],
    ['states: a look at them', [[5, { input: 'statuses' }]], 5, 'refresh'],
    [
      'drift goes before a look at states',
      [
        [5, { input: 'statuses' }],
        [5, changed(a)],
      ],
      5,
      'repair a since 5',
    ],
  ];
  test.each(stories)('%s', (_title, story, now, task) => {
    expect(print(decide(after(story, settled), now))).toBe(task);
  });
});

describe('what is tried again', () => {
  const failing = (random: number, ...hints: readonly (Input & { input: 'passed' })['hints'][number][]): Input => ({
    input: 'passed',
    suspended: false,
    hints,
    random,
  });

  test('waits longer each time, and goes before a resync', () => {
    let state = settled;
    const pauses = Array.from({ length: 12 }, () => {
      state = after(
        [
          [0, began(pass(0))],
          [0, failing(1, 'backoff')],
        ],
        state,
      );
      return (state.retryAt ?? NaN) / 1_000;
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    expect(print(decide(state, 700_000))).toBe('pass for retry since 300000');
    expect(
      after(
        [
          [0, began(pass(0))],
          [0, passed],
        ],
        state,
      ),
    ).toMatchObject({ failures: 0 });
  });

  test('waits as long as the server says', () => {
    const state = after(
      [
        [0, began(pass(0))],
        [0, failing(0, 'backoff', { afterMs: 30_000 })],
      ],
      settled,
    );
    expect(print(decide(state, 29_999))).toBe('wait until 30000');
    const hour = after(
      [
        [0, began(pass(0))],
        [0, failing(0, { afterMs: 60 * minute })],
      ],
      settled,
    );
    expect(print(decide(hour, 0))).toBe(`wait until ${60 * minute}`);
  });

  test('a repair that failed leads to a pass at once the first time, and then with such pauses, however often it is told', () => {
    const fail: Input = { input: 'repaired', failed: true, hints: [], random: 1 };
    const repairing = (state: LoopState): LoopState => {
      const task = decide(after([[0, changed(a)]], state), 0) as Work;
      return after(
        [
          [0, changed(a)],
          [0, began(task)],
          [0, fail],
        ],
        state,
      );
    };
    const once = repairing(settled);
    expect(print(decide(once, 0))).toBe('pass for retry since 0');
    const { retryAt: _retryAt, ...failed } = once;
    expect(repairing(failed)).toMatchObject({ failures: 2, retryAt: 2_000 });
  });

  test('goes after drift, unless it has waited for long', () => {
    const state = after(
      [
        [0, began(pass(0))],
        [0, failing(1, 'backoff')],
      ],
      settled,
    );
    expect(print(decide(after([[1_000, changed(a)]], state), 1_000))).toBe('repair a since 1000');
    expect(print(decide(after([[10_001, changed(a)]], state), 10_001))).toBe('pass for retry since 1000');
  });
});

describe('what runs is broken off', () => {
  const running = after(
    [
      [1, began(pass(1))],
      [1, took('1')],
    ],
    settled,
  );
  const stop = 'a newer revision is there';

  test('by a newer revision, and by the same one never', () => {
    expect(after([[2, revision('2')]], running).running?.stop).toBe(stop);
    expect(after([[2, revision('1')]], running).running?.stop).toBeUndefined();
  });

  test('not by a revision that comes before the pass has asked the source, if it is the one that the pass gets', () => {
    const early = after(
      [
        [1, began(pass(1))],
        [2, revision('2')],
      ],
      settled,
    );
    expect(early.running?.stop).toBeUndefined();
    const same = after([[3, took('2')]], early);
    expect(same.running?.stop).toBeUndefined();
    expect(print(decide(after([[4, passed]], same), 4))).toMatch(/^wait/);
    expect(after([[3, took('1')]], early).running?.stop).toBe(stop);
  });

  test('not by a newer revision with supersede: false, which then has the next turn', () => {
    const patient = after([[2, revision('2')]], { ...running, rules: { ...rules, supersede: false } });
    expect(patient.running?.stop).toBeUndefined();
    expect(print(decide(after([[9, passed]], patient), 9))).toBe('pass for revision since 2');
  });

  test('by whoever wants the set to be left alone, always', () => {
    const stopped = after([[2, { input: 'asked-to-stop' }]], { ...running, rules: { ...rules, supersede: false } });
    expect(stopped.running?.stop).toBe('somebody asked for something else');
  });

  test('a repair too; what it had to do stays to be done', () => {
    const task = decide(after([[1, changed(a)]], settled), 1) as Work;
    const state = after(
      [
        [1, changed(a)],
        [1, began(task)],
        [2, revision('2')],
      ],
      settled,
    );
    expect(state.running?.stop).toBe(stop);
    const left = after([[3, { input: 'broke-off' }]], state);
    expect([...left.drift.keys()]).toEqual([refKey(a)]);
    expect(print(decide(left, 3))).toBe('pass for revision since 2');
  });

  test('what is broken off leaves its reason standing, as old as it is', () => {
    const left = after([[5, { input: 'broke-off' }]], after([[4, began(pass(3, 'resync'))]], settled));
    expect(print(decide(left, 5))).toBe('pass for revision since 3');
  });
});

test('states are looked at five times a second at most, and not forgotten', () => {
  const looked = after(
    [
      [1_000, { input: 'statuses' }],
      [1_000, began({ task: 'refresh' })],
      [1_001, { input: 'statuses' }],
      [1_002, refreshed],
    ],
    settled,
  );
  expect(print(decide(looked, 1_002))).toBe('refresh');
  const again = after(
    [
      [1_002, began({ task: 'refresh' })],
      [1_003, refreshed],
      [1_004, { input: 'statuses' }],
    ],
    looked,
  );
  expect(print(decide(again, 1_004))).toBe('wait until 1203');
  expect(print(decide(again, 1_203))).toBe('refresh');
});

test('a verdict that rests on time is looked at when that is over; an event before that leads to a look at once', () => {
  const waiting = after(
    [
      [0, began(pass(0))],
      [5, { input: 'recheck', at: 15_000 }],
      [6, passed],
      [7, { input: 'recheck', at: 30_000 }],
    ],
    settled,
  );
  expect(print(decide(waiting, 7))).toBe('wait until 15000');
  expect(print(decide(waiting, 15_000))).toBe('refresh');
  const looked = after(
    [
      [1_000, { input: 'statuses' }],
      [1_000, began({ task: 'refresh' })],
      [1_001, { input: 'recheck', at: 15_000 }],
      [1_002, refreshed],
    ],
    waiting,
  );
  expect(print(decide(after([[1_000, { input: 'statuses' }]], waiting), 1_000))).toBe('refresh');
  expect(print(decide(looked, 1_002))).toBe('wait until 15000');
});

test('what is heard while a task runs is done after it', () => {
  const task = decide(after([[1, changed(a)]], settled), 1) as Work;
  const state = after(
    [
      [1, changed(a)],
      [1, began(task)],
      [2, changed(a, b)],
      [3, repaired],
    ],
    settled,
  );
  expect(print(decide(state, 3))).toBe('repair a b since 2');
});

test('a hot object waits, and holds up no other', () => {
  const hot = after(
    Array.from({ length: 5 }, () => [0, { input: 'drifted', keys: [refKey(a)] }] as const),
    settled,
  );
  expect(print(decide(after([[10, changed(a)]], hot), 10))).toBe('wait until 1000');
  expect(print(decide(after([[10, changed(a, b)]], hot), 10))).toBe('repair b since 10');
  expect(print(decide(after([[10, changed(a)]], hot), 1_000))).toBe('repair a since 1000');
});

describe('beside a task that rests', () => {
  const rests = (...refs: readonly Ref[]): Input => ({ input: 'rests', keys: new Set(refs.map(refKey)) });
  const repairedBeside = (failed: boolean, ...hints: readonly RetryHint[]): Input => ({
    input: 'repaired-beside',
    failed,
    hints,
    random: 1,
  });
  const resting = after(
    [
      [1, began(pass(1))],
      [1, took('1')],
      [2, changed(a, b)],
      [3, rests(b)],
    ],
    settled,
  );
  const task = decideBeside(resting, 3) as RepairTask;
  const both = after([[3, { input: 'began-beside', task }]], resting);

  test('one repair may begin, of what the task does not wait for and is not yet to write', () => {
    expect(print(task)).toBe('repair a since 2');
    expect([...both.drift.keys()]).toEqual([refKey(b)]);
    expect(print(decideBeside(after([[4, changed({ ...a, name: 'c' })]], both), 4))).toBe('wait until Infinity');
    const ended = after([[5, repairedBeside(false)]], both);
    expect(print(decideBeside(ended, 5))).toBe('wait until Infinity');
    expect(print(decideBeside(after([[6, changed(a)]], ended), 6))).toBe('repair a since 6');
  });

  test('none may while it works, nor when it is to end', () => {
    expect(print(decideBeside(after([[4, { input: 'works' }]], resting), 4))).toBe('wait until Infinity');
    expect(print(decideBeside(after([[4, revision('2')]], resting), 4))).toBe('wait until Infinity');
    expect(print(decideBeside(settled, 4))).toBe('wait until Infinity');
  });

  test('a hot object waits there too', () => {
    const hot = after(
      Array.from({ length: 5 }, () => [3, { input: 'drifted', keys: [refKey(a)] }] as const),
      resting,
    );
    expect(print(decideBeside(hot, 3))).toBe('wait until 1003');
    expect(print(decideBeside(hot, 1_003))).toBe('repair a since 1003');
  });

  test('it goes on when the task works again, and ends with it: then it stays to be done', () => {
    const working = after([[4, { input: 'works' }]], both);
    expect(working.beside).toBe(task);
    for (const end of [passed, { input: 'broke-off' }] satisfies readonly Input[]) {
      const left = after([[5, end]], working);
      expect(left.beside).toBeUndefined();
      expect(new Set(left.drift.keys())).toEqual(new Set([refKey(a), refKey(b)]));
      // Its own end comes late then, and means nothing.
      expect(after([[6, repairedBeside(true)]], left)).toEqual(left);
      expect(after([[6, { input: 'broke-off-beside' }]], left)).toEqual(left);
    }
  });

  test('what failed there leads to a pass after the task, and not to another repair', () => {
    const failed = after([[5, repairedBeside(true)]], both);
    expect(print(decideBeside(failed, 5))).toBe('wait until Infinity');
    const ended = after([[9_000, passed]], failed);
    expect(ended).toMatchObject({ failures: 1, retryAt: 5 });
    expect(after([[9_000, { ...passed, hints: ['backoff'] }]], failed)).toMatchObject({
      failures: 2,
      retryAt: 9_000 + 1_500,
    });
    const asked = after(
      [
        [5, repairedBeside(true, { afterMs: 60_000 })],
        [9_000, passed],
      ],
      both,
    );
    expect(asked.retryAt).toBeGreaterThanOrEqual(60_005);
  });
});

test('while the set is suspended no drift is kept; a request, a revision and the resync still lead to a pass', () => {
  const suspended = after(
    [
      [1, changed(a)],
      [1, began(pass(1))],
      [2, changed(b)],
      [2, { input: 'statuses' }],
      [3, { ...passed, suspended: true }],
      [4, changed(a)],
      [4, { input: 'statuses' }],
    ],
    settled,
  );
  expect(print(decide(suspended, 4))).toBe('wait until 600003');
  expect(print(decide(after([[5, { input: 'asked' }]], suspended), 5))).toBe('pass for revision since 5');
  expect(print(decide(after([[5, revision('2')]], suspended), 5))).toBe('pass for revision since 5');
});

test('what is heard while the pass runs that ends a suspension is newer than what it saw', () => {
  const resumed = after(
    [
      [1, began(pass(1))],
      [2, { ...passed, suspended: true }],
      [3, { input: 'asked' }],
      [3, began(pass(3))],
      [4, { input: 'statuses' }],
      [4, changed(a)],
      [5, passed],
    ],
    settled,
  );
  expect(print(decide(resumed, 5))).toBe('repair a since 4');
  expect(
    print(
      decide(
        after(
          [
            [5, began({ task: 'repair', drifted: [], since: 4 })],
            [6, repaired],
          ],
          { ...resumed, drift: new Map() },
        ),
        6,
      ),
    ),
  ).toBe('refresh');
});

describe('whatever is heard, in whatever order', () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

  test(`no work is lost, one thing runs at a time, and there is always a next pass (SEED=${seed})`, () => {
    const random = generator(seed);
    for (let run = 0; run < 300; run += 1) {
      let state = begin({ interval: 10 * minute, supersede: random() < 0.7 }, 0);
      let now = 0;
      let running: Work | undefined;
      /** What runs beside it. */
      let beside: RepairTask | undefined;
      /** What the source holds, and what the last pass that came to its end went for. */
      let [source, applied, going] = [1, 0, 0];
      /** Objects that changed and that no task which began later has dealt with. */
      const open = new Map<string, number>();
      const hear = (input: Input): void => {
        // What the world tells may be lost or doubled.
        const told = { revision: true, changed: true, statuses: true }[input.input as string] === true;
        // Whether it rests is told at every turn.
        const isTurn = input.input === 'rests' || input.input === 'works';
        const copies = (told || isTurn) && random() < 0.1 ? 0 : random() < 0.3 ? 2 : 1;
        for (let copy = 0; copy < copies; copy += 1) state = next(state, input, now);
      };
      const start = (): void => {
        const task = decide(state, now);
        if (task.task === 'wait') return;
        running = task;
        state = next(state, { input: 'began', task }, now);
      };
      const startBeside = (): void => {
        const task = decideBeside(state, now);
        if (task.task === 'wait') return;
        expect(running, `run ${run}`).toBeDefined();
        expect(beside, `run ${run}`).toBeUndefined();
        expect(state.running?.stop, `run ${run}`).toBeUndefined();
        for (const { ref } of task.drifted) {
          expect(state.running?.rests?.has(refKey(ref)), `run ${run}`).toBe(false);
          open.delete(refKey(ref));
        }
        beside = task;
        hear({ input: 'began-beside', task });
      };
      const reopen = (): void => {
        for (const { ref, since } of beside?.drifted ?? []) open.set(refKey(ref), since);
        beside = undefined;
      };
      const endBeside = (): void => {
        if (beside === undefined) return;
        if (state.running?.stop !== undefined || random() < 0.4) {
          reopen();
          hear({ input: 'broke-off-beside' });
        } else {
          beside = undefined;
          hear({ input: 'repaired-beside', failed: random() < 0.3, hints: [], random: random() });
        }
      };
      const end = (input: Input): void => {
        // It ends before the task does; that may be told late.
        const late = beside !== undefined && random() < 0.5;
        if (late) reopen();
        else endBeside();
        state = next(state, input, now);
        if (late) hear({ input: random() < 0.5 ? 'broke-off-beside' : 'works' });
        if (input.input === 'passed') applied = going;
        // The end of that leads to another pass.
        if (state.suspended) open.clear();
        running = undefined;
      };
      const step = (): void => {
        now += Math.floor(random() * 5_000);
        const dice = random();
        if (dice < 0.15) hear(revision(String((source += 1))));
        else if (dice < 0.35) {
          const ref = { ...a, name: `c-${Math.floor(random() * 5)}` };
          hear(changed(ref));
          if (!state.suspended || running?.task === 'pass') open.set(refKey(ref), now);
        } else if (dice < 0.4) hear({ input: 'statuses' });
        else if (dice < 0.45) hear({ input: random() < 0.5 ? 'asked' : 'asked-to-stop' });
        else if (running === undefined) start();
        else if (dice < 0.6 && running.task !== 'refresh' && random() < 0.6) {
          const move = random();
          if (move < 0.4) {
            const rests = new Set(
              [0, 1, 2, 3, 4].flatMap((n) => (random() < 0.3 ? [refKey({ ...a, name: `c-${n}` })] : [])),
            );
            hear({ input: 'rests', keys: rests });
          } else if (move < 0.5) hear({ input: 'works' });
          else if (move < 0.85) startBeside();
          else endBeside();
        } else if (running.task === 'pass' && dice < 0.6) hear(took(String((going = source))));
        else if (state.running?.stop !== undefined || dice < 0.65) end({ input: 'broke-off' });
        else finish();
      };
      const finish = (): void => {
        if (running?.task === 'pass') {
          hear(took(String((going = source))));
          end({
            ...passed,
            random: random(),
            hints: random() < 0.2 ? ['backoff'] : [],
            suspended: random() < 0.1,
          });
        } else if (running?.task === 'repair') {
          end({ ...repaired, failed: random() < 0.2, random: random() });
        } else end(refreshed);
      };
      for (let steps = 0; steps < 60; steps += 1) {
        const before = running;
        step();
        // Begun: it answers for what was known at that time.
        if (running !== undefined && running !== before) {
          const deals = running.task === 'repair' ? running.drifted.map(({ ref }) => refKey(ref)) : [...open.keys()];
          if (running.task !== 'refresh') for (const key of deals) open.delete(key);
        }
        expect(state.running?.task, `run ${run}`).toBe(running);
        expect(state.beside, `run ${run}`).toBe(beside);
      }
      // Nothing comes any more: what is left is done in its time, what was lost with the resync, and then nothing.
      const tasks: string[] = [];
      for (let rounds = 0; rounds < 50; rounds += 1) {
        if (running !== undefined) {
          const task: Work = running;
          if (state.running?.stop !== undefined) end({ input: 'broke-off' });
          else if (task.task === 'pass') {
            hear(took(String((going = source))));
            end(passed);
          } else end(task.task === 'repair' ? repaired : refreshed);
        }
        const task = decide(state, now);
        if (task.task === 'wait') {
          expect(task.until).toBeLessThanOrEqual(now + 11 * minute);
          if (tasks.includes('pass') && task.until === state.resyncAt) break;
          now = task.until;
          continue;
        }
        tasks.push(task.task);
        if (task.task === 'pass') open.clear();
        if (task.task === 'repair') for (const { ref } of task.drifted) open.delete(refKey(ref));
        start();
      }
      expect([...open.keys()], `run ${run}: ${tasks.join(' ')}`).toEqual([]);
      expect(applied, `run ${run}: ${tasks.join(' ')}`).toBe(source);
      expect(state, `run ${run}`).toMatchObject({ drift: new Map() });
      expect(state.statuses, `run ${run}`).toBeUndefined();
    }
  });
});

/** mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
