import { mapAt, mapsAt, textAt } from '../../draft.ts';
import type { DraftMap } from '../../draft.ts';
import { ageOf, annotation, count, nameOf, shown, specOf, statusOf } from './format.ts';
import type { Cells } from './format.ts';

const autoscaler =
  (metrics: (object: DraftMap) => Metrics): Cells =>
  (object, now) => {
    const [spec, status] = [specOf(object), statusOf(object)];
    const target = mapAt(spec, 'scaleTargetRef');
    return [
      nameOf(object),
      `${textAt(target, 'kind')}/${textAt(target, 'name')}`,
      metricsText(metrics(object)),
      shown(spec, 'minReplicas', '<unset>'),
      count(spec, 'maxReplicas'),
      count(status, 'currentReplicas'),
      ageOf(object, now),
    ];
  };

const scale: Cells = (object, now) => [
  nameOf(object),
  count(specOf(object), 'replicas'),
  count(statusOf(object), 'replicas'),
  ageOf(object, now),
];

interface Metrics {
  readonly specs: readonly DraftMap[];
  readonly statuses: readonly DraftMap[];
}

function metricsOf(object: DraftMap): Metrics {
  return { specs: mapsAt(specOf(object), 'metrics'), statuses: mapsAt(statusOf(object), 'currentMetrics') };
}

/** Version 1 has fields for the use of CPU; all other metrics stand in annotations, flatter than in version 2. */
function metricsOfVersion1(object: DraftMap): Metrics {
  const cpu = (value: unknown, field: 'target' | 'current'): readonly DraftMap[] =>
    value === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', [field]: { averageUtilization: value } } }];
  const statuses = annotated(object, 'autoscaling.alpha.kubernetes.io/current-metrics');
  return {
    specs: [
      ...annotated(object, 'autoscaling.alpha.kubernetes.io/metrics').map((metric) => unfolded(metric, 'target')),
      ...cpu(specOf(object)?.['targetCPUUtilizationPercentage'], 'target'),
    ],
    statuses:
      statuses.length > 0
        ? statuses.map((metric) => unfolded(metric, 'current'))
        : cpu(statusOf(object)?.['currentCPUUtilizationPercentage'], 'current'),
  };
}

/** Anybody writes annotations: what cannot be read is not there. */
function annotated(object: DraftMap, name: string): readonly DraftMap[] {
  try {
    return mapsAt({ metrics: JSON.parse(annotation(object, name) ?? '[]') as unknown }, 'metrics');
  } catch {
    return [];
  }
}

function unfolded(metric: DraftMap, field: 'target' | 'current'): DraftMap {
  const source = SOURCES[textAt(metric, 'type')] ?? '';
  const flat = mapAt(metric, source);
  const folded = {
    averageValue: flat?.[`${field}AverageValue`] ?? flat?.['averageValue'],
    value: flat?.[`${field}Value`],
    averageUtilization: flat?.[`${field}AverageUtilization`],
  };
  return { type: metric['type'], [source]: { ...flat, [field]: folded } };
}

function metricsText({ specs, statuses }: Metrics): string {
  const metrics = specs.map((spec, i) => metricText(spec, statuses[i]));
  if (metrics.length === 0) return '<none>';
  const more = metrics.length > 2 ? ` + ${String(metrics.length - 2)} more...` : '';
  return `${metrics.slice(0, 2).join(', ')}${more}`;
}

const SOURCES: Readonly<Record<string, string>> = {
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  Resource: 'resource',
  ContainerResource: 'containerResource',
};

function metricText(metric: DraftMap, status: DraftMap | undefined): string {
  const type = textAt(metric, 'type');
  const field = SOURCES[type];
  if (field === undefined) return '<unknown type>';
  const source = mapAt(metric, field);
  const target = mapAt(source, 'target');
  const measured = mapAt(status, field);
  const current = mapAt(measured, 'current');
  const average = shown(target, 'averageValue', '');
  const unknown = '<unknown>';
  if (type === 'External' || type === 'Object') {
    if (average !== '') return `${shown(current, 'averageValue', unknown)}/${average} (avg)`;
    const value = measured === undefined ? unknown : shown(current, 'value', '<nil>');
    return `${value}/${shown(target, 'value', '<nil>')}`;
  }
  const averaged = measured === undefined ? unknown : shown(current, 'averageValue', '<nil>');
  if (type === 'Pods') return `${averaged}/${shown(target, 'averageValue', '<nil>')}`;
  const name = textAt(source, 'name');
  if (average !== '') return `${name}: ${averaged}/${average}`;
  return `${name}: ${percent(current, unknown)}/${percent(target, '<auto>')}`;
}

function percent(value: DraftMap | undefined, fallback: string): string {
  const utilization = shown(value, 'averageUtilization', '');
  return utilization === '' ? fallback : `${utilization}%`;
}

/** By `group/Kind`; by `group/version/Kind` where versions differ. */
export const autoscalingCells: Readonly<Record<string, Cells>> = {
  'autoscaling/v1/HorizontalPodAutoscaler': autoscaler(metricsOfVersion1),
  'autoscaling/v2/HorizontalPodAutoscaler': autoscaler(metricsOf),
  'autoscaling/Scale': scale,
};
