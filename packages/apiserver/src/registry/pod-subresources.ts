import { isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import type { GroupVersionKind } from '../decode/group-version-kind.ts';
import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import { callerOf, readBody } from '../http/resource-request.ts';
import type { ResourceRequest } from '../http/resource-request.ts';
import { matchesLabelSelector } from './match-selector.ts';
import { ApiError, badRequest, conflict, plainFailure, statusSuccess, tooManyRequests } from '../status.ts';
import type { StatusAnswer } from './answer.ts';
import type { Caller, Target } from './caller.ts';
import { deleteOptions } from './delete-options.ts';
import { deleteStored } from './delete.ts';
import { mainEndpoint } from './endpoints.ts';
import { stored } from './get.ts';
import type { Registry } from './registry.ts';
import type { ServedResource, UpdateEndpoint } from './served-resource.ts';
import { updateObject } from './update.ts';

const EVICTION: GroupVersionKind = { group: 'policy', version: 'v1', kind: 'Eviction' };
export const BINDING: GroupVersionKind = { group: '', version: 'v1', kind: 'Binding' };

/** What is done to a Pod by posting something else to it: eviction and binding. */
export async function servePod(request: ResourceRequest): Promise<StatusAnswer> {
  return request.info.subresource === 'eviction' ? evict(request) : bind(request);
}

/** Deletes the Pod, unless its disruption budget is used up. */
async function evict(request: ResourceRequest): Promise<StatusAnswer> {
  const { serving, known, resource, target } = request;
  const { registry } = serving;
  const body = readBody(request, EVICTION).value;
  if (!isRecord(body)) throw badRequest('not a Eviction object');
  const caller = callerOf(request, 'CreateOptions');
  if (textAt(mapAt(body, 'metadata'), 'name') !== target.name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const given = body['deleteOptions'];
  const options = deleteOptions(isRecord(given) ? given : undefined, new URLSearchParams());
  const pod = stored(registry, resource, target.namespace, target.name).object;
  if (!isOver(pod)) checkBudgets(request, pod);
  await deleteStored(
    registry,
    resource,
    target,
    { ...options, dryRun: options.dryRun || caller.options.dryRun },
    known,
  );
  return { type: 'status', code: 201, status: statusSuccess(undefined, 201) };
}

/** Its end disrupts nobody. */
function isOver({ status, metadata }: KubeObject): boolean {
  const phase = isRecord(status) ? status['phase'] : undefined;
  return phase === 'Pending' || phase === 'Succeeded' || phase === 'Failed' || metadata.deletionTimestamp !== undefined;
}

function checkBudgets({ serving, target }: ResourceRequest, pod: KubeObject): void {
  const budgets = serving.registry.store
    .list('poddisruptionbudgets.policy', `${target.namespace}/`)
    .map(({ object }) => object as unknown as Draft)
    .filter((budget) => matchesLabelSelector(mapAt(mapAt(budget, 'spec'), 'selector'), pod.metadata.labels));
  if (budgets.length > 1) {
    throw new ApiError(
      500,
      '',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const [budget] = budgets;
  if (budget === undefined) return;
  const status = mapAt(budget, 'status');
  const allowed = numberAt(status, 'disruptionsAllowed') ?? 0;
  const healthy = numberAt(status, 'currentHealthy') ?? 0;
  const desired = numberAt(status, 'desiredHealthy') ?? 0;
  if (!isReady(pod)) {
    const policy = textAt(mapAt(budget, 'spec'), 'unhealthyPodEvictionPolicy');
    if (policy === 'AlwaysAllow' || (healthy >= desired && desired > 0)) return;
  }
  if (allowed > 0) return;
  const name = textAt(budget.metadata, 'name');
  throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${name} needs ${String(desired)} healthy pods and has ${String(healthy)} currently`,
      },
    ],
  });
}

function isReady(pod: KubeObject): boolean {
  const conditions = mapsAt(mapAt(pod, 'status'), 'conditions');
  return conditions.some((condition) => condition['type'] === 'Ready' && condition['status'] === 'True');
}

/** As Kubernetes lists them, in a failure without a reason. */
function bindingErrors(kind: string, node: string): string {
  const errors = [
    ...(kind === '' || kind === 'Node'
      ? []
      : [`target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`]),
    ...(node === '' ? ['target.name: Required value'] : []),
  ];
  return errors.length > 1 ? `[${errors.join(', ')}]` : (errors[0] ?? '');
}

/** Puts the Pod onto a node. */
export async function bind(request: ResourceRequest): Promise<StatusAnswer> {
  const { serving, resource, target } = request;
  const { registry } = serving;
  const body = readBody(request, BINDING).value;
  if (!isRecord(body)) throw badRequest('not a Binding object');
  if (textAt(mapAt(body, 'metadata'), 'name') !== target.name) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  const wanted = mapAt(body, 'target');
  const node = textAt(wanted, 'name');
  const wrong = bindingErrors(textAt(wanted, 'kind'), node);
  if (wrong !== '') throw plainFailure(wrong);
  await bindPod(registry, resource, target, node, callerOf(request, 'CreateOptions'));
  return { type: 'status', code: 201, status: statusSuccess(undefined, 201) };
}

/**
 * Puts a Pod onto a node, as the scheduler does. Nobody becomes the manager of what that changes.
 *
 * @throws {ApiError} 409 when it is on one.
 */
export async function bindPod(
  registry: Registry,
  resource: ServedResource,
  target: Target,
  node: string,
  caller: Caller,
): Promise<void> {
  const endpoint: UpdateEndpoint = {
    ...mainEndpoint(resource),
    subresource: 'binding',
    prepareUpdate: () => {},
    validateUpdate: () => [],
    bumpsGeneration: false,
    resetFields: undefined,
  };
  const now = timestamp(registry.clock.now());
  await updateObject(registry, resource, endpoint, target, caller, (live) => {
    const draft = structuredClone(live) as unknown as Draft;
    const current = textAt(mapAt(draft, 'spec'), 'nodeName');
    if (current !== '') {
      throw conflict(
        { group: '', name: 'pods/binding' },
        target.name,
        `pod ${target.name} is already assigned to node ${JSON.stringify(current)}`,
      );
    }
    ensureMap(draft, 'spec')['nodeName'] = node;
    const status = ensureMap(draft, 'status');
    const others = mapsAt(status, 'conditions').filter((condition) => condition['type'] !== 'PodScheduled');
    const scheduled: DraftMap = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now };
    status['conditions'] = [...others, scheduled];
    return { outcome: 'object', draft, managed: true };
  });
}
