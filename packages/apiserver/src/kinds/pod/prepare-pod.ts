import type { Draft, DraftMap } from '../../draft.ts';
import { ensureMap, isMap, listAt, mapAt, mapsAt, setDefault, textAt } from '../../draft.ts';
import type { StrategyContext } from '../../strategy.ts';
import { replaceZero } from './default-container.ts';
import { defaultPodSpec } from './default-pod-spec.ts';
import { CONTAINER_LISTS } from './visit-containers.ts';
import { defaultPodResources } from './pod-resources.ts';
import { qosOf } from './resource-list.ts';

/** What the server fills in for a Pod beyond what it fills in for a template. */
export function defaultPod(draft: Draft): void {
  const spec = ensureMap(draft, 'spec');
  const grace = spec['terminationGracePeriodSeconds'];
  if (typeof grace === 'number' && grace < 0) spec['terminationGracePeriodSeconds'] = 1;
  for (const container of runningContainers(spec)) requestLimits(container);
  setDefault(spec, 'enableServiceLinks', true);
  if (spec['hostNetwork'] === true) {
    for (const container of runningContainers(spec)) {
      for (const port of mapsAt(container, 'ports')) replaceZero(port, 'hostPort', port['containerPort']);
    }
  }
  defaultPodSpec(spec);
  pairAddresses(mapAt(draft, 'status'));
}

/** The one address of old and the list of today say the same; where they differ, the old one counts. */
function pairAddresses(status: DraftMap | undefined): void {
  const first = textAt(mapsAt(status, 'podIPs')[0], 'ip');
  const single = textAt(status, 'podIP');
  if (status === undefined || first === single) return;
  if (single === '') status['podIP'] = first;
  else status['podIPs'] = [{ ip: single }];
}

/**
 * What creation does to a Pod, the server's default admission plugins for tolerations and priority included: those run
 * after the field manager, so nobody owns what they add.
 */
export function preparePod(draft: Draft, context: StrategyContext): void {
  const spec = ensureMap(draft, 'spec');
  tolerateSickNodes(spec);
  prioritise(spec);
  followLabelKeys(spec, mapAt(draft.metadata, 'labels') ?? {});
  readAppArmorAnnotations(draft, spec);
  defaultPodResources(spec);
  draft['status'] = {
    phase: 'Pending',
    ...(listAt(spec, 'schedulingGates').length > 0 && { conditions: [gatedCondition(context.now)] }),
    qosClass: qosOf(spec),
  };
}

/** What an update may leave out because the server had put it there. */
export function carryPodOver(draft: Draft, old: Readonly<Draft>): void {
  const spec = ensureMap(draft, 'spec');
  const oldSpec = mapAt(old, 'spec') ?? {};
  tolerateSickNodes(spec);
  for (const field of ['priority', 'preemptionPolicy', 'resources']) {
    const value = oldSpec[field];
    if (value !== undefined) setDefault(spec, field, structuredClone(value));
  }
  if (old['status'] !== undefined) draft['status'] = structuredClone(old['status']);
}

function runningContainers(spec: DraftMap): readonly DraftMap[] {
  return [...mapsAt(spec, 'containers'), ...mapsAt(spec, 'initContainers')];
}

/** Who limits a resource and does not say how much it needs gets as much as it may use. */
function requestLimits(container: DraftMap): void {
  const resources = mapAt(container, 'resources');
  const limits = mapAt(resources, 'limits');
  if (resources === undefined || limits === undefined || Object.keys(limits).length === 0) return;
  const requests = ensureMap(resources, 'requests');
  for (const [name, amount] of Object.entries(limits)) setDefault(requests, name, amount);
}

/** A Pod stays for five minutes on a node that is not ready or unreachable, unless it says otherwise. */
export function tolerateSickNodes(spec: DraftMap): void {
  const tolerations = mapsAt(spec, 'tolerations');
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter((key) => !tolerations.some((toleration) => tolerates(toleration, key)))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));
  if (added.length > 0) spec['tolerations'] = [...tolerations, ...added];
}

function tolerates(toleration: DraftMap, taint: string): boolean {
  return ['', taint].includes(textAt(toleration, 'key')) && ['', 'NoExecute'].includes(textAt(toleration, 'effect'));
}

const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** The two classes that every cluster has are known here; what other PriorityClasses say, the strategy cannot see. */
function prioritise(spec: DraftMap): void {
  setDefault(spec, 'priority', SYSTEM_PRIORITIES[textAt(spec, 'priorityClassName')] ?? 0);
  setDefault(spec, 'preemptionPolicy', 'PreemptLowerPriority');
}

/** Turns `matchLabelKeys` and `mismatchLabelKeys` into requirements, with the values of the Pod's own labels. */
function followLabelKeys(spec: DraftMap, labels: DraftMap): void {
  const affinity = mapAt(spec, 'affinity');
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const rules = mapAt(affinity, kind);
    const terms = [
      ...mapsAt(rules, 'requiredDuringSchedulingIgnoredDuringExecution'),
      ...mapsAt(rules, 'preferredDuringSchedulingIgnoredDuringExecution').map(
        (weighted) => mapAt(weighted, 'podAffinityTerm') ?? {},
      ),
    ];
    for (const term of terms) requireLabels(term, labels);
  }
  for (const constraint of mapsAt(spec, 'topologySpreadConstraints')) requireLabels(constraint, labels);
}

function requireLabels(term: DraftMap, labels: DraftMap): void {
  const selector = mapAt(term, 'labelSelector');
  if (selector === undefined) return;
  const requirements = [
    ...listAt(term, 'matchLabelKeys').map((key) => ({ key, operator: 'In' })),
    ...listAt(term, 'mismatchLabelKeys').map((key) => ({ key, operator: 'NotIn' })),
  ].flatMap(({ key, operator }) => {
    const value = typeof key === 'string' ? labels[key] : undefined;
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
  if (requirements.length > 0) {
    selector['matchExpressions'] = [...listAt(selector, 'matchExpressions'), ...requirements];
  }
}

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/** AppArmor profiles were annotations once; a container without the field gets what its annotation says. */
function readAppArmorAnnotations(draft: Draft, spec: DraftMap): void {
  if (textAt(mapAt(spec, 'os'), 'name') === 'windows') return;
  const annotations = mapAt(draft.metadata, 'annotations');
  const ofPod = mapAt(mapAt(spec, 'securityContext'), 'appArmorProfile');
  for (const list of CONTAINER_LISTS) {
    for (const container of mapsAt(spec, list)) {
      const profile = appArmorProfile(textAt(annotations, `${APP_ARMOR}${textAt(container, 'name')}`));
      if (profile === undefined || isMap(mapAt(container, 'securityContext')?.['appArmorProfile'])) continue;
      if (ofPod?.['type'] === profile.type && ofPod['localhostProfile'] === profile.localhostProfile) continue;
      ensureMap(container, 'securityContext')['appArmorProfile'] = { ...profile };
    }
  }
}

/** The profile that the value of an annotation stands for. */
export function appArmorProfile(
  annotation: string,
): { readonly type: string; readonly localhostProfile?: string } | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const localhostProfile = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : '';
  return localhostProfile === '' ? undefined : { type: 'Localhost', localhostProfile };
}

function gatedCondition(now: string): DraftMap {
  return {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: now,
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  };
}
