import {
  MergeError,
  compareElements,
  elementText,
  emptySet,
  fieldElement,
  fieldSet,
  has,
  indexElement,
  isEmpty,
  keyElement,
  parseElement,
  parseFieldsV1,
  parsePointer,
  paths,
  printPath,
  printPointer,
  toFieldsV1,
  valueElement,
} from '@homeostat/merge';
import { describe, expect, test } from 'vitest';

/** As Kubernetes 1.37.2 wrote them, for a Pod applied with two environment variables. */
const POD = {
  'f:metadata': { 'f:annotations': {}, 'f:finalizers': { '.': {}, 'v:"a.b/c"': {} } },
  'f:spec': {
    'f:containers': {
      'k:{"name":"a"}': {
        '.': {},
        'f:env': {
          'k:{"name":"A\\u003cB\\u0026C\\u003e\'+"}': { '.': {}, 'f:name': {}, 'f:value': {} },
          'k:{"name":"q\\"\\\\ "}': { '.': {}, 'f:name': {}, 'f:value': {} },
        },
        'f:image': {},
        'f:name': {},
        'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
      },
    },
  },
};

describe('FieldsV1', () => {
  test('what the server wrote comes back byte for byte', () => {
    expect(JSON.stringify(toFieldsV1(parseFieldsV1(POD)))).toBe(JSON.stringify(POD));
  });

  test('is written in element order: fields, keys, values, indexes, each in their own order', () => {
    const elements = [
      indexElement(10),
      indexElement(2),
      valueElement(null),
      valueElement(true),
      valueElement(false),
      valueElement('a'),
      valueElement(10),
      valueElement(9.5),
      keyElement({ b: 1 }),
      keyElement({ a: 1, b: 2 }),
      keyElement({ a: 1 }),
      keyElement({ a: 'x' }),
      fieldElement('\u{1F600}'),
      fieldElement('\uFF5E'),
      fieldElement('z'),
      fieldElement('Z'),
    ];
    expect(Object.keys(toFieldsV1(fieldSet(elements.map((element) => [element]))))).toEqual([
      'f:Z',
      'f:z',
      'f:\uFF5E',
      'f:\u{1F600}',
      'k:{"a":1}',
      'k:{"a":1,"b":2}',
      'k:{"a":"x"}',
      'k:{"b":1}',
      'v:9.5',
      'v:10',
      'v:"a"',
      'v:false',
      'v:true',
      'v:null',
      'i:2',
      'i:10',
    ]);
    expect(elements.toSorted(compareElements).map(elementText)[0]).toBe('f:Z');
  });

  test('an unknown prefix is skipped with all beneath it', () => {
    const set = parseFieldsV1({ 'x:new': { 'f:a': {} }, 'f:b': { 'x:new': {} } });
    expect([...paths(set)].map(printPath)).toEqual(['.b']);
    expect(isEmpty(parseFieldsV1({ 'x:new': {} }))).toBe(true);
  });

  test('no fieldsV1 and an empty one are the empty set', () => {
    expect(parseFieldsV1(undefined)).toBe(emptySet);
    expect(parseFieldsV1({})).toBe(emptySet);
    expect(toFieldsV1(emptySet)).toEqual({});
  });

  test('keys are the same in whatever order and with whatever spaces they were written', () => {
    const set = parseFieldsV1({ 'f:ports': { 'k:{ "protocol": "TCP", "containerPort": 80 }': {} } });
    expect(has(set, [fieldElement('ports'), keyElement({ containerPort: 80, protocol: 'TCP' })])).toBe(true);
  });

  test('integers beyond 2^53 keep their digits', () => {
    expect(toFieldsV1(parseFieldsV1({ 'v:9007199254740993': {} }))).toEqual({ 'v:9007199254740993': {} });
    expect(parseElement('k:{"id":-9223372036854775808}')).toEqual(keyElement({ id: -9_223_372_036_854_775_808n }));
  });

  test.each([
    [{ 'k:{"name"': {} }],
    [{ 'k:["name"]': {} }],
    [{ 'k:{"name":{}}': {} }],
    [{ 'v:{}': {} }],
    [{ 'v:': {} }],
    [{ 'i:one': {} }],
    [{ 'f:a': [] }],
    [{ 'f:a': 'b' }],
    ['text'],
  ])('%j is refused as INVALID_FIELDS', (json) => {
    expect(() => parseFieldsV1(json)).toThrow(expect.objectContaining({ code: 'INVALID_FIELDS', retry: 'never' }));
  });
});

describe('printPath', () => {
  test('says paths as the API server does', () => {
    const container = [fieldElement('spec'), fieldElement('containers'), keyElement({ name: 'web' })];
    expect(printPath([...container, fieldElement('image')])).toBe('.spec.containers[name="web"].image');
    expect(printPath([fieldElement('ports'), keyElement({ protocol: 'TCP', containerPort: 80 })])).toBe(
      '.ports[containerPort=80,protocol="TCP"]',
    );
    expect(printPath([fieldElement('finalizers'), valueElement('a.b/c')])).toBe('.finalizers[="a.b/c"]');
    expect(printPath([fieldElement('args'), indexElement(3)])).toBe('.args[3]');
    expect(printPath([fieldElement('data'), fieldElement('ca.crt')])).toBe('.data.ca.crt');
    expect(printPath([])).toBe('');
  });
});

describe('JSON pointers', () => {
  test.each([
    ['', []],
    ['/', ['']],
    ['/metadata/annotations/a.b~1c', ['metadata', 'annotations', 'a.b/c']],
    ['/a~01', ['a~1']],
    ['/data/__proto__', ['data', '__proto__']],
  ])('%j goes both ways', (text, tokens) => {
    expect(parsePointer(text)).toEqual(tokens);
    expect(printPointer(tokens)).toBe(text);
  });

  test.each(['spec/replicas', '/a~', '/a~2b'])('%j is refused with the next step', (text) => {
    expect(() => parsePointer(text)).toThrow(MergeError);
    expect(() => parsePointer(text)).toThrow(/starts with "\/".*"~1" and "~0"/);
  });
});
