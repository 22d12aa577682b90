import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapsAt, numberAt, textAt } from '../draft.ts';
import { invalid } from '../field-error.ts';
import { internal, invalidObject } from '../status.ts';
import type { Allocator } from '../strategy.ts';
import { equal } from './equal.ts';
import { cidrContains, parseCidr, parseIp } from './meta/ip.ts';
import { prefersWhatItHas, settleFamilies } from './service-families.ts';
import { NODE_PORTS, SERVICE_NETWORK } from './service-network.ts';
import { getsNodePorts, isHeadless, needsAddress, needsHealthCheck, specOf, usesNodePorts } from './service-parts.ts';

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
