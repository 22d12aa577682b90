import { expect, test } from 'vitest';
import { protobufOf } from '../../src/openapi/protobuf.ts';

/** Fields of a message: number and value, a length-prefixed one as bytes. */
function fieldsOf(bytes: Uint8Array): [number, number | Uint8Array][] {
  const fields: [number, number | Uint8Array][] = [];
  let place = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[place++] ?? 0;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (place < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    if (key % 8 === 0) fields.push([number, varint()]);
    else {
      const length = key % 8 === 1 ? 8 : varint();
      fields.push([number, bytes.slice(place, place + length)]);
      place += length;
    }
  }
  return fields;
}

/** What stands at the end of a path of field numbers; the first of those that are repeated. */
function at(bytes: Uint8Array, ...path: readonly number[]): unknown {
  let value: number | Uint8Array | undefined = bytes;
  for (const number of path) value = fieldsOf(value as Uint8Array).find(([own]) => own === number)?.[1];
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
}

test('a document is written as the message that kubectl reads', () => {
  const written = protobufOf({
    swagger: '2.0',
    paths: {
      '/a': {
        patch: {
          parameters: [
            { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/a' } },
            { name: 'dryRun', in: 'query', type: 'string', uniqueItems: true },
          ],
          responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/a' } } },
          'x-kubernetes-action': 'patch',
        },
      },
    },
    definitions: {
      a: {
        type: 'object',
        required: ['n'],
        properties: { n: { type: 'integer', minimum: 1.5, maxLength: 300 } },
        'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'A' }],
      },
    },
  });
  expect(at(written, 1)).toBe('2.0');
  expect(at(written, 8, 2, 1)).toBe('/a');
  const patch = [8, 2, 2, 8];
  expect(at(written, ...patch, 8, 1, 1, 2)).toBe('body');
  expect(at(written, ...patch, 8, 1, 1, 4)).toBe(1);
  expect(at(written, ...patch, 9, 1, 2, 1, 2, 1, 1)).toBe('#/definitions/a');
  expect(at(written, ...patch, 13, 1)).toBe('x-kubernetes-action');
  expect(at(written, ...patch, 13, 2, 2)).toBe('"patch"');
  const definition = [9, 1, 2];
  expect(at(written, 9, 1, 1)).toBe('a');
  expect(at(written, ...definition, 22, 1)).toBe('object');
  expect(at(written, ...definition, 19)).toBe('n');
  const property = [...definition, 25, 1, 2];
  expect(at(written, ...property, 12)).toBe(undefined);
  expect(at(written, ...property, 11)).toBe(300);
  expect(Buffer.from(String(at(written, ...property, 9)), 'latin1').readDoubleLE()).toBe(1.5);
  expect(at(written, ...definition, 31, 2, 2)).toBe('[{"group":"","version":"v1","kind":"A"}]');
});

test('a parameter of a query and one of a path have their own numbers', () => {
  const parameter = { name: 'a', type: 'string', uniqueItems: true };
  const written = protobufOf({
    paths: {
      '/a': { get: { parameters: [{ ...parameter, in: 'query' }] }, parameters: [{ ...parameter, in: 'path' }] },
    },
  });
  const item = [8, 2, 2];
  const query = [...item, 2, 8, 1, 2, 3];
  expect([2, 4, 6, 20].map((number) => at(written, ...query, number))).toEqual(['query', 'a', 'string', 1]);
  const path = [...item, 9, 1, 2, 4];
  expect([2, 4, 5, 19].map((number) => at(written, ...path, number))).toEqual(['path', 'a', 'string', 1]);
});
