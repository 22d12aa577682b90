import type { Draft, DraftMap } from '../draft.ts';
import { listAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid } from '../field-error.ts';
import { isHeadless, isLoadBalancer, needsAddress, needsHealthCheck, specOf } from './service-parts.ts';

/** What cannot change about a Service while it keeps its kind of type: addresses, families, class, health check. */
export function validateServiceChange(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const spec = specOf(draft);
  const before = specOf(old);
  return [
    ...addressErrors(spec, before),
    ...familyErrors(spec, before),
    ...classErrors(spec, before),
    ...healthCheckErrors(spec, before),
  ];
}

function addressErrors(spec: DraftMap, before: DraftMap): FieldError[] {
  if (!needsAddress(spec) || !needsAddress(before) || (isHeadless(spec) && isHeadless(before))) return [];
  const now = listAt(spec, 'clusterIPs');
  const had = listAt(before, 'clusterIPs');
  const at = (index: number): string => `spec.clusterIPs[${index}]`;
  if (now.length === had.length) {
    return had.flatMap((ip, index) => (ip === now[index] ? [] : [invalid(at(index), now, 'may not change once set')]));
  }
  const errors: FieldError[] = [];
  if (now.length === 0) errors.push(invalid(at(0), now, 'primary clusterIP can not be unset'));
  else if (had.length > 0 && now[0] !== had[0]) errors.push(invalid(at(0), now, 'may not change once set'));
  if (now.length === 1 && had.length > 1) errors.push(...releaseErrors(spec, 'clusterIP'));
  return errors;
}

function familyErrors(spec: DraftMap, before: DraftMap): FieldError[] {
  if (!needsAddress(spec) || !needsAddress(before) || isHeadless(spec) || isHeadless(before)) return [];
  const now = listAt(spec, 'ipFamilies');
  const had = listAt(before, 'ipFamilies');
  const field = 'spec.ipFamilies[0]';
  if (now.length === had.length) {
    return had.flatMap((one, index) => (one === now[index] ? [] : [invalid(field, now, 'may not change once set')]));
  }
  const errors: FieldError[] = [];
  if (had.length > 0 && now.length > 0 && now[0] !== had[0]) {
    errors.push(invalid(field, listAt(spec, 'clusterIPs'), 'may not change once set'));
  }
  if (now.length === 1 && had.length > 1) errors.push(...releaseErrors(spec, 'ipFamily'));
  return errors;
}

function releaseErrors(spec: DraftMap, what: string): FieldError[] {
  const policy = spec['ipFamilyPolicy'];
  if (policy === 'SingleStack') return [];
  return [
    invalid('spec.ipFamilyPolicy', policy ?? null, `must be set to 'SingleStack' when releasing the secondary ${what}`),
  ];
}

function classErrors(spec: DraftMap, before: DraftMap): FieldError[] {
  const value = spec['loadBalancerClass'];
  if (!isLoadBalancer(spec) || !isLoadBalancer(before) || value === before['loadBalancerClass']) return [];
  return [invalid('spec.loadBalancerClass', value ?? null, 'may not change once set')];
}

function healthCheckErrors(spec: DraftMap, before: DraftMap): FieldError[] {
  if (!needsHealthCheck(spec) || !needsHealthCheck(before)) return [];
  if (spec['healthCheckNodePort'] === before['healthCheckNodePort']) return [];
  return [forbidden('spec.healthCheckNodePort', 'field is immutable')];
}
