import type { KubeObject } from '@homeostat/kube';
import type { ScalePaths } from '../custom/custom-resource.ts';
import { scaleOf } from '../custom/scale.ts';
import type { Draft, DraftMap } from '../draft.ts';
import { mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import type { ServedResource } from './served-resource.ts';

/**
 * An object as autoscaling/v1 Scale, with the selector of its Pods in words.
 *
 * @throws {ApiError} 500 for a custom resource as {@link scaleOf}.
 */
export function asScale(
  resource: ServedResource,
  object: KubeObject,
  paths: ScalePaths,
  absent: 'refused' | 'zero',
): Draft {
  const draft = object as unknown as Draft;
  const scale = scaleOf(draft, paths, resource.custom === undefined ? 'zero' : absent);
  if (resource.custom !== undefined) return scale;
  const spec = mapAt(draft, 'spec');
  const selector = resource.kind === 'ReplicationController' ? printMap(mapAt(spec, 'selector')) : printSelector(spec);
  return {
    ...scale,
    status: { replicas: numberAt(mapAt(draft, 'status'), 'replicas') ?? 0, ...(selector !== '' && { selector }) },
  };
}

/** Source: `metav1.FormatLabelSelector`. */
function printSelector(spec: DraftMap | undefined): string {
  const selector = mapAt(spec, 'selector');
  const equal = Object.entries(mapAt(selector, 'matchLabels') ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${String(value)}`);
  const others = mapsAt(selector, 'matchExpressions').map((expression) => {
    const key = textAt(expression, 'key');
    const values = expression['values'];
    const listed = Array.isArray(values) ? values.map(String).toSorted().join(',') : '';
    switch (expression['operator']) {
      case 'In':
        return `${key} in (${listed})`;
      case 'NotIn':
        return `${key} notin (${listed})`;
      case 'DoesNotExist':
        return `!${key}`;
      default:
        return key;
    }
  });
  return [...equal, ...others].join(',');
}

function printMap(selector: DraftMap | undefined): string {
  return Object.entries(selector ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}
