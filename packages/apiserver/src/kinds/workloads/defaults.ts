import type { Draft, DraftMap } from '../../draft.ts';
import { ensureMap, mapAt, mapsAt, setDefault } from '../../draft.ts';
import { badRequest } from '../../status.ts';
import { replaceZero } from '../pod/default-container.ts';
import { defaultPodTemplate } from '../pod/default-pod-spec.ts';
import { defaultClaimSpec } from '../pod/default-volume.ts';

/** The annotation that stands for a field of DaemonSets which the API no longer shows. */
export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

export function defaultDeployment(draft: Draft): void {
  const spec = specOf(draft);
  const strategy = ensureMap(spec, 'strategy');
  setDefault(spec, 'replicas', 1);
  replaceZero(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rollingUpdate = ensureMap(strategy, 'rollingUpdate');
    setDefault(rollingUpdate, 'maxUnavailable', '25%');
    setDefault(rollingUpdate, 'maxSurge', '25%');
  }
  setDefault(spec, 'revisionHistoryLimit', 10);
  setDefault(spec, 'progressDeadlineSeconds', 600);
  defaultTemplateOf(spec);
}

export function defaultStatefulSet(draft: Draft): void {
  const spec = specOf(draft);
  const strategy = ensureMap(spec, 'updateStrategy');
  setDefault(spec, 'serviceName', '');
  replaceZero(spec, 'podManagementPolicy', 'OrderedReady');
  // Who writes the type and nothing else gets no `rollingUpdate`: only a strategy of the server's choice is completed.
  const chosen = typeof strategy['type'] === 'string' && strategy['type'] !== '';
  if (!chosen) {
    strategy['type'] = 'RollingUpdate';
    ensureMap(strategy, 'rollingUpdate');
  }
  const rollingUpdate = strategy['type'] === 'RollingUpdate' ? mapAt(strategy, 'rollingUpdate') : undefined;
  if (rollingUpdate !== undefined) {
    setDefault(rollingUpdate, 'partition', 0);
    setDefault(rollingUpdate, 'maxUnavailable', 1);
  }
  const retention = ensureMap(spec, 'persistentVolumeClaimRetentionPolicy');
  replaceZero(retention, 'whenDeleted', 'Retain');
  replaceZero(retention, 'whenScaled', 'Retain');
  setDefault(spec, 'replicas', 1);
  setDefault(spec, 'revisionHistoryLimit', 10);
  defaultTemplateOf(spec);
  for (const claim of mapsAt(spec, 'volumeClaimTemplates')) defaultClaimTemplate(claim);
}

export function defaultDaemonSet(draft: Draft): void {
  const spec = specOf(draft);
  const strategy = ensureMap(spec, 'updateStrategy');
  replaceZero(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rollingUpdate = ensureMap(strategy, 'rollingUpdate');
    setDefault(rollingUpdate, 'maxUnavailable', 1);
    setDefault(rollingUpdate, 'maxSurge', 0);
  }
  setDefault(spec, 'revisionHistoryLimit', 10);
  const annotations = ensureMap(draft.metadata, 'annotations');
  annotations[TEMPLATE_GENERATION] = readGeneration(annotations[TEMPLATE_GENERATION] ?? '0');
  defaultTemplateOf(spec);
}

/** @throws {ApiError} 400 when it is no number: the server reads it before anything else. */
function readGeneration(text: unknown): string {
  if (typeof text === 'string' && /^[-+]?[0-9]+$/.test(text)) return String(BigInt(text.replace('+', '')));
  const what = 'DaemonSet in version "v1" cannot be handled as a DaemonSet';
  throw badRequest(`${what}: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

export function defaultReplicaSet(draft: Draft): void {
  const spec = specOf(draft);
  setDefault(spec, 'replicas', 1);
  defaultTemplateOf(spec);
}

export function defaultReplicationController(draft: Draft): void {
  const spec = specOf(draft);
  setDefault(spec, 'replicas', 1);
  const template = mapAt(spec, 'template');
  if (template === undefined) return;
  defaultPodTemplate(template);
  const labels = labelsOf(template);
  if (labels === undefined) return;
  if (isEmpty(spec['selector'])) spec['selector'] = { ...labels };
  if (isEmpty(draft.metadata['labels'])) draft.metadata['labels'] = { ...labels };
}

export function defaultJob(draft: Draft): void {
  const spec = specOf(draft);
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1;
  setDefault(spec, 'parallelism', 1);
  setDefault(spec, 'backoffLimit', spec['backoffLimitPerIndex'] === undefined ? 6 : 2 ** 31 - 1);
  setDefault(spec, 'completionMode', 'NonIndexed');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'manualSelector', false);
  setDefault(spec, 'podReplacementPolicy', spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed');
  defaultJobTemplate(spec);
  labelLikeTemplate(draft);
}

/**
 * A Job without labels of its own wears those of its Pods. It is the same map, as in the real server: labels that are
 * generated for the Pods later appear on the Job too, but only then.
 */
export function labelLikeTemplate(draft: Draft): void {
  const labels = labelsOf(mapAt(mapAt(draft, 'spec'), 'template'));
  if (labels !== undefined && isEmpty(draft.metadata['labels'])) draft.metadata['labels'] = labels;
}

export function defaultCronJob(draft: Draft): void {
  const spec = specOf(draft);
  replaceZero(spec, 'concurrencyPolicy', 'Allow');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'successfulJobsHistoryLimit', 3);
  setDefault(spec, 'failedJobsHistoryLimit', 1);
  const jobTemplate = ensureMap(spec, 'jobTemplate');
  ensureMap(jobTemplate, 'metadata');
  defaultJobTemplate(ensureMap(jobTemplate, 'spec'));
}

function defaultJobTemplate(spec: DraftMap): void {
  for (const rule of mapsAt(mapAt(spec, 'podFailurePolicy'), 'rules')) {
    for (const pattern of mapsAt(rule, 'onPodConditions')) replaceZero(pattern, 'status', 'True');
  }
  defaultTemplateOf(spec);
}

function defaultClaimTemplate(claim: DraftMap): void {
  claim['apiVersion'] = 'v1';
  claim['kind'] = 'PersistentVolumeClaim';
  ensureMap(claim, 'metadata');
  defaultClaimSpec(ensureMap(claim, 'spec'));
  replaceZero(ensureMap(claim, 'status'), 'phase', 'Pending');
}

function specOf(draft: Draft): DraftMap {
  return ensureMap(draft, 'spec');
}

function defaultTemplateOf(spec: DraftMap): void {
  defaultPodTemplate(ensureMap(spec, 'template'));
}

function labelsOf(template: DraftMap | undefined): DraftMap | undefined {
  const labels = mapAt(mapAt(template, 'metadata'), 'labels');
  return labels === undefined || isEmpty(labels) ? undefined : labels;
}

function isEmpty(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}
