import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../field-error.ts';
import { dnsLabelErrors, labelValueErrors } from '../meta/formats.ts';
import {
  validateLabelName,
  validateLabelSelector,
  validateNodeSelector,
  validateNodeSelectorTerm,
} from '../meta/label-selector.ts';
import { eachOf, item, oneOf } from './rules.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** On which nodes a pod may or would rather run, and near which other pods. */
export function validateAffinity(spec: DraftMap, specField: string): FieldError[] {
  const affinity = mapAt(spec, 'affinity');
  const field = `${specField}.affinity`;
  return [
    ...validateNodeAffinity(mapAt(affinity, 'nodeAffinity'), `${field}.nodeAffinity`),
    ...['podAffinity', 'podAntiAffinity'].flatMap((kind) => validatePods(mapAt(affinity, kind), `${field}.${kind}`)),
  ];
}

function validateNodeAffinity(affinity: DraftMap | undefined, field: string): FieldError[] {
  const selector = mapAt(affinity, REQUIRED);
  return [
    ...(selector === undefined ? [] : validateNodeSelector(selector, `${field}.${REQUIRED}`)),
    ...eachOf(affinity, PREFERRED, field, (term, at) => [
      ...validateWeight(term, at),
      // Values are not checked here: wishes of old were not, and are only warned about.
      ...validateNodeSelectorTerm(withoutValues(mapAt(term, 'preference') ?? {}), `${at}.preference`),
    ]),
  ];
}

function withoutValues(term: DraftMap): DraftMap {
  const expressions = mapsAt(term, 'matchExpressions').map((one) => ({
    ...one,
    values: listAt(one, 'values').map(() => ''),
  }));
  return { ...term, matchExpressions: expressions };
}

function validateWeight(term: DraftMap, field: string): FieldError[] {
  const weight = numberAt(term, 'weight') ?? 0;
  return weight >= 1 && weight <= 100 ? [] : [invalid(`${field}.weight`, weight, 'must be in the range 1-100')];
}

function validatePods(rules: DraftMap | undefined, field: string): FieldError[] {
  return [
    ...eachOf(rules, REQUIRED, field, validatePodTerm),
    ...eachOf(rules, PREFERRED, field, (term, at) => [
      ...validateWeight(term, at),
      ...validatePodTerm(mapAt(term, 'podAffinityTerm') ?? {}, `${at}.podAffinityTerm`),
    ]),
  ];
}

function validatePodTerm(term: DraftMap, field: string): FieldError[] {
  const topology = textAt(term, 'topologyKey');
  return [
    ...validateLabelSelector(mapAt(term, 'labelSelector'), `${field}.labelSelector`),
    ...validateLabelSelector(mapAt(term, 'namespaceSelector'), `${field}.namespaceSelector`),
    ...listAt(term, 'namespaces').flatMap((name) =>
      dnsLabelErrors(String(name)).map((text) => invalid(`${field}.namespace`, name, text)),
    ),
    ...validateLabelKeys(term, field),
    ...(topology === '' ? [required(`${field}.topologyKey`, 'can not be empty')] : []),
    ...validateLabelName(topology, `${field}.topologyKey`),
  ];
}

function validateLabelKeys(term: DraftMap, field: string): FieldError[] {
  const selector = mapAt(term, 'labelSelector');
  const keys = listAt(term, 'matchLabelKeys').map(String);
  const mismatched = listAt(term, 'mismatchLabelKeys').map(String);
  const errors = [
    ...validateKeys(keys, selector, `${field}.matchLabelKeys`),
    ...validateKeys(mismatched, selector, `${field}.mismatchLabelKeys`),
  ];
  const selected = new Set(Object.keys(mapAt(selector, 'matchLabels') ?? {}));
  for (const expression of mapsAt(selector, 'matchExpressions')) {
    const key = textAt(expression, 'key');
    const index = keys.lastIndexOf(key);
    if (index >= 0 && selected.has(key)) {
      errors.push(invalid(item(field, index), key, 'exists in both matchLabelKeys and labelSelector'));
    }
    selected.add(key);
  }
  const twice = 'exists in both matchLabelKeys and mismatchLabelKeys';
  keys.forEach((key, index) => {
    if (mismatched.includes(key)) errors.push(invalid(item(`${field}.matchLabelKeys`, index), key, twice));
  });
  return errors;
}

function validateKeys(keys: readonly string[], selector: DraftMap | undefined, field: string): FieldError[] {
  if (keys.length === 0) return [];
  if (selector === undefined) return [forbidden(field, 'must not be specified when labelSelector is not set')];
  return keys.flatMap((key, index) => validateLabelName(key, item(field, index)));
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Which taints of nodes a pod puts up with. */
export function validateTolerations(spec: DraftMap, specField: string): FieldError[] {
  return eachOf(spec, 'tolerations', specField, (toleration, field) => {
    const key = textAt(toleration, 'key');
    const operator = textAt(toleration, 'operator');
    const effect = textAt(toleration, 'effect');
    const errors = key === '' ? [] : validateLabelName(key, `${field}.key`);
    if (key === '' && operator !== 'Exists') {
      const text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalid(`${field}.operator`, operator, text));
    }
    if (numberAt(toleration, 'tolerationSeconds') !== undefined && effect !== 'NoExecute') {
      const text = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(invalid(`${field}.effect`, effect, text));
    }
    errors.push(...validateOperator(operator, textAt(toleration, 'value'), `${field}.operator`));
    if (effect !== '' && !EFFECTS.includes(effect)) errors.push(notSupported(`${field}.effect`, effect, EFFECTS));
    return errors;
  });
}

function validateOperator(operator: string, value: string, field: string): FieldError[] {
  switch (operator) {
    case '':
    case 'Equal': {
      const texts = labelValueErrors(value);
      return texts.length === 0 ? [] : [invalid(field, value, texts.join(';'))];
    }
    case 'Exists':
      return value === '' ? [] : [invalid(field, value, "value must be empty when `operator` is 'Exists'")];
    case 'Lt':
    case 'Gt':
      return [notSupported(field, operator, ['Equal', 'Exists', 'Lt', 'Gt'])];
    default:
      return [notSupported(field, operator, ['Equal', 'Exists'])];
  }
}

/** How evenly the pods of a kind are to be spread. */
export function validateSpread(spec: DraftMap, specField: string): FieldError[] {
  const constraints = mapsAt(spec, 'topologySpreadConstraints');
  return eachOf(spec, 'topologySpreadConstraints', specField, (constraint, field, index) => {
    const skew = numberAt(constraint, 'maxSkew') ?? 0;
    const topology = textAt(constraint, 'topologyKey');
    const action = textAt(constraint, 'whenUnsatisfiable');
    const errors: FieldError[] = [];
    if (skew <= 0) errors.push(invalid(`${field}.maxSkew`, skew, 'must be greater than zero'));
    if (topology === '') errors.push(required(`${field}.topologyKey`, 'can not be empty'));
    if (action !== 'DoNotSchedule' && action !== 'ScheduleAnyway') {
      errors.push(notSupported(`${field}.whenUnsatisfiable`, action, ['DoNotSchedule', 'ScheduleAnyway']));
    }
    const repeats = constraints
      .slice(index + 1)
      .some((other) => textAt(other, 'topologyKey') === topology && textAt(other, 'whenUnsatisfiable') === action);
    if (repeats) errors.push(duplicate(`${field}.{topologyKey, whenUnsatisfiable}`, `{${topology}, ${action}}`));
    return [
      ...errors,
      ...validateMinDomains(constraint, action, `${field}.minDomains`),
      ...oneOf(constraint, 'nodeAffinityPolicy', field, ['Honor', 'Ignore']),
      ...oneOf(constraint, 'nodeTaintsPolicy', field, ['Honor', 'Ignore']),
      ...validateLabelKeys(constraint, field),
      ...validateLabelSelector(mapAt(constraint, 'labelSelector'), `${field}.labelSelector`),
    ];
  });
}

function validateMinDomains(constraint: DraftMap, action: string, field: string): FieldError[] {
  const count = numberAt(constraint, 'minDomains');
  if (count === undefined) return [];
  const errors = count > 0 ? [] : [invalid(field, count, 'must be greater than zero')];
  if (action === 'DoNotSchedule') return errors;
  const text = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
  return [...errors, invalid(field, count, text)];
}
