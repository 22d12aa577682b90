import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, invalid, notSupported, required } from '../field-error.ts';
import { invalidObject } from '../status.ts';
import { oneOf, wrong } from './checks.ts';
import { equal } from './equal.ts';
import { legacyIpErrors, parseIp } from './meta/ip.ts';
import { isHeadless, needsAddress } from './service-parts.ts';

const FAMILIES = ['IPv4', 'IPv6'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** A Service that would take two families if it could, and was given what there is, stays as it is. */
export function prefersWhatItHas(spec: DraftMap, before: DraftMap): boolean {
  return (
    spec['ipFamilyPolicy'] === 'PreferDualStack' &&
    (before['ipFamilyPolicy'] ?? 'PreferDualStack') === 'PreferDualStack' &&
    before['type'] === spec['type'] &&
    equal(before['clusterIPs'], spec['clusterIPs']) &&
    equal(before['ipFamilies'], spec['ipFamilies'])
  );
}

/**
 * Decides for which families a Service has addresses; the network has one, IPv4.
 *
 * @throws {ApiError} 422 where what is asked for contradicts itself, or is not there.
 */
export function settleFamilies(draft: Draft, spec: DraftMap, before: DraftMap | undefined): void {
  const bare = textAt(spec, 'clusterIP') === 'None' && Object.keys(mapAt(spec, 'selector') ?? {}).length === 0;
  spec['ipFamilyPolicy'] ??= before?.['ipFamilyPolicy'] ?? (bare ? 'RequireDualStack' : 'SingleStack');
  refuse(draft, validateAddresses(spec, before));
  if (before !== undefined) refuse(draft, shrinkFamilies(spec, before));
  refuse(draft, singleStackErrors(spec));
  addFamiliesOfAddresses(draft, spec);
  const families = listAt(spec, 'ipFamilies').map(String);
  const policy = spec['ipFamilyPolicy'];
  if (bare) {
    const own = families.length === 0 ? ['IPv4'] : families;
    const other = own[0] === 'IPv4' ? 'IPv6' : 'IPv4';
    spec['ipFamilies'] = own.length < 2 && policy !== 'SingleStack' ? [...own, other] : own;
    return;
  }
  const errors: FieldError[] = [];
  if (policy === 'RequireDualStack') {
    errors.push(invalid('spec.ipFamilyPolicy', policy, 'this cluster is not configured for dual-stack services'));
  }
  for (const [index, family] of families.entries()) {
    if (family !== 'IPv4') {
      errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
    }
  }
  refuse(draft, errors);
  if (families.length === 0) spec['ipFamilies'] = ['IPv4'];
}

function shrinkFamilies(spec: DraftMap, before: DraftMap): FieldError[] {
  const field = 'spec.ipFamilyPolicy';
  const policy = spec['ipFamilyPolicy'];
  const errors: FieldError[] = [];
  for (const [name, what] of [
    ['clusterIPs', 'cluster IP'],
    ['ipFamilies', 'IP family'],
  ] as const) {
    const now = listAt(spec, name);
    const had = listAt(before, name);
    if (policy === 'SingleStack') {
      if (now.length > 1 && equal(now, had)) spec[name] = now.slice(0, 1);
    } else if (now.length > 0 && now.length < had.length) {
      errors.push(invalid(field, policy, `must be 'SingleStack' to release the secondary ${what}`));
    }
  }
  return errors;
}

function singleStackErrors(spec: DraftMap): FieldError[] {
  const policy = spec['ipFamilyPolicy'];
  if (policy !== 'SingleStack') return [];
  const text = (what: string): string =>
    `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
  return [
    ...(listAt(spec, 'clusterIPs').length === 2 ? [invalid('spec.ipFamilyPolicy', policy, text('cluster IPs'))] : []),
    ...(listAt(spec, 'ipFamilies').length === 2 ? [invalid('spec.ipFamilyPolicy', policy, text('IP families'))] : []),
  ];
}

function addFamiliesOfAddresses(draft: Draft, spec: DraftMap): void {
  const addresses = listAt(spec, 'clusterIPs').map(String);
  const families = [...listAt(spec, 'ipFamilies')];
  for (const [index, address] of addresses.entries()) {
    if (address === 'None') break;
    if (index < families.length) continue;
    const family = parseIp(address)?.family ?? 'unknown';
    if (family !== 'IPv4') {
      refuse(draft, [invalid(`spec.clusterIPs[${index}]`, addresses, `${family} is not configured on this cluster`)]);
    }
    families.push(family);
  }
  if (families.length > 0) spec['ipFamilies'] = families;
}

/** What is wrong with the addresses and families of a Service together. */
export function validateAddresses(spec: DraftMap, before: DraftMap | undefined): FieldError[] {
  if (!needsAddress(spec)) return [];
  const addresses = listAt(spec, 'clusterIPs').map(String);
  const errors = firstAddressErrors(textAt(spec, 'clusterIP'), addresses);
  const families = listAt(spec, 'ipFamilies').map(String);
  for (const [index, family] of families.entries()) {
    if (!FAMILIES.includes(family)) errors.push(notSupported(`spec.ipFamilies[${index}]`, family, FAMILIES));
    if (families.indexOf(family) < index) errors.push(duplicate(`spec.ipFamilies[${index}]`, family));
  }
  errors.push(...oneOf(spec, 'ipFamilyPolicy', 'spec', POLICIES));
  const unreadable = formErrors(addresses, listAt(before, 'clusterIPs'));
  errors.push(...unreadable);
  if (addresses.length > 2) errors.push(invalid('spec.clusterIPs', addresses, 'may only hold up to 2 values'));
  return unreadable.length > 0 ? errors : [...errors, ...familyErrors(spec, addresses, families)];
}

function firstAddressErrors(first: string, addresses: readonly string[]): FieldError[] {
  const field = 'spec.clusterIPs';
  if (first === '') {
    return addresses.length === 0 ? [] : [invalid(field, addresses, 'must be empty when `clusterIP` is not specified')];
  }
  if (addresses.length === 0) return [required(field)];
  return addresses[0] === first ? [] : [invalid(field, addresses, 'first value must match `clusterIP`')];
}

function formErrors(addresses: readonly string[], known: readonly unknown[]): FieldError[] {
  return addresses.flatMap((address, index) => {
    if (index === 0 && address === 'None') {
      if (addresses.length === 1) return [];
      return [invalid('spec.clusterIPs', addresses, "'None' must be the first and only value")];
    }
    return known.includes(address) ? [] : wrong(`spec.clusterIPs[${index}]`, address, legacyIpErrors(address));
  });
}

function familyErrors(spec: DraftMap, addresses: readonly string[], families: readonly string[]): FieldError[] {
  const found = addresses.map((address) => parseIp(address)?.family);
  const errors: FieldError[] = [];
  if (addresses.length > 1 && new Set(found).size !== 2) {
    errors.push(invalid('spec.clusterIPs', addresses, 'may specify no more than one IP for each IP family'));
  }
  if (isHeadless(spec)) return errors;
  for (const [index, family] of families.entries()) {
    const address = addresses[index];
    if (address === undefined || found[index] === family) continue;
    const text = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(invalid(`spec.clusterIPs[${index}]`, address, text));
  }
  return errors;
}

function refuse(draft: Draft, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  throw invalidObject({ group: '', name: 'Service' }, textAt(draft.metadata, 'name'), errors);
}
