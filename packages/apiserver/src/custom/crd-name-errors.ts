import { mapAt, textAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { invalid, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { dns1035LabelErrors, dnsSubdomainErrors } from '../kinds/meta/formats.ts';
import { textsAt } from './custom-resource.ts';

/** `metadata.name` is the plural and the group. */
export function crdNameErrors(crd: Readonly<DraftMap>): readonly FieldError[] {
  const name = textAt(mapAt(crd, 'metadata'), 'name');
  const spec = mapAt(crd, 'spec');
  const needed = `${textAt(mapAt(spec, 'names'), 'plural')}.${textAt(spec, 'group')}`;
  return name === '' || name === needed
    ? []
    : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

export function groupErrors(group: string): readonly FieldError[] {
  if (group === '') return [required('spec.group')];
  const errors = dnsSubdomainErrors(group);
  if (errors.length > 0) return [invalid('spec.group', group, errors.join(','))];
  return group.includes('.') ? [] : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

/** Names that are needed and absent, and those that are none. */
export function nameErrors(names: DraftMap): readonly FieldError[] {
  const absent = ['plural', 'singular', 'kind', 'listKind'].filter((field) => textAt(names, field) === '');
  return [...absent.map((field) => required(`spec.names.${field}`)), ...acceptedNameErrors(names, 'spec.names')];
}

/** Names that are there and are none. */
export function acceptedNameErrors(names: DraftMap, path: string): readonly FieldError[] {
  const [kind, listKind] = [textAt(names, 'kind'), textAt(names, 'listKind')];
  const plain = ['plural', 'singular'].flatMap((field) =>
    textAt(names, field) === '' ? [] : labelErrors(textAt(names, field), `${path}.${field}`),
  );
  const kinds = ['kind', 'listKind'].flatMap((field) => {
    const value = textAt(names, field);
    const errors = value === '' ? [] : dns1035LabelErrors(value.toLowerCase());
    const why = `may have mixed case, but should otherwise match: ${errors.join(',')}`;
    return errors.length === 0 ? [] : [invalid(`${path}.${field}`, value, why)];
  });
  const each = (field: string): readonly FieldError[] =>
    textsAt(names, field).flatMap((name, index) => labelErrors(name, `${path}.${field}[${String(index)}]`));
  return [
    ...plain,
    ...kinds,
    ...each('shortNames'),
    ...(kind !== '' && kind === listKind
      ? [invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
    ...each('categories'),
  ];
}

export function labelErrors(name: string, path: string): readonly FieldError[] {
  const errors = dns1035LabelErrors(name);
  return errors.length === 0 ? [] : [invalid(path, name, errors.join(','))];
}

const APPROVAL = 'api-approved.kubernetes.io';
const APPROVAL_RULE = `protected groups must have approval annotation "${APPROVAL}"`;
const APPROVAL_LINK = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Groups of Kubernetes itself need an annotation that says who approved them, or that nobody did. */
export function approvalErrors(crd: Readonly<DraftMap>, old: Readonly<DraftMap> | undefined): readonly FieldError[] {
  const group = textAt(mapAt(crd, 'spec'), 'group');
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group)) return [];
  const verdict = approval(crd);
  if (old !== undefined && approval(old).state === verdict.state) return [];
  const path = `metadata.annotations[${APPROVAL}]`;
  if (verdict.state === 'missing') return [required(path, `${APPROVAL_RULE}, ${APPROVAL_LINK}`)];
  if (verdict.state !== 'invalid') return [];
  const why = `${APPROVAL_RULE} with either a URL or a reason starting with "unapproved", ${APPROVAL_LINK}`;
  return [invalid(path, verdict.annotation, why)];
}

function approval(crd: Readonly<DraftMap>): {
  readonly state: 'missing' | 'bypassed' | 'approved' | 'invalid';
  readonly annotation: string;
} {
  const annotation = textAt(mapAt(mapAt(crd, 'metadata'), 'annotations'), APPROVAL);
  if (annotation === '') return { state: 'missing', annotation };
  if (annotation.startsWith('unapproved')) return { state: 'bypassed', annotation };
  return { state: /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/\s]/.test(annotation) ? 'approved' : 'invalid', annotation };
}
