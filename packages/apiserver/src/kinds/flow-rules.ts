import type { DraftMap } from '../draft.ts';
import { listAt, mapAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import { each, eachText, needText, wrong } from './checks.ts';
import { dnsLabelErrors, dnsSubdomainErrors } from './meta/formats.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const SUBJECTS = [
  ['Group', 'group'],
  ['ServiceAccount', 'serviceAccount'],
  ['User', 'user'],
] as const;

/** What is wrong with one rule of a FlowSchema: whose requests, and for what. */
export function flowRuleErrors(rule: DraftMap, path: string): FieldError[] {
  const some = (name: string): boolean => listAt(rule, name).length > 0;
  const nothing = 'at least one of resourceRules and nonResourceRules has to be non-empty';
  return [
    ...(some('subjects') ? [] : [required(`${path}.subjects`, 'subjects must contain at least one value')]),
    ...each(rule, 'subjects', path, subjectErrors),
    ...(some('resourceRules') || some('nonResourceRules') ? [] : [required(path, nothing)]),
    ...each(rule, 'resourceRules', path, resourceErrors),
    ...each(rule, 'nonResourceRules', path, (one, at) => [
      ...verbErrors(one, at),
      ...starErrors(one, 'nonResourceURLs', at, {
        missing: 'nonResourceURLs must contain at least one value',
        others: 'non-resource URLs',
      }),
      ...(hasStar(one, 'nonResourceURLs') ? [] : eachText(one, 'nonResourceURLs', at, urlErrors)),
    ]),
  ];
}

function subjectErrors(subject: DraftMap, path: string): FieldError[] {
  const kind = textAt(subject, 'kind');
  const own = SUBJECTS.find(([name]) => name === kind)?.[1];
  if (own === undefined) return [notSupported(`${path}.kind`, kind, ['Group', 'ServiceAccount', 'User'])];
  const named = mapAt(subject, own);
  const others = SUBJECTS.filter(([, field]) => field !== own && subject[field] !== undefined);
  return [
    ...(named === undefined
      ? [required(`${path}.${own}`, `${own} is required when subject kind is '${kind}'`)]
      : namedErrors(named, own, `${path}.${own}`)),
    ...others.map(([name, field]) =>
      forbidden(`${path}.${field}`, `${field} is forbidden when subject kind is not '${name}'`),
    ),
  ];
}

function namedErrors(subject: DraftMap, kind: string, path: string): FieldError[] {
  const missing = needText(subject, 'name', path);
  if (kind !== 'serviceAccount') return missing;
  const name = textAt(subject, 'name');
  const namespace = textAt(subject, 'namespace');
  return [
    ...missing,
    ...(name === '' || name === '*' ? [] : wrong(`${path}.name`, name, dnsSubdomainErrors(name))),
    ...(namespace === ''
      ? [required(`${path}.namespace`, 'must specify namespace for service account')]
      : wrong(`${path}.namespace`, namespace, dnsLabelErrors(namespace))),
  ];
}

function resourceErrors(rule: DraftMap, path: string): FieldError[] {
  const need = (what: string): string => `resource rules must supply at least one ${what}`;
  return [
    ...verbErrors(rule, path),
    ...starErrors(rule, 'apiGroups', path, { missing: need('api group'), others: 'api groups' }),
    ...starErrors(rule, 'resources', path, { missing: need('resource'), others: 'resources' }),
    ...namespaceErrors(rule, path),
  ];
}

function verbErrors(rule: DraftMap, path: string): FieldError[] {
  const verbs = listAt(rule, 'verbs');
  const errors = starErrors(rule, 'verbs', path, {
    missing: 'verbs must contain at least one value',
    others: 'verbs',
  });
  if (hasStar(rule, 'verbs') || verbs.every((verb) => VERBS.includes(String(verb)))) return errors;
  return [...errors, notSupported(`${path}.verbs`, verbs, VERBS)];
}

function namespaceErrors(rule: DraftMap, path: string): FieldError[] {
  const missing = 'resource rules that are not cluster scoped must supply at least one namespace';
  const empty = listAt(rule, 'namespaces').length === 0;
  if (empty) return rule['clusterScope'] === true ? [] : [required(`${path}.namespaces`, missing)];
  if (hasStar(rule, 'namespaces')) return starErrors(rule, 'namespaces', path, { missing, others: 'namespaces' });
  return eachText(rule, 'namespaces', path, (namespace, at) =>
    dnsLabelErrors(namespace).map((text) =>
      invalid(at, namespace, `each member of this list must be '*' or a DNS-1123 label; ${text}`),
    ),
  );
}

function starErrors(
  rule: DraftMap,
  name: string,
  path: string,
  texts: { readonly missing: string; readonly others: string },
): FieldError[] {
  const list = listAt(rule, name);
  if (list.length === 0) return [required(`${path}.${name}`, texts.missing)];
  if (list.length === 1 || !hasStar(rule, name)) return [];
  return [invalid(`${path}.${name}`, list, `if '*' is present, must not specify other ${texts.others}`)];
}

function hasStar(rule: DraftMap, name: string): boolean {
  return listAt(rule, name).includes('*');
}

function urlErrors(url: string, field: string): FieldError[] {
  const stars = url.split('*').length - 1;
  if (url === '') return [invalid(field, url, 'must not be empty')];
  if (url === '/') return [];
  if (!url.startsWith('/')) return [invalid(field, url, 'must start with slash')];
  if (url.includes(' ')) return [invalid(field, url, 'must not contain white-space')];
  if (url.includes('//')) return [invalid(field, url, 'must not contain double slash')];
  if (stars > 1 || (stars === 1 && !url.endsWith('/*'))) {
    return [invalid(field, url, 'wildcard can only do suffix matching')];
  }
  return [];
}
