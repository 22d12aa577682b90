import { expect, test } from 'vitest';

import { createGitSource, GitError } from '@homeostat/git';
import type { Clock, Revision } from '@homeostat/git';

import { startGitServer } from '../../../test/support/git-server.ts';
import { Bell, poll } from '../src/changes.ts';

/** Time that passes only as far as someone sleeps, and what was slept. */
function sleeper(): Clock & { readonly slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: (ms) => {
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

type Step = Revision | GitError;

/** Polls a source that answers these, one after the other, and then stops. */
async function play(
  steps: readonly Step[],
  random = () => 0.5,
): Promise<{ seen: Revision[]; slept: number[]; errors: string[] }> {
  const stop = new AbortController();
  const clock = sleeper();
  const seen: Revision[] = [];
  const errors: string[] = [];
  const left = [...steps];
  const resolve = async (): Promise<Revision> => {
    const step = left.shift();
    if (step === undefined) {
      stop.abort();
      throw new GitError('CANCELLED', 'the end');
    }
    if (step instanceof GitError) throw step;
    return await Promise.resolve(step);
  };
  const onError = (error: GitError): void => void errors.push(error.code);
  const options = { signal: stop.signal, clock, random, intervalMs: 10_000, bell: new Bell(), onError };
  for await (const revision of poll(resolve, options)) seen.push(revision);
  return { seen, slept: clock.slept, errors };
}

const a: Revision = { ref: 'main', commit: 'a'.repeat(40) };
const b: Revision = { ref: 'main', commit: 'b'.repeat(40) };
const down = (retry: ConstructorParameters<typeof GitError>[2] = { retry: 'backoff' }): GitError =>
  new GitError('UNREACHABLE', 'down', retry);

test('each revision is told once, and again when it comes back', async () => {
  const { seen } = await play([a, a, b, b, a]);
  expect(seen).toEqual([a, b, a]);
});

test('looks are spread by a fifth to both sides', async () => {
  expect((await play([a, a], () => 0)).slept).toEqual([8000, 8000]);
  expect((await play([a, a], () => 1)).slept).toEqual([12_000, 12_000]);
});

test('failures go to onError, the pauses grow up to five minutes, and success ends that', async () => {
  const { seen, slept, errors } = await play([a, down(), down(), down(), down(), down(), down(), down(), b, a]);
  expect(seen).toEqual([a, b, a]);
  expect(slept).toEqual([10_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 10_000, 10_000]);
  expect(errors).toHaveLength(7);
});

test('a source that can never work is still looked at: what is wrong may be put right', async () => {
  const { seen } = await play([new GitError('ACCESS_DENIED', 'no'), a]);
  expect(seen).toEqual([a]);
});

test('a server that says when to come back is not asked before', async () => {
  const { slept } = await play([down({ retry: { afterMs: 60_000 } }), a], () => 0);
  expect(slept[0]).toBeGreaterThanOrEqual(60_000);
  const { slept: forever } = await play([down({ retry: { afterMs: 1e15 } }), a], () => 0);
  expect(forever[0]).toBe(60 * 60_000);
});

test('a thousand rings while nobody looks are one look', async () => {
  const stop = new AbortController();
  const bell = new Bell();
  let looks = 0;
  const resolve = (): Promise<Revision> => {
    looks++;
    if (looks === 1) for (let ring = 0; ring < 1000; ring++) bell.ring();
    return Promise.resolve(looks === 1 ? a : b);
  };
  const clock: Clock = {
    now: () => 0,
    sleep: (_, signal) =>
      new Promise((wake) => {
        signal.addEventListener('abort', () => {
          wake();
        });
        stop.abort();
      }),
  };
  for await (const _ of poll(resolve, { signal: stop.signal, clock, random: () => 0, intervalMs: 1, bell }))
    expect(_).toBeDefined();
  expect(looks).toBe(2);
});

test('polling a repository costs one request each time', async () => {
  await using server = await startGitServer();
  const repository = await server.createRepository();
  await repository.commit({ a: '1' });
  const clock = sleeper();
  const stop = new AbortController();
  const source = createGitSource({
    url: repository.url,
    random: () => 0.5,
    clock: {
      now: () => clock.now(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        if (clock.slept.length === 5) stop.abort();
      },
    },
  });
  for await (const revision of source.changes({ signal: stop.signal })) expect(revision.ref).toBe('main');
  expect(clock.slept).toEqual([30_000, 30_000, 30_000, 30_000, 30_000]);
  expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'POST', 'POST', 'POST', 'POST']);
  await source.close();
});
