/** Generators of adversarial input; everything they make follows from the random numbers they are given. */
export type Random = () => number;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

function many<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: Math.floor(random() * (most + 1)) }, make);
}

const PARTS =
  '0 1 7 8 9 00 0x 0o 0b 0X F a . _ - + e E e+3 e-3 e400 yes No on y N true null ~ .inf .nan inf NaN : 1:30 2020-01-01 T10:00:00Z 9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616 9007199254740993 123456789 1e3 << ! = é'.split(
    ' ',
  );
const TAGS = [
  '!!int ',
  '!!float ',
  '!!bool ',
  '!!str ',
  '!!null ',
  '!custom ',
  '! ',
  '!!map ',
  '!!set ',
  '!<tag:yaml.org,2002:str> ',
];
const MUTATIONS = [
  ' ',
  '\t',
  '\n',
  ':',
  '-',
  '#',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ',',
  '&a ',
  '*a',
  '!',
  '|',
  '>',
  '%',
  '@',
  '`',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\r',
  '\r\n',
  '\x7f',
  '? ',
  '<<: *a',
];

/** Text that is, or almost is, a number, a boolean, null or a timestamp. */
export function scalarText(random: Random): string {
  return pick(random, PARTS) + many(random, 3, () => pick(random, PARTS)).join('');
}

function quoted(random: Random, text: string): string {
  const way = random();
  return way < 0.1 ? `"${text}"` : way < 0.2 ? `'${text}'` : text;
}

function node(random: Random): string {
  const tag = random() < 0.15 ? pick(random, TAGS) : '';
  return tag + quoted(random, scalarText(random));
}

export function scalarCase(random: Random): string {
  return `v: ${node(random)}\n`;
}

export function keyCase(random: Random): string {
  return `v:\n  ${node(random)}: 1\n`;
}

/** Nested maps, lists, block scalars, anchors, aliases and merges in both styles. */
export function structureCase(random: Random): string {
  return `v:${block(random, 1)}${random() < 0.5 ? `w:${block(random, 1)}` : ''}`;
}

function block(random: Random, depth: number): string {
  const indent = '  '.repeat(depth);
  const kind = random();
  if (depth > 3 || kind < 0.3) return ` ${node(random)}\n`;
  if (kind < 0.4) return blockScalar(random, indent);
  if (kind < 0.55)
    return `\n${[0, ...many(random, 2, () => 0)].map(() => `${indent}-${block(random, depth + 1)}`).join('')}`;
  if (kind < 0.8) {
    const entry = (): string =>
      `${indent}${pick(random, ['a', 'b', 'c', '"d e"', '? f', '<<', scalarText(random)])}:${block(random, depth + 1)}`;
    return `${pick(random, [' &a', '', ' !!map', ''])}\n${entry()}${many(random, 2, entry).join('')}`;
  }
  if (kind < 0.9) return ` ${flow(random, 2)}${pick(random, ['', ' # c', ' #c'])}\n`;
  return ` ${pick(random, ['*a', '*b', '&a x', '&b [1, 2]', '&a {a: 1, b: 2}'])}\n`;
}

function blockScalar(random: Random, indent: string): string {
  const line = (): string => {
    if (random() < 0.2) return pick(random, ['', '  ']);
    return (
      indent + pick(random, ['', ' ', '  ', '\t']) + pick(random, ['text', 'a: b', '- x', '# c', '---', '...', 'é😀'])
    );
  };
  const lines = [line(), ...many(random, 3, line)].join('\n');
  return ` ${pick(random, ['|', '>', '|-', '>-', '|+', '>+', '|2', '>1-'])}\n${lines}\n${pick(random, ['', '\n', '\n\n'])}`;
}

function flow(random: Random, depth: number): string {
  const kind = random();
  if (depth === 0 || kind < 0.4) return quoted(random, scalarText(random));
  const separator = pick(random, [', ', ',', ' ,\n     ', ',\t']);
  if (kind < 0.7) return `[${many(random, 2, () => flow(random, depth - 1)).join(separator)}]`;
  const entry = (): string =>
    `${pick(random, ['a', '"b"', "'c'", 'd e'])}${pick(random, [': ', ':', ' : '])}${flow(random, depth - 1)}`;
  return `{${many(random, 2, entry).join(separator)}}`;
}

/** A structure in which one to three characters were replaced or added. */
export function mutatedCase(random: Random): string {
  let text = structureCase(random);
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
    const at = Math.floor(random() * text.length);
    text = text.slice(0, at) + pick(random, MUTATIONS) + text.slice(at + (random() < 0.5 ? 1 : 0));
  }
  // Half a surrogate pair has no UTF-8 form.
  return text.toWellFormed();
}

const STRINGS = [
  '',
  ' ',
  'a',
  'text',
  'two words',
  '- x',
  '# c',
  'a: b',
  'a #b',
  '{a}',
  '[x]',
  '"',
  "'",
  '---',
  '...',
  '\n',
  'a\n',
  'a\n\n',
  '\na',
  ' a\n  b\n',
  'a\tb',
  '\t',
  '\r',
  'a\r\nb',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\u0000',
  '\x7f',
  '\u00a0',
  'é',
  '😀',
  '@',
  '`',
  '%',
  '*a',
  '&a',
  '!a',
  '|',
  '>',
  '?',
  ':',
  '-',
  ',',
  '=',
  '<<',
  '\\',
  '\\n',
  '{{ .x }}',
  '0o8',
  '+',
  '1:30',
];

/** A JSON value full of strings that a careless writer would get wrong. */
export function jsonValue(random: Random, depth = 3): unknown {
  const kind = random();
  if (depth === 0 || kind < 0.45) return jsonText(random);
  if (kind < 0.5) return pick(random, [null, true, false, {}, []]);
  if (kind < 0.6)
    return pick<unknown>(random, [0, -1, 1.5, 1e21, 1e-7, 420, 9007199254740993n, -9223372036854775808n, 1e300, 0.1]);
  if (kind < 0.75) return many(random, 4, () => jsonValue(random, depth - 1));
  return Object.fromEntries(many(random, 4, () => [jsonKey(random), jsonValue(random, depth - 1)]));
}

/** Without backslashes: Node's own JSON.parse mixes up keys that hold them (V8 in Node 24, see DESIGN.md). */
function jsonKey(random: Random): string {
  return jsonText(random).replaceAll('\\', '/');
}

function jsonText(random: Random): string {
  const kind = random();
  if (kind < 0.4) return scalarText(random);
  return pick(random, STRINGS) + (kind < 0.7 ? pick(random, STRINGS) : '') + (kind > 0.95 ? 'long '.repeat(60) : '');
}
