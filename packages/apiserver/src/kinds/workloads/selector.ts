import type { Draft, DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, required } from '../../field-error.ts';
import { isEmptySelector, validateLabelSelector } from '../meta/label-selector.ts';
import { same } from '../pod/same.ts';
import { shownLabels, shownSelector } from '../pod/shown-selector.ts';

/** The selector of a workload: there, right, and not of everything. `kind` is how the server calls the workload. */
export function validateSelector(spec: DraftMap, kind: string, field: string): FieldError[] {
  const selector = mapAt(spec, 'selector');
  if (selector === undefined) return [required(`${field}.selector`)];
  const errors = validateLabelSelector(selector, `${field}.selector`);
  return isEmptySelector(selector)
    ? [...errors, invalid(`${field}.selector`, shownSelector(selector), `empty selector is invalid for ${kind}`)]
    : errors;
}

/** Whether the selector can be used at all; one with errors cannot. */
export function isUsable(selector: DraftMap | undefined): boolean {
  return validateLabelSelector(selector, '').length === 0;
}

/** A workload finds its own Pods. No selector selects nothing, an empty one everything. */
export function validateTemplateLabels(
  template: DraftMap | undefined,
  selector: DraftMap | undefined,
  field: string,
): FieldError[] {
  const labels = mapAt(mapAt(template, 'metadata'), 'labels');
  return selects(selector, labels ?? {})
    ? []
    : [invalid(`${field}.metadata.labels`, shownLabels(labels), '`selector` does not match template `labels`')];
}

export function selects(selector: DraftMap | undefined, labels: DraftMap): boolean {
  if (selector === undefined) return false;
  const wanted = Object.entries(mapAt(selector, 'matchLabels') ?? {});
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    mapsAt(selector, 'matchExpressions').every((expression) => holds(expression, labels))
  );
}

function holds(expression: DraftMap, labels: DraftMap): boolean {
  const value = labels[textAt(expression, 'key')];
  const isListed = value !== undefined && listAt(expression, 'values').includes(value);
  switch (textAt(expression, 'operator')) {
    case 'In':
      return isListed;
    case 'NotIn':
      return !isListed;
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

/** A workload cannot leave the Pods that it has made. */
export function immutableSelector(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const after = mapAt(draft, 'spec')?.['selector'];
  return same(after, mapAt(old, 'spec')?.['selector'])
    ? []
    : [invalid('spec.selector', shownSelector(after), 'field is immutable')];
}
