import { expect, test } from 'vitest';
import { createLimit } from '@homeostat/apply';
import { shareLimit } from '../src/share-limit.ts';

test('one request of a small sync waits for a few of a huge one, not for all', async () => {
  const limit = createLimit({ start: 4, max: 4 });
  const [huge, small] = [shareLimit(limit), shareLimit(limit)];
  const done: string[] = [];
  const task = (name: string) => async (): Promise<void> => {
    await new Promise(setImmediate);
    done.push(name);
  };
  const all = Array.from({ length: 100 }, () => huge.run(task('huge')));
  expect(limit.waiting).toBe(0);
  expect(huge.waiting).toBe(96);
  await Promise.all([small.run(task('small')), ...all]);
  expect(done.indexOf('small')).toBeLessThanOrEqual(8);
  expect(done).toHaveLength(101);
});
