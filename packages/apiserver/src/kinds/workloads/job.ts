import type { Draft, DraftMap } from '../../draft.ts';
import { mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, required } from '../../field-error.ts';
import type { Strategy } from '../../strategy.ts';
import { same } from '../pod/same.ts';
import { dnsLabelErrors } from '../meta/formats.ts';
import { validateLabelSelector } from '../meta/label-selector.ts';
import { internalValue } from '../pod/internal-value.ts';
import { nameWarnings, templateWarnings } from '../pod/warnings.ts';
import { shownLabels, shownSelector } from '../pod/shown-selector.ts';
import { defaultJob } from './defaults.ts';
import { validateJobSpec } from './job-spec.ts';
import { jobStatusStrategy } from './job-status.ts';
import { generateJobSelector, keepStatus, prepareWorkload } from './prepare.ts';
import { isUsable, selects, validateTemplateLabels } from './selector.ts';

export const jobStrategy: Strategy = {
  setDefaults: defaultJob,
  prepareCreate: (draft) => {
    generateJobSelector(draft);
    prepareWorkload(draft, {});
  },
  prepareUpdate: keepStatus,
  validateCreate: (draft) => [
    ...validateGeneratedSelector(draft),
    ...validateSpec(draft),
    ...validateNameOfLastPod(draft),
  ],
  validateUpdate: (draft, old) => [
    ...validateSpec(draft),
    ...validateChanges(draft, old),
    ...validateNameOfLastPod(draft),
  ],
  warnings: (draft, old) => {
    if (old !== undefined && same(draft['spec'], old['spec'])) return [];
    const ofSpec = jobWarnings(mapAt(draft, 'spec'), 'spec');
    return old === undefined ? [...nameWarnings(textAt(draft.metadata, 'name')), ...ofSpec] : ofSpec;
  },
  status: jobStatusStrategy,
};

/** What a Job, or the template of Jobs, had better not say. */
export function jobWarnings(spec: DraftMap | undefined, field: string): readonly string[] {
  const isLarge =
    spec?.['completionMode'] === 'Indexed' &&
    (numberAt(spec, 'completions') ?? 0) > 100_000 &&
    (numberAt(spec, 'parallelism') ?? 0) > 10_000;
  const text =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [...(isLarge ? [`${field}: ${text}`] : []), ...templateWarnings(mapAt(spec, 'template'), `${field}.template`)];
}

function validateSpec(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const selector = mapAt(spec, 'selector');
  return [
    ...validateJobSpec(spec, 'spec'),
    ...(selector === undefined ? [required('spec.selector')] : validateLabelSelector(selector, 'spec.selector')),
    ...(isUsable(selector) ? validateTemplateLabels(mapAt(spec, 'template'), selector, 'spec.template') : []),
  ];
}

const UID_LABELS = ['controller-uid', 'batch.kubernetes.io/controller-uid'];
const NAME_LABELS = ['job-name', 'batch.kubernetes.io/job-name'];

/** Who lets the server choose the selector does not write its labels. */
function validateGeneratedSelector(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const selector = mapAt(spec, 'selector');
  if (spec['manualSelector'] === true || selector === undefined) return [];
  const uid = textAt(draft.metadata, 'uid');
  const name = textAt(draft.metadata, 'name');
  const labels = mapAt(mapAt(mapAt(spec, 'template'), 'metadata'), 'labels') ?? {};
  const expected = [
    [UID_LABELS[0], uid],
    [NAME_LABELS[0], name],
    [UID_LABELS[1], uid],
    [NAME_LABELS[1], name],
  ] as const;
  const errors = expected.flatMap(([key = '', value]) =>
    labels[key] === value
      ? []
      : [invalid(`spec.template.metadata.labels[${key}]`, shownLabels(labels), `must be '${value}'`)],
  );
  const generated = Object.fromEntries(expected.map(([key = '', value]) => [key, value]));
  return !isUsable(selector) || selects(selector, generated)
    ? errors
    : [...errors, invalid('spec.selector', shownSelector(selector), '`selector` not auto-generated')];
}

/** The Pods of an indexed Job are called by its name and their index, which is also their host name. */
function validateNameOfLastPod(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec');
  const completions = numberAt(spec, 'completions') ?? 0;
  if (spec?.['completionMode'] !== 'Indexed' || completions <= 0) return [];
  const name = textAt(draft.metadata, 'name');
  const last = `${name}-${String(completions - 1)}`;
  return dnsLabelErrors(last).length === 0
    ? []
    : [invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${last}`)];
}

function validateChanges(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const before = mapAt(old, 'spec') ?? {};
  const immutable = (name: string, shown: unknown): FieldError[] =>
    same(spec[name], before[name]) ? [] : [invalid(`spec.${name}`, shown, 'field is immutable')];
  const policy = (name: string, type: string): FieldError[] =>
    immutable(name, spec[name] === undefined ? null : internalValue(type, spec[name]));
  const scalar = (name: string): FieldError[] => immutable(name, spec[name] ?? null);
  return [
    ...(spec['completionMode'] === 'Indexed' ? validateCompletions(spec, before) : scalar('completions')),
    ...immutable('selector', shownSelector(spec['selector'])),
    ...validateTemplateChange(spec, before, old),
    ...scalar('completionMode'),
    ...policy('podFailurePolicy', 'PodFailurePolicy'),
    ...scalar('backoffLimitPerIndex'),
    ...scalar('managedBy'),
    ...policy('successPolicy', 'SuccessPolicy'),
  ];
}

/** An indexed Job can grow or shrink, with all of its Pods at once. */
function validateCompletions(spec: DraftMap, before: DraftMap): FieldError[] {
  const { completions } = spec;
  if (completions === undefined || same(completions, before['completions'])) return [];
  return completions === spec['parallelism']
    ? []
    : [invalid('spec.completions', completions, 'can only be modified in tandem with spec.parallelism')];
}

/** The template stays; that of a Job which is suspended and runs nothing may change where and with how much it will run. */
function validateTemplateChange(spec: DraftMap, before: DraftMap, old: Readonly<Draft>): FieldError[] {
  const template = mapAt(spec, 'template') ?? {};
  const oldTemplate = mapAt(before, 'template') ?? {};
  const podSpec = mapAt(template, 'spec') ?? {};
  if (!isAtRest(before, old)) {
    return same(template, oldTemplate)
      ? []
      : [invalid('spec.template', internalValue('PodTemplateSpec', template), 'field is immutable')];
  }
  return same(podSpec, mayBecome(podSpec, mapAt(oldTemplate, 'spec') ?? {}))
    ? []
    : [invalid('spec.template.spec', internalValue('PodSpec', podSpec), 'field is immutable')];
}

function isAtRest(before: DraftMap, old: Readonly<Draft>): boolean {
  const status = mapAt(old, 'status');
  const isSuspended = mapsAt(status, 'conditions').some(
    (condition) => condition['type'] === 'Suspended' && condition['status'] === 'True',
  );
  const hasStarted = status?.['startTime'] !== undefined;
  return before['suspend'] === true && (!hasStarted || isSuspended) && (numberAt(status, 'active') ?? 0) === 0;
}

/** The old spec with everything taken from the new one that may change while the Job is at rest. */
function mayBecome(after: DraftMap, before: DraftMap): DraftMap {
  const withResources = (list: 'containers' | 'initContainers'): unknown => {
    const now = mapsAt(after, list);
    const then = mapsAt(before, list);
    if (now.length !== then.length || then.length === 0) return before[list];
    return then.map((container, index) =>
      container['name'] === now[index]?.['name'] ? { ...container, resources: now[index]?.['resources'] } : container,
    );
  };
  return {
    ...before,
    affinity: affinityWith(mapAt(after, 'affinity'), mapAt(before, 'affinity')),
    nodeSelector: after['nodeSelector'],
    tolerations: after['tolerations'],
    schedulingGates: after['schedulingGates'],
    containers: withResources('containers'),
    initContainers: withResources('initContainers'),
  };
}

/** The old rules about other pods, with the new ones about nodes. */
function affinityWith(after: DraftMap | undefined, before: DraftMap | undefined): DraftMap | undefined {
  const { nodeAffinity: _before, ...others } = before ?? {};
  if (after === undefined) return Object.keys(others).length === 0 ? undefined : others;
  const nodeAffinity = mapAt(after, 'nodeAffinity');
  return { ...others, ...(nodeAffinity !== undefined && { nodeAffinity }) };
}
