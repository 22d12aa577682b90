import { describe, expect, test } from 'vitest';
import { kubeData } from '@homeostat/kube/data';
import { convertCustom, readStored } from '../../src/custom/convert-custom.ts';
import { customResourceOf } from '../../src/custom/custom-resource.ts';
import { decodeCustom } from '../../src/custom/decode-custom.ts';
import { metaRules } from '../../src/registry/meta-rules.ts';
import { createDecoder } from '../../src/decode/decoder.ts';
import type { Draft, DraftMap } from '../../src/draft.ts';

const rules = metaRules(createDecoder(kubeData()));

function definition(...schemas: readonly DraftMap[]): DraftMap {
  return {
    spec: {
      group: 'a.io',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: schemas.map((spec, index) => ({
        name: `v${String(index + 1)}`,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
      })),
    },
  };
}

function decoded(
  schema: DraftMap,
  spec: unknown,
  rest: DraftMap = {},
): { spec: unknown; unknownFields: readonly string[] } {
  const resource = customResourceOf(definition(schema));
  const [version] = resource.versions;
  if (version === undefined) throw new Error('no version');
  const body = { apiVersion: 'a.io/v1', kind: 'Thing', metadata: { name: 'x' }, spec: structuredClone(spec), ...rest };
  const { object, unknownFields } = decodeCustom(body, resource, version, rules);
  return { spec: object['spec'], unknownFields };
}

describe('decoding a custom object', () => {
  test('drops what the schema does not name, and says so by path', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'object', properties: { b: {} } } } },
    };
    expect(decoded(schema, { a: [{ b: 1, c: 2 }], d: 3 }, { other: 1 })).toEqual({
      spec: { a: [{ b: 1 }] },
      unknownFields: ['other', 'spec.a[0].c', 'spec.d'],
    });
  });

  test('keeps unknown fields where the schema preserves them, but not inside of what it names', () => {
    const known = { type: 'object', properties: { a: { type: 'string' } } };
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known } };
    expect(decoded(schema, { free: { x: [null] }, known: { a: 'a', b: 'b' } })).toEqual({
      spec: { free: { x: [null] }, known: { a: 'a' } },
      unknownFields: ['spec.known.b'],
    });
  });

  test('fills in defaults inside of objects that are there, and only there', () => {
    const inner = { type: 'object', properties: { b: { type: 'string', default: 'made' } } };
    const schema = { type: 'object', properties: { a: inner, c: { ...inner, default: {} } } };
    expect(decoded(schema, {}).spec).toEqual({ c: { b: 'made' } });
    expect(decoded(schema, { a: {} }).spec).toEqual({ a: { b: 'made' }, c: { b: 'made' } });
    expect(decoded(schema, undefined).spec).toBeUndefined();
  });

  test('reads null as nothing, unless the field may be null', () => {
    const schema = {
      type: 'object',
      properties: {
        plain: { type: 'string' },
        filled: { type: 'string', default: 'full' },
        nullable: { type: 'string', nullable: true, default: 'here' },
      },
    };
    expect(decoded(schema, { plain: null, filled: null, nullable: null }).spec).toEqual({
      filled: 'full',
      nullable: null,
    });
  });

  test('reads metadata as that of every other object', () => {
    const { unknownFields } = decoded({ type: 'object' }, {}, { metadata: { name: 'x', labels: { a: 'b' }, odd: 1 } });
    expect(unknownFields).toEqual(['metadata.odd']);
    expect(() => decoded({ type: 'object' }, {}, { metadata: { labels: { a: 5 } } })).toThrow(
      'json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    );
  });

  test('treats names that mean something to JavaScript like any others', () => {
    const body = JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":3}') as unknown;
    expect(decoded({ type: 'object' }, body)).toEqual({
      spec: {},
      unknownFields: ['spec.__proto__', 'spec.constructor', 'spec.toString'],
    });
    const properties = JSON.parse('{"__proto__":{"type":"object","default":{"polluted":true}}}') as DraftMap;
    const { spec } = decoded({ type: 'object', properties }, {});
    expect(Object.getPrototypeOf(spec)).toBe(Object.prototype);
    expect(Object.hasOwn(spec as object, '__proto__')).toBe(true);
  });
});

describe('versions of a custom object', () => {
  const resource = customResourceOf(
    definition(
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string', default: 'one' } } },
      { type: 'object', properties: { a: { type: 'string' }, c: { type: 'string', default: 'two' } } },
    ),
  );
  const [first, second] = resource.versions;
  if (first === undefined || second === undefined) throw new Error('no versions');
  const stored: Draft = { apiVersion: 'a.io/v1', kind: 'Thing', metadata: {}, spec: { a: 'x', gone: 1 } };

  test('a reader gets the defaults of the version that is stored, and the fields of its own', () => {
    expect(readStored(stored, resource, first)['spec']).toEqual({ a: 'x', b: 'one' });
    expect(readStored(stored, resource, second)).toMatchObject({ apiVersion: 'a.io/v2', spec: { a: 'x' } });
    expect(stored['spec']).toEqual({ a: 'x', gone: 1 });
  });

  test('an object of the wanted version is the same instance', () => {
    expect(convertCustom(stored, first)).toBe(stored);
  });
});
