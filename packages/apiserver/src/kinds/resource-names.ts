import type { FieldError } from '../field-error.ts';
import { invalid } from '../field-error.ts';
import { wrong } from './checks.ts';
import { qualifiedNameErrors } from './meta/formats.ts';
import { isNegative, quantityOf } from './pod/resource-list.ts';

const CONTAINER = ['cpu', 'memory', 'ephemeral-storage'];
const COUNTED = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const QUOTA = [
  ...CONTAINER,
  ...CONTAINER.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...COUNTED,
];
const BILLION = 1_000_000_000n;

/** What is wrong with the name of a resource that anything can be counted in. */
export function resourceNameErrors(name: string, field: string): FieldError[] {
  const errors = wrong(field, name, qualifiedNameErrors(name));
  if (errors.length > 0 || name.includes('/') || isQuotaName(name) || name === 'storage') return errors;
  return [invalid(field, name, 'must be a standard resource type or fully qualified')];
}

/** What is wrong with the name of a resource that a quota limits. */
export function quotaNameErrors(name: string, field: string): FieldError[] {
  const errors = resourceNameErrors(name, field);
  if (name.includes('/') || isQuotaName(name)) return errors;
  return [...errors, invalid(field, name, 'must be a standard resource for quota')];
}

/** What is wrong with the name of a resource that containers use. */
export function containerResourceNameErrors(name: string, field: string): FieldError[] {
  const errors = resourceNameErrors(name, field);
  if (!name.includes('/')) {
    if (CONTAINER.includes(name) || name.startsWith('hugepages-')) return errors;
    return [...errors, invalid(field, name, 'must be a standard resource for containers')];
  }
  if (isNative(name) || isExtended(name)) return errors;
  return [...errors, invalid(field, name, "doesn't follow extended resource name standard")];
}

/** What is wrong with an amount of a resource: below zero, or a fraction of what is counted. */
export function amountErrors(name: string, value: unknown, field: string): FieldError[] {
  const errors = isNegative(value) ? [invalid(field, value, 'must be greater than or equal to 0')] : [];
  const whole = quantityOf(value).nano % BILLION === 0n;
  if (whole || !(COUNTED.includes(name) || isExtended(name))) return errors;
  return [...errors, invalid(field, value, 'must be an integer')];
}

export function isQuotaName(name: string): boolean {
  return QUOTA.includes(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');
}

/** Whether more of it can be promised than there is. */
export function canOvercommit(name: string): boolean {
  return isNative(name) && !name.startsWith('hugepages-');
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedNameErrors(`requests.${name}`).length === 0;
}
