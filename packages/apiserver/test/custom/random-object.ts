import type { Structural } from '../../src/custom/structural.ts';

/** A source of numbers in [0, 1) that a seed determines (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TEXTS = [
  '',
  'a',
  'abc',
  'red',
  'x',
  'xy',
  'abcdef',
  'TCP',
  'UDP',
  'Ready',
  '5M',
  '80',
  'Ä ö',
  '2024-02-29',
  'a.b',
  '<b>',
  '10.0.0.1',
];
const NUMBERS = [0, 1, 2, 3, 5, 10, 11, -1, 80, 0.25, 1.5, 7, 65_536, 300_000];
const ODD: readonly unknown[] = [null, 'odd', 5, 1.5, true, [], {}, [null], { zz: 1 }];

/** A value that more or less fits the schema: most fields do, some are left out, unknown, null or of another type. */
export function randomValue(schema: Structural | undefined, random: () => number): unknown {
  const pick = <One>(list: readonly One[]): One | undefined => list[Math.floor(random() * list.length)];
  if (schema === undefined || random() < 0.04) return structuredClone(pick(ODD));
  if (schema.enum.length > 0 && random() < 0.7) return structuredClone(pick(schema.enum));
  const type = pick(schema.types);
  if (type === 'string') return pick(TEXTS);
  if (type === 'integer') return pick(NUMBERS.filter((one) => Number.isInteger(one) || random() < 0.1));
  if (type === 'number') return pick(NUMBERS);
  if (type === 'boolean') return random() < 0.5;
  if (type === 'array')
    return Array.from({ length: Math.floor(random() * 4) }, () => randomValue(schema.items, random));
  const object: Record<string, unknown> = {};
  for (const [name, property] of schema.properties) {
    const wanted = schema.required.includes(name) ? 0.9 : 0.25;
    if (random() < wanted) object[name] = randomValue(property, random);
  }
  if (typeof schema.additional === 'object') {
    for (const name of ['a', 'b', 'c']) if (random() < 0.5) object[name] = randomValue(schema.additional, random);
  }
  if (schema.embedded && random() < 0.8)
    Object.assign(object, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } });
  if (random() < 0.06) object['unknown'] = structuredClone(pick(ODD));
  return object;
}
