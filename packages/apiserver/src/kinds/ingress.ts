import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { each, eachText, immutable, within, wrong } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import {
  byteLength,
  dnsLabelErrors,
  dnsSubdomainErrors,
  httpPathErrors,
  pathSegmentErrors,
  portNameErrors,
  portNumberErrors,
  wildcardSubdomainErrors,
} from './meta/formats.ts';
import { parseIp } from './meta/ip.ts';
import { ingressPointErrors } from './load-balancer-status.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

export const ingress: Strategy = kindStrategy({
  validate: (draft, old) => [
    ...specErrors(mapAt(draft, 'spec') ?? {}),
    ...(old === undefined ? classErrors(draft) : []),
  ],
  warnings: (draft, old) => {
    const annotation = (one: Readonly<Draft> | undefined): unknown =>
      mapAt(one?.metadata, 'annotations')?.[CLASS_ANNOTATION];
    if (old !== undefined || annotation(draft) === undefined) return [];
    return [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`];
  },
  status: {
    initial: () => ({ loadBalancer: {} }),
    metadata: 'open',
    validate(draft, old) {
      const of = (one: Readonly<Draft>): DraftMap | undefined => mapAt(mapAt(one, 'status'), 'loadBalancer');
      return each(of(draft), 'ingress', 'status.loadBalancer', (point, path) =>
        ingressPointErrors(point, path, mapsAt(of(old), 'ingress')),
      );
    },
  },
});

export const ingressClass: Strategy = kindStrategy({
  setDefaults(draft) {
    const parameters = mapAt(mapAt(draft, 'spec'), 'parameters');
    if (parameters !== undefined) setDefault(parameters, 'scope', 'Cluster');
  },
  validate(draft) {
    const spec = mapAt(draft, 'spec');
    const controller = textAt(spec, 'controller');
    return [
      ...(byteLength(controller) > 250 ? [tooLong('spec.controller', 250)] : []),
      ...domainPathErrors(controller, 'spec.controller'),
      ...within(spec, 'parameters', 'spec', parametersErrors),
    ];
  },
  validateChange: (draft, old) => immutable(mapAt(draft, 'spec'), mapAt(old, 'spec'), 'controller', 'spec.controller'),
});

function classErrors(draft: Readonly<Draft>): FieldError[] {
  const annotation = mapAt(draft.metadata, 'annotations')?.[CLASS_ANNOTATION];
  const name = mapAt(draft, 'spec')?.['ingressClassName'];
  if (annotation === undefined || name === undefined || annotation === name) return [];
  const detail = 'must match `ingressClassName` when both are specified';
  return [invalid(`annotations.${CLASS_ANNOTATION}`, annotation, detail)];
}

function specErrors(spec: DraftMap): FieldError[] {
  const name = spec['ingressClassName'];
  const errors: FieldError[] = [];
  if (listAt(spec, 'rules').length === 0 && spec['defaultBackend'] === undefined) {
    errors.push(invalid('spec', null, 'either `defaultBackend` or `rules` must be specified'));
  }
  return [
    ...errors,
    ...within(spec, 'defaultBackend', 'spec', backendErrors),
    ...each(spec, 'rules', 'spec', (rule, path) => [
      ...hostErrors(textAt(rule, 'host'), `${path}.host`),
      ...within(rule, 'http', path, httpErrors),
    ]),
    ...each(spec, 'tls', 'spec', (tls, path) => {
      const secret = textAt(tls, 'secretName');
      return [
        ...eachText(tls, 'hosts', path, (host, at) => wrong(at, host, hostTexts(host))),
        ...(secret === '' ? [] : wrong(`${path}.secretName`, secret, dnsSubdomainErrors(secret))),
      ];
    }),
    ...(typeof name === 'string' ? wrong('spec.ingressClassName', name, dnsSubdomainErrors(name)) : []),
  ];
}

function hostErrors(host: string, field: string): FieldError[] {
  if (host === '') return [];
  const address = parseIp(host) === undefined ? [] : [invalid(field, host, 'must be a DNS name, not an IP address')];
  return [...address, ...wrong(field, host, hostTexts(host))];
}

function hostTexts(host: string): readonly string[] {
  return host.includes('*') ? wildcardSubdomainErrors(host) : dnsSubdomainErrors(host);
}

function httpErrors(http: DraftMap, path: string): FieldError[] {
  const empty = listAt(http, 'paths').length === 0 ? [required(`${path}.paths`)] : [];
  return [...empty, ...each(http, 'paths', path, pathErrors)];
}

function pathErrors(item: DraftMap, path: string): FieldError[] {
  const type = item['pathType'] ?? undefined;
  if (type === undefined) return [required(`${path}.pathType`, 'pathType must be specified')];
  const value = textAt(item, 'path');
  const texts: string[] = [];
  const strict = type === 'Exact' || type === 'Prefix';
  if ((strict || value !== '') && isPathType(type) && !value.startsWith('/')) {
    texts.push('must be an absolute path');
  }
  if (strict) {
    for (const part of ['//', '/./', '/../', '%2f', '%2F']) {
      if (value.includes(part)) texts.push(`must not contain '${part}'`);
    }
    for (const end of ['/..', '/.']) if (value.endsWith(end)) texts.push(`cannot end with '${end}'`);
  }
  return [
    ...(isPathType(type) ? [] : [notSupported(`${path}.pathType`, type, PATH_TYPES)]),
    ...wrong(`${path}.path`, value, texts),
    ...backendErrors(mapAt(item, 'backend') ?? {}, `${path}.backend`),
  ];
}

function isPathType(type: unknown): boolean {
  return typeof type === 'string' && PATH_TYPES.includes(type);
}

function backendErrors(backend: DraftMap, path: string): FieldError[] {
  const resource = mapAt(backend, 'resource');
  const service = mapAt(backend, 'service');
  if (resource !== undefined && service !== undefined) {
    return [invalid(path, '', 'cannot set both resource and service backends')];
  }
  if (resource !== undefined) return referenceErrors(resource, `${path}.resource`);
  if (service === undefined) return [invalid(path, '', 'resource or service backend is required')];
  const name = textAt(service, 'name');
  return [
    ...(name === '' ? [required(`${path}.service.name`)] : wrong(`${path}.service.name`, name, dnsLabelErrors(name))),
    ...backendPortErrors(mapAt(service, 'port'), path),
  ];
}

function backendPortErrors(port: DraftMap | undefined, path: string): FieldError[] {
  const name = textAt(port, 'name');
  const number = numberAt(port, 'number') ?? 0;
  if (name !== '' && number !== 0) return [invalid(path, '', 'cannot set both port name & port number')];
  if (name !== '') return wrong(`${path}.service.port.name`, name, portNameErrors(name));
  if (number !== 0) return wrong(`${path}.service.port.number`, number, portNumberErrors(number));
  return [required(path, 'port name or number is required')];
}

/** A reference to an object by group, kind and name. */
function referenceErrors(reference: DraftMap, path: string): FieldError[] {
  const group = reference['apiGroup'];
  return [
    ...(typeof group === 'string' ? wrong(`${path}.apiGroup`, group, dnsSubdomainErrors(group)) : []),
    ...['kind', 'name'].flatMap((field) => {
      const value = textAt(reference, field);
      return value === '' ? [required(`${path}.${field}`)] : wrong(`${path}.${field}`, value, pathSegmentErrors(value));
    }),
  ];
}

function parametersErrors(parameters: DraftMap, path: string): FieldError[] {
  const scope = textAt(parameters, 'scope');
  const namespace = parameters['namespace'];
  const field = `${path}.namespace`;
  const errors = referenceErrors(parameters, path).map((error): FieldError =>
    error.type === 'Required' ? { ...error, late: true } : error,
  );
  if (scope !== 'Cluster' && scope !== 'Namespace') {
    errors.push(notSupported(`${path}.scope`, scope, ['Cluster', 'Namespace']));
  } else if (scope === 'Cluster') {
    if (namespace !== undefined) errors.push(forbidden(field, "`parameters.scope` is set to 'Cluster'"));
  } else if (typeof namespace === 'string') errors.push(...wrong(field, namespace, dnsLabelErrors(namespace)));
  else errors.push(required(field, "`parameters.scope` is set to 'Namespace'"));
  return errors;
}

/** `example.com/what/ever`. */
function domainPathErrors(value: string, field: string): FieldError[] {
  if (value === '') return [required(field)];
  const slash = value.indexOf('/');
  const host = value.slice(0, Math.max(0, slash));
  const path = value.slice(slash + 1);
  if (host === '' || path === '') {
    return [invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  return [...wrong(field, host, dnsSubdomainErrors(host)), ...wrong(field, path, httpPathErrors(path))];
}
