import { compareText } from '@homeostat/kube';
import type { LabelRequirement, LabelSelector } from '@homeostat/kube';
import { badRequest } from '../status.ts';
import type { ApiError } from '../status.ts';

/**
 * Reads a label selector and refuses it in the words of the API server (its lexer looks at one token after the other, and
 * so do its messages).
 *
 * @throws {ApiError} 400.
 */
export function readLabelSelector(text: string): LabelSelector {
  const tokens = lex(text);
  let at = 0;
  const peek = (): string => tokens[at] ?? '';
  const take = (): string => tokens[at++] ?? '';
  const requirements: LabelRequirement[] = [];
  for (;;) {
    const next = peek();
    if (next === '') break;
    if (next !== '!' && !isIdentifier(next)) {
      throw badRequest(`found '${next}', expected: !, identifier, or 'end of string'`);
    }
    requirements.push(requirement(take, peek));
    const after = take();
    if (after === '') break;
    if (after !== ',') throw badRequest(`found '${after}', expected: ',' or 'end of string'`);
    const following = peek();
    if (following !== '!' && !isIdentifier(following)) {
      throw badRequest(`found '${following}', expected: identifier after ','`);
    }
  }
  return requirements.sort((a, b) => compareText(a.key, b.key));
}

function requirement(take: () => string, peek: () => string): LabelRequirement {
  const negated = peek() === '!';
  if (negated) take();
  const key = take();
  if (!isIdentifier(key)) throw unreadable(`found '${key}', expected: identifier`);
  checkKey(key);
  if (negated) return { operator: 'absent', key };
  const next = peek();
  if (next === '' || next === ',') return { operator: 'exists', key };
  const operator = take();
  switch (operator) {
    case 'in':
    case 'notin': {
      const values = listOfValues(take, peek);
      for (const [index, value] of values.entries()) checkValue(key, value, index);
      return { operator, key, values: [...new Set(values)].sort(compareText) };
    }
    case '=':
    case '==':
    case '!=': {
      const value = singleValue(take, peek);
      checkValue(key, value, 0);
      return { operator: operator === '!=' ? '!=' : '=', key, value };
    }
    case '>':
    case '<': {
      const value = singleValue(take, peek);
      if (!/^[-+]?[0-9]{1,19}$/.test(value)) {
        throw unreadable(
          `values[0]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
        );
      }
      return { operator, key, value: BigInt(value) };
    }
    default:
      throw unreadable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  }
}

/** What stands behind an equals sign: nothing is the empty value. */
function singleValue(take: () => string, peek: () => string): string {
  const next = peek();
  if (next === '' || next === ',') return '';
  if (!isIdentifier(next)) throw unreadable(`found '${next}', expected: identifier`);
  return take();
}

function listOfValues(take: () => string, peek: () => string): string[] {
  const open = take();
  if (open !== '(') throw unreadable(`found '${open}' expected: '('`);
  const values: string[] = [];
  if (peek() === ')') {
    take();
    return [''];
  }
  for (;;) {
    const next = peek();
    if (next === ',' || next === ')') values.push('');
    else if (isIdentifier(next)) values.push(take());
    else throw unreadable(`found '${next}', expected: ',', ')' or identifier`);
    const after = take();
    if (after === ')') return values;
    if (after !== ',') throw unreadable(`found '${after}', expected: ',' or ')'`);
  }
}

const SYMBOLS = new Set(['!', '=', '==', '!=', '>', '<', '(', ')', ',']);

function isIdentifier(token: string): boolean {
  return token !== '' && !SYMBOLS.has(token);
}

function lex(text: string): string[] {
  return text.match(/==|!=|[!=<>(),]|[^\s!=<>(),]+/g) ?? [];
}

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const DOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

function checkKey(key: string): void {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  const domain = slash < 0 ? undefined : key.slice(0, slash);
  const shown = `<nil>: Invalid value: ${JSON.stringify(key)}`;
  if (key.split('/').length > 2) {
    throw unreadable(
      `${shown}: a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    );
  }
  if (domain !== undefined && (domain.length > 253 || !DOMAIN.test(domain))) {
    throw unreadable(
      `${shown}: prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    );
  }
  if (name.length > 63) throw unreadable(`${shown}: name part must be no more than 63 bytes`);
  if (!NAME.test(name)) {
    throw unreadable(
      `${shown}: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    );
  }
}

function checkValue(key: string, value: string, index: number): void {
  const shown = `values[${String(index)}][${key}]: Invalid value: ${JSON.stringify(value)}`;
  if (value.length > 63) throw unreadable(`${shown}: must be no more than 63 bytes`);
  if (value !== '' && !NAME.test(value)) {
    throw unreadable(
      `${shown}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    );
  }
}

function unreadable(why: string): ApiError {
  return badRequest(`unable to parse requirement: ${why}`);
}
