import type { Draft, DraftMap } from '../../draft.ts';
import { isMap, listAt, mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, required } from '../../field-error.ts';
import { same } from './same.ts';
import { internalValue } from './internal-value.ts';
import { goJson } from './go-json.ts';
import { item } from './rules.ts';
import { unifiedDiff } from './unified-diff.ts';
import { validateImageSpaces } from './validate-containers.ts';
import { validateAnnotationChanges } from './validate-pod-annotations.ts';
import { annotationsOf, validatePodItself } from './validate-pod.ts';

const MAY_CHANGE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/** What an update of a Pod may change: images, a shorter deadline, more tolerations, fewer scheduling gates. */
export function validatePodUpdate(draft: Readonly<Draft>, old: Readonly<Draft>): readonly FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const oldSpec = mapAt(old, 'spec') ?? {};
  const errors = [
    ...validatePodItself(draft),
    ...validateAnnotationChanges(annotationsOf(draft), annotationsOf(old), 'metadata.annotations'),
  ];
  for (const list of ['containers', 'initContainers'] as const) {
    if (mapsAt(spec, list).length !== mapsAt(oldSpec, list).length) {
      return [...errors, forbidden(`spec.${list}`, 'pod updates may not add or remove containers')];
    }
    errors.push(...mapsAt(spec, list).flatMap((one, index) => validateImage(one, item(`spec.${list}`, index))));
  }
  const deadline = validateDeadline(spec, oldSpec);
  if (deadline.stop) return [...errors, ...deadline.errors];
  return [
    ...errors,
    ...deadline.errors,
    ...validateKeptTolerations(spec, oldSpec),
    ...validateRemovedGates(spec, oldSpec),
    ...validateRest(spec, oldSpec),
  ];
}

function validateImage(container: DraftMap, field: string): FieldError[] {
  return textAt(container, 'image') === '' ? [required(`${field}.image`)] : validateImageSpaces(container, field);
}

function validateDeadline(spec: DraftMap, old: DraftMap): { readonly errors: FieldError[]; readonly stop: boolean } {
  const field = 'spec.activeDeadlineSeconds';
  const after = numberAt(spec, 'activeDeadlineSeconds');
  const before = numberAt(old, 'activeDeadlineSeconds');
  if (after === undefined) {
    const text = 'must not update from a positive integer to nil value';
    return { errors: before === undefined ? [] : [invalid(field, null, text)], stop: false };
  }
  if (after < 0 || after > 2 ** 31 - 1) {
    return { errors: [invalid(field, after, 'must be between 0 and 2147483647, inclusive')], stop: true };
  }
  if (before !== undefined && before < after) {
    return { errors: [invalid(field, after, 'must be less than or equal to previous value')], stop: true };
  }
  return { errors: [], stop: false };
}

function validateKeptTolerations(spec: DraftMap, old: DraftMap): FieldError[] {
  const now = mapsAt(spec, 'tolerations');
  const kept = mapsAt(old, 'tolerations').every((before) =>
    now.some((one) => same({ ...before, tolerationSeconds: one['tolerationSeconds'] }, one)),
  );
  const text = 'existing toleration can not be modified except its tolerationSeconds';
  return kept ? [] : [forbidden('spec.tolerations', text)];
}

function validateRemovedGates(spec: DraftMap, old: DraftMap): FieldError[] {
  const known = new Set(mapsAt(old, 'schedulingGates').map((gate) => textAt(gate, 'name')));
  return mapsAt(spec, 'schedulingGates').flatMap((gate, index) => {
    const name = textAt(gate, 'name');
    if (known.has(name)) return [];
    const text = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return [forbidden(`${item('spec.schedulingGates', index)}.name`, text)];
  });
}

/** Everything else stays: what differs once the changes that are allowed are taken back is refused, with the difference. */
function validateRest(spec: DraftMap, old: DraftMap): FieldError[] {
  const rest: DraftMap = { ...spec };
  for (const list of ['containers', 'initContainers'] as const) {
    if (!Array.isArray(spec[list])) continue;
    const images = mapsAt(old, list).map((container) => container['image']);
    rest[list] = mapsAt(spec, list).map((container, index) => ({ ...container, image: images[index] }));
  }
  takeBack(rest, old, 'activeDeadlineSeconds', 'schedulingGates', 'tolerations');
  const grace = numberAt(old, 'terminationGracePeriodSeconds') ?? 0;
  if (grace < 0 && numberAt(rest, 'terminationGracePeriodSeconds') === 1) {
    takeBack(rest, old, 'terminationGracePeriodSeconds');
  }
  const errors = listAt(old, 'schedulingGates').length > 0 ? takeBackPlacement(rest, old) : [];
  if (same(rest, old)) return errors;
  const diff = unifiedDiff(shown(old), shown(rest));
  const text = `pod updates may not change fields other than ${MAY_CHANGE}\n${diff}`;
  return [...errors, forbidden('spec', text)];
}

function takeBack(rest: DraftMap, old: DraftMap, ...fields: readonly string[]): void {
  for (const field of fields) {
    if (old[field] === undefined) Reflect.deleteProperty(rest, field);
    else rest[field] = old[field];
  }
}

function shown(spec: DraftMap): string {
  return goJson(internalValue('PodSpec', spec), ' ');
}

/** While a Pod waits behind its gates, it may be tied to fewer nodes than before. */
function takeBackPlacement(rest: DraftMap, old: DraftMap): FieldError[] {
  const errors: FieldError[] = [];
  const selector = mapAt(rest, 'nodeSelector') ?? {};
  if (Object.entries(mapAt(old, 'nodeSelector') ?? {}).some(([key, value]) => selector[key] !== value)) {
    const text = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    errors.push(invalid('spec.nodeSelector', mapAt(rest, 'nodeSelector') ?? null, text));
  }
  takeBack(rest, old, 'nodeSelector');
  const before = mapAt(mapAt(old, 'affinity'), 'nodeAffinity');
  const after = mapAt(mapAt(rest, 'affinity'), 'nodeAffinity');
  if (same(before, after)) return errors;
  errors.push(...validateTerms(after, before));
  const now = mapAt(rest, 'affinity');
  const { nodeAffinity: _after, ...others } = now ?? {};
  if (now !== undefined && old['affinity'] === undefined && Object.keys(others).length === 0) {
    Reflect.deleteProperty(rest, 'affinity');
  } else {
    rest['affinity'] = { ...others, ...(before !== undefined && { nodeAffinity: before }) };
  }
  return errors;
}

function validateTerms(after: DraftMap | undefined, before: DraftMap | undefined): FieldError[] {
  const rule = 'requiredDuringSchedulingIgnoredDuringExecution';
  const field = `spec.affinity.nodeAffinity.${rule}.nodeSelectorTerms`;
  const oldTerms = mapsAt(mapAt(before, rule), 'nodeSelectorTerms');
  const terms = mapsAt(mapAt(after, rule), 'nodeSelectorTerms');
  if (oldTerms.length === 0) return [];
  if (oldTerms.length !== terms.length) {
    const text = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    const value = terms.length === 0 ? null : terms.map((term) => internalValue('NodeSelectorTerm', term));
    return [invalid(field, value, text)];
  }
  return terms.flatMap((term, index) => {
    if (onlyAdds(term, oldTerms[index] ?? {})) return [];
    const text = 'only additions are allowed (no mutations or deletions)';
    return [invalid(item(field, index), internalValue('NodeSelectorTerm', term), text)];
  });
}

function onlyAdds(term: DraftMap, old: DraftMap): boolean {
  const lists = ['matchExpressions', 'matchFields'];
  const wasEmpty = lists.every((list) => listAt(old, list).length === 0);
  if (wasEmpty) return lists.every((list) => listAt(term, list).length === 0);
  return lists.every((list) => {
    const before = listAt(old, list);
    return same(listAt(term, list).slice(0, before.length), before);
  });
}

/** Containers can be added to a running Pod through their own endpoint, and then stay as they are. */
export function validateAddedContainers(draft: Readonly<Draft>, old: Readonly<Draft>): readonly FieldError[] {
  const now = new Map(mapsAt(mapAt(draft, 'spec'), 'ephemeralContainers').map((one) => [textAt(one, 'name'), one]));
  const field = 'spec.ephemeralContainers';
  const changes = mapsAt(mapAt(old, 'spec'), 'ephemeralContainers').flatMap((before) => {
    const name = JSON.stringify(textAt(before, 'name'));
    const after = now.get(textAt(before, 'name'));
    if (!isMap(after)) return [forbidden(field, `existing ephemeral containers ${name} may not be removed\n`)];
    if (same(before, after)) return [];
    const print = (one: DraftMap): string => goJson(internalValue('EphemeralContainer', one), ' ');
    const diff = unifiedDiff(print(before), print(after));
    return [forbidden(field, `existing ephemeral containers ${name} may not be changed\n${diff}`)];
  });
  return [
    ...validatePodItself(draft),
    ...validateAnnotationChanges(annotationsOf(draft), annotationsOf(old), 'metadata.annotations'),
    ...changes,
  ];
}
