import type { DraftMap } from '../draft.ts';
import { ensureMap, mapAt, mapsAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbidden, invalid, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { each, wrong } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import { qualifiedNameErrors } from './meta/formats.ts';
import { compareAmounts, quantityOf, roundToMilli } from './pod/resource-list.ts';
import { canOvercommit, containerResourceNameErrors, resourceNameErrors } from './resource-names.ts';

const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

export const limitRange: Strategy = kindStrategy({
  setDefaults(draft) {
    for (const limit of mapsAt(mapAt(draft, 'spec'), 'limits')) {
      if (textAt(limit, 'type') === 'Container') fillIn(limit);
      for (const name of LISTS) roundToMilli(mapAt(limit, name));
    }
  },
  validate(draft) {
    const types = new Set<string>();
    return each(mapAt(draft, 'spec'), 'limits', 'spec', (limit, path) => {
      const type = textAt(limit, 'type');
      const repeated = types.has(type) ? [duplicate(`${path}.type`, type)] : [];
      types.add(type);
      return [...typeErrors(type, `${path}.type`), ...repeated, ...listErrors(limit, type, path)];
    });
  },
});

/** What a container gets by default: its limit from `max`, what it asks for from its limit or `min`. */
function fillIn(limit: DraftMap): void {
  const fill = (name: string, source: string): void => {
    const target = ensureMap(limit, name);
    for (const [resource, amount] of Object.entries(mapAt(limit, source) ?? {})) target[resource] ??= amount;
    if (Object.keys(target).length === 0) delete limit[name];
  };
  fill('default', 'max');
  fill('defaultRequest', 'default');
  fill('defaultRequest', 'min');
}

function typeErrors(type: string, field: string): FieldError[] {
  const errors = wrong(field, type, qualifiedNameErrors(type));
  if (errors.length > 0 || type.includes('/')) return errors;
  if (['Pod', 'Container', 'PersistentVolumeClaim'].includes(type)) return [];
  return [invalid(field, type, 'must be a standard limit type or fully qualified')];
}

function listErrors(limit: DraftMap, type: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const resources = new Set<string>();
  for (const name of LISTS) {
    const list = Object.keys(mapAt(limit, name) ?? {});
    if (type === 'Pod' && name.startsWith('default')) {
      if (list.length > 0) errors.push(forbidden(`${path}.${name}`, "may not be specified when `type` is 'Pod'"));
      continue;
    }
    for (const resource of list) {
      const check = type === 'Pod' || type === 'Container' ? containerResourceNameErrors : resourceNameErrors;
      errors.push(...check(resource, `${path}.${name}[${resource}]`));
      resources.add(resource);
    }
  }
  const storage = [limit['min'], limit['max']].some(
    (list) => (list as DraftMap | undefined)?.['storage'] !== undefined,
  );
  if (type === 'PersistentVolumeClaim' && !storage) {
    errors.push(
      required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
    );
  }
  return [...errors, ...[...resources].flatMap((resource) => amountErrors(limit, type, resource, path))];
}

/** What is wrong with the amounts of one resource together. */
function amountErrors(limit: DraftMap, type: string, resource: string, path: string): FieldError[] {
  const of = (name: (typeof LISTS)[number]): string | undefined => {
    if (type === 'Pod' && name.startsWith('default')) return undefined;
    const amount = mapAt(limit, name)?.[resource];
    return typeof amount === 'string' ? amount : undefined;
  };
  const [max, min, given, request, ratio] = LISTS.map(of);
  const above = (one: string | undefined, other: string | undefined): boolean =>
    one !== undefined && other !== undefined && compareAmounts(one, other) > 0;
  const at = (name: string): string => `${path}.${name}[${resource}]`;
  const errors: FieldError[] = [];
  if (above(min, max)) errors.push(invalid(at('min'), min, `min value ${min} is greater than max value ${max}`));
  if (above(min, request)) {
    errors.push(
      invalid(at('defaultRequest'), request, `min value ${min} is greater than default request value ${request}`),
    );
  }
  if (above(request, max)) {
    errors.push(
      invalid(at('defaultRequest'), request, `default request value ${request} is greater than max value ${max}`),
    );
  }
  if (above(request, given)) {
    const detail = `default request value ${request} is greater than default limit value ${given}`;
    errors.push(invalid(at('defaultRequest'), request, detail));
  }
  if (above(min, given)) {
    errors.push(invalid(at('default'), min, `min value ${min} is greater than default value ${given}`));
  }
  if (above(given, max)) {
    errors.push(invalid(at('default'), max, `default value ${given} is greater than max value ${max}`));
  }
  if (ratio !== undefined) errors.push(...ratioErrors(ratio, min, max, at('maxLimitRequestRatio')));
  if (
    !canOvercommit(resource) &&
    given !== undefined &&
    request !== undefined &&
    compareAmounts(given, request) !== 0
  ) {
    const detail = `default value ${given} must equal to defaultRequest value ${request} in ${resource}`;
    errors.push(invalid(at('defaultRequest'), request, detail));
  }
  return errors;
}

function ratioErrors(ratio: string, min: string | undefined, max: string | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (compareAmounts(ratio, '1') < 0) errors.push(invalid(field, ratio, `ratio ${ratio} is less than 1`));
  if (min === undefined || max === undefined) return errors;
  const most = Number(quantityOf(max).nano) / Number(quantityOf(min).nano);
  if (Number(quantityOf(ratio).nano) / 1e9 <= most) return errors;
  return [...errors, invalid(field, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`)];
}
