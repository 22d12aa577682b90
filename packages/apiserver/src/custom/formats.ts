import { isIPv4 } from 'node:net';
import { parseCidr, parseIp } from '../kinds/meta/ip.ts';

/** Whether a text is of a format. */
export type Format = (text: string) => boolean;

/**
 * What the name of a format means for values of `types`: `undefined` where Kubernetes 1.37 ignores it (it knows other
 * formats for strings, integers and numbers each); without `check` where it is no matter of texts (int32, double, …).
 */
export function knownFormat(
  name: string,
  types: readonly string[],
): { readonly name: string; readonly check: Format | undefined } | undefined {
  if (name === '') return undefined;
  const type = types.length === 1 ? types[0] : '';
  if (type === '' || type === 'string') {
    const check = FORMATS.get(name.replaceAll('-', ''));
    return check === undefined ? undefined : { name, check };
  }
  const names = type === 'integer' ? ['int32', 'int64'] : type === 'number' ? ['float', 'double'] : [];
  return names.includes(name) ? { name, check: undefined } : undefined;
}

/** The same for a reader who does not ask what a format is for, or whether there is one of that name. */
export function anyFormat(name: string): { readonly name: string; readonly check: Format | undefined } | undefined {
  return name === '' ? undefined : { name, check: FORMATS.get(name.replaceAll('-', '')) };
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const UUID3 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const UUID4 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i;
const UUID5 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i;
const COLOR_BYTE = '(?:0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])';
const SPACES = '[\\t\\n\\f\\r ]*';
const RGB_COLOR = new RegExp(
  `^rgb\\(${SPACES}${COLOR_BYTE}${SPACES},${SPACES}${COLOR_BYTE}${SPACES},${SPACES}${COLOR_BYTE}${SPACES}\\)$`,
);
const CREDIT_CARD =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11})$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
const SHORT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** By names without dashes: `date-time` and `datetime` are the same. */
const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['bsonobjectid', (text) => /^[0-9a-fA-F]{24}$/.test(text)],
  ['uri', isRequestUri],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', (text) => text.includes('.') && parseIp(text) !== undefined],
  ['ipv6', isGoIpv6],
  ['cidr', (text) => parseCidr(text) !== undefined],
  ['mac', isMac],
  ['uuid', (text) => UUID.test(text)],
  ['uuid3', (text) => UUID3.test(text)],
  ['uuid4', (text) => UUID4.test(text)],
  ['uuid5', (text) => UUID5.test(text)],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => text.length === 11 && /^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$/.test(text)],
  ['hexcolor', (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text)],
  ['rgbcolor', (text) => RGB_COLOR.test(text)],
  ['byte', (text) => BASE64.test(text)],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => text.length <= 63 && SHORT_NAME.test(text)],
  ['k8slongname', (text) => text.length <= 253 && text.split('.').every((part) => SHORT_NAME.test(part))],
]);

function isDate(text: string): boolean {
  const parts = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (parts === null) return false;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day >= 1 && day <= (days[month - 1] ?? 0);
}

/** RFC 3339's date-time, without a look at the offset, and with any character before the fraction (as the server does). */
function isDateTime(text: string): boolean {
  const [date, time] = text.toLowerCase().split('t');
  if (date === undefined || time === undefined || !isDate(date)) return false;
  const parts = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[^\n][0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})$/.exec(time);
  return parts !== null && (parts[1] ?? '') <= '23' && (parts[2] ?? '') <= '59' && (parts[3] ?? '') <= '59';
}

const GO_DURATION = /^[-+]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const UNITS: readonly (readonly [exact: readonly string[], prefix: string])[] = [
  [['ns', 'nano'], 'nano'],
  [['us', 'µs', 'micro'], 'micro'],
  [['ms', 'milli'], 'milli'],
  [['s', 'sec'], 'sec'],
  [['m', 'min'], 'min'],
  [['h', 'hr', 'hour'], 'hour'],
  [['d', 'day'], 'day'],
  [['w', 'wk', 'week'], 'week'],
];

/** A duration of Go, or of Scala: somewhere in the text a number before a unit. */
function isDuration(text: string): boolean {
  if (GO_DURATION.test(text)) return true;
  let found = false;
  let digits = '';
  // Token by token: one pattern for all of it would try every digit as a first one.
  for (const [token] of text.matchAll(/[0-9]+|[A-Za-zµ]+|[\t\n\f\r ]+|[^0-9A-Za-zµ\t\n\f\r ]+/g)) {
    if (/^[0-9]/.test(token)) digits = token;
    else if (/^[A-Za-zµ]/.test(token) && digits !== '') {
      if (!isGoInt(digits)) return false;
      const unit = token.toLowerCase();
      found ||= UNITS.some(([exact, prefix]) => exact.includes(unit) || unit.startsWith(prefix));
      digits = '';
    } else if (!/^[\t\n\f\r ]/.test(token)) digits = '';
  }
  return found;
}

function isGoInt(digits: string): boolean {
  const significant = digits.replace(/^0+/, '');
  return significant.length < 19 || (significant.length === 19 && significant <= '9223372036854775807');
}

const HOST_LABEL = /^[a-zA-Z0-9\p{S}\p{L}](?:-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?$/u;
const HOST_DOTTED =
  /^(?:[a-zA-Z0-9\p{S}\p{L}](?:[a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63}$/u;

/** One label with at most one dash, or a dotted name: letters and symbols of any script. */
function isHostname(text: string): boolean {
  // Before the patterns: it bounds what they have to look at.
  if (Buffer.byteLength(text) > 255) return false;
  if (!HOST_LABEL.test(text) && !HOST_DOTTED.test(text)) return false;
  return text.split('.').every((label) => Buffer.byteLength(label) <= 63);
}

/** Go's url.ParseRequestURI: an absolute URL, or an absolute path. */
function isRequestUri(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what it refuses
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text)) return false;
  if (text === '*') return true;
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text);
  if (scheme === null && text.startsWith(':')) return false;
  const rest = (scheme === null ? text : text.slice(scheme[0].length)).split('?', 1)[0] ?? '';
  if (!rest.startsWith('/')) return scheme !== null;
  const authority = scheme === null ? null : /^\/\/([^/]*)/.exec(rest);
  if (authority !== null && !isAuthority(authority[1] ?? '')) return false;
  const path = authority === null ? rest : rest.slice(authority[0].length);
  return !/%(?![0-9a-fA-F]{2})/.test(path);
}

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? '' : authority.slice(0, at);
  const host = authority.slice(at + 1);
  if (!/^[a-zA-Z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) || /%(?![0-9a-fA-F]{2})/.test(user)) return false;
  if (host.startsWith('[')) return /^\[[^\]]*\](?::[0-9]*)?$/.test(host);
  const colon = host.lastIndexOf(':');
  if (colon >= 0 && !/^[0-9]*$/.test(host.slice(colon + 1))) return false;
  // In a host name, only bytes outside of ASCII may be escaped.
  return !/[ "<>\\^`{|}]/.test(host) && !/%(?![89a-fA-F][0-9a-fA-F])/.test(host);
}

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\u{10ffff}-]+";
const DOT_ATOM = `${ATOM}(?:\\.${ATOM})*`;
const QUOTED = '"(?:[^"\\\\\\r\\n]|\\\\[^\\r\\n])*"';
const ADDRESS = `(?:${DOT_ATOM}|${QUOTED})@(?:${DOT_ATOM}|\\[[0-9A-Fa-f:.]+\\])`;
const BARE_EMAIL = new RegExp(`^[ \\t]*${ADDRESS}[ \\t]*$`, 'u');
const QUOTED_TEXTS = new RegExp(QUOTED, 'g');
const NAME = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}\-. \t]*$/u;

/** An address of RFC 5322, bare or behind a name: `a@b`, `A B <a@b>`. Comments are not understood. */
function isEmail(text: string): boolean {
  const behindName = /^([^<>]*)<([^<>]*)>[ \t]*$/.exec(text);
  if (behindName === null) return BARE_EMAIL.test(text);
  const [, name = '', address = ''] = behindName;
  return NAME.test(name.replaceAll(QUOTED_TEXTS, ' ')) && BARE_EMAIL.test(address);
}

function isGoIpv6(text: string): boolean {
  if (!text.includes(':')) return false;
  const ip = parseIp(text);
  return ip !== undefined && !ip.leadingZeros && !isIPv4(text);
}

function isMac(text: string): boolean {
  const separated = /^[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2})*$/.test(text);
  if (separated) return [6, 8, 20].includes((text.length + 1) / 3);
  return /^[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+$/.test(text) && [6, 8, 20].includes(((text.length + 1) / 5) * 2);
}

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[\t\n\f\r -]+/g, '');
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(digits)) return false;
  const sum = Array.from(digits).reduce(
    (total, digit, index) => total + (index + 1) * (digit === 'X' ? 10 : Number(digit)),
    0,
  );
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[\t\n\f\r -]+/g, '');
  if (!/^[0-9]{13}$/.test(digits)) return false;
  const sum = Array.from(digits.slice(0, 12)).reduce(
    (total, digit, index) => total + (index % 2 === 0 ? 1 : 3) * Number(digit),
    0,
  );
  return Number(digits[12]) === (10 - (sum % 10)) % 10;
}

function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/[^0-9]+/g, '');
  if (!CREDIT_CARD.test(digits)) return false;
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value >= 10 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}
