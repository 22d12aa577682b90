import type { DraftMap } from '../../draft.ts';
import { mapAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, notSupported, required, tooLong } from '../../field-error.ts';
import { byteLength, dnsSubdomainErrors, httpPathErrors } from '../meta/formats.ts';
import { nonNegative, oneOf } from '../pod/rules.ts';
import { validatePodTemplate } from '../pod/validate-pod-template.ts';
import { validateFailurePolicy, validateSuccessPolicy } from './job-policies.ts';

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];

/** The spec of a Job, or of the Jobs that a CronJob makes; without its selector, which only a Job has. */
export function validateJobSpec(spec: DraftMap, field: string): FieldError[] {
  const errors = COUNTS.flatMap((name) => nonNegative(spec, name, field));
  const perIndex = numberAt(spec, 'backoffLimitPerIndex');
  const maxFailed = numberAt(spec, 'maxFailedIndexes');
  const mode = spec['completionMode'] === undefined ? 'NonIndexed' : textAt(spec, 'completionMode');
  if (maxFailed !== undefined && perIndex === undefined) {
    errors.push(required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  errors.push(...validateManager(spec, `${field}.managedBy`));
  errors.push(...oneOf(spec, 'completionMode', field, ['NonIndexed', 'Indexed']));
  if (mode === 'Indexed') errors.push(...validateIndexed(spec, field));
  if (mode === 'NonIndexed') {
    for (const [name, value] of [
      ['backoffLimitPerIndex', perIndex],
      ['maxFailedIndexes', maxFailed],
    ] as const) {
      if (value !== undefined) errors.push(invalid(`${field}.${name}`, value, 'requires indexed completion mode'));
    }
  }
  return [
    ...errors,
    ...validateFailurePolicy(spec, `${field}.podFailurePolicy`),
    ...validateSuccessPolicy(spec, mode, `${field}.successPolicy`),
    ...validateReplacement(spec, field),
    ...validatePodTemplate(mapAt(spec, 'template') ?? {}, `${field}.template`),
    ...validateRestartPolicy(spec, `${field}.template.spec.restartPolicy`),
  ];
}

function validateManager(spec: DraftMap, field: string): FieldError[] {
  const manager = spec['managedBy'];
  if (typeof manager !== 'string') return [];
  const errors = domainPathErrors(manager, field);
  return byteLength(manager) > 63 ? [...errors, tooLong(field, 63)] : errors;
}

function domainPathErrors(value: string, field: string): FieldError[] {
  if (value === '') return [required(field)];
  const slash = value.indexOf('/');
  const domain = value.slice(0, Math.max(0, slash));
  const path = value.slice(slash + 1);
  if (slash < 0 || domain === '' || path === '') {
    return [invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  return [
    ...dnsSubdomainErrors(domain).map((text) => invalid(field, domain, text)),
    ...httpPathErrors(path).map((text) => invalid(field, path, text)),
  ];
}

const MANY = 100_000;
const FEW = 10_000;

function validateIndexed(spec: DraftMap, field: string): FieldError[] {
  const completions = numberAt(spec, 'completions');
  const parallelism = numberAt(spec, 'parallelism') ?? 0;
  const maxFailed = numberAt(spec, 'maxFailedIndexes');
  const errors: FieldError[] = [];
  const atMost = (name: string, value: number, max: number, when: string): void => {
    if (value <= max) return;
    errors.push(invalid(`${field}.${name}`, value, `must be less than or equal to ${String(max)}${when}`));
  };
  if (completions === undefined) {
    errors.push(required(`${field}.completions`, 'when completion mode is Indexed'));
  }
  atMost('parallelism', parallelism, MANY, ' when completion mode is Indexed');
  if (completions !== undefined && maxFailed !== undefined && maxFailed > completions) {
    errors.push(invalid(`${field}.maxFailedIndexes`, maxFailed, 'must be less than or equal to completions'));
  }
  atMost('maxFailedIndexes', maxFailed ?? 0, MANY, '');
  if ((completions ?? 0) > MANY && numberAt(spec, 'backoffLimitPerIndex') !== undefined) {
    if (maxFailed === undefined) {
      const text = `must be specified when completions is above ${String(MANY)}`;
      errors.push(required(`${field}.maxFailedIndexes`, text));
    }
    const when = ` when completions are above ${String(MANY)} and used with backoff limit per index`;
    atMost('parallelism', parallelism, FEW, when);
    atMost('maxFailedIndexes', maxFailed ?? 0, FEW, when);
  }
  return errors;
}

function validateReplacement(spec: DraftMap, field: string): FieldError[] {
  const supported = mapAt(spec, 'podFailurePolicy') === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'];
  return oneOf(spec, 'podReplacementPolicy', field, supported);
}

function validateRestartPolicy(spec: DraftMap, field: string): FieldError[] {
  const policy = textAt(mapAt(mapAt(spec, 'template'), 'spec'), 'restartPolicy');
  if (policy === 'Always' || policy === '') return [required(field, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(field, policy, ['OnFailure', 'Never'])];
  return mapAt(spec, 'podFailurePolicy') !== undefined && policy !== 'Never'
    ? [invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    : [];
}
