import type { DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, textAt } from '../../draft.ts';
import { labelValueErrors } from '../meta/formats.ts';
import { item } from './rules.ts';

const OLD_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** Labels of nodes that are called in another way now. */
export function nodeWarnings(spec: DraftMap, field: string): readonly string[] {
  return [
    ...Object.keys(mapAt(spec, 'nodeSelector') ?? {}).flatMap((key) =>
      OLD_LABELS[key] === undefined ? [] : [`${field}.nodeSelector[${key}]: ${OLD_LABELS[key]}`],
    ),
    ...nodeAffinityWarnings(spec, `${field}.affinity.nodeAffinity`),
  ];
}

function nodeAffinityWarnings(spec: DraftMap, field: string): readonly string[] {
  const affinity = mapAt(mapAt(spec, 'affinity'), 'nodeAffinity');
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  return [
    ...mapsAt(mapAt(affinity, required), 'nodeSelectorTerms').flatMap((term, index) =>
      termWarnings(term, false, item(`${field}.${required}.nodeSelectorTerms`, index)),
    ),
    ...mapsAt(affinity, preferred).flatMap((term, index) =>
      termWarnings(mapAt(term, 'preference') ?? {}, true, `${item(`${field}.${preferred}`, index)}.preference`),
    ),
  ];
}

function termWarnings(term: DraftMap, checkValues: boolean, field: string): readonly string[] {
  return mapsAt(term, 'matchExpressions').flatMap((expression, index) => {
    const at = item(`${field}.matchExpressions`, index);
    const key = textAt(expression, 'key');
    const old = OLD_LABELS[key];
    const values = checkValues ? listAt(expression, 'values').map(String) : [];
    return [
      ...(old === undefined ? [] : [`${at}.key: ${key} is ${old}`]),
      ...values.flatMap((value, valueIndex) =>
        labelValueErrors(value).map((text) => `${item(`${at}.values`, valueIndex)}: ${value} is invalid, ${text}`),
      ),
    ];
  });
}

const NO_SELECTOR = 'a null labelSelector results in matching no pod';

export function spreadWarnings(spec: DraftMap, field: string): readonly string[] {
  return mapsAt(spec, 'topologySpreadConstraints').flatMap((constraint, index) => {
    const key = textAt(constraint, 'topologyKey');
    const old = OLD_LABELS[key];
    return [
      ...(old === undefined ? [] : [`${item(field, index)}.topologyKey: ${key} is ${old}`]),
      ...(mapAt(constraint, 'labelSelector') === undefined
        ? [`${item(field, index)}.labelSelector: ${NO_SELECTOR}`]
        : []),
    ];
  });
}

export function podAffinityWarnings(spec: DraftMap, field: string): readonly string[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
    const rules = mapAt(mapAt(spec, 'affinity'), kind);
    const required = 'requiredDuringSchedulingIgnoredDuringExecution';
    const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
    const terms = [
      ...mapsAt(rules, required).map((term, index) => [item(`${field}.${kind}.${required}`, index), term] as const),
      ...mapsAt(rules, preferred).map(
        (term, index) =>
          [`${item(`${field}.${kind}.${preferred}`, index)}.podAffinityTerm`, mapAt(term, 'podAffinityTerm')] as const,
      ),
    ];
    return terms.flatMap(([at, term]) =>
      mapAt(term, 'labelSelector') === undefined ? [`${at}.labelSelector: ${NO_SELECTOR}`] : [],
    );
  });
}
