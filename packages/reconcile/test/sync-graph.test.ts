import { expect, test } from 'vitest';
import { cycleOf, inOrder } from '../src/sync-graph.ts';

const named = (name: string) => ({ namespace: 'shop', name });
const graph = (edges: Readonly<Record<string, readonly string[]>>) => (sync: { readonly name: string }) =>
  (edges[sync.name] ?? []).map(named);
const syncs = (edges: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(edges).map(([name, dependsOn]) => ({ ...named(name), dependsOn: dependsOn.map(named) }));
const names = (all: readonly { readonly name: string }[] | undefined) => all?.map(({ name }) => name).join(' ');

test('each comes behind those that it depends on, otherwise by name, in whatever order they are given', () => {
  const edges = { d: ['b', 'c'], c: ['a'], b: [], a: [], e: ['elsewhere'] };
  expect(names(inOrder(syncs(edges)))).toBe('a b e c d');
  expect(names(inOrder(syncs(edges).toReversed()))).toBe('a b e c d');
});

test('the members of a cycle and what depends on them come last', () => {
  expect(names(inOrder(syncs({ a: ['x'], x: ['y'], y: ['x'], z: [] })))).toBe('z a x y');
});

test('a chain of thousands is put in order at once', () => {
  const edges = Object.fromEntries(
    Array.from({ length: 2_000 }, (_, i) => [
      String(i).padStart(4, '0'),
      i === 1_999 ? [] : [String(i + 1).padStart(4, '0')],
    ]),
  );
  expect(inOrder(syncs(edges)).at(0)?.name).toBe('1999');
  expect(inOrder(syncs(edges)).at(-1)?.name).toBe('0000');
});

test('a cycle is named from the one that is asked about, by the shortest way', () => {
  const edges = graph({ a: ['b', 'c'], b: ['d'], c: ['a'], d: ['a'] });
  expect(names(cycleOf(named('a'), edges))).toBe('a c a');
  expect(names(cycleOf(named('d'), edges))).toBe('d a b d');
  expect(names(cycleOf(named('self'), graph({ self: ['self'] })))).toBe('self self');
});

test('whoever only leads into a cycle is no member of it', () => {
  expect(cycleOf(named('in'), graph({ in: ['x'], x: ['y'], y: ['x'] }))).toBeUndefined();
});
