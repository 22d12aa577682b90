import type { Draft, DraftMap } from '../../draft.ts';
import { mapAt, mapsAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid } from '../../field-error.ts';
import type { StatusStrategy } from '../../strategy.ts';
import { dropDisabledFields } from './drop-disabled-fields.ts';
import { keep, keepForStatus } from './keep.ts';
import { defaultPodResources } from './pod-resources.ts';
import { qosOf } from './resource-list.ts';
import { item } from './rules.ts';
import { same } from './same.ts';
import { annotationsOf, validatePodItself } from './validate-pod.ts';

/**
 * The `/resize` endpoint of Pods: how much CPU and memory the containers of a running Pod have. Containers that are not the
 * same ones stay as they were sent, for validation to refuse.
 */
export const resizeStrategy: StatusStrategy = {
  prepareUpdate: (draft, old) => {
    const sent = mapAt(draft, 'spec') ?? {};
    const before = structuredClone(mapAt(old, 'spec') ?? {});
    if (LISTS.some((list) => mapsAt(sent, list).length !== mapsAt(before, list).length)) return;
    for (const list of LISTS) {
      const containers = resized(mapsAt(sent, list), mapsAt(before, list));
      if (containers.length > 0) before[list] = containers;
    }
    if (sent['resources'] !== undefined) before['resources'] = sent['resources'];
    draft['spec'] = before;
    keepForStatus(draft.metadata, old.metadata);
    keep(draft, old, 'status');
    defaultPodResources(before);
    dropDisabledFields(before);
  },
  validateUpdate: (draft, old) => {
    const spec = mapAt(draft, 'spec') ?? {};
    const before = mapAt(old, 'spec') ?? {};
    if ('kubernetes.io/config.mirror' in annotationsOf(old)) return [forbidden('', 'static pods cannot be resized')];
    if (textAt(mapAt(before, 'os'), 'name') === 'windows') return [forbidden('', 'windows pods cannot be resized')];
    const errors = [...validatePodItself(draft), ...qosErrors(draft, old), ...podLevelErrors(spec, before)];
    const order = LISTS.flatMap((list) => orderErrors(spec, before, list));
    if (order.length > 0) return [...errors, ...order];
    errors.push(
      ...containerPairs(spec, before, 'initContainers')
        .filter(({ now }) => isSidecar(now))
        .flatMap(removedErrors),
      ...containerPairs(spec, before, 'containers').flatMap(removedErrors),
      ...containerPairs(spec, before, 'containers').flatMap(({ now, was }) =>
        same(withAmountsOf(now, was), was) ? [] : [ONLY_CPU_AND_MEMORY],
      ),
      ...containerPairs(spec, before, 'initContainers').flatMap(initErrors),
    );
    return errors;
  },
};

const LISTS = ['containers', 'initContainers'] as const;
const ONLY_CPU_AND_MEMORY = forbidden('spec', 'only cpu and memory resources are mutable');

interface Pair {
  readonly now: DraftMap;
  readonly was: DraftMap;
  readonly field: string;
}

function containerPairs(spec: DraftMap, before: DraftMap, list: (typeof LISTS)[number]): readonly Pair[] {
  const olds = mapsAt(before, list);
  return mapsAt(spec, list).map((now, index) => ({ now, was: olds[index] ?? {}, field: item(`spec.${list}`, index) }));
}

/** The containers of before, with the resources of now. */
function resized(now: readonly DraftMap[], before: readonly DraftMap[]): readonly DraftMap[] {
  if (now.some((one, index) => one['name'] !== before[index]?.['name'])) return now;
  return before.map((old, index) => {
    const { resources, resizePolicy } = now[index] ?? {};
    const { resources: _resources, resizePolicy: _policy, ...rest } = old;
    return {
      ...rest,
      ...(resources !== undefined && { resources }),
      ...(resizePolicy !== undefined && { resizePolicy }),
    };
  });
}

function qosErrors(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const shown = textAt(mapAt(draft, 'status'), 'qosClass');
  const before = textAt(mapAt(old, 'status'), 'qosClass') || qosOf(mapAt(old, 'spec') ?? {});
  const running = mapsAt(mapAt(old, 'status'), 'containerStatuses').find(
    (status) => mapAt(mapAt(status, 'state'), 'running') !== undefined,
  );
  return [
    ...(before === qosOf(mapAt(draft, 'spec') ?? {})
      ? []
      : [invalid('spec', shown, 'Pod QOS Class may not change as a result of resizing')]),
    ...(running !== undefined && mapAt(running, 'resources') === undefined
      ? [forbidden('spec', 'Pod running on node without support for resize')]
      : []),
  ];
}

function podLevelErrors(spec: DraftMap, before: DraftMap): FieldError[] {
  const [now, was] = [mapAt(spec, 'resources'), mapAt(before, 'resources')];
  if (was === undefined || now === undefined) {
    return was === undefined ? [] : [forbidden('spec.resources', 'pod-level resources cannot be removed')];
  }
  return [
    ...removedAmounts({ now: spec, was: before, field: 'spec' }, 'pod-level resource'),
    ...(same(withAmountsOf(spec, before)['resources'], was)
      ? []
      : [forbidden('spec', 'only cpu and memory resources are mutable at pod-level')]),
  ];
}

function orderErrors(spec: DraftMap, before: DraftMap, list: (typeof LISTS)[number]): FieldError[] {
  if (mapsAt(spec, list).length !== mapsAt(before, list).length) {
    return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)];
  }
  return containerPairs(spec, before, list)
    .filter(({ now, was }) => now['name'] !== was['name'])
    .map(({ field }) => forbidden(`${field}.name`, `${list} may not be renamed or reordered on resize`));
}

function removedErrors(pair: Pair): FieldError[] {
  return removedAmounts(pair, 'resource');
}

/** Amounts can be changed and added, but not taken away. */
function removedAmounts({ now, was, field }: Pair, what: string): FieldError[] {
  return (['requests', 'limits'] as const)
    .filter((kind) => {
      const left = mapAt(mapAt(now, 'resources'), kind) ?? {};
      return Object.keys(mapAt(mapAt(was, 'resources'), kind) ?? {}).some((name) => !(name in left));
    })
    .map((kind) => forbidden(`${field}.resources.${kind}`, `${what} ${kind} cannot be removed`));
}

/** What has `resources`, with the CPU and memory of another. */
function withAmountsOf(one: DraftMap, other: DraftMap): DraftMap {
  const resources: DraftMap = { ...mapAt(one, 'resources') };
  for (const kind of ['requests', 'limits'] as const) {
    const { cpu: _cpu, memory: _memory, ...rest } = mapAt(resources, kind) ?? {};
    const { cpu, memory } = mapAt(mapAt(other, 'resources'), kind) ?? {};
    const amounts = { ...rest, ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
    if (Object.keys(amounts).length > 0) resources[kind] = amounts;
    else delete resources[kind];
  }
  return { ...one, resources };
}

/** An init container that goes on running beside the others. */
function isSidecar(container: DraftMap): boolean {
  return container['restartPolicy'] === 'Always';
}

function initErrors({ now, was, field }: Pair): FieldError[] {
  if (isSidecar(now)) {
    if (same(withAmountsOf(now, was), was)) return [];
    return [forbidden(field, 'only cpu and memory resources for init or sidecar containers are mutable')];
  }
  if (same(now, was)) return [];
  return [forbidden('spec', 'resources for non-sidecar init containers are immutable')];
}
