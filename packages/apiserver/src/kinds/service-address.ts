import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, invalid, notSupported, required } from '../field-error.ts';
import { internal, invalidObject } from '../status.ts';
import type { Allocator } from '../strategy.ts';
import { oneOf, wrong } from './checks.ts';
import { equal } from './equal.ts';
import { cidrContains, legacyIpErrors, parseCidr, parseIp } from './meta/ip.ts';
import { NODE_PORTS, SERVICE_NETWORK } from './service-network.ts';
import { getsNodePorts, isHeadless, needsAddress, needsHealthCheck, specOf, usesNodePorts } from './service-parts.ts';

const FAMILIES = ['IPv4', 'IPv6'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/**
 * Gives a Service its addresses and ports, as far as they are not asked for or carried over from `old`. The network has
 * one family, IPv4.
 *
 * @throws {ApiError} 422, as the real server before any other validation: an address or port that cannot be had, fields
 * that contradict each other.
 */
export function allocateService(draft: Draft, old: Readonly<Draft> | undefined, allocate: Allocator): void {
  const spec = specOf(draft);
  const before = old === undefined ? undefined : specOf(old);
  if (before !== undefined) carryOver(spec, before);
  normalizeAddresses(spec, before);
  if (needsAddress(spec) && !(before !== undefined && prefersWhatItHas(spec, before))) {
    settleFamilies(draft, spec, before);
    const moved = before === undefined || !needsAddress(before);
    if (moved && !isHeadless(spec)) allocateAddresses(draft, spec, allocate);
  }
  if (usesNodePorts(spec)) allocatePorts(draft, spec, before, allocate);
  const had = before !== undefined && needsHealthCheck(before);
  if (needsHealthCheck(spec) && !had) allocateHealthCheck(spec, allocate);
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

/** An update that leaves addresses or ports out means those that the Service has. */
function carryOver(spec: DraftMap, before: DraftMap): void {
  if (needsAddress(before) && needsAddress(spec)) {
    if (textAt(spec, 'clusterIP') === '' && before['clusterIP'] !== undefined) spec['clusterIP'] = before['clusterIP'];
    if (listAt(spec, 'clusterIPs').length === 0 && listAt(before, 'clusterIPs').length > 0) {
      spec['clusterIPs'] = [...listAt(before, 'clusterIPs')];
    }
  }
  if (getsNodePorts(before) && getsNodePorts(spec)) carryPorts(spec, before);
  if (needsHealthCheck(before) && needsHealthCheck(spec) && before['healthCheckNodePort'] !== undefined) {
    spec['healthCheckNodePort'] ??= before['healthCheckNodePort'];
  }
}

function carryPorts(spec: DraftMap, before: DraftMap): void {
  const kept = new Set(nodePortsOf(spec));
  const byName = new Map(mapsAt(before, 'ports').map((port) => [textAt(port, 'name'), numberAt(port, 'nodePort')]));
  for (const port of mapsAt(spec, 'ports')) {
    const had = byName.get(textAt(port, 'name'));
    if (had !== undefined && !kept.has(had)) port['nodePort'] ??= had;
  }
}

/** `clusterIP` and the first of `clusterIPs` are one: who set just one of them meant both. */
function normalizeAddresses(spec: DraftMap, before: DraftMap | undefined): void {
  const first = textAt(spec, 'clusterIP');
  if (before === undefined) {
    if (first !== '' && listAt(spec, 'clusterIPs').length === 0) spec['clusterIPs'] = [first];
    return;
  }
  const had = textAt(before, 'clusterIP');
  if (first === had || !equal(spec['clusterIPs'], before['clusterIPs'])) return;
  if (had !== '' && first === '') delete spec['clusterIPs'];
  else spec['clusterIPs'] = [first];
}

/** A Service that would take two families if it could, and was given what there is, stays as it is. */
function prefersWhatItHas(spec: DraftMap, before: DraftMap): boolean {
  return (
    spec['ipFamilyPolicy'] === 'PreferDualStack' &&
    (before['ipFamilyPolicy'] ?? 'PreferDualStack') === 'PreferDualStack' &&
    before['type'] === spec['type'] &&
    equal(before['clusterIPs'], spec['clusterIPs']) &&
    equal(before['ipFamilies'], spec['ipFamilies'])
  );
}

function settleFamilies(draft: Draft, spec: DraftMap, before: DraftMap | undefined): void {
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

function allocateAddresses(draft: Draft, spec: DraftMap, allocate: Allocator): void {
  const wanted = listAt(spec, 'clusterIPs').map(String);
  const addresses = listAt(spec, 'ipFamilies').map((_, index) => {
    const one = wanted[index] === '' ? undefined : wanted[index];
    const address = allocate.clusterIp(one);
    if (address !== undefined) return address;
    if (one === undefined) throw internal('failed to allocate a serviceIP: range is full');
    throw invalidObject({ group: '', name: 'Service' }, textAt(draft.metadata, 'name'), [
      invalid('spec.clusterIPs', wanted, `failed to allocate IP ${one}: ${whyNotAddress(one)}`),
    ]);
  });
  spec['clusterIPs'] = addresses;
  spec['clusterIP'] = addresses[0];
}

function whyNotAddress(text: string): string {
  const network = parseCidr(SERVICE_NETWORK);
  const ip = parseIp(text);
  const inside = network !== undefined && ip !== undefined && cidrContains(network, ip);
  if (inside) return 'provided IP is already allocated';
  return `the provided network does not match the current range`;
}

/** One port of the nodes per port number: TCP and UDP on the same port share it. */
function allocatePorts(draft: Draft, spec: DraftMap, before: DraftMap | undefined, allocate: Allocator): void {
  const had = before === undefined ? [] : nodePortsOf(before);
  const ports = mapsAt(spec, 'ports');
  const taken = new Set<number>(had);
  const shared = new Map<number, number>();
  for (const [index, port] of ports.entries()) {
    const wanted = numberAt(port, 'nodePort');
    if (wanted === undefined && !getsNodePorts(spec)) continue;
    const number = numberAt(port, 'port') ?? 0;
    const common = before === undefined ? shared.get(number) : undefined;
    const asked = wanted ?? common ?? (before === undefined ? askedOfSame(ports, number) : undefined);
    if (asked !== undefined && taken.has(asked)) port['nodePort'] = asked;
    else port['nodePort'] = takePort(draft, asked, index, allocate);
    const got = numberAt(port, 'nodePort') ?? 0;
    taken.add(got);
    if (!shared.has(number)) shared.set(number, got);
  }
}

function takePort(draft: Draft, wanted: number | undefined, index: number, allocate: Allocator): number {
  const port = allocate.nodePort(wanted);
  if (port !== undefined) return port;
  if (wanted === undefined) throw internal('failed to allocate a nodePort: range is full');
  const { first, last } = NODE_PORTS;
  const outside = wanted < first || wanted > last;
  const why = outside
    ? `provided port is not in the valid range. The range of valid ports is ${first}-${last}`
    : 'provided port is already allocated';
  throw invalidObject({ group: '', name: 'Service' }, textAt(draft.metadata, 'name'), [
    invalid(`spec.ports[${index}].nodePort`, wanted, why),
  ]);
}

function askedOfSame(ports: readonly DraftMap[], number: number): number | undefined {
  return ports
    .filter((port) => port['port'] === number)
    .map((port) => numberAt(port, 'nodePort'))
    .find((port) => port !== undefined);
}

function allocateHealthCheck(spec: DraftMap, allocate: Allocator): void {
  const wanted = numberAt(spec, 'healthCheckNodePort');
  const port = allocate.nodePort(wanted);
  if (port !== undefined) spec['healthCheckNodePort'] = port;
  else if (wanted === undefined) throw internal('failed to allocate a HealthCheck NodePort 0: range is full');
  else {
    throw internal(`failed to allocate requested HealthCheck NodePort ${wanted}: provided port is already allocated`);
  }
}

function nodePortsOf(spec: DraftMap): readonly number[] {
  return mapsAt(spec, 'ports').flatMap((port) => numberAt(port, 'nodePort') ?? []);
}

function refuse(draft: Draft, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  throw invalidObject({ group: '', name: 'Service' }, textAt(draft.metadata, 'name'), errors);
}
