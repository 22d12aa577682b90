import type { DraftMap } from '../draft.ts';
import { listAt, mapAt, mapsAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { each, eachText, immutable, late, oneOf, within, wrong } from './checks.ts';
import { equal } from './equal.ts';
import { kindStrategy } from './kind-strategy.ts';
import {
  dnsLabelErrors,
  dnsSubdomainErrors,
  labelValueErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from './meta/formats.ts';
import { ipErrors, legacyIpErrors, parseIp } from './meta/ip.ts';
import { validateLabels } from './meta/label-selector.ts';

const PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP'];
const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const CONTROLLER = 'endpoint-controller';

export const endpoints: Strategy = kindStrategy({
  setDefaults(draft) {
    for (const subset of mapsAt(draft, 'subsets')) {
      for (const port of mapsAt(subset, 'ports')) setDefault(port, 'protocol', 'TCP');
    }
  },
  validate(draft, old) {
    if (old !== undefined && equal(draft['subsets'], old['subsets'])) return [];
    return each(draft, 'subsets', '', subsetErrors);
  },
  warnings(draft) {
    const labels = mapAt(draft.metadata, 'labels');
    const deprecated = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice';
    return textAt(labels, 'endpoints.kubernetes.io/managed-by') === CONTROLLER ? [] : [deprecated];
  },
});

export const endpointSlice: Strategy = kindStrategy({
  setDefaults(draft) {
    for (const port of mapsAt(draft, 'ports')) {
      setDefault(port, 'name', '');
      setDefault(port, 'protocol', 'TCP');
    }
  },
  prepareCreate: dropTopology,
  prepareUpdate: dropTopology,
  validate(draft, old) {
    const type = textAt(draft, 'addressType');
    const unchanged = old !== undefined && equal(draft['endpoints'], old['endpoints']);
    return [
      ...late(type === '' ? [required('addressType')] : oneOf(draft, 'addressType', '', ADDRESS_TYPES)),
      ...slicePortErrors(draft),
      ...(unchanged ? [] : endpointsErrors(draft, type)),
    ];
  },
  validateChange: (draft, old) => late(immutable(draft, old, 'addressType', 'addressType', null)),
  warnings: (draft, old) =>
    old === undefined && draft['addressType'] === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [],
});

/** What a Service cannot lead to: no address at all, the machine itself, what is not routed. */
export function endpointIpErrors(text: string, field: string): FieldError[] {
  const ip = parseIp(text);
  if (ip === undefined) return [invalid(field, text, 'must be a valid IP address')];
  const [first = 0, second = 0, third = 0] = ip.bytes;
  const v4 = ip.family === 'IPv4';
  const errors: string[] = [];
  if (ip.bytes.every((byte) => byte === 0)) errors.push(`may not be unspecified (${text})`);
  if (v4 ? first === 127 : ip.canonical === '::1') {
    errors.push('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  }
  if (v4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80) {
    errors.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  }
  if (v4 ? first === 224 && second === 0 && third === 0 : first === 0xff && (second & 0x0f) === 2) {
    errors.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
  return wrong(field, text, errors);
}

/** The old map of labels of a node: `discovery.k8s.io/v1` reads it and never takes it. */
function dropTopology(draft: DraftMap): void {
  for (const endpoint of mapsAt(draft, 'endpoints')) delete endpoint['deprecatedTopology'];
}

function subsetErrors(subset: DraftMap, path: string): FieldError[] {
  const ports = listAt(subset, 'ports');
  const empty = listAt(subset, 'addresses').length === 0 && listAt(subset, 'notReadyAddresses').length === 0;
  return [
    ...(empty ? [required(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...each(subset, 'addresses', path, addressErrors),
    ...each(subset, 'notReadyAddresses', path, addressErrors),
    ...each(subset, 'ports', path, (port, at) => portErrors(port, ports.length > 1, at)),
  ];
}

function addressErrors(address: DraftMap, path: string): FieldError[] {
  const ip = textAt(address, 'ip');
  const hostname = textAt(address, 'hostname');
  const nodeName = address['nodeName'];
  return [
    ...wrong(`${path}.ip`, ip, legacyIpErrors(ip)),
    ...(hostname === '' ? [] : wrong(`${path}.hostname`, hostname, dnsLabelErrors(hostname))),
    ...(typeof nodeName === 'string' ? wrong(`${path}.nodeName`, nodeName, dnsSubdomainErrors(nodeName)) : []),
    ...endpointIpErrors(ip, `${path}.ip`),
  ];
}

function portErrors(port: DraftMap, named: boolean, path: string): FieldError[] {
  const name = textAt(port, 'name');
  const number = typeof port['port'] === 'number' ? port['port'] : 0;
  const appProtocol = port['appProtocol'];
  return [
    ...(name === '' ? [] : wrong(`${path}.name`, name, dnsLabelErrors(name))),
    ...(named && name === '' ? [required(`${path}.name`)] : []),
    ...wrong(`${path}.port`, number, portNumberErrors(number)),
    ...oneOf(port, 'protocol', path, PROTOCOLS),
    ...(typeof appProtocol === 'string'
      ? wrong(`${path}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol))
      : []),
  ];
}

function slicePortErrors(draft: DraftMap): FieldError[] {
  const names = new Set<string>();
  return each(draft, 'ports', '', (port, path) => {
    const name = textAt(port, 'name');
    const repeated = names.has(name) ? [duplicate(`${path}.name`, name)] : [];
    names.add(name);
    const appProtocol = port['appProtocol'];
    return [
      ...(name === '' ? [] : wrong(`${path}.name`, name, dnsLabelErrors(name))),
      ...repeated,
      ...oneOf(port, 'protocol', path, PROTOCOLS),
      ...(typeof appProtocol === 'string'
        ? wrong(`${path}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol))
        : []),
    ];
  });
}

function endpointsErrors(draft: DraftMap, type: string): FieldError[] {
  const all = listAt(draft, 'endpoints');
  if (all.length > 1000) return [tooMany('endpoints', all.length, 1000)];
  return each(draft, 'endpoints', '', (endpoint, path) => {
    const addresses = listAt(endpoint, 'addresses');
    const { nodeName, hostname } = endpoint;
    return [
      ...(addresses.length === 0 ? late([required(`${path}.addresses`)]) : []),
      ...(addresses.length > 100 ? [tooMany(`${path}.addresses`, addresses.length, 100)] : []),
      ...eachText(endpoint, 'addresses', path, (address, at) =>
        sliceAddressErrors(address, type, at, `${path}.addresses`),
      ),
      ...(typeof nodeName === 'string' ? wrong(`${path}.nodeName`, nodeName, dnsSubdomainErrors(nodeName)) : []),
      ...validateLabels(endpoint['deprecatedTopology'], `${path}.deprecatedTopology`),
      ...(typeof hostname === 'string' ? wrong(`${path}.hostname`, hostname, dnsLabelErrors(hostname)) : []),
      ...within(endpoint, 'hints', path, (hints, at) => [
        ...hintErrors(hints, 'forZones', at, labelValueErrors),
        ...hintErrors(hints, 'forNodes', at, dnsSubdomainErrors),
      ]),
    ];
  });
}

function sliceAddressErrors(address: string, type: string, field: string, list: string): FieldError[] {
  if (type === 'FQDN') return domainErrors(address, field);
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const texts = type === 'IPv4' ? legacyIpErrors(address) : ipErrors(address);
  if (texts.length > 0) return wrong(field, address, texts);
  const other = parseIp(address)?.family === type ? [] : [invalid(list, address, `must be an ${type} address`)];
  return [...other, ...endpointIpErrors(address, field)];
}

/** A name of at least two labels, perhaps with a dot at its end. */
function domainErrors(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const plain = name.replace(/\.$/, '');
  const texts = dnsSubdomainErrors(plain);
  if (texts.length > 0) return [invalid(field, plain, texts.join(','))];
  const labels = plain.split('.');
  if (labels.length < 2) {
    return [invalid(field, plain, 'should be a domain with at least two segments separated by dots')];
  }
  return labels.flatMap((label) => {
    const wrongs = dnsLabelErrors(label);
    return wrongs.length === 0 ? [] : [invalid(field, label, wrongs.join(','))];
  });
}

function hintErrors(
  hints: DraftMap,
  list: string,
  path: string,
  check: (name: string) => readonly string[],
): FieldError[] {
  const count = listAt(hints, list).length;
  if (count > 8) return [tooMany(`${path}.${list}`, count, 8)];
  const names = new Set<string>();
  return each(hints, list, path, (hint, at) => {
    const name = textAt(hint, 'name');
    const repeated = names.has(name) ? [duplicate(`${at}.name`, name)] : [];
    names.add(name);
    return [...repeated, ...wrong(`${at}.name`, name, check(name))];
  });
}

/** A protocol that ports can speak; the server asks for it after defaults have been set. */
export function protocolErrors(port: DraftMap, path: string): FieldError[] {
  const protocol = textAt(port, 'protocol');
  if (protocol === '') return [required(`${path}.protocol`)];
  return PROTOCOLS.includes(protocol) ? [] : [notSupported(`${path}.protocol`, protocol, PROTOCOLS)];
}
