import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, mapsAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { invalid, notSupported, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { each, late, needText, within, wrong } from './checks.ts';
import { equal } from './equal.ts';
import { kindStrategy } from './kind-strategy.ts';
import { dnsSubdomainErrors, pathSegmentErrors } from './meta/formats.ts';
import { validateLabelSelector } from './meta/label-selector.ts';

const GROUP = 'rbac.authorization.k8s.io';

export const role: Strategy = kindStrategy({
  validate: (draft) => each(draft, 'rules', '', (rule, path) => ruleErrors(rule, path, true)),
});

/** Rules of an aggregated role are written by a controller on the real server; here they stay what clients write. */
export const clusterRole: Strategy = kindStrategy({
  validate: (draft) => [
    ...each(draft, 'rules', '', (rule, path) => ruleErrors(rule, path, false)),
    ...within(draft, 'aggregationRule', '', (aggregation, path) => {
      const empty = listAt(aggregation, 'clusterRoleSelectors').length === 0;
      const detail = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
      return [
        ...(empty ? [required(`${path}.clusterRoleSelectors`, detail)] : []),
        ...each(aggregation, 'clusterRoleSelectors', path, (selector, at) => {
          const errors = validateLabelSelector(selector, at);
          return errors.length === 0 ? [] : [...errors, invalid(at, null, 'invalid label selector.')];
        }),
      ];
    }),
  ],
});

export const roleBinding: Strategy = bindingStrategy(true, ['Role', 'ClusterRole']);
export const clusterRoleBinding: Strategy = bindingStrategy(false, ['ClusterRole']);

function bindingStrategy(namespaced: boolean, kinds: readonly string[]): Strategy {
  return kindStrategy({
    setDefaults(draft) {
      const reference = ensureMap(draft, 'roleRef');
      if (textAt(reference, 'apiGroup') === '') reference['apiGroup'] = GROUP;
      for (const subject of mapsAt(draft, 'subjects')) {
        if (subject['kind'] === 'User' || subject['kind'] === 'Group') setDefault(subject, 'apiGroup', GROUP);
      }
    },
    validate: (draft) => [
      ...roleErrors(mapAt(draft, 'roleRef') ?? {}, kinds),
      ...each(draft, 'subjects', '', (subject, path) => subjectErrors(subject, path, namespaced)),
    ],
    validateChange,
  });
}

function validateChange(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const reference = mapAt(draft, 'roleRef');
  if (equal(reference, old['roleRef'])) return [];
  // The server shows its own Go type, whose fields have no JSON names.
  const shown = {
    APIGroup: textAt(reference, 'apiGroup'),
    Kind: textAt(reference, 'kind'),
    Name: textAt(reference, 'name'),
  };
  return [invalid('roleRef', shown, 'field is immutable')];
}

function ruleErrors(rule: DraftMap, path: string, namespaced: boolean): FieldError[] {
  const urls = listAt(rule, 'nonResourceURLs');
  const missing = (name: string, detail: string): FieldError[] =>
    listAt(rule, name).length === 0 ? [required(`${path}.${name}`, detail)] : [];
  const errors = late(missing('verbs', ''));
  if (urls.length === 0) {
    return [
      ...errors,
      ...missing('apiGroups', 'resource rules must supply at least one api group'),
      ...missing('resources', 'resource rules must supply at least one resource'),
    ];
  }
  const field = `${path}.nonResourceURLs`;
  if (namespaced) errors.push(invalid(field, urls, 'namespaced rules cannot apply to non-resource URLs'));
  if (['apiGroups', 'resources', 'resourceNames'].some((name) => listAt(rule, name).length > 0)) {
    errors.push(invalid(field, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
  }
  return errors;
}

function roleErrors(reference: DraftMap, kinds: readonly string[]): FieldError[] {
  const [group, kind, name] = [textAt(reference, 'apiGroup'), textAt(reference, 'kind'), textAt(reference, 'name')];
  return [
    ...(group === GROUP ? [] : [notSupported('roleRef.apiGroup', group, [GROUP])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name === '' ? late([required('roleRef.name')]) : wrong('roleRef.name', name, pathSegmentErrors(name))),
  ];
}

function subjectErrors(subject: DraftMap, path: string, namespaced: boolean): FieldError[] {
  const [kind, group, name] = [textAt(subject, 'kind'), textAt(subject, 'apiGroup'), textAt(subject, 'name')];
  const errors = late(needText(subject, 'name', path));
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') errors.push(...wrong(`${path}.name`, name, dnsSubdomainErrors(name)));
      if (group !== '') errors.push(notSupported(`${path}.apiGroup`, group, ['']));
      if (!namespaced) errors.push(...needText(subject, 'namespace', path));
      return errors;
    case 'User':
    case 'Group':
      return group === GROUP ? errors : [...errors, notSupported(`${path}.apiGroup`, group, [GROUP])];
    default:
      return [...errors, notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
  }
}
