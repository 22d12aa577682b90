/**
 * How Kubernetes reads YAML, row by row: recorded from kubectl 1.37.2, checked in `yaml.test.ts` of `render` against our parser and in
 * `yaml-oracle.cluster.test.ts` against kubectl again; the scalars in `read-yaml.test.ts` of `apiserver` too. `value` is what the JSON of the document `v: <input>` holds under
 * `v`; `refused` means that kubectl rejects the document, `oursRefuses` that we do although kubectl does not (DESIGN.md).
 */
export type Row = { readonly yaml: string } & (
  | { readonly value: unknown; readonly oursRefuses?: true }
  | { readonly refused: true }
);

const values = (...pairs: readonly (readonly [string, unknown])[]): Row[] =>
  pairs.map(([input, value]) => ({ yaml: `v: ${input}\n`, value }));
const keys = (...pairs: readonly (readonly [string, string])[]): Row[] =>
  pairs.map(([key, text]) => ({ yaml: `v:\n  ${key}: x\n`, value: { [text]: 'x' } }));
const refused = (...inputs: readonly string[]): Row[] =>
  inputs.map((input) => ({ yaml: `v: ${input}\n`, refused: true }));

export const rows: readonly Row[] = [
  // Integers
  ...values(['0644', 420], ['0o644', 420], ['0x1F', 31], ['0X1f', 31], ['0b101', 5], ['1_000', 1000], ['-0x1F', -31]),
  ...values(['+12', 12], ['-0', 0], ['0888', 888], ['08', 8], ['0_7', 7], ['0b-1', -1], ['1__0', 10], ['-_5', -5]),
  ...values(['0x', '0x'], ['0o8', '0o8'], ['0b2', '0b2'], ['_1', '_1'], ['1-1', '1-1'], ['12e', '12e']),
  ...values(['9007199254740991', 9007199254740991], ['9007199254740993', 9007199254740993n]),
  ...values(['9223372036854775807', 9223372036854775807n], ['-9223372036854775808', -9223372036854775808n]),
  ...values(['9223372036854775808', 9223372036854775808], ['18446744073709551615', 18446744073709552000]),
  ...values(['18446744073709551616', 18446744073709552000], ['0xFFFFFFFFFFFFFFFFF', '0xFFFFFFFFFFFFFFFFF']),
  // Floats
  ...values(['1e3', 1000], ['.5', 0.5], ['5.', 5], ['-.5', -0.5], ['1.5e-3', 0.0015], ['1E+2', 100], ['1_0.5', 10.5]),
  ...values(
    ['1e400', '1e400'],
    ['1e-400', 0],
    ['._5', '._5'],
    ['.5_0', 0.5],
    ['.5__0', '.5__0'],
    ['.5e1_0', 5e9],
    ['.5_e1', '.5_e1'],
    ['.', '.'],
    ['1.2.3', '1.2.3'],
    ['1e18', 1000000000000000000n],
  ),
  ...values(['-0.0', 0], ['1e21', 1e21]),
  ...refused('.inf', '-.INF', '.nan', '.NaN', '!!float .inf'),
  // Booleans and null
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'].flatMap((word) => values([word, true])),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'].flatMap((word) =>
    values([word, false]),
  ),
  ...values(['yES', 'yES'], ['tRUE', 'tRUE'], ['oN', 'oN']),
  ...values(
    ['', null],
    ['~', null],
    ['null', null],
    ['Null', null],
    ['NULL', null],
    ['nULL', 'nULL'],
    ['"null"', 'null'],
  ),
  // Text
  ...values(['1:30', '1:30'], ['190:20:30', '190:20:30'], ['2020-01-01', '2020-01-01'], ['=', '='], ['<<', '<<']),
  ...values(['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'], ['"yes"', 'yes'], ["'012'", '012']),
  ...values(['"\\u00e9\\n"', 'é\n'], ["'it''s'", "it's"], ['a b # c', 'a b'], ['a#b', 'a#b'], ['a:b', 'a:b']),
  ...values(
    ['|\n  a\n  b\n', 'a\nb\n'],
    ['>-\n  a\n  b\n', 'a b'],
    ['|+\n  a\n\n', 'a\n\n\n'],
    ['|2\n    a\n', '  a\n'],
  ),
  ...values(['|\n  ---x\n  --- \n', '---x\n--- \n'], ['"a\\\n  b"', 'ab'], ['a\n  b', 'a b']),
  // Tags
  ...values(['!!str 12', '12'], ['!!int "12"', 12], ['!!float 1', 1], ['!!bool "yes"', true], ['!!null ""', null]),
  ...values(['!!binary aGVsbG8=', 'hello'], ['!custom x', 'x'], ['!custom 12', '12'], ['! 12', '12']),
  ...values(
    ['!!timestamp 2020-01-01', '2020-01-01'],
    ['!!map {a: 1}', { a: 1 }],
    ['!!set {a: 1}', { a: 1 }],
    ['!x [1]', [1]],
  ),
  ...values(['!!omap [{a: 1}]', [{ a: 1 }]], ['!<tag:yaml.org,2002:str> 1', '1']),
  ...refused('!!int x', '!!bool 1', '!!null x', '!!binary "%"', '!!int 1.5'),
  { yaml: 'v: !!binary /w==\n', value: '\uFFFD', oursRefuses: true },
  // Keys
  ...keys(['1', '1'], ['0644', '420'], ['1.5', '1.5'], ['true', 'true'], ['y', 'true'], ['n', 'false'], ['On', 'true']),
  ...keys(['1e3', '1000'], ['1e6', '1e+06'], ['1000000', '1000000'], ['1.23456789', '1.2345679'], ['0.0001', '0.0001']),
  ...keys(
    ['0.00001', '1e-05'],
    ['.inf', '.inf'],
    ['"y"', 'y'],
    ['2020-01-01', '2020-01-01'],
    ['9007199254740993', '9007199254740993'],
  ),
  ...keys(['-0.0', '-0'], ['"<<"', '<<'], ['__proto__', '__proto__'], ['!!str 1', '1'], ['123456.7', '123456.7']),
  ...refused('{null: 1}', '{~: 1}', '{[a]: 1}', '{{a: 1}: 1}', '{18446744073709551615: 1}', '\n  ? \n  : 1'),
  { yaml: 'v: {a: 1, a: 2}\n', value: { a: 2 }, oursRefuses: true },
  // Anchors and merges
  ...values(['[&a 1, *a]', [1, 1]], ['{x: &a {b: 1}, z: *a}', { x: { b: 1 }, z: { b: 1 } }]),
  ...values(['\n  a: &a {x: 1, z: 2}\n  b:\n    <<: *a\n    x: 9', { a: { x: 1, z: 2 }, b: { x: 9, z: 2 } }]),
  ...values(['\n  a: &a {x: 1, z: 2}\n  b:\n    x: 9\n    <<: *a', { a: { x: 1, z: 2 }, b: { x: 1, z: 2 } }]),
  ...values(['\n- &a {x: 1}\n- &b {x: 2, z: 3}\n- <<: [*a, *b]', [{ x: 1 }, { x: 2, z: 3 }, { x: 1, z: 3 }]]),
  ...values(['{<<: {a: 1}, b: 2}', { a: 1, b: 2 }], ['{&k a: 1, b: *k}', { a: 1, b: 'a' }]),
  ...refused('*a', '&a [*a]', '{<<: 1}', '{<<: }', '\n- &a [{x: 1}]\n- <<: *a'),
  // Layout
  ...values(['\t1', 1], ['{a:\t1}', { a: 1 }], ['[1,\t2]', [1, 2]], ['1\t# c', 1], ['\n- a\n- b', ['a', 'b']]),
  ...values(
    ['[\n]', []],
    ['\n  c: [\n    "a"\n  ]', { c: ['a'] }],
    ['"a\nb"', 'a b'],
    ['\n- c: {\n  a: 1\n  }', [{ c: { a: 1 } }]],
  ),
  ...values(
    ['{"a":1}', { a: 1 }],
    ['{a, b: }', { a: null, b: null }],
    ['[a, b,]', ['a', 'b']],
    ['{a:1}', { 'a:1': null }],
  ),
  ...refused('-', '[', '{a: 1', '"a', '@a', '`a', '%a', '- a', 'a: b', '[a]]', '{a:[1]}'),
  { yaml: 'v: "a\r\r\n  b"\r\r\n', value: 'a b' },
  { yaml: 'v: {! <<: {a: 1}}\n', value: { a: 1 } },
  { yaml: 'v: {a :, b: 1}\n', value: { 'a :': null, b: 1 }, oursRefuses: true },
  { yaml: 'v: [?a, 2]\n', value: [{ a: null }, 2], oursRefuses: true },
  { yaml: 'v: {?a: 2}\n', value: { a: 2 }, oursRefuses: true },
  { yaml: 'v: ?a\n', value: '?a' },
  { yaml: 'v: [![], {}]\n', value: [{}], oursRefuses: true },
  { yaml: 'v: |+\n  a\n ', value: 'a\n\n' },
  { yaml: 'v: [a:, b]\n', value: ['a:', 'b'], oursRefuses: true },
  { yaml: 'v: "a\u2028b"\n', value: 'a\u2028b', oursRefuses: true },
  { yaml: 'v: [\u0001]\n', refused: true },
  { yaml: '\ta: 1\n', refused: true },
  { yaml: 'v: 1\r\nw: x\r\n', value: 1 },
  { yaml: 'v: 1 # é\n# comment\n', value: 1 },
];
