import type { DraftMap } from '../draft.ts';
import { listAt, mapAt, mapsAt, setDefault, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../field-error.ts';
import { each, eachText, needText, oneOf, within, wrong } from './checks.ts';
import { pathSegmentErrors, qualifiedNameErrors } from './meta/formats.ts';
import { validateLabelSelector } from './meta/label-selector.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
export const FAILURE_POLICIES: readonly string[] = ['Fail', 'Ignore'];
export const MATCH_POLICIES: readonly string[] = ['Equivalent', 'Exact'];

export function defaultRules(rules: readonly DraftMap[]): void {
  for (const rule of rules) setDefault(rule, 'scope', '*');
}

/** What `matchConstraints` and `matchResources` get when they say nothing. */
export function defaultMatchResources(resources: DraftMap | undefined): void {
  if (resources === undefined) return;
  setDefault(resources, 'matchPolicy', 'Equivalent');
  setDefault(resources, 'namespaceSelector', {});
  setDefault(resources, 'objectSelector', {});
  defaultRules([...mapsAt(resources, 'resourceRules'), ...mapsAt(resources, 'excludeResourceRules')]);
}

/** What is wrong with a rule about which requests on which resources are meant. */
export function ruleErrors(rule: DraftMap, path: string): FieldError[] {
  const operations = listAt(rule, 'operations');
  return [
    ...needList(rule, 'operations', path),
    ...loneStar(rule, 'operations', path, 'operations'),
    ...operations.flatMap((operation, index) =>
      OPERATIONS.includes(String(operation))
        ? []
        : [notSupported(`${path}.operations[${index}]`, operation, OPERATIONS)],
    ),
    ...needList(rule, 'apiGroups', path),
    ...loneStar(rule, 'apiGroups', path, 'API groups'),
    ...needList(rule, 'apiVersions', path),
    ...loneStar(rule, 'apiVersions', path, 'API versions'),
    ...eachText(rule, 'apiVersions', path, (version, at) => (version === '' ? [required(at)] : [])),
    ...resourcesErrors(rule, path),
    ...oneOf(rule, 'scope', path, ['*', 'Cluster', 'Namespaced']),
  ];
}

/** Also names of objects, as in policies. */
function namedRuleErrors(rule: DraftMap, path: string): FieldError[] {
  const names = listAt(rule, 'resourceNames');
  return [
    ...eachText(rule, 'resourceNames', path, (name, at, index) => [
      ...wrong(at, name, pathSegmentErrors(name)),
      ...(names.indexOf(name) < index ? [duplicate(at, name)] : []),
    ]),
    ...ruleErrors(rule, path),
  ];
}

export function matchResourcesErrors(resources: DraftMap, path: string): FieldError[] {
  return [
    ...oneOf(resources, 'matchPolicy', path, MATCH_POLICIES),
    ...within(resources, 'namespaceSelector', path, validateLabelSelector),
    ...within(resources, 'objectSelector', path, validateLabelSelector),
    ...each(resources, 'resourceRules', path, namedRuleErrors),
    ...each(resources, 'excludeResourceRules', path, namedRuleErrors),
  ];
}

/** Conditions in CEL: their names and that there is an expression. Expressions are not compiled. */
export function matchConditionErrors(parent: DraftMap, path: string): FieldError[] {
  const conditions = mapsAt(parent, 'matchConditions');
  const names = conditions.map((condition) => textAt(condition, 'name'));
  const field = `${path}.matchConditions`;
  return [
    ...(conditions.length > 64 ? [tooMany(field, conditions.length, 64)] : []),
    ...each(parent, 'matchConditions', path, (condition, at, index) => {
      const name = textAt(condition, 'name');
      const blank = textAt(condition, 'expression').trim() === '';
      return [
        ...(blank ? [required(`${at}.expression`)] : []),
        ...needText(condition, 'name', at),
        ...(name === '' ? [] : wrong(`${at}.name`, name, qualifiedNameErrors(name))),
        ...(name !== '' && names.indexOf(name) < index ? [duplicate(`${at}.name`, name)] : []),
      ];
    }),
  ];
}

function needList(rule: DraftMap, name: string, path: string): FieldError[] {
  return listAt(rule, name).length === 0 ? [required(`${path}.${name}`)] : [];
}

function loneStar(rule: DraftMap, name: string, path: string, what: string): FieldError[] {
  const list = listAt(rule, name);
  if (list.length < 2 || !list.includes('*')) return [];
  return [invalid(`${path}.${name}`, list, `if '*' is present, must not specify other ${what}`)];
}

function resourcesErrors(rule: DraftMap, path: string): FieldError[] {
  const resources = listAt(rule, 'resources').map(String);
  const field = `${path}.resources`;
  const errors = needList(rule, 'resources', path);
  const allOf = new Set<string>();
  const ofAll = new Set<string>();
  let plain = false;
  for (const [index, resource] of resources.entries()) {
    const at = `${field}[${index}]`;
    if (resource === '') {
      errors.push(required(at));
      continue;
    }
    const slash = resource.indexOf('/');
    if (slash < 0) {
      // As on the real server, the last one counts.
      plain = resource !== '*';
      continue;
    }
    const name = resource.slice(0, slash);
    const sub = resource.slice(slash + 1);
    if (allOf.has(name)) {
      errors.push(invalid(at, resource, `if '${name}/*' is present, must not specify ${resource}`));
    }
    if (ofAll.has(sub)) errors.push(invalid(at, resource, `if '*/${sub}' is present, must not specify ${resource}`));
    if (sub === '*') allOf.add(name);
    if (name === '*') ofAll.add(sub);
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalid(field, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && plain) {
    const detail = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(field, resources, detail));
  }
  return errors;
}

/** The selectors and policies that webhooks of both kinds have. */
export function selectorErrors(hook: DraftMap, path: string): FieldError[] {
  return [
    ...validateLabelSelector(mapAt(hook, 'namespaceSelector'), `${path}.namespaceSelector`),
    ...validateLabelSelector(mapAt(hook, 'objectSelector'), `${path}.objectSelector`),
  ];
}
