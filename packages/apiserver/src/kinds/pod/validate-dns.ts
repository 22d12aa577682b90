import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, required } from '../../field-error.ts';
import { byteLength, ruleText } from '../meta/formats.ts';
import { legacyIpErrors } from '../meta/ip.ts';
import { dnsSubdomain, eachOf, item } from './rules.ts';

/** How the containers of a pod resolve names. */
export function validateDnsConfig(spec: DraftMap, specField: string): FieldError[] {
  const field = `${specField}.dnsConfig`;
  const config = mapAt(spec, 'dnsConfig');
  const servers = listAt(config, 'nameservers');
  if (textAt(spec, 'dnsPolicy') === 'None') {
    if (config === undefined) return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (servers.length === 0) {
      return [required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
    }
  }
  const searches = listAt(config, 'searches').map(String);
  const errors: FieldError[] = [];
  if (servers.length > 3) {
    errors.push(invalid(`${field}.nameservers`, servers, 'must not have more than 3 nameservers'));
  }
  errors.push(...servers.flatMap((server, index) => validateAddress(server, item(`${field}.nameservers`, index))));
  if (searches.length > 32) {
    errors.push(invalid(`${field}.searches`, searches, 'must not have more than 32 search paths'));
  }
  if (byteLength(searches.join(' ')) > 2048) {
    const text = 'must not have more than 2048 characters (including spaces) in the search list';
    errors.push(invalid(`${field}.searches`, searches, text));
  }
  const ofOptions = mapsAt(config, 'options').flatMap((option, index) =>
    textAt(option, 'name') === '' ? [required(item(`${field}.options`, index), 'must not be empty')] : [],
  );
  return [
    ...errors,
    ...searches.flatMap((path, index) => (path === '.' ? [] : validateSearch(path, item(`${field}.searches`, index)))),
    ...ofOptions,
  ];
}

const PART = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SEARCH = `${PART}(\\.${PART})*`;

function validateSearch(path: string, field: string): FieldError[] {
  const name = path.replace(/\.$/, '');
  const errors = byteLength(name) > 253 ? [invalid(field, name, 'must be no more than 253 characters')] : [];
  if (new RegExp(`^${SEARCH}$`).test(name)) return errors;
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
  return [...errors, invalid(field, name, ruleText(rule, SEARCH, 'example.com'))];
}

/** Names that the containers of a pod know without asking. */
export function validateHostAliases(spec: DraftMap, specField: string): FieldError[] {
  return eachOf(spec, 'hostAliases', specField, (alias, field) => [
    ...validateAddress(alias['ip'] ?? '', `${field}.ip`),
    ...listAt(alias, 'hostnames').flatMap((name, index) =>
      dnsSubdomain(String(name), item(`${field}.hostnames`, index)),
    ),
  ]);
}

function validateAddress(address: unknown, field: string): FieldError[] {
  return legacyIpErrors(String(address)).map((text) => invalid(field, address, text));
}
