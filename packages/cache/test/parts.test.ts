import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { stringifyJson, withMembership } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { describe, expect, test } from 'vitest';
import { backoffMs, DEFAULT_BACKOFF } from '../src/backoff.ts';
import type { CacheEvent } from '../src/event.ts';
import { EventQueue } from '../src/event-queue.ts';
import { Packer, unpack } from '../src/pack.ts';
import { compareVersions, reaches } from '../src/version.ts';
import { View } from '../src/view.ts';

describe('resourceVersions', () => {
  test('are integers of any length', () => {
    expect(compareVersions('9', '10')).toBeLessThan(0);
    expect(compareVersions('18446744073709551616', '18446744073709551615')).toBeGreaterThan(0);
    expect(compareVersions('7', '7')).toBe(0);
  });

  test('that are no integers can only be equal', () => {
    expect(compareVersions('abc', '7')).toBeUndefined();
    expect(compareVersions('abc', 'abc')).toBe(0);
    expect(reaches('abc', '7')).toBe(false);
    expect(reaches(undefined, '7')).toBe(false);
    expect(reaches('7', '7')).toBe(true);
  });
});

describe('the wait after a failure', () => {
  const wait = (failures: number, random: number): number => backoffMs(failures, 'backoff', random, DEFAULT_BACKOFF);

  test('grows from 0.8 s to 30 s, spread by chance', () => {
    expect([1, 2, 3, 6, 7, 1000].map((failures) => wait(failures, 0))).toEqual([800, 800, 800, 800, 800, 800]);
    expect([1, 2, 3, 6, 7, 1000].map((failures) => wait(failures, 1))).toEqual([
      800, 1_600, 3_200, 25_600, 30_000, 30_000,
    ]);
  });

  test('is never shorter than the server asked for', () => {
    expect(backoffMs(1, { afterMs: 45_000 }, 1, DEFAULT_BACKOFF)).toBe(45_000);
    expect(backoffMs(7, { afterMs: 1_000 }, 1, DEFAULT_BACKOFF)).toBe(30_000);
  });
});

describe('an event queue', () => {
  const event = (name: string): CacheEvent => ({
    type: 'gone',
    ref: { group: '', kind: 'ConfigMap', namespace: '', name },
    uid: name,
    set: undefined,
    via: 'watch',
  });
  const texts = (events: readonly CacheEvent[]): readonly string[] =>
    events.map((one) => (one.type === 'gone' ? one.uid : one.type === 'dropped' ? `dropped ${one.count}` : one.type));

  test('keeps order, drops what does not fit, and says how much and where', async () => {
    const queue = new EventQueue(2, () => undefined);
    for (const name of ['a', 'b', 'c', 'd']) queue.push(event(name));
    const read = [await queue.next()];
    queue.push(event('e')); // still behind what was dropped
    read.push(await queue.next(), await queue.next());
    queue.push(event('f'));
    queue.end();
    read.push(await queue.next());
    expect(texts(read.flatMap(({ value }) => value ?? []))).toEqual(['a', 'b', 'dropped 3', 'f']);
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  test('tells changes of one object that are unread once, in the place of the first', async () => {
    const changed = (name: string, set = 'x', formerSet?: string): CacheEvent => ({
      type: 'changed',
      ref: { group: '', kind: 'ConfigMap', namespace: '', name },
      uid: name,
      set,
      formerSet,
      via: 'watch',
    });
    const queue = new EventQueue(5, () => undefined);
    const all = [
      changed('a', 'x', 'w'),
      changed('b'),
      ...Array.from({ length: 10_000 }, () => changed('a')),
      changed('b', 'y', 'x'),
      event('a'),
      changed('a'),
      changed('a'),
    ];
    for (const one of all) queue.push(one);
    queue.end();
    const read: CacheEvent[] = [];
    for await (const one of queue) read.push(one);
    expect(read).toEqual([changed('a', 'x', 'w'), changed('b'), changed('b', 'y', 'x'), event('a'), changed('a')]);
  });

  test('hands an event straight to who waits for it', async () => {
    const queue = new EventQueue(0, () => undefined);
    const waiting = queue.next();
    queue.push(event('a'));
    expect(texts([(await waiting).value ?? event('')])).toEqual(['a']);
  });

  test('of one set holds what came to it and what left it, and nothing of others', async () => {
    const queue = new EventQueue(9, () => undefined, 'ours');
    const about = (name: string, of: string) => {
      const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name };
      return { ref, uid: name, set: of, via: 'watch' } as const;
    };
    queue.push({ type: 'changed', ...about('a', 'theirs'), formerSet: undefined });
    queue.push({ type: 'changed', ...about('b', 'ours'), formerSet: undefined });
    queue.push({ type: 'changed', ...about('c', 'theirs'), formerSet: 'ours' });
    queue.push({ type: 'gone', ...about('d', 'theirs') });
    queue.push({ type: 'gone', ...about('e', 'ours') });
    queue.end();
    const read: (string | undefined)[] = [];
    for await (const one of queue) if ('uid' in one) read.push(one.uid);
    expect(read).toEqual(['b', 'c', 'e']);
  });

  test('ends when its reader leaves, and tells so once', async () => {
    let closed = 0;
    const queue = new EventQueue(9, () => (closed += 1));
    queue.push(event('a'));
    queue.push(event('b'));
    for await (const one of queue) {
      expect(texts([one])).toEqual(['a']);
      break;
    }
    queue.push(event('c'));
    queue.end();
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    expect(closed).toBe(1);
  });

  test('gives its reader the error that ended it, after what was unread', async () => {
    const queue = new EventQueue(9, () => undefined);
    queue.push(event('a'));
    queue.end({ error: new TypeError('broken') });
    await queue.next();
    await expect(queue.next()).rejects.toThrow('broken');
  });
});

const set = { id: 'applyset-0eFHV8ySqp7XoShsGvyWFQD3s96yqwHmzc4e0HR1dsY-v1', namespace: 'default', name: 'shop' };

/** As the API server returns a small ConfigMap that was applied. */
function settled(index: number): KubeObject {
  const name = `settings-${index}`;
  const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' } };
  const { labels = {}, annotations = {} } = withMembership(object, set).metadata;
  const owned = {
    'f:data': { 'f:color': {}, 'f:greeting': {} },
    'f:metadata': {
      'f:annotations': { 'f:homeostat.dev/managed': {} },
      'f:labels': { 'f:applyset.kubernetes.io/part-of': {} },
    },
  };
  const entry = { manager: 'homeostat', operation: 'Apply', apiVersion: 'v1', time: '2026-11-25T09:12:44Z' } as const;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: 'shop',
      uid: crypto.randomUUID(),
      resourceVersion: String(48_213 + index),
      creationTimestamp: '2026-11-25T09:12:44Z',
      labels,
      annotations,
      managedFields: [{ ...entry, fieldsType: 'FieldsV1', fieldsV1: owned }],
    },
    data: { color: 'green', greeting: `hello ${index}` },
  };
}

describe('an object at rest', () => {
  test('comes back as it was, whatever was packed before it', async () => {
    const packer = new Packer();
    const odd = { ...settled(1), data: { n: -9007199254740993n, s: '東京\u0000🚀', '"': '\\' } };
    const large = { ...settled(2), data: { text: Array.from({ length: 40_000 }, (_, n) => n * n).join(' ') } };
    const texts = [odd, large, odd, settled(3)].map((object) => stringifyJson(object));
    const packed: string[] = [];
    for (const text of texts) packed.push(await packer.pack(text));
    packer.close();
    expect(packed.map(unpack)).toEqual(texts);
    expect(packed[2]).toBe(packed[0]);
  });

  test(
    'of a small ConfigMap takes less than 1 KB with everything that the view keeps of it',
    { timeout: 60_000 },
    async () => {
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      const weigh = (): number => {
        for (let round = 0; round < 4; round += 1) collect();
        const { heapUsed, external } = process.memoryUsage();
        return heapUsed + external;
      };
      const packer = new Packer();
      const fill = async (view: View<undefined>, from: number, to: number): Promise<void> => {
        for (let index = from; index < to; index += 1) view.reduce({ input: 'listed', object: settled(index) }, 1);
        for (let entry = view.unsettled(1); entry !== undefined; entry = view.unsettled(1))
          view.settle(entry, await packer.pack(entry.text));
      };
      const view = new View({ summarize: () => undefined });
      const count = 20_000;
      await fill(view, 0, 1_000); // code and tables
      const before = weigh();
      await fill(view, 1_000, 1_000 + count);
      const bytes = (weigh() - before) / count;
      console.log(
        `bytes per settled member: ${Math.round(bytes)}, of ${JSON.stringify(settled(1)).length} bytes of JSON (packed ${(await packer.pack(stringifyJson(settled(1)))).length})`,
      );
      packer.close();
      expect(view.members(set.id)).toHaveLength(1_000 + count);
      expect(bytes).toBeLessThan(1_024);
    },
  );
});
