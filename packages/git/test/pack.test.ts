import { describe, expect, test } from 'vitest';

import { applyDelta } from '../src/delta.ts';
import { defaultLimits } from '../src/limits.ts';
import type { Limits } from '../src/limits.ts';
import { makeObject } from '../src/object.ts';
import type { GitObject } from '../src/object.ts';
import { unpack } from '../src/pack.ts';
import { failure, thrown } from './errors.ts';
import { buildPack, entryHeader, makeDelta, seal } from './pack-builder.ts';
import type { Entry } from './pack-builder.ts';
import { seeded } from './random.ts';
import type { Random } from './random.ts';

interface Unpacked {
  readonly objects: ReadonlyMap<string, GitObject>;
}

interface UnpackTest {
  readonly limits?: Partial<Limits>;
  readonly bases?: readonly GitObject[];
  readonly chunk?: number;
  /** Nothing stays at hand, as if memory were full. */
  readonly forgetful?: boolean;
}

async function unpackAll(pack: Buffer, options: UnpackTest = {}): Promise<Unpacked> {
  const objects = new Map<string, GitObject>();
  const { chunk = pack.length, bases = [] } = options;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < pack.length; at += chunk) yield pack.subarray(at, at + chunk);
  };
  const sink = {
    begin: () => {},
    add: (object: GitObject) => {
      objects.set(object.id, object);
    },
    peek: (id: string) => (options.forgetful === true ? undefined : objects.get(id)),
    get: (id: string) => Promise.resolve(objects.get(id)),
    flush: () => Promise.resolve(),
  };
  await unpack(chunks(), sink, {
    limits: { ...defaultLimits, ...options.limits },
    bases: { get: (id) => Promise.resolve(bases.find((base) => base.id === id)) },
  });
  return { objects };
}

const blob = (text: string): GitObject => makeObject('blob', Buffer.from(text));

const one = blob('kind: ConfigMap\n'.repeat(20));
const two = blob(`${'kind: ConfigMap\n'.repeat(20)}data: {}\n`);
const three = blob(`# first\n${'kind: ConfigMap\n'.repeat(20)}data: {}\n`);

function ids({ objects }: Unpacked): string[] {
  return [...objects.keys()].sort();
}

const all = [one.id, two.id, three.id].sort();

describe('deltas', () => {
  test('a chain of deltas by offset is resolved', async () => {
    const pack = buildPack([
      { whole: one },
      { delta: makeDelta(one.content, two.content), on: 0 },
      { delta: makeDelta(two.content, three.content), on: 1 },
    ]);
    expect(ids(await unpackAll(pack))).toEqual(all);
  });

  test('a delta may come before its base', async () => {
    const pack = buildPack([
      { delta: makeDelta(two.content, three.content), on: two.id },
      { delta: makeDelta(one.content, two.content), on: one.id },
      { whole: one },
    ]);
    expect(ids(await unpackAll(pack))).toEqual(all);
    expect(ids(await unpackAll(pack, { forgetful: true }))).toEqual(all);
  });

  test('a thin pack builds upon objects of another pack', async () => {
    const pack = buildPack([
      { delta: makeDelta(two.content, three.content), on: two.id },
      { delta: makeDelta(one.content, two.content), on: one.id },
    ]);
    expect(ids(await unpackAll(pack, { bases: [one] }))).toEqual([two.id, three.id].sort());
  });

  test('a delta upon a delta that waits for its base is resolved after it', async () => {
    const pack = buildPack([
      { delta: makeDelta(one.content, two.content), on: one.id },
      { delta: makeDelta(two.content, three.content), on: 0 },
      { whole: one },
    ]);
    expect(ids(await unpackAll(pack))).toEqual(all);
    expect(ids(await unpackAll(pack, { forgetful: true }))).toEqual(all);
  });

  test('a base that is nowhere is named', async () => {
    const pack = buildPack([{ delta: makeDelta(one.content, two.content), on: one.id }]);
    const error = await failure(unpackAll(pack));
    expect(error).toMatchObject({ code: 'CORRUPT_PACK', retry: 'backoff' });
    expect(error.message).toContain(one.id);
  });

  test('any two contents survive the round trip through a delta', () => {
    const random = seeded('delta round trips');
    for (let run = 0; run < 300; run++) {
      const base = Buffer.from(random.text(random.int(run === 0 ? 200_000 : 2000)));
      const result = mutate(base, random);
      expect(applyDelta(base, makeDelta(base, result), 1 << 20).equals(result)).toBe(true);
    }
  });

  test('a broken delta is refused, whatever it says', () => {
    const base = Buffer.from('0123456789');
    const broken: Record<string, number[]> = {
      'another base size': [9, 1, 1, 65],
      'a copy beyond the base': [10, 4, 0x91, 8, 4],
      'an insertion beyond the delta': [10, 4, 4, 65],
      'a result that is too short': [10, 4, 1, 65],
      'a result that is too long': [10, 1, 2, 65, 65],
      'the reserved command': [10, 1, 0],
      'a copy that is cut off': [10, 4, 0x91],
      'a header that is cut off': [0x8a],
      nothing: [],
    };
    for (const [what, bytes] of Object.entries(broken)) {
      expect(
        thrown(() => applyDelta(base, Buffer.from(bytes), 100)),
        what,
      ).toMatchObject({ code: 'CORRUPT_PACK' });
    }
  });

  test('random deltas give a result or a typed error', () => {
    const random = seeded('delta noise');
    const base = random.bytes(100);
    for (let run = 0; run < 3000; run++) {
      const delta = Buffer.concat([Buffer.from([100, random.int(127)]), random.bytes(random.int(20))]);
      try {
        applyDelta(base, delta, 1000);
      } catch (error) {
        expect(
          thrown(() => {
            throw error;
          }),
        ).toMatchObject({ code: 'CORRUPT_PACK' });
      }
    }
  });
});

describe('fuzz', () => {
  function randomPack(random: Random): { pack: Buffer; objects: string[] } {
    const entries: Entry[] = [];
    const objects: GitObject[] = [];
    const count = 1 + random.int(12);
    while (objects.length < count) {
      const on = random.int(objects.length + 1);
      const base = objects[on];
      const content = base === undefined ? Buffer.from(random.text(random.int(3000))) : mutate(base.content, random);
      const object = makeObject('blob', content);
      if (objects.some(({ id }) => id === object.id)) continue;
      objects.push(object);
      const by = random.int(2) === 0 ? on : base?.id;
      if (base === undefined || by === undefined) entries.push({ whole: object });
      else entries.push({ delta: makeDelta(base.content, content), on: by });
    }
    return { pack: buildPack(entries), objects: objects.map(({ id }) => id).sort() };
  }

  test('a pack reads the same wherever its chunks end', async () => {
    const random = seeded('pack chunks');
    for (let run = 0; run < 30; run++) {
      const { pack, objects } = randomPack(random);
      for (const chunk of [1, 2, 7, 1 + random.int(pack.length), pack.length]) {
        expect(ids(await unpackAll(pack, { chunk, forgetful: random.int(2) === 0 }))).toEqual(objects);
      }
    }
  });

  test('a pack cut off anywhere is an error that a retry can cure', async () => {
    const random = seeded('pack truncation');
    const { pack } = randomPack(random);
    for (let length = 0; length < pack.length; length++) {
      const error = await failure(unpackAll(pack.subarray(0, length), { chunk: 1 + random.int(64) }));
      expect(error).toMatchObject({ code: 'CORRUPT_PACK', retry: 'backoff' });
    }
  });

  test('a pack with any byte changed is refused', async () => {
    const random = seeded('pack corruption');
    const { pack } = randomPack(random);
    for (let run = 0; run < 1000; run++) {
      const broken = Buffer.from(pack);
      const at = random.int(broken.length);
      broken[at] = ((broken[at] ?? 0) + 1 + random.int(255)) & 255;
      const error = await failure(unpackAll(broken));
      expect(['CORRUPT_PACK', 'UNSUPPORTED', 'LIMIT_EXCEEDED']).toContain(error.code);
    }
  });

  test('a pack with any byte changed and the checksum made good gives other objects or a typed error', async () => {
    const random = seeded('pack forgery');
    const { pack, objects } = randomPack(random);
    for (let run = 0; run < 500; run++) {
      const body = Buffer.from(pack.subarray(0, -20));
      const at = 12 + random.int(body.length - 12);
      body[at] = ((body[at] ?? 0) + 1 + random.int(255)) & 255;
      const outcome = await unpackAll(seal(body)).catch((error: unknown) => error);
      if (outcome instanceof Error) await failure(Promise.reject(outcome));
      else
        for (const [id, object] of (outcome as Unpacked).objects)
          expect(makeObject(object.type, object.content).id).toBe(id);
      expect(objects.length).toBeGreaterThan(0);
    }
  });
});

describe('hostile packs', () => {
  test('a size that is not the content is refused', async () => {
    const entry = Buffer.concat([entryHeader(3, 5), buildPack([{ whole: blob('abcdef') }]).subarray(13, -20)]);
    const body = Buffer.concat([Buffer.from('PACK\0\0\0\u0002\0\0\0\u0001', 'latin1'), entry]);
    expect(await failure(unpackAll(seal(body)))).toMatchObject({ code: 'CORRUPT_PACK' });
  });

  test('a bomb costs no more than the size it claims', async () => {
    const bomb = blob('\0'.repeat(8 << 20));
    expect(await failure(unpackAll(buildPack([{ whole: bomb }]), { limits: { objectBytes: 1 << 20 } }))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
    const liar = Buffer.concat([
      entryHeader(3, 100),
      buildPack([{ whole: bomb }]).subarray(12 + entryHeader(3, bomb.content.length).length, -20),
    ]);
    const body = Buffer.concat([Buffer.from('PACK\0\0\0\u0002\0\0\0\u0001', 'latin1'), liar]);
    expect(await failure(unpackAll(seal(body)))).toMatchObject({ code: 'CORRUPT_PACK' });
  });

  test('each limit has its error, which names it', async () => {
    const pack = buildPack([
      { whole: one },
      { delta: makeDelta(one.content, two.content), on: 0 },
      { delta: makeDelta(two.content, three.content), on: 1 },
    ]);
    const limits: (keyof Limits)[] = ['packBytes', 'objects', 'objectBytes', 'unpackedBytes', 'deltaChain'];
    for (const limit of limits) {
      const error = await failure(unpackAll(pack, { limits: { [limit]: 1 } }));
      expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', retry: 'never' });
      expect(error.message).toContain(`limits.${limit}`);
    }
  });

  test('an object that stands there twice is refused', async () => {
    expect(await failure(unpackAll(buildPack([{ whole: one }, { whole: one }])))).toMatchObject({
      code: 'CORRUPT_PACK',
    });
  });

  test('a count that does not fit, bytes after the end, another version and another file are refused', async () => {
    const pack = buildPack([{ whole: one }]);
    const version = Buffer.from(pack);
    version[7] = 3;
    expect(await failure(unpackAll(buildPack([{ whole: one }], 2)))).toMatchObject({ code: 'CORRUPT_PACK' });
    expect(await failure(unpackAll(buildPack([{ whole: one }, { whole: two }], 1)))).toMatchObject({
      code: 'CORRUPT_PACK',
    });
    expect(await failure(unpackAll(Buffer.concat([pack, Buffer.from('x')])))).toMatchObject({ code: 'CORRUPT_PACK' });
    expect(await failure(unpackAll(version))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(await failure(unpackAll(Buffer.from('<html>nothing here</html>')))).toMatchObject({ code: 'CORRUPT_PACK' });
  });

  test('an empty pack is a pack', async () => {
    expect(ids(await unpackAll(buildPack([])))).toEqual([]);
  });
});

function mutate(base: Buffer, random: Random): Buffer {
  const from = random.int(base.length + 1);
  const to = from + random.int(base.length - from + 1);
  return Buffer.concat([base.subarray(0, from), Buffer.from(random.text(random.int(400))), base.subarray(to)]);
}
