import { mapAt, mapsAt, textAt } from '../../draft.ts';
import type { DraftMap } from '../../draft.ts';
import {
  ageOf,
  annotation,
  byText,
  count,
  formatLabels,
  formatSelector,
  nameOf,
  shown,
  someOf,
  specOf,
  statusOf,
  textsAt,
} from './format.ts';
import type { Cells } from './format.ts';

const service: Cells = (object, now) => {
  const spec = specOf(object);
  const ports = mapsAt(spec, 'ports').map(servicePort).join(',');
  return [
    nameOf(object),
    textAt(spec, 'type'),
    textsAt(spec, 'clusterIPs')[0] ?? '<none>',
    externalIp(object),
    ports === '' ? '<none>' : ports,
    ageOf(object, now),
    formatLabels(mapAt(spec, 'selector')),
  ];
};

function servicePort(port: DraftMap): string {
  const nodePort = count(port, 'nodePort');
  const number = String(count(port, 'port'));
  return `${nodePort > 0 ? `${number}:${String(nodePort)}` : number}/${textAt(port, 'protocol')}`;
}

function externalIp(object: DraftMap): string {
  const spec = specOf(object);
  const given = textsAt(spec, 'externalIPs');
  switch (textAt(spec, 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return given.length === 0 ? '<none>' : given.join(',');
    case 'LoadBalancer': {
      const all = [...loadBalancerAddresses(object), ...given];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return textAt(spec, 'externalName');
    default:
      return '<unknown>';
  }
}

function loadBalancerAddresses(object: DraftMap): readonly string[] {
  const ingress = mapsAt(mapAt(statusOf(object), 'loadBalancer'), 'ingress');
  const addresses = ingress.map((one) => textAt(one, 'ip') || textAt(one, 'hostname'));
  return [...new Set(addresses.filter((address) => address !== ''))].toSorted(byText);
}

const endpoints: Cells = (object, now) => {
  const subsets = mapsAt(object, 'subsets');
  const addresses = subsets.flatMap((subset) => {
    const ips = mapsAt(subset, 'addresses').map((address) => textAt(address, 'ip'));
    const ports = mapsAt(subset, 'ports').map((port) => String(count(port, 'port')));
    return ports.length === 0 ? ips : ports.flatMap((port) => ips.map((ip) => hostPort(ip, port)));
  });
  const text = subsets.length === 0 ? '<none>' : someOf(addresses, 3, '');
  return [nameOf(object), text, ageOf(object, now)];
};

function hostPort(ip: string, port: string): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

const endpointSlice: Cells = (object, now) => {
  const ports = mapsAt(object, 'ports').map((port) => shown(port, 'port', shown(port, 'name', '*')));
  const addresses = mapsAt(object, 'endpoints').flatMap((endpoint) => textsAt(endpoint, 'addresses'));
  return [
    nameOf(object),
    textAt(object, 'addressType'),
    someOf(ports, 3, '<unset>'),
    someOf(addresses, 3, '<unset>'),
    ageOf(object, now),
  ];
};

const ingress: Cells = (object, now) => {
  const spec = specOf(object);
  return [
    nameOf(object),
    shown(spec, 'ingressClassName', '<none>'),
    hostsOf(mapsAt(spec, 'rules')),
    loadBalancerAddresses(object).join(','),
    mapsAt(spec, 'tls').length === 0 ? '80' : '80, 443',
    ageOf(object, now),
  ];
};

/** Three hosts at most; more rules than the three hosts took are counted, whether they have a host or not. */
function hostsOf(rules: readonly DraftMap[]): string {
  const hosts: string[] = [];
  let more = false;
  for (const rule of rules) {
    if (hosts.length === 3) more = true;
    else if (textAt(rule, 'host') !== '') hosts.push(textAt(rule, 'host'));
  }
  if (hosts.length === 0) return '*';
  return more ? `${hosts.join(',')} + ${String(rules.length - 3)} more...` : hosts.join(',');
}

const ingressClass: Cells = (object, now) => {
  const parameters = mapAt(specOf(object), 'parameters');
  const group = parameters?.['apiGroup'];
  const kind = `${textAt(parameters, 'kind')}${typeof group === 'string' ? `.${group}` : ''}`;
  const isDefault = annotation(object, 'ingressclass.kubernetes.io/is-default-class') === 'true';
  return [
    `${nameOf(object)}${isDefault ? ' (default)' : ''}`,
    textAt(specOf(object), 'controller'),
    parameters === undefined ? '<none>' : `${kind}/${textAt(parameters, 'name')}`,
    ageOf(object, now),
  ];
};

const networkPolicy: Cells = (object, now) => [
  nameOf(object),
  formatSelector(mapAt(specOf(object), 'podSelector')),
  ageOf(object, now),
];

const serviceCidr: Cells = (object, now) => [
  nameOf(object),
  textsAt(specOf(object), 'cidrs').join(','),
  ageOf(object, now),
];

/** With an age that has no column, as the real server answers. */
const ipAddress: Cells = (object, now) => {
  const parent = mapAt(specOf(object), 'parentRef');
  const group = textAt(parent, 'group');
  const resource = `${textAt(parent, 'resource')}${group === '' ? '' : `.${group}`}`.toLowerCase();
  const path = [resource, textAt(parent, 'namespace'), textAt(parent, 'name')].filter(
    (part, i) => part !== '' || i !== 1,
  );
  return [nameOf(object), parent === undefined ? '<none>' : path.join('/'), ageOf(object, now)];
};

/** By `group/Kind`. */
export const networkingCells: Readonly<Record<string, Cells>> = {
  '/Service': service,
  '/Endpoints': endpoints,
  'discovery.k8s.io/EndpointSlice': endpointSlice,
  'networking.k8s.io/Ingress': ingress,
  'networking.k8s.io/IngressClass': ingressClass,
  'networking.k8s.io/NetworkPolicy': networkPolicy,
  'networking.k8s.io/ServiceCIDR': serviceCidr,
  'networking.k8s.io/IPAddress': ipAddress,
};
