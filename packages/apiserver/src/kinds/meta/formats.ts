/**
 * The formats that Kubernetes asks of names, keys and values. Each function returns what is wrong with `value`, in the
 * words of the real server (k8s.io/apimachinery, util/validation and api/validate/content), and nothing where it is right.
 */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const DNS_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${KEY})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const HTTP_HEADER = '[-A-Za-z0-9]+';
const PERCENT = '[0-9]+%';

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const KEY_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** A DNS label as in RFC 1123: what Namespaces and containers are called. */
export function dnsLabelErrors(value: string): readonly string[] {
  const errors = tooLongErrors(value, 63);
  if (matches(value, LABEL)) return errors;
  if (matches(value, SUBDOMAIN)) return [...errors, 'must not contain dots'];
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...errors, ruleText(rule, LABEL, 'my-name', '123-abc')];
}

/** A DNS subdomain as in RFC 1123: what most objects are called. */
export function dnsSubdomainErrors(value: string): readonly string[] {
  const errors = tooLongErrors(value, 253);
  return matches(value, SUBDOMAIN) ? errors : [...errors, ruleText(SUBDOMAIN_RULE, SUBDOMAIN, 'example.com')];
}

/** A DNS label as in RFC 1035. */
export function dns1035LabelErrors(value: string): readonly string[] {
  const errors = tooLongErrors(value, 63);
  if (matches(value, DNS_1035)) return errors;
  const rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  return [...errors, ruleText(rule, DNS_1035, 'my-name', 'abc-123')];
}

/** `*.example.com`. */
export function wildcardSubdomainErrors(value: string): readonly string[] {
  const format = `\\*\\.${SUBDOMAIN}`;
  const errors = tooLongErrors(value, 253);
  if (matches(value, format)) return errors;
  const rule =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  return [...errors, ruleText(rule, format, '*.example.com')];
}

/** `name` or `prefix/name`: keys of labels and annotations, finalizers, resource names. */
export function qualifiedNameErrors(value: string): readonly string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    const rule = ruleText(KEY_RULE, KEY, 'MyName', 'my.name', '123-abc');
    return [`a valid label key ${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const errors: string[] = [];
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    const wrong = prefix === '' ? ['must be non-empty'] : dnsSubdomainErrors(prefix);
    errors.push(...wrong.map((text) => `prefix part ${text.replace(/ characters$/, ' bytes')}`));
  }
  if (name === '') errors.push('name part must be non-empty');
  else if (byteLength(name) > 63) errors.push('name part must be no more than 63 bytes');
  if (!matches(name, KEY)) errors.push(`name part ${ruleText(KEY_RULE, KEY, 'MyName', 'my.name', '123-abc')}`);
  return errors;
}

export function labelValueErrors(value: string): readonly string[] {
  const errors = byteLength(value) > 63 ? ['must be no more than 63 bytes'] : [];
  if (matches(value, LABEL_VALUE)) return errors;
  const rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [...errors, ruleText(rule, LABEL_VALUE, 'MyValue', 'my_value', '12345')];
}

/** A name that can stand in a URL: what RBAC objects are called. */
export function pathSegmentErrors(value: string): readonly string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return pathSegmentPrefixErrors(value);
}

/** What may stand before a generated suffix in a name that can stand in a URL. */
export function pathSegmentPrefixErrors(value: string): readonly string[] {
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

/** A key of a ConfigMap or Secret. */
export function configKeyErrors(value: string): readonly string[] {
  const errors = [...tooLongErrors(value, 253)];
  if (!matches(value, CONFIG_KEY)) {
    const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    errors.push(ruleText(rule, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name'));
  }
  return [...errors, ...parentDirectoryErrors(value)];
}

/** A name that would be read as (or as part of) a path to a parent folder. */
function parentDirectoryErrors(value: string): readonly string[] {
  if (value === '.' || value === '..') return [`must not be '${value}'`];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

/** The name of an environment variable, as since 1.30: any printable ASCII but `=`. */
export function envVarNameErrors(value: string): readonly string[] {
  if (value === '') return ['environment variable name must be non-empty'];
  if (/^[\x20-\x7e]*$/.test(value) && !value.includes('=')) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** A service name as in RFC 6335: how a port is called. */
export function portNameErrors(value: string): readonly string[] {
  const errors = [...tooLongErrors(value, 15)];
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

export function portNumberErrors(value: number): readonly string[] {
  return rangeErrors(value, 1, 65_535);
}

export function rangeErrors(value: number, min: number, max: number): readonly string[] {
  return value >= min && value <= max ? [] : [`must be between ${String(min)} and ${String(max)}, inclusive`];
}

/** `25%`. */
export function percentErrors(value: string): readonly string[] {
  if (matches(value, PERCENT)) return [];
  const rule = "a valid percent string must be a numeric string followed by an ending '%'";
  return [ruleText(rule, PERCENT, '1%', '93%')];
}

export function httpHeaderNameErrors(value: string): readonly string[] {
  if (matches(value, HTTP_HEADER)) return [];
  return [ruleText("a valid HTTP header must consist of alphanumeric characters or '-'", HTTP_HEADER, 'X-Header-Name')];
}

/** Whether `value` may be the path of an HTTP URL (RFC 3986), and the text for where it may not. */
export function httpPathErrors(value: string): readonly string[] {
  return matches(value, HTTP_PATH) ? [] : [ruleText('Invalid path', HTTP_PATH)];
}

/** As Go counts: in UTF-8. */
export function byteLength(value: string): number {
  return Buffer.byteLength(value);
}

/** How the server words a rule that is a regular expression. */
export function ruleText(rule: string, format: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${format}')`;
  const listed = examples.map((one) => `'${one}', `).join(' or ');
  return `${rule} (e.g. ${listed}regex used for validation is '${format}')`;
}

function tooLongErrors(value: string, max: number): readonly string[] {
  return byteLength(value) > max ? [`must be no more than ${String(max)} characters`] : [];
}

function matches(value: string, format: string): boolean {
  return new RegExp(`^(?:${format})$`).test(value);
}
