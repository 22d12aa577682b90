import type { DraftMap } from '../../draft.ts';
import { isMap, listAt, mapAt, mapsAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, required } from '../../field-error.ts';
import { dnsSubdomainErrors, labelValueErrors, qualifiedNameErrors } from './formats.ts';

/** What is wrong with a `LabelSelector` at `field`; nothing where there is none. */
export function validateLabelSelector(selector: DraftMap | undefined, field: string): FieldError[] {
  if (selector === undefined) return [];
  return [
    ...validateLabels(selector['matchLabels'], `${field}.matchLabels`),
    ...mapsAt(selector, 'matchExpressions').flatMap((expression, index) =>
      validateRequirement(expression, `${field}.matchExpressions[${String(index)}]`),
    ),
  ];
}

/** A selector that selects everything: present, without any condition. */
export function isEmptySelector(selector: DraftMap | undefined): boolean {
  return (
    selector !== undefined &&
    Object.keys(mapAt(selector, 'matchLabels') ?? {}).length === 0 &&
    mapsAt(selector, 'matchExpressions').length === 0
  );
}

/** What is wrong with a map of labels, in the order of their keys: the real server's order is that of a Go map. */
export function validateLabels(labels: unknown, field: string): FieldError[] {
  if (!isMap(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]) => [
    ...validateLabelName(key, field),
    ...labelValueErrors(String(value)).map((text) => invalid(field, value, text)),
  ]);
}

export function validateLabelName(key: string, field: string): FieldError[] {
  return qualifiedNameErrors(key).map((text) => invalid(field, key, text));
}

/** What is wrong with a `NodeSelector`: at least one term, each of conditions on labels and on `metadata.name`. */
export function validateNodeSelector(selector: DraftMap, field: string): FieldError[] {
  const terms = mapsAt(selector, 'nodeSelectorTerms');
  if (terms.length === 0) {
    return [required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term')];
  }
  return terms.flatMap((term, index) => validateNodeSelectorTerm(term, `${field}.nodeSelectorTerms[${String(index)}]`));
}

export function validateNodeSelectorTerm(term: DraftMap, field: string): FieldError[] {
  return [
    ...mapsAt(term, 'matchExpressions').flatMap((one, index) =>
      validateNodeRequirement(one, `${field}.matchExpressions[${String(index)}]`),
    ),
    ...mapsAt(term, 'matchFields').flatMap((one, index) =>
      validateNodeField(one, `${field}.matchFields[${String(index)}]`),
    ),
  ];
}

function validateRequirement(expression: DraftMap, field: string): FieldError[] {
  const values = listAt(expression, 'values');
  const key = textAt(expression, 'key');
  return [
    ...validateOperator(textAt(expression, 'operator'), values, field),
    ...validateLabelName(key, `${field}.key`),
    ...validateValues(values, field),
  ];
}

function validateOperator(operator: string, values: readonly unknown[], field: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalid(`${field}.operator`, operator, 'not a valid selector operator')];
  }
}

function validateNodeRequirement(expression: DraftMap, field: string): FieldError[] {
  const operator = textAt(expression, 'operator');
  const values = listAt(expression, 'values');
  const errors: FieldError[] = [];
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) {
        errors.push(required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      }
      break;
    default:
      errors.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'));
  }
  return [...errors, ...validateLabelName(textAt(expression, 'key'), `${field}.key`), ...validateValues(values, field)];
}

function validateNodeField(condition: DraftMap, field: string): FieldError[] {
  const values = listAt(condition, 'values');
  const operator = textAt(condition, 'operator');
  const key = textAt(condition, 'key');
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length !== 1) {
      errors.push(
        required(
          `${field}.values`,
          "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        ),
      );
    }
  } else {
    errors.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'));
  }
  if (key !== 'metadata.name') {
    return [...errors, invalid(`${field}.key`, key, 'not a valid field selector key')];
  }
  const ofValues = values.flatMap((value, index) =>
    dnsSubdomainErrors(String(value)).map((text) => invalid(`${field}.values[${String(index)}]`, value, text)),
  );
  return [...errors, ...ofValues];
}

function validateValues(values: readonly unknown[], field: string): FieldError[] {
  return values.flatMap((value, index) =>
    labelValueErrors(String(value)).map((text) => invalid(`${field}.values[${String(index)}]`, value, text)),
  );
}
