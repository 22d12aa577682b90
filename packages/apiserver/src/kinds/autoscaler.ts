import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, mapsAt, numberAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { bounded, each, late, notNegative, oneOf, within } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import { isNegative } from './pod/resource-list.ts';
import { metricErrors } from './autoscaler-metrics.ts';
import { referenceErrors, versionErrors } from './object-reference.ts';

const HOUR = 3600;
const HALF_HOUR = 1800;

/** Version v2, in which autoscalers are stored; v1 is converted before. */
export const horizontalPodAutoscaler: Strategy = kindStrategy({
  setDefaults(draft) {
    const spec = ensureMap(draft, 'spec');
    setDefault(spec, 'minReplicas', 1);
    if (listAt(spec, 'metrics').length === 0) spec['metrics'] = [cpuMetric()];
    const behavior = mapAt(spec, 'behavior');
    if (behavior === undefined) return;
    behavior['scaleUp'] = { ...scaleUp(), ...mapAt(behavior, 'scaleUp') };
    behavior['scaleDown'] = { ...scaleDown(), ...mapAt(behavior, 'scaleDown') };
  },
  validate,
  status: {
    initial: () => ({ desiredReplicas: 0, currentMetrics: null }),
    metadata: 'open',
    validate(draft) {
      const status = mapAt(draft, 'status');
      return [
        ...each(status, 'conditions', 'status', (condition, path) =>
          notNegative(condition, 'observedGeneration', path),
        ),
        ...notNegative(status, 'currentReplicas', 'status'),
        ...notNegative(status, 'desiredReplicas', 'status'),
      ];
    },
  },
});

function cpuMetric(): DraftMap {
  const target = { type: 'Utilization', averageUtilization: 80 };
  return { type: 'Resource', resource: { name: 'cpu', target } };
}

function scaleUp(): DraftMap {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  };
}

function scaleDown(): DraftMap {
  return { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
}

function validate(draft: Readonly<Draft>, old: Readonly<Draft> | undefined): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const target = mapAt(spec, 'scaleTargetRef') ?? {};
  const before = mapAt(mapAt(old, 'spec'), 'scaleTargetRef');
  const unchanged =
    before !== undefined && before['apiVersion'] === target['apiVersion'] && before['kind'] === target['kind'];
  return [
    ...replicaErrors(spec),
    ...referenceErrors(target, 'spec.scaleTargetRef'),
    ...(unchanged
      ? []
      : versionErrors(target, 'spec.scaleTargetRef', textAt(target, 'kind') === 'ReplicationController')),
    ...each(spec, 'metrics', 'spec', metricErrors),
    ...zeroErrors(spec),
    ...within(spec, 'behavior', 'spec', (behavior, path) => [
      ...within(behavior, 'scaleUp', path, rulesErrors),
      ...within(behavior, 'scaleDown', path, rulesErrors),
    ]),
  ];
}

function replicaErrors(spec: DraftMap): FieldError[] {
  const min = numberAt(spec, 'minReplicas') ?? 1;
  const max = numberAt(spec, 'maxReplicas') ?? 0;
  const field = 'spec.maxReplicas';
  const errors = notNegative(spec, 'minReplicas', 'spec');
  if (max === 0) errors.push(...late([required(field)]));
  if (max < 0) errors.push(invalid(field, max, 'must be greater than or equal to 1'));
  if (max < min) errors.push(invalid(field, max, 'must be greater than or equal to `minReplicas`'));
  return errors;
}

function zeroErrors(spec: DraftMap): FieldError[] {
  if (numberAt(spec, 'minReplicas') !== 0) return [];
  const types = mapsAt(spec, 'metrics').map((metric) => metric['type']);
  if (types.includes('Object') || types.includes('External')) return [];
  const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
  return [forbidden('spec.metrics', detail)];
}

function rulesErrors(rules: DraftMap, path: string): FieldError[] {
  const window = 'stabilizationWindowSeconds';
  const empty = listAt(rules, 'policies').length === 0;
  const tolerance = rules['tolerance'];
  return [
    ...bounded(rules, window, path, [0, Infinity], 'must be greater than or equal to zero'),
    ...bounded(rules, window, path, [-Infinity, HOUR], `must be less than or equal to ${HOUR}`),
    ...oneOf(rules, 'selectPolicy', path, ['Disabled', 'Max', 'Min']),
    ...(empty ? [required(`${path}.policies`, 'must specify at least one Policy')] : []),
    ...each(rules, 'policies', path, policyErrors),
    ...(isNegative(tolerance) ? [invalid(`${path}.tolerance`, tolerance, 'must be greater than or equal to 0')] : []),
  ];
}

function policyErrors(policy: DraftMap, path: string): FieldError[] {
  const type = textAt(policy, 'type');
  const known = type === 'Pods' || type === 'Percent';
  const positive = (name: string): FieldError[] => {
    const value = numberAt(policy, name) ?? 0;
    return value > 0 ? [] : [invalid(`${path}.${name}`, value, 'must be greater than zero')];
  };
  return [
    ...(known ? [] : [notSupported(`${path}.type`, type, ['Percent', 'Pods'])]),
    ...positive('value'),
    ...positive('periodSeconds'),
    ...bounded(policy, 'periodSeconds', path, [-Infinity, HALF_HOUR], `must be less than or equal to ${HALF_HOUR}`),
  ];
}
