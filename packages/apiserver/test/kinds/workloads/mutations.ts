import { isMap } from '../../../src/draft.ts';
import type { Case } from '../replay.ts';

/** Numbers below `limit`, the same for the same seed. Source: mulberry32. */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

const TEXTS = [
  '',
  'Bad Value',
  '../x',
  '/abs',
  'a'.repeat(70),
  '0',
  'UPPER',
  'a/b',
  '-1',
  'x.y',
  '100%',
  'c',
  'v',
  'http',
  'Local',
  'In',
  'Exists',
  'None',
  'Always',
  'Never',
  'OnFailure',
  'latest',
  'Recreate',
  'RollingUpdate',
  'Localhost',
];
const NUMBERS = [-1, 0, 1, 2, 5, 600, 70_000, 1_000_000];

/** A case with one thing in its object changed: gone, doubled, empty, or another value of the same type. */
export function mutated(one: Case, below: (limit: number) => number): Case {
  const object = JSON.parse(JSON.stringify(one.object)) as Case['object'];
  const places = placesIn(object, '').filter(({ path }) => !/^(apiVersion|kind|metadata)/.test(path));
  const place = places[below(places.length)];
  if (place === undefined) return one;
  const { parent, key, path } = place;
  const drops = below(4) === 0;
  const value = drops ? undefined : otherValue(parent[key], below);
  if (!drops) parent[key] = value;
  else if (!Array.isArray(parent)) Reflect.deleteProperty(parent, key);
  else if (below(2) === 0) parent.splice(Number(key), 1);
  else parent.push(structuredClone(parent[Number(key)]));
  return { title: `${one.title} | ${path} ${drops ? 'gone or doubled' : `is ${JSON.stringify(value)}`}`, object };
}

interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
  readonly path: string;
}

function placesIn(value: unknown, path: string): readonly Place[] {
  if (!isMap(value) && !Array.isArray(value)) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [{ parent, key, path: at }, ...placesIn(parent[key], at)];
  });
}

/** Of lists and maps nothing is left but more of the same: what is empty cannot be told from what is absent. */
function otherValue(value: unknown, below: (limit: number) => number): unknown {
  if (typeof value === 'string') return TEXTS[below(TEXTS.length)];
  if (typeof value === 'number') return NUMBERS[below(NUMBERS.length)];
  if (typeof value === 'boolean') return !value;
  return Array.isArray(value) ? [...(value as unknown[]), ...structuredClone(value as unknown[])] : value;
}
