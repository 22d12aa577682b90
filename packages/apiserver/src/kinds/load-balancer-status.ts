import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, mapsAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, required } from '../field-error.ts';
import { each, oneOf, wrong } from './checks.ts';
import { dnsSubdomainErrors } from './meta/formats.ts';
import { legacyIpErrors, parseIp } from './meta/ip.ts';
import { isLoadBalancer, specOf } from './service-parts.ts';

/** What is wrong with the status of a Service: where it can be reached from outside. */
export function loadBalancerErrors(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const balancer = mapAt(mapAt(draft, 'status'), 'loadBalancer');
  const path = 'status.loadBalancer';
  if (!isLoadBalancer(specOf(draft))) {
    if (listAt(balancer, 'ingress').length === 0) return [];
    return [forbidden(`${path}.ingress`, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return each(balancer, 'ingress', path, (ingress, at) => [
    ...pointIpErrors(ingress, at, mapsAt(mapAt(mapAt(old, 'status'), 'loadBalancer'), 'ingress')),
    ...ipModeErrors(ingress, at),
    ...pointNameErrors(ingress, at),
  ]);
}

/** What is wrong with an address or a name under which a Service or an Ingress can be reached. */
export function ingressPointErrors(point: DraftMap, path: string, known: readonly DraftMap[]): FieldError[] {
  return [...pointIpErrors(point, path, known), ...pointNameErrors(point, path)];
}

function pointIpErrors(point: DraftMap, path: string, known: readonly DraftMap[]): FieldError[] {
  const ip = textAt(point, 'ip');
  return ip === '' || known.some((one) => one['ip'] === ip) ? [] : wrong(`${path}.ip`, ip, legacyIpErrors(ip));
}

function pointNameErrors(point: DraftMap, path: string): FieldError[] {
  const field = `${path}.hostname`;
  const name = textAt(point, 'hostname');
  if (name === '') return [];
  const errors = wrong(field, name, dnsSubdomainErrors(name));
  return parseIp(name) === undefined
    ? errors
    : [...errors, invalid(field, name, 'must be a DNS name, not an IP address')];
}

function ipModeErrors(ingress: DraftMap, path: string): FieldError[] {
  const hasIp = textAt(ingress, 'ip') !== '';
  if (ingress['ipMode'] === undefined) {
    return hasIp ? [required(`${path}.ipMode`, 'must be specified when `ip` is set')] : [];
  }
  if (!hasIp) return [forbidden(`${path}.ipMode`, 'may not be specified when `ip` is not set')];
  return oneOf(ingress, 'ipMode', path, ['Proxy', 'VIP']);
}
