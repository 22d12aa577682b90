import type { DraftMap } from '../draft.ts';
import { mapAt, mapsAt, numberAt } from '../draft.ts';

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

/**
 * A HorizontalPodAutoscaler in the other version. `autoscaling/v1` knows the CPU target alone; everything else stands there
 * in annotations, so that nothing is lost on the way.
 *
 * Source: k8s.io/kubernetes, pkg/apis/autoscaling/v1/conversion.go.
 */
export function convertAutoscaler(
  object: Readonly<DraftMap>,
  apiVersion: 'autoscaling/v1' | 'autoscaling/v2',
): DraftMap {
  if (object['apiVersion'] === apiVersion) return object;
  return apiVersion === 'autoscaling/v1' ? toV1(object) : toV2(object);
}

function toV1(object: Readonly<DraftMap>): DraftMap {
  const spec = mapAt(object, 'spec') ?? {};
  const status = mapAt(object, 'status');
  const { metrics: _metrics, behavior, ...others } = spec;
  const metrics = mapsAt(spec, 'metrics');
  const cpu = metrics.find(isCpu);
  const rest = metrics.filter((metric) => metric !== cpu);
  const current = mapsAt(status, 'currentMetrics');
  const currentCpu = current.find(isCurrentCpu);
  const notes: Record<string, unknown> = {
    ...(rest.length > 0 && { [METRICS]: JSON.stringify(rest) }),
    ...(behavior !== undefined && { [BEHAVIOR]: JSON.stringify(behavior) }),
    ...(current.length > 0 && { [CURRENT_METRICS]: JSON.stringify(current) }),
    ...(mapsAt(status, 'conditions').length > 0 && { [CONDITIONS]: JSON.stringify(status?.['conditions']) }),
  };
  const target = numberAt(mapAt(mapAt(cpu, 'resource'), 'target'), 'averageUtilization');
  const measured = numberAt(mapAt(mapAt(currentCpu, 'resource'), 'current'), 'averageUtilization');
  const { currentMetrics: _current, conditions: _conditions, ...state } = status ?? {};
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: withNotes(mapAt(object, 'metadata') ?? {}, notes),
    spec: { ...others, ...(target !== undefined && { targetCPUUtilizationPercentage: target }) },
    ...(status !== undefined && {
      status: {
        currentReplicas: 0,
        ...state,
        ...(measured !== undefined && { currentCPUUtilizationPercentage: measured }),
      },
    }),
  };
}

function toV2(object: Readonly<DraftMap>): DraftMap {
  const metadata = mapAt(object, 'metadata') ?? {};
  const annotations = mapAt(metadata, 'annotations') ?? {};
  const { targetCPUUtilizationPercentage: target, ...spec } = mapAt(object, 'spec') ?? {};
  const cpu =
    target === undefined
      ? []
      : [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } },
          },
        ];
  const rest = readNote(annotations, METRICS);
  const metrics = [...(Array.isArray(rest) ? rest : []), ...cpu];
  const behavior = readNote(annotations, BEHAVIOR);
  const status = mapAt(object, 'status');
  const { currentCPUUtilizationPercentage: _measured, ...state } = status ?? {};
  const conditions = readNote(annotations, CONDITIONS);
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: withoutNotes(metadata),
    spec: {
      ...spec,
      ...(metrics.length > 0 && { metrics }),
      ...(behavior !== undefined && { behavior }),
    },
    ...(status !== undefined && {
      status: {
        ...state,
        currentMetrics: readNote(annotations, CURRENT_METRICS) ?? null,
        ...(conditions !== undefined && { conditions }),
      },
    }),
  };
}

function isCpu(metric: DraftMap): boolean {
  const resource = mapAt(metric, 'resource');
  return (
    metric['type'] === 'Resource' &&
    resource?.['name'] === 'cpu' &&
    numberAt(mapAt(resource, 'target'), 'averageUtilization') !== undefined
  );
}

function isCurrentCpu(metric: DraftMap): boolean {
  return metric['type'] === 'Resource' && mapAt(metric, 'resource')?.['name'] === 'cpu';
}

function withNotes(metadata: DraftMap, notes: Readonly<Record<string, unknown>>): DraftMap {
  if (Object.keys(notes).length === 0) return metadata;
  return { ...metadata, annotations: { ...mapAt(metadata, 'annotations'), ...notes } };
}

function withoutNotes(metadata: DraftMap): DraftMap {
  const annotations = mapAt(metadata, 'annotations');
  if (annotations === undefined) return metadata;
  const kept = Object.entries(annotations).filter(
    ([key]) => key !== METRICS && key !== BEHAVIOR && key !== CURRENT_METRICS && key !== CONDITIONS,
  );
  const { annotations: _annotations, ...others } = metadata;
  return kept.length === 0 ? others : { ...others, annotations: Object.fromEntries(kept) };
}

function readNote(annotations: DraftMap, key: string): unknown {
  const text = annotations[key];
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
