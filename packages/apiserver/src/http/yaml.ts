/**
 * A JSON value as YAML, in the way Kubernetes writes it: fields by name, lists not indented, text in double quotes where it
 * could be read as something else, in single quotes where it could not be read at all, and as a block where it has lines.
 */
export function writeYaml(value: unknown): string {
  const text = block(value, 0);
  return text.startsWith('\n') ? text.slice(1) : `${text.trimStart()}\n`;
}

/** What follows a key or a dash: a scalar behind a space, or lines of their own. `column`: where the scalar begins. */
function block(value: unknown, indent: number, column = 0): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    return `\n${value.map((item: unknown) => `${pad(indent)}-${inItem(item, indent)}`).join('')}`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (fields.length === 0) return ' {}';
    return `\n${fields.map(([name, field]) => pad(indent) + entry(name, field, indent)).join('')}`;
  }
  return ` ${scalar(value, indent, column)}`;
}

/** A list stands as deep as the field that holds it. */
function entry(name: string, value: unknown, indent: number): string {
  const key = quoted(name, 0, 0);
  const inner = block(value, Array.isArray(value) ? indent : indent + 2, indent + key.length + 2);
  return `${key}:${inner.startsWith('\n') ? inner : `${inner}\n`}`;
}

function inItem(value: unknown, indent: number): string {
  const inner = block(value, indent + 2, indent + 2);
  // The first field stands behind the dash.
  return inner.startsWith('\n') ? ` ${inner.slice(1).trimStart()}` : `${inner}\n`;
}

function scalar(value: unknown, indent: number, column: number): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'string') return value === undefined ? 'null' : JSON.stringify(value);
  if (!value.includes('\n') || !PRINTABLE.test(value) || value.includes(' \n')) return quoted(value, indent, column);
  const keep = value.endsWith('\n') ? (value.endsWith('\n\n') ? '+' : '') : '-';
  const first = value.startsWith(' ') || value.startsWith('\n') ? '2' : '';
  const lines = (value.endsWith('\n') ? value.slice(0, -1) : value).split('\n');
  return `|${first}${keep}\n${lines.map((line) => (line === '' ? '' : pad(indent) + line)).join('\n')}`;
}

const PRINTABLE = /^[\n\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;
/** What YAML 1.1 reads as a truth value, nothing, a number, a time. */
const OTHER =
  /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF)|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)|\.(?:nan|NaN|NAN)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?)$/;

/** A text on one line, or folded where it is long. `indent` 0: a key, which is never folded. */
function quoted(value: string, indent: number, column: number): string {
  if (value === '' || OTHER.test(value) || value.includes('\n') || !PRINTABLE.test(value)) {
    return `"${Array.from(value, escaped).join('')}"`;
  }
  if (isPlain(value)) return folded(value, indent, column);
  return folded(`'${value.replaceAll("'", "''")}'`, indent, column);
}

const WIDTH = 80;

/** Breaks at the first single space behind column 80, as often as it takes. */
function folded(text: string, indent: number, column: number): string {
  if (indent === 0 || column + text.length <= WIDTH) return text;
  let written = '';
  let at = column;
  for (let i = 0; i < text.length; i++) {
    const isBreak = text[i] === ' ' && text[i - 1] !== ' ' && text[i + 1] !== ' ' && at > WIDTH;
    written += isBreak ? `\n${pad(indent)}` : (text[i] ?? '');
    at = isBreak ? indent : at + 1;
  }
  return written;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
};

function escaped(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  if (PRINTABLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return code > 0xffff
    ? `\\U${hex.padStart(8, '0')}`
    : code > 0xff
      ? `\\u${hex.padStart(4, '0')}`
      : `\\x${hex.padStart(2, '0')}`;
}

function isPlain(value: string): boolean {
  if (/^[\s,[\]{}#&*!|>'"%@`]/.test(value) || /\s$/.test(value)) return false;
  if (/^[-?:](?:\s|$)/.test(value) || /^(?:---|\.\.\.)/.test(value)) return false;
  return !/:(?:\s|$)|\s#/.test(value);
}

function pad(indent: number): string {
  return ' '.repeat(indent);
}
