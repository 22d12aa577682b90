import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { writeYaml } from '../../src/http/yaml.ts';

// What the real server wrote for the same value.
test('text is written as Kubernetes writes it: plain, in single quotes, in double quotes, or as a block', () => {
  const value = {
    b: 'yes',
    a: '',
    c: '1.5',
    d: '1.2.3',
    e: 'x: y',
    f: "it's",
    g: '- a',
    h: 'one\ntwo',
    i: 'one\ntwo\n',
    j: ' one\ntwo\n\n',
    k: 'a\tb',
    l: '\u0001',
    m: 'é☃😀',
    n: 'trailing \nspace',
    o: '2020-01-01T00:00:00Z',
    p: `${'long '.repeat(20)}text`,
    q: [],
    r: {},
    s: null,
    t: [1, 'x', { y: 1, x: [true] }],
    'u:v': 9_007_199_254_740_993n,
  };
  expect(writeYaml(value)).toBe(`a: ""
b: "yes"
c: "1.5"
d: 1.2.3
e: 'x: y'
f: it's
g: '- a'
h: |-
  one
  two
i: |
  one
  two
j: |2+
   one
  two

k: "a\\tb"
l: "\\x01"
m: "é☃\\U0001F600"
"n": "trailing \\nspace"
o: "2020-01-01T00:00:00Z"
p: long long long long long long long long long long long long long long long long
  long long long long text
q: []
r: {}
s: null
t:
- 1
- x
- x:
  - true
  "y": 1
u:v: 9007199254740993
`);
});

test('what is written reads back as it was', () => {
  const seed = Number(process.env['SEED'] ?? 1);
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state % below;
  };
  const letters = Array.from('ab1:-#\'"\\ \n\t{}[],&*!|>%@`?=~.é☃');
  const word = (): string => Array.from({ length: next(12) }, () => letters[next(letters.length)]).join('');
  const value = (depth: number): unknown => {
    const kind = depth === 0 ? next(3) : next(5);
    if (kind === 0) return next(1_000);
    if (kind === 1) return next(2) === 0;
    if (kind === 2) return word();
    if (kind === 3) return Array.from({ length: next(4) }, () => value(depth - 1));
    return Object.fromEntries(Array.from({ length: next(4) }, (_, i) => [`${String(i)}${word()}`, value(depth - 1)]));
  };
  for (let i = 0; i < 2_000; i++) {
    const one = { value: value(3) };
    const text = writeYaml(one);
    expect(load(text), `SEED=${String(seed)}\n${text}`).toEqual(one);
  }
});
