import type { DraftMap } from '../../draft.ts';
import { mapAt, mapsAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../field-error.ts';
import { qualifiedNameErrors } from '../meta/formats.ts';
import { isPodResource } from './pod-resources.ts';
import { aggregate, compareAmounts, isNegative, quantityOf } from './resource-list.ts';
import { dnsLabel, item, qualifiedName } from './rules.ts';

type NameCheck = (name: string, field: string) => FieldError[];

/** What a container asks for and may use. `claimNames` are the devices that its pod has claimed. */
export function validateResources(
  resources: DraftMap | undefined,
  claimNames: readonly string[],
  field: string,
): FieldError[] {
  return resources === undefined ? [] : validateRequirements(resources, validateContainerResource, claimNames, field);
}

function validateRequirements(
  resources: DraftMap,
  validateName: NameCheck,
  claimNames: readonly string[],
  field: string,
): FieldError[] {
  const limits = mapAt(resources, 'limits') ?? {};
  const requests = mapAt(resources, 'requests') ?? {};
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const errors = [
    ...Object.entries(limits).flatMap(([name, amount]) =>
      validateAmount(name, amount, validateName, `${field}.limits[${name}]`),
    ),
    ...Object.entries(requests).flatMap(([name, amount]) => [
      ...validateAmount(name, amount, validateName, `${field}.requests[${name}]`),
      ...validateRequest(name, amount, limits, field),
    ]),
  ];
  if (names.some(isHugePages) && !names.some((name) => name === 'cpu' || name === 'memory')) {
    errors.push(forbidden(field, 'HugePages require cpu or memory'));
  }
  return [...errors, ...validateClaims(resources, claimNames, `${field}.claims`)];
}

function validateAmount(name: string, amount: unknown, validateName: NameCheck, field: string): FieldError[] {
  const errors = validateName(name, field);
  if (isNegative(amount)) errors.push(invalid(field, amount, 'must be greater than or equal to 0'));
  const { nano } = quantityOf(amount);
  if (isCounted(name) && nano % 1_000_000_000n !== 0n) errors.push(invalid(field, amount, 'must be an integer'));
  if (isHugePages(name)) {
    const page = quantityOf(name.slice('hugepages-'.length)).nano;
    if (page <= 0n || nano % page !== 0n) {
      errors.push(invalid(field, amount, `${shownAmount(amount)} is not positive integer multiple of ${name}`));
    }
  }
  return errors;
}

function validateRequest(name: string, amount: unknown, limits: DraftMap, field: string): FieldError[] {
  const limit = limits[name];
  if (limit === undefined) {
    return isShareable(name) ? [] : [required(`${field}.limits`, 'Limit must be set for non overcommitable resources')];
  }
  const order = compareAmounts(amount, limit);
  const rule = isShareable(name) ? 'less than or equal to' : 'equal to';
  return order > 0 || (order !== 0 && !isShareable(name))
    ? [invalid(`${field}.requests`, amount, `must be ${rule} ${name} limit of ${shownAmount(limit)}`)]
    : [];
}

/** Amounts are canonical texts already. */
function shownAmount(amount: unknown): string {
  return typeof amount === 'string' ? amount : JSON.stringify(amount);
}

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

/** Whether more may be promised than there is. */
function isShareable(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

const OBJECT_COUNTS: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

/** Whether the resource comes in whole pieces. */
function isCounted(name: string): boolean {
  return OBJECT_COUNTS.has(name) || isExtended(name);
}

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedNameErrors(`requests.${name}`).length === 0;
}

const OF_CONTAINERS: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
const STANDARD: ReadonlySet<string> = new Set([
  ...OF_CONTAINERS,
  ...OBJECT_COUNTS,
  'storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
]);

function validateResourceName(name: string, field: string): FieldError[] {
  const errors = qualifiedName(name, field);
  if (errors.length > 0 || name.includes('/') || STANDARD.has(name)) return errors;
  if (isHugePages(name) || name.startsWith('requests.hugepages-')) return errors;
  return [invalid(field, name, 'must be a standard resource type or fully qualified')];
}

function validateContainerResource(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field);
  if (!name.includes('/')) {
    return OF_CONTAINERS.has(name) || isHugePages(name)
      ? errors
      : [...errors, invalid(field, name, 'must be a standard resource for containers')];
  }
  return isNative(name) || isExtended(name)
    ? errors
    : [...errors, invalid(field, name, "doesn't follow extended resource name standard")];
}

function validatePodResource(name: string, field: string): FieldError[] {
  const errors = validateResourceName(name, field);
  return errors.length > 0 || isPodResource(name)
    ? errors
    : [notSupported(field, name, ['cpu', 'hugepages-', 'memory'])];
}

function validateClaims(resources: DraftMap, claimNames: readonly string[], field: string): FieldError[] {
  const seen = new Set<string>();
  return mapsAt(resources, 'claims').flatMap((claim, index) => {
    const at = item(field, index);
    const name = textAt(claim, 'name');
    const request = textAt(claim, 'request');
    if (name === '') return [required(at)];
    const errors = request === '' ? [] : dnsLabel(request, `${at}.request`);
    const key = request === '' ? name : `${name}/${request}`;
    const clashes = request === '' && [...seen].some((other) => other.startsWith(`${name}/`));
    if (seen.has(name) || seen.has(key) || clashes) errors.push(duplicate(at, seen.has(name) ? name : key));
    seen.add(key);
    if (!claimNames.includes(name)) {
      const known = claimNames.length === 0 ? ' which is empty' : `: ${claimNames.toSorted().join(', ')}`;
      errors.push({ ...notFound(at, name), detail: `must be one of the names in pod.spec.resourceClaims${known}` });
    }
    return errors;
  });
}

/** What a pod as a whole asks for and may use, and how that goes with its containers. */
export function validatePodResources(spec: DraftMap, claimNames: readonly string[], specField: string): FieldError[] {
  const resources = mapAt(spec, 'resources');
  const field = `${specField}.resources`;
  if (resources === undefined) return [];
  if (textAt(mapAt(spec, 'os'), 'name') === 'windows') return [forbidden(field, 'may not be set for a windows pod')];
  const claims = Array.isArray(resources['claims'])
    ? [forbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level')]
    : [];
  return [
    ...claims,
    ...validateRequirements(resources, validatePodResource, claimNames, field),
    ...validateSums(spec, resources, field),
  ];
}

function validateSums(spec: DraftMap, resources: DraftMap, field: string): FieldError[] {
  const tooSmall = (kind: 'requests' | 'limits', counts: (name: string) => boolean): FieldError[] =>
    Object.entries(aggregate(spec, kind)).flatMap(([name, sum]) => {
      const whole = mapAt(resources, kind)?.[name];
      if (whole === undefined || !counts(name) || compareAmounts(sum, whole) <= 0) return [];
      const text = `must be greater than or equal to aggregate container ${kind} of ${sum}`;
      return [invalid(`${field}.${kind}[${name}]`, whole, text)];
    });
  const limits = mapAt(resources, 'limits') ?? {};
  return [
    ...tooSmall('requests', () => true),
    ...tooSmall('limits', isHugePages),
    ...mapsAt(spec, 'containers').flatMap((container, index) =>
      Object.entries(mapAt(mapAt(container, 'resources'), 'limits') ?? {}).flatMap(([name, limit]) =>
        limits[name] === undefined || compareAmounts(limit, limits[name]) <= 0
          ? []
          : [
              invalid(
                `${field}.containers[${String(index)}][${name}].limits`,
                limit,
                `must be less than or equal to pod limits of ${shownAmount(limits[name])}`,
              ),
            ],
      ),
    ),
  ];
}
