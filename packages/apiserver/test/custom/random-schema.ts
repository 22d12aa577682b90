/**
 * A schema of a CRD that is more or less one: right types of keywords, in places and combinations that chance picks. No
 * empty lists and maps: where messages show them, the real server tells them from absent ones, and a decoded body does not.
 */
export function randomSchema(random: () => number, depth = 0): Record<string, unknown> {
  const chance = (share: number): boolean => random() < share;
  const pick = <One>(list: readonly One[]): One => list[Math.floor(random() * list.length)] as One;
  const schema: Record<string, unknown> = {};
  const add = (share: number, name: string, value: () => unknown): void => {
    if (chance(share)) schema[name] = value();
  };
  const below = (): Record<string, unknown> => randomSchema(random, depth + 1);
  const type = depth === 0 ? 'object' : pick(['object', 'array', 'string', 'integer', 'number', 'boolean']);
  if (!chance(0.05)) schema['type'] = chance(0.02) ? 'odd' : type;

  if (type === 'object' && depth < 4) {
    add(0.85, 'properties', () =>
      Object.fromEntries(
        ['a', 'b', 'c', 'metadata', 'kind']
          .filter((name, index) => index === 0 || chance(name.length > 1 ? 0.08 : 0.4))
          .map((name) => [name, below()]),
      ),
    );
    add(0.12, 'additionalProperties', () => (chance(0.3) ? chance(0.5) : below()));
    add(0.15, 'required', () => [pick(['a', 'b', 'z'])]);
    add(0.05, 'x-kubernetes-embedded-resource', () => true);
    add(0.05, 'x-kubernetes-map-type', () => pick(['atomic', 'granular', 'odd']));
  }
  if (type === 'array' && depth < 4) {
    add(0.9, 'items', below);
    add(0.4, 'x-kubernetes-list-type', () => pick(['set', 'map', 'atomic', 'odd']));
    add(0.25, 'x-kubernetes-list-map-keys', () => [pick(['a', 'b', 'c'])]);
    add(0.1, 'uniqueItems', () => chance(0.5));
  }
  add(0.05, 'pattern', () => pick(['^a$', '(', '(?!x)', '[z-a]', 'a{2000}', String.raw`\p{Nope}`, String.raw`\d+`]));
  add(0.2, 'default', () =>
    pick<unknown>([null, 'x', 5, 1.5, true, [], {}, { a: 1 }, { a: { b: 'x' }, z: 1 }, ['x', 'x']]),
  );
  add(0.1, 'nullable', () => chance(0.7));
  add(0.08, 'enum', () => pick<unknown[]>([['x'], [5], [null]]));
  add(0.1, 'maxLength', () => 1);
  add(0.1, 'maximum', () => 3);
  add(0.06, 'x-kubernetes-preserve-unknown-fields', () => chance(0.9));
  add(0.06, 'x-kubernetes-int-or-string', () => chance(0.9));
  add(0.05, 'title', () => pick(['', 'T']));
  add(0.05, 'description', () => pick(['', 'D']));
  add(0.04, 'format', () => pick(['int32', 'date', 'odd']));
  add(0.01, '$ref', () => '#/a');
  add(0.01, 'definitions', () => ({ a: {} }));
  if (depth < 3) {
    for (const name of ['allOf', 'anyOf', 'oneOf']) {
      add(0.06, name, () =>
        chance(0.3)
          ? [{ type: 'integer' }, { type: 'string' }]
          : [chance(0.5) ? { maxLength: 2, properties: { a: {} } } : below()],
      );
    }
    add(0.04, 'not', below);
  }
  return schema;
}
