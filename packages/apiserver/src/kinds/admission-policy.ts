import { equalJson } from '@homeostat/kube';
import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, listAt, mapAt, mapsAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, forbidden, invalid, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import {
  defaultMatchResources,
  FAILURE_POLICIES,
  matchConditionErrors,
  matchResourcesErrors,
} from './admission-rules.ts';
import { each, eachText, late, needText, oneOf, within, wrong } from './checks.ts';
import { kindStrategy } from './kind-strategy.ts';
import { dns1035LabelErrors, dnsSubdomainErrors, pathSegmentErrors, qualifiedNameErrors } from './meta/formats.ts';
import { validateLabelSelector } from './meta/label-selector.ts';

const STATIC_SUFFIX = '.static.k8s.io';
const ACTIONS = ['Audit', 'Deny', 'Warn'];

const IGNORED = 'this server does not evaluate admission policies';
const BINDING = `${IGNORED}; binding one has no effect`;

/** Policies are stored, never evaluated: their CEL expressions are not compiled. Whoever writes one is told so. */
export const validatingAdmissionPolicy: Strategy = kindStrategy({
  anyFinalizer: true,
  setDefaults(draft) {
    const spec = ensureMap(draft, 'spec');
    setDefault(spec, 'failurePolicy', 'Fail');
    defaultMatchResources(mapAt(spec, 'matchConstraints'));
  },
  validate: (draft) => [...policyErrors(draft), ...staticNameErrors(draft)],
  warnings: whenWritten(`${IGNORED}; what this one would refuse is accepted`),
  status: { initial: () => ({}), metadata: 'closed' },
});

export const validatingAdmissionPolicyBinding: Strategy = kindStrategy({
  anyFinalizer: true,
  setDefaults: (draft) => defaultMatchResources(mapAt(mapAt(draft, 'spec'), 'matchResources')),
  validate: (draft) => [...bindingErrors(mapAt(draft, 'spec') ?? {}), ...staticNameErrors(draft)],
  warnings: whenWritten(BINDING),
});

/** Of mutating policies, rules and names are looked into; what they would change is not. */
export const mutatingAdmissionPolicy: Strategy = kindStrategy({
  anyFinalizer: true,
  setDefaults(draft) {
    const spec = ensureMap(draft, 'spec');
    setDefault(spec, 'failurePolicy', 'Fail');
    defaultMatchResources(mapAt(spec, 'matchConstraints'));
  },
  validate(draft) {
    const spec = mapAt(draft, 'spec') ?? {};
    return [
      ...oneOf(spec, 'failurePolicy', 'spec', FAILURE_POLICIES),
      ...within(spec, 'paramKind', 'spec', paramKindErrors),
      ...within(spec, 'matchConstraints', 'spec', matchResourcesErrors),
      ...matchConditionErrors(spec, 'spec'),
      ...each(spec, 'variables', 'spec', variableErrors),
      ...staticNameErrors(draft),
    ];
  },
  warnings: whenWritten(`${IGNORED}; what this one would change stays as it is`),
});

export const mutatingAdmissionPolicyBinding: Strategy = kindStrategy({
  anyFinalizer: true,
  setDefaults: (draft) => defaultMatchResources(mapAt(mapAt(draft, 'spec'), 'matchResources')),
  validate: (draft) => [...referenceErrors(mapAt(draft, 'spec') ?? {}), ...staticNameErrors(draft)],
  warnings: whenWritten(BINDING),
});

/** A warning about a spec, where it is new. */
function whenWritten(text: string): NonNullable<Strategy['warnings']> {
  return (draft, old) => (old !== undefined && equalJson(draft['spec'], old['spec']) ? [] : [text]);
}

function policyErrors(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const constraints = mapAt(spec, 'matchConstraints');
  const annotations = mapsAt(spec, 'auditAnnotations');
  const nothing = listAt(spec, 'validations').length === 0 && annotations.length === 0;
  const neither = 'validations or auditAnnotations must contain at least one item';
  const keys = annotations.map((annotation) => textAt(annotation, 'key'));
  return [
    ...oneOf(spec, 'failurePolicy', 'spec', FAILURE_POLICIES),
    ...within(spec, 'paramKind', 'spec', paramKindErrors),
    ...(constraints === undefined ? [required('spec.matchConstraints')] : []),
    ...within(spec, 'matchConstraints', 'spec', matchResourcesErrors),
    ...(constraints !== undefined && listAt(constraints, 'resourceRules').length === 0
      ? [required('spec.matchConstraints.resourceRules')]
      : []),
    ...matchConditionErrors(spec, 'spec'),
    ...each(spec, 'variables', 'spec', variableErrors),
    ...(nothing ? [required('spec.validations', neither), required('spec.auditAnnotations', neither)] : []),
    ...each(spec, 'validations', 'spec', validationErrors),
    ...(annotations.length > 20
      ? [invalid('spec.auditAnnotations', annotations, 'must not have more than 20 auditAnnotations')]
      : []),
    ...each(spec, 'auditAnnotations', 'spec', (annotation, path, index) => [
      ...annotationErrors(annotation, path, textAt(draft.metadata, 'name')),
      ...(keys.indexOf(keys[index] ?? '') < index ? [duplicate(`${path}.key`, keys[index])] : []),
    ]),
  ];
}

function staticNameErrors(draft: Readonly<Draft>): FieldError[] {
  const name = textAt(draft.metadata, 'name');
  if (!name.endsWith(STATIC_SUFFIX)) return [];
  const detail = `names ending with "${STATIC_SUFFIX}" are reserved for static manifest-based configurations and cannot be managed via the API`;
  return [invalid('metadata.name', name, detail)];
}

function paramKindErrors(kind: DraftMap, path: string): FieldError[] {
  const version = textAt(kind, 'apiVersion');
  const name = textAt(kind, 'kind');
  const kindTexts = dns1035LabelErrors(name.toLowerCase());
  const detail = `may have mixed case, but should otherwise match: ${kindTexts.join(',')}`;
  return [
    ...(version === '' ? [required(`${path}.apiVersion`)] : versionErrors(version, `${path}.apiVersion`)),
    ...needText(kind, 'kind', path),
    ...(name === '' || kindTexts.length === 0 ? [] : [invalid(`${path}.kind`, name, detail)]),
  ];
}

function versionErrors(text: string, field: string): FieldError[] {
  const parts = text.split('/');
  if (parts.length > 2) return [invalid(field, text, `unexpected GroupVersion string: ${text}`)];
  const version = parts.at(-1) ?? '';
  const group = parts.length === 2 ? (parts[0] ?? '') : '';
  const groupTexts = group === '' ? [] : dnsSubdomainErrors(group);
  const errors = groupTexts.length === 0 ? [] : [invalid(field, group, groupTexts.join(','))];
  if (version === '') return [...errors, invalid(field, text, 'version must be specified')];
  const texts = dns1035LabelErrors(version);
  return texts.length === 0 ? errors : [...errors, invalid(field, version, texts.join(','))];
}

function variableErrors(variable: DraftMap, path: string): FieldError[] {
  const name = textAt(variable, 'name');
  const blank = name.trim() === '';
  return [
    ...(blank ? [required(`${path}.name`, 'name is not specified')] : []),
    ...(blank || /^[A-Za-z_]\w*$/.test(name) ? [] : [invalid(`${path}.name`, name, 'must be a valid CEL identifier')]),
    ...(textAt(variable, 'expression').trim() === ''
      ? [required(`${path}.expression`, 'expression is not specified')]
      : []),
  ];
}

function validationErrors(validation: DraftMap, path: string): FieldError[] {
  const filled = (name: string): FieldError[] => {
    const value = textAt(validation, name);
    return value !== '' && value.trim() === ''
      ? [invalid(`${path}.${name}`, value, 'must be non-empty if specified')]
      : [];
  };
  const message = textAt(validation, 'message');
  return [
    ...(textAt(validation, 'expression').trim() === ''
      ? [required(`${path}.expression`, 'expression is not specified')]
      : []),
    ...filled('messageExpression'),
    ...filled('message'),
    ...(message.trim().includes('\n') ? [invalid(`${path}.message`, message, 'must not contain line breaks')] : []),
    ...oneOf(validation, 'reason', path, ['Forbidden', 'Invalid', 'RequestEntityTooLarge']),
  ];
}

function annotationErrors(annotation: DraftMap, path: string, policy: string): FieldError[] {
  const key = `${policy}/${textAt(annotation, 'key')}`;
  return [
    ...wrong(`${path}.key`, key, qualifiedNameErrors(key)),
    ...(textAt(annotation, 'valueExpression').trim() === ''
      ? [required(`${path}.valueExpression`, 'valueExpression is not specified')]
      : []),
  ];
}

function bindingErrors(spec: DraftMap): FieldError[] {
  return [...referenceErrors(spec), ...actionErrors(spec)];
}

/** Which policy a binding binds, with which parameters, to what. */
function referenceErrors(spec: DraftMap): FieldError[] {
  const policy = textAt(spec, 'policyName');
  return [
    ...(policy === ''
      ? late([required('spec.policyName')])
      : wrong('spec.policyName', policy, dnsSubdomainErrors(policy))),
    ...within(spec, 'paramRef', 'spec', paramRefErrors),
    ...within(spec, 'matchResources', 'spec', matchResourcesErrors),
  ];
}

function paramRefErrors(reference: DraftMap, path: string): FieldError[] {
  const name = textAt(reference, 'name');
  const selector = mapAt(reference, 'selector');
  const exclusive = 'name and selector are mutually exclusive';
  const both = name !== '' && selector !== undefined;
  return [
    ...(name === '' ? [] : wrong(`${path}.name`, name, pathSegmentErrors(name))),
    ...(both ? [forbidden(`${path}.name`, exclusive), forbidden(`${path}.selector`, exclusive)] : []),
    ...validateLabelSelector(selector, `${path}.selector`),
    ...(name === '' && selector === undefined ? [required(path, 'one of name or selector must be specified')] : []),
    ...(textAt(reference, 'parameterNotFoundAction') === ''
      ? [required(`${path}.parameterNotFoundAction`)]
      : oneOf(reference, 'parameterNotFoundAction', path, ['Deny', 'Allow'])),
  ];
}

function actionErrors(spec: DraftMap): FieldError[] {
  const actions = listAt(spec, 'validationActions');
  const field = 'spec.validationActions';
  if (actions.length === 0) return late([required(field)]);
  const errors = eachText(spec, 'validationActions', 'spec', (action, path, index) => [
    ...(ACTIONS.includes(action)
      ? []
      : oneOf({ action }, 'action', '', ACTIONS).map((error) => ({ ...error, field: path }))),
    ...(actions.indexOf(action) < index ? [duplicate(path, action)] : []),
  ]);
  if (!actions.includes('Deny') || !actions.includes('Warn')) return errors;
  const detail =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return [...errors, invalid(field, actions, detail)];
}
