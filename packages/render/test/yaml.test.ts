import { describe, expect, test } from 'vitest';
import { parseYaml } from '@homeostat/render';
import type { NodePath } from '@homeostat/render';
import { brief } from './support.ts';
import { rows } from '../../../test/support/yaml-rows.ts';

/** The only document's value, or the codes of the errors that kept it from being read. */
function read(text: string, path = 'a.yaml'): unknown {
  const { documents, findings } = parseYaml(text, { path });
  const errors = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  expect(documents).toHaveLength(errors.length === 0 ? 1 : 0);
  return errors.length === 0 ? documents[0]?.value : errors;
}

function placesOf(text: string): string[] {
  return parseYaml(text, { path: 'a.yaml' }).findings.map(brief);
}

describe('scalars, keys, tags, merges and layout are read as kubectl reads them', () => {
  test.each(rows.map((row) => [row.yaml, row] as const))('%j', (yaml, row) => {
    const refused = 'refused' in row || row.oursRefuses === true;
    if (refused) expect(read(yaml)).toBeInstanceOf(Array);
    else expect(read(yaml)).toMatchObject({ v: row.value });
  });
});

test('a key that is read as another text is a warning that says what to write', () => {
  const text = 'data:\n  on: "1"\n  0644: "2"\n  80: "4"\n  "y": "5"\n  false: "6"\n';
  expect(placesOf(text)).toEqual(['warning AMBIGUOUS_KEY a.yaml:2:3', 'warning AMBIGUOUS_KEY a.yaml:3:3']);
  expect(read(text)).toEqual({ data: { true: '1', '420': '2', '80': '4', y: '5', false: '6' } });
  expect(parseYaml(text).findings[0]).toMatchObject({
    message: 'Kubernetes reads the key on as "true"',
    hint: 'write "on" in quotes if that text is meant, or "true" to say so plainly',
  });
});

test('a key given twice is an error that names both lines', () => {
  const [finding] = parseYaml('a:\n  x: 1\n  z: 2\n  "x": 3\n', { path: 'a.yaml' }).findings;
  expect(finding).toMatchObject({
    severity: 'error',
    code: 'DUPLICATE_KEY',
    message: 'the key "x" stands twice in this map, first on line 2',
    origin: { path: 'a.yaml', document: 1, line: 4, column: 3 },
  });
});

test('two objects without a --- between them are told so', () => {
  const [finding] = parseYaml('apiVersion: v1\nkind: A\napiVersion: v1\nkind: B\n').findings;
  expect(finding?.hint).toContain('"---" is missing');
});

test('a merge below a key that it replaces is a warning', () => {
  expect(placesOf('a: &a {x: 1}\nb:\n  x: 2\n  <<: *a\n')).toEqual(['warning MERGE_OVERRIDES_KEY a.yaml:4:3']);
  expect(placesOf('a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n')).toEqual([]);
});

describe('errors stand where an editor would put them', () => {
  test.each([
    ['a: 1\n b: 2\n', 'error YAML_SYNTAX a.yaml:2:3'],
    ['a: [1, 2\n', 'error YAML_SYNTAX a.yaml:1:9'],
    ['a:\n\tb: 1\n', 'error YAML_SYNTAX a.yaml:2:1'],
    ['a: .inf\n', 'error UNSUPPORTED_VALUE a.yaml:1:4'],
    ['a: 1\n---\nb: 1\n---\nc: *x\n', 'error YAML_SYNTAX a.yaml:5:4'],
    ['\r\n# x\r\na: "\\q"\r\n', 'error YAML_SYNTAX a.yaml:3:6'],
    ['a:\n  - [\n  1, .nan ]\n', 'error UNSUPPORTED_VALUE a.yaml:3:6'],
  ])('%j', (text, expected) => expect(placesOf(text)).toEqual([expected]));
});

test('the hint follows from the text: a template, a conflict that Git left, a missing space', () => {
  const hint = (text: string): string | undefined => parseYaml(text).findings[0]?.hint;
  expect(hint('name: {{ .Values.name }}\nx: }\n')).toContain('template');
  expect(hint('a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n')).toContain('merge conflict');
  expect(hint('"a":1\n')).toContain('space after the colon');
});

describe('documents', () => {
  const documents = (text: string, path = 'a.yaml'): unknown[] =>
    parseYaml(text, { path }).documents.map((document) => [document.locate([]).line, document.value]);

  test.each([
    [
      'a: 1\n---\nb: 2\n',
      [
        [1, { a: 1 }],
        [3, { b: 2 }],
      ],
    ],
    [
      '---\na: 1\n--- # comment\nb: 2\n---\n',
      [
        [2, { a: 1 }],
        [4, { b: 2 }],
      ],
    ],
    ['# only a comment\n---\n# and one more\n---\na: 1\n', [[5, { a: 1 }]]],
    [
      'a: 1\n...\nb: 2\n...\n# end\n',
      [
        [1, { a: 1 }],
        [3, { b: 2 }],
      ],
    ],
    [
      '%YAML 1.1\n---\na: 1\n...\n%TAG !x! !y-\n---\nb: !x!z 2\n',
      [
        [3, { a: 1 }],
        [7, { b: '2' }],
      ],
    ],
    [
      'a: |\n  x\n  ---\n   ...\nb: "\n  --- y"\n---\nc: 1\n',
      [
        [1, { a: 'x\n---\n ...\n', b: ' --- y' }],
        [8, { c: 1 }],
      ],
    ],
    ['x\n---b\n', [[1, 'x ---b']]],
    [
      '--- {a: 1}\n--- text\n',
      [
        [1, { a: 1 }],
        [2, 'text'],
      ],
    ],
    [
      '\ufeffa: 1\n---\n\ufeffb: 2\n\ufeff---\nc: 3\n',
      [
        [1, { a: 1 }],
        [3, { b: 2 }],
        [5, { c: 3 }],
      ],
    ],
    [
      'a: 1\r\n---\r\nb: 2\r\n',
      [
        [1, { a: 1 }],
        [3, { b: 2 }],
      ],
    ],
    [
      'a: 1\r---\rb: 2\r',
      [
        [1, { a: 1 }],
        [3, { b: 2 }],
      ],
    ],
    ['a: 1\n---', [[1, { a: 1 }]]],
    ['', []],
    ['---\n---\n...\n\n', []],
  ])('%j', (text, expected) => expect(documents(text)).toEqual(expected));

  test('a broken one spoils only itself', () => {
    const { documents: rest, findings: found } = parseYaml('a: 1\n---\nb: [\n---\nc: 3\n', { path: 'a.yaml' });
    expect(rest.map(({ document, value }) => [document, value])).toEqual([
      [1, { a: 1 }],
      [3, { c: 3 }],
    ]);
    expect(found).toMatchObject([{ code: 'YAML_SYNTAX', origin: { document: 2, line: 3 } }]);
  });

  test('JSON files hold one value after another', () => {
    expect(documents('{"a": "}{"}\n{"b": [1, {"c": "\\""}]} {"d": 9007199254740993}\n', 'a.json')).toEqual([
      [1, { a: '}{' }],
      [2, { b: [1, { c: '"' }] }],
      [2, { d: 9007199254740993n }],
    ]);
    expect(read('{\n\t"a": [\n\t\t1\n\t]\n}', 'a.json')).toEqual({ a: [1] });
    expect(read('{"a": "x\u2028y"}', 'a.json')).toEqual({ a: 'x\u2028y' });
    expect(read('{"a": 1', 'a.json')).toEqual(['YAML_SYNTAX']);
  });
});

test('a node is found by its path, and what came through an alias by the node above it', () => {
  const { documents } = parseYaml('# head\na:\n  - {b: 1, "c": 2}\n  - &x {d: 3}\ne: *x\n');
  const locate = (path: NodePath) => documents[0]?.locate(path);
  expect(locate(['a', 0, 'c'])).toEqual({ line: 3, column: 12 });
  expect(locate(['a', 1])).toEqual({ line: 4, column: 5 });
  expect(locate(['e', 'd'])).toEqual({ line: 5, column: 1 });
  expect(locate(['nothing', 'here'])).toEqual({ line: 2, column: 1 });
});
