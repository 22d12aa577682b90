import {
  difference,
  emptySet,
  equalSets,
  fieldElement,
  fieldSet,
  has,
  indexElement,
  intersection,
  isEmpty,
  keyElement,
  leaves,
  parseFieldsV1,
  paths,
  printPath,
  recursiveDifference,
  toFieldsV1,
  union,
  valueElement,
  withPrefix,
} from '@homeostat/merge';
import type { FieldSet, Path, PathElement } from '@homeostat/merge';
import { describe, expect, test } from 'vitest';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const rounds = 400;

/** Small numbers from a seed, the same everywhere. */
function dice(start: number): (sides: number) => number {
  let state = start | 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % sides;
  };
}

const ELEMENTS: readonly PathElement[] = [
  fieldElement('a'),
  fieldElement('b'),
  fieldElement('a.b/c'),
  fieldElement('__proto__'),
  keyElement({ name: 'web' }),
  keyElement({ containerPort: 80, protocol: 'TCP' }),
  valueElement('x<y'),
  valueElement(3),
  indexElement(0),
];

function randomSet(roll: (sides: number) => number): FieldSet {
  const path = () => Array.from({ length: 1 + roll(4) }, () => ELEMENTS[roll(ELEMENTS.length)] as PathElement);
  return fieldSet(Array.from({ length: roll(12) }, path));
}

function law(name: string, holds: (a: FieldSet, b: FieldSet, c: FieldSet) => boolean): void {
  test(`${name} (SEED=${seed})`, () => {
    const roll = dice(seed);
    for (let i = 0; i < rounds; i++) {
      const [a, b, c] = [randomSet(roll), randomSet(roll), randomSet(roll)];
      if (holds(a, b, c)) continue;
      const print = (set: FieldSet) => [...paths(set)].map(printPath);
      expect.fail(`round ${i}: ${JSON.stringify({ a: print(a), b: print(b), c: print(c) })}`);
    }
  });
}

describe('set laws', () => {
  law('union is commutative', (a, b) => equalSets(union(a, b), union(b, a)));
  law('union is associative', (a, b, c) => equalSets(union(a, union(b, c)), union(union(a, b), c)));
  law('intersection is commutative', (a, b) => equalSets(intersection(a, b), intersection(b, a)));
  law('intersection is associative', (a, b, c) =>
    equalSets(intersection(a, intersection(b, c)), intersection(intersection(a, b), c)),
  );
  law('union and intersection are idempotent', (a) => equalSets(union(a, a), a) && equalSets(intersection(a, a), a));
  law(
    'union and intersection absorb one another',
    (a, b) => equalSets(union(a, intersection(a, b)), a) && equalSets(intersection(a, union(a, b)), a),
  );
  law('intersection distributes over union', (a, b, c) =>
    equalSets(intersection(a, union(b, c)), union(intersection(a, b), intersection(a, c))),
  );
  law(
    'nothing is the identity of union and the zero of intersection',
    (a) => equalSets(union(a, emptySet), a) && isEmpty(intersection(a, emptySet)),
  );
  law('difference and intersection are disjoint and unite to the whole', (a, b) => {
    const [without, both] = [difference(a, b), intersection(a, b)];
    return isEmpty(intersection(without, both)) && equalSets(union(without, both), a);
  });
  law('a set without itself is empty', (a) => isEmpty(difference(a, a)) && isEmpty(recursiveDifference(a, a)));
  law('recursive difference is what of the difference lies beneath no removed member', (a, b) => {
    const beneathMember = (path: Path) => path.some((_, i) => has(b, path.slice(0, i + 1)));
    return equalSets(
      recursiveDifference(a, b),
      fieldSet([...paths(difference(a, b))].filter((path) => !beneathMember(path))),
    );
  });
  law('leaves have no member beneath them', (a) => {
    const all = [...paths(a)];
    const beneath = (path: Path) => all.some((other) => other.length > path.length && isPrefix(path, other));
    return equalSets(leaves(a), fieldSet(all.filter((path) => !beneath(path))));
  });
  law(
    'a set is the set of its paths',
    (a) => equalSets(fieldSet(paths(a)), a) && [...paths(a)].every((p) => has(a, p)),
  );
  law('withPrefix takes the prefix away', (a) =>
    [...a.entries.values()].every(({ element, children }) => equalSets(withPrefix(a, [element]), children)),
  );
  law('FieldsV1 goes round', (a) => equalSets(parseFieldsV1(JSON.parse(JSON.stringify(toFieldsV1(a)))), a));
  law(
    'FieldsV1 does not depend on the order in which a set was built',
    (a) => JSON.stringify(toFieldsV1(fieldSet([...paths(a)].toReversed()))) === JSON.stringify(toFieldsV1(a)),
  );
});

function isPrefix(prefix: Path, path: Path): boolean {
  return printPath(path.slice(0, prefix.length)) === printPath(prefix);
}

describe('parents and children', () => {
  const parent = fieldSet([[fieldElement('a')]]);
  const child = fieldSet([[fieldElement('a'), fieldElement('b')]]);

  test('difference takes away exact paths only', () => {
    expect(equalSets(difference(parent, child), parent)).toBe(true);
    expect(equalSets(difference(child, parent), child)).toBe(true);
  });

  test('recursive difference takes away what lies beneath too', () => {
    expect(equalSets(recursiveDifference(parent, child), parent)).toBe(true);
    expect(isEmpty(recursiveDifference(child, parent))).toBe(true);
  });

  test('membership of a parent says nothing about its children', () => {
    expect(has(parent, [fieldElement('a'), fieldElement('b')])).toBe(false);
    expect(has(child, [fieldElement('a')])).toBe(false);
    expect(has(union(parent, child), [])).toBe(false);
  });
});
