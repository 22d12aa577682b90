import type { DraftMap } from '../draft.ts';
import { mapAt, numberAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbidden, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { each, immutable, late, oneOf, within, wrong } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import { dnsLabelErrors } from './meta/formats.ts';
import { validateLabels } from './meta/label-selector.ts';
import { roundToMilli } from './pod/resource-list.ts';
import { validateTolerations } from './pod/validate-scheduling.ts';
import { amountErrors, containerResourceNameErrors } from './resource-names.ts';

const HIGHEST = 1_000_000_000;
const SYSTEM: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

export const priorityClass: Strategy = kindStrategy({
  setDefaults: (draft) => setDefault(draft, 'preemptionPolicy', 'PreemptLowerPriority'),
  validate: (draft, old) => (old === undefined ? [...valueErrors(draft), ...policyErrors(draft)] : []),
  validateChange(draft, old) {
    const value = numberAt(draft, 'value') ?? 0;
    const changed = value !== (numberAt(old, 'value') ?? 0);
    return [
      ...(changed ? [forbidden('value', 'may not be changed in an update.')] : []),
      ...immutable(draft, old, 'preemptionPolicy'),
    ];
  },
});

export const runtimeClass: Strategy = kindStrategy({
  setDefaults: (draft) => roundToMilli(mapAt(mapAt(draft, 'overhead'), 'podFixed')),
  validate(draft) {
    const handler = textAt(draft, 'handler');
    return [
      ...late(handler === '' ? [required('handler')] : wrong('handler', handler, dnsLabelErrors(handler))),
      ...within(draft, 'overhead', '', (overhead, path) =>
        Object.entries(mapAt(overhead, 'podFixed') ?? {}).flatMap(([name, amount]) => [
          ...containerResourceNameErrors(name, `${path}.limits[${name}]`),
          ...amountErrors(name, amount, `${path}.limits[${name}]`),
        ]),
      ),
      ...within(draft, 'scheduling', '', schedulingErrors),
    ];
  },
  validateChange: (draft, old) => late(immutable(draft, old, 'handler', 'handler', null)),
});

function valueErrors(draft: DraftMap): FieldError[] {
  const name = textAt(mapAt(draft, 'metadata'), 'name');
  const value = numberAt(draft, 'value') ?? 0;
  if (!name.startsWith('system-')) {
    if (value <= HIGHEST) return [];
    return [forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST}`)];
  }
  const why = systemError(name, value, draft['globalDefault'] === true);
  if (why === undefined) return [];
  const text = `priority class names with 'system-' prefix are reserved for system use only. error: ${why}`;
  return [forbidden('metadata.name', text)];
}

function systemError(name: string, value: number, globalDefault: boolean): string | undefined {
  const known = Object.hasOwn(SYSTEM, name) ? SYSTEM[name] : undefined;
  if (known === undefined) return `${name} is not a known system priority class`;
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function policyErrors(draft: DraftMap): FieldError[] {
  return oneOf(draft, 'preemptionPolicy', '', ['PreemptLowerPriority', 'Never']);
}

function schedulingErrors(scheduling: DraftMap, path: string): FieldError[] {
  const seen = new Set<string>();
  return [
    ...validateLabels(scheduling['nodeSelector'], `${path}.nodeSelector`),
    ...validateTolerations(scheduling, path),
    ...each(scheduling, 'tolerations', path, (toleration, at) => {
      const key = ['key', 'operator', 'value', 'effect'].map((name) => textAt(toleration, name)).join('\n');
      const repeated = seen.has(key) ? [duplicate(at, goToleration(toleration))] : [];
      seen.add(key);
      return repeated;
    }),
  ];
}

/** The server shows a toleration as its own Go type, whose fields have no JSON names. */
function goToleration(toleration: DraftMap): DraftMap {
  return {
    Key: textAt(toleration, 'key'),
    Operator: textAt(toleration, 'operator'),
    Value: textAt(toleration, 'value'),
    Effect: textAt(toleration, 'effect'),
    TolerationSeconds: toleration['tolerationSeconds'] ?? null,
  };
}
