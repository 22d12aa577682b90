import { atomicType, deducedType, schemaFromOpenApi, typeFromOpenApi, typeOf } from '@homeostat/merge';
import type { OpenApiSchema, TypeUse } from '@homeostat/merge';
import { describe, expect, test } from 'vitest';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** The type of one property. */
function use(property: OpenApiSchema, components: Readonly<Record<string, OpenApiSchema>> = {}): TypeUse | undefined {
  const schema = schemaFromOpenApi({ ...components, root: { type: 'object', properties: { it: property } } });
  return typeOf(schema, 'root')?.atom().map?.fields.get('it')?.type;
}

describe('scalars', () => {
  test.each([
    [{ type: 'string' }, 'string'],
    [{ type: 'string', format: 'byte' }, 'string'],
    [{ type: 'string', format: 'date-time' }, 'untyped'],
    [{ type: 'integer' }, 'numeric'],
    [{ type: 'number' }, 'numeric'],
    [{ type: 'boolean' }, 'boolean'],
  ])('%j is %s', (schema, scalar) => {
    expect(use(schema)?.atom()).toEqual({ scalar });
  });

  test('a quantity is any scalar, and a raw extension is any value, owned whole', () => {
    const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
    const raw = 'io.k8s.apimachinery.pkg.runtime.RawExtension';
    const components = { [quantity]: { oneOf: [{ type: 'string' }, { type: 'number' }] }, [raw]: { type: 'object' } };
    expect(use(ref(quantity), components)?.atom()).toEqual({ scalar: 'untyped' });
    expect(use(ref(raw), components)?.atom()).toBe(atomicType.atom());
  });

  test('without a type all shapes are allowed: maps merged, lists whole', () => {
    const atom = use({ 'x-kubernetes-int-or-string': true })?.atom();
    expect(atom).toMatchObject({
      scalar: 'untyped',
      list: { relationship: 'atomic' },
      map: { relationship: 'separable' },
    });
    expect(atom?.map?.element).toBe(deducedType);
  });
});

describe('lists', () => {
  const list = (more: object) => use({ type: 'array', items: { type: 'string' }, ...more })?.atom().list;

  test.each([
    [{}, 'atomic', []],
    [{ 'x-kubernetes-list-type': 'atomic', 'x-kubernetes-patch-strategy': 'merge' }, 'atomic', []],
    [{ 'x-kubernetes-list-type': 'set' }, 'associative', []],
    [{ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a', 'b'] }, 'associative', ['a', 'b']],
    [{ 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'n' }, 'associative', ['n']],
    [{ 'x-kubernetes-patch-strategy': 'merge,retainKeys' }, 'associative', []],
    [{ 'x-kubernetes-patch-strategy': 'retainKeys' }, 'atomic', []],
  ])('%j is %s with keys %j', (more, relationship, keys) => {
    expect(list(more)).toMatchObject({ relationship, keys });
  });
});

describe('maps', () => {
  test('only declared fields, unless more are allowed', () => {
    const a = { type: 'object', properties: { a: { type: 'string' } } };
    expect(use(a)?.atom().map).not.toHaveProperty('element');
    expect(use({ ...a, 'x-kubernetes-preserve-unknown-fields': true })?.atom().map?.element).toBe(deducedType);
    expect(use({ ...a, additionalProperties: false })?.atom().map).not.toHaveProperty('element');
    expect(
      use({ ...a, additionalProperties: { type: 'integer' } })
        ?.atom()
        .map?.element?.atom(),
    ).toEqual({
      scalar: 'numeric',
    });
    expect(use({ type: 'object' })?.atom().map).toMatchObject({ deduced: true });
  });

  test('what surrounds a type and preserves unknown fields does so for what is written in it, not for what it refers to', () => {
    const inner = { type: 'object', properties: { a: { type: 'string' } } };
    const outer = {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { inner, other: ref('inner') },
    };
    const fields = use(outer, { inner })?.atom().map?.fields;
    expect(fields?.get('inner')?.type.atom().map?.element).toBe(deducedType);
    expect(fields?.get('other')?.type.atom().map).not.toHaveProperty('element');
  });

  test('atomic where the type says so, or where it is used', () => {
    const inner = { type: 'object', properties: { a: { type: 'string' } } };
    expect(use({ ...inner, 'x-kubernetes-map-type': 'atomic' })?.atom().map?.relationship).toBe('atomic');
    const here = { allOf: [ref('inner')], default: {}, 'x-kubernetes-map-type': 'atomic' };
    expect(use(here, { inner })?.atom().map).toMatchObject({ relationship: 'atomic', deduced: false });
    expect(use(ref('inner'), { inner })?.atom().map?.relationship).toBe('separable');
    const whole = { ...inner, 'x-kubernetes-map-type': 'atomic' };
    expect(
      use({ ...ref('inner'), 'x-kubernetes-map-type': 'granular' }, { inner: whole })?.atom().map?.relationship,
    ).toBe('separable');
  });

  test('defaults of fields are kept for the keys of lists', () => {
    const item = { type: 'object', properties: { protocol: { type: 'string', default: 'TCP' } } };
    expect(use(item)?.atom().map?.fields.get('protocol')?.keyDefault).toBe('TCP');
  });
});

describe('references', () => {
  test('a type may contain itself, and is read once', () => {
    const schema = schemaFromOpenApi({
      tree: { type: 'object', properties: { left: ref('tree'), right: ref('tree') } },
    });
    const tree = typeOf(schema, 'tree');
    expect(tree?.atom().map?.fields.get('left')?.type).toBe(tree);
    expect(tree?.atom()).toBe(tree?.atom());
  });

  test('a type that is not there is not known, and a reference to it is deduced', () => {
    expect(typeOf(schemaFromOpenApi({}), 'constructor')).toBeUndefined();
    expect(use(ref('gone'))).toBe(deducedType);
  });
});

describe('custom resources', () => {
  const objectMeta = { type: 'object', properties: { name: { type: 'string' } } };
  const resolve = (name: string) => (name.endsWith('.ObjectMeta') ? objectMeta : undefined);
  const metadataIn = (type: TypeUse | undefined) => type?.atom().map?.fields.get('metadata')?.type.atom().map;

  test('have the real metadata, whatever their schema says', () => {
    const type = typeFromOpenApi({ type: 'object', properties: { metadata: { type: 'object' } } }, resolve);
    expect([...(metadataIn(type)?.fields.keys() ?? [])]).toEqual(['name']);
    expect(metadataIn(typeFromOpenApi({ type: 'object' }))?.deduced).toBe(true);
  });

  test('so do resources embedded in them', () => {
    const template = { type: 'object', 'x-kubernetes-embedded-resource': true };
    const type = typeFromOpenApi({ type: 'object', properties: { template } }, resolve);
    expect([...(metadataIn(type.atom().map?.fields.get('template')?.type)?.fields.keys() ?? [])]).toEqual(['name']);
  });
});
