import type { DraftMap } from '../draft.ts';
import { mapAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { invalid } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { notNegative, oneOf, wrong } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import { percentErrors } from './meta/formats.ts';
import { validateLabelSelector } from './meta/label-selector.ts';

const COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'];

export const podDisruptionBudget: Strategy = kindStrategy({
  anyFinalizer: true,
  validate(draft) {
    const spec = mapAt(draft, 'spec') ?? {};
    const both = spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined;
    return [
      ...(both ? [invalid('spec', goSpec(spec), 'minAvailable and maxUnavailable cannot be both set')] : []),
      ...['minAvailable', 'maxUnavailable'].flatMap((name) => amountErrors(spec[name], `spec.${name}`)),
      ...validateLabelSelector(mapAt(spec, 'selector'), 'spec.selector'),
      ...oneOf(spec, 'unhealthyPodEvictionPolicy', 'spec', ['AlwaysAllow', 'IfHealthyBudget']),
    ];
  },
  status: {
    initial: () => Object.fromEntries(COUNTS.map((name) => [name, 0])),
    metadata: 'open',
    validate: (draft) => COUNTS.flatMap((name) => notNegative(mapAt(draft, 'status'), name, 'status')),
  },
});

function amountErrors(value: unknown, field: string): FieldError[] {
  if (typeof value === 'number') return value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : [];
  if (typeof value !== 'string') return [];
  const percent = /^(\d+)%$/.exec(value)?.[1];
  const tooMuch = percent !== undefined && Number(percent) > 100;
  return [
    ...wrong(field, value, percentErrors(value)),
    ...(tooMuch ? [invalid(field, value, 'must not be greater than 100%')] : []),
  ];
}

/** The server shows the spec as its own Go type, whose fields have no JSON names. */
function goSpec(spec: DraftMap): DraftMap {
  return {
    MinAvailable: spec['minAvailable'] ?? null,
    Selector: spec['selector'] ?? null,
    MaxUnavailable: spec['maxUnavailable'] ?? null,
    UnhealthyPodEvictionPolicy: spec['unhealthyPodEvictionPolicy'] ?? null,
  };
}
