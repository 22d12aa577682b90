import { emptySet, isEmpty } from './field-set.ts';
import type { FieldEntry, FieldSet } from './field-set.ts';
import type { PathElement } from './path.ts';
import type { Atom, TypeUse } from './schema.ts';

/**
 * A set in which declared fields are members when something beneath them is: who owns `.spec.replicas` then owns `.spec`
 * too, but who owns an entry of a map of maps does not own the entry's map.
 */
export function withNamedFields(set: FieldSet, type: TypeUse | undefined): FieldSet {
  if (isEmpty(set)) return set;
  const atom = type?.atom();
  let entries: Map<string, FieldEntry> | undefined;
  for (const [text, entry] of set.entries) {
    if (isEmpty(entry.children)) continue;
    const children = withNamedFields(entry.children, partType(atom, entry.element));
    const member = entry.member || isDeclared(atom, entry.element);
    if (children === entry.children && member === entry.member) continue;
    entries ??= new Map(set.entries);
    entries.set(text, { ...entry, member, children });
  }
  return entries === undefined ? set : { entries };
}

function isDeclared(atom: Atom | undefined, element: PathElement): boolean {
  return element.kind === 'field' && atom?.map?.fields.has(element.name) === true;
}

function partType(atom: Atom | undefined, element: PathElement): TypeUse | undefined {
  if (element.kind === 'field') return atom?.map?.fields.get(element.name)?.type ?? atom?.map?.element;
  return element.kind === 'key' ? atom?.list?.element : undefined;
}

/**
 * A set as today's type would have it: where what was merged part by part has become atomic, the parts are replaced by the
 * whole. The other way round nothing is done. Of deduced maps nothing was ever known, and fields that the type does not
 * have stay as they are. The same instance when nothing changes.
 *
 * Source: structured-merge-diff, `typed/reconcile_schema.go`.
 */
export function reconcileSet(set: FieldSet, type: TypeUse): FieldSet {
  return reconcileAt({ member: false, children: set }, type).children;
}

type Part = Pick<FieldEntry, 'member' | 'children'>;

const WHOLE: Part = { member: true, children: emptySet };

function reconcileAt(part: Part, type: TypeUse): Part {
  const { map, scalar, list } = type.atom();
  const isLeaf = part.member && isEmpty(part.children);
  if (map !== undefined) {
    if (map.deduced) return part;
    if (map.relationship === 'atomic') return isLeaf || isEmpty(part.children) ? part : WHOLE;
    return reconcileParts(part, (element) =>
      element.kind === 'field' ? (map.fields.get(element.name)?.type ?? map.element) : map.element,
    );
  }
  if (scalar !== undefined || list === undefined || isLeaf) return part;
  return list.relationship === 'atomic' ? WHOLE : reconcileParts(part, () => list.element);
}

function reconcileParts(part: Part, typeOf: (element: PathElement) => TypeUse | undefined): Part {
  let entries: Map<string, FieldEntry> | undefined;
  for (const [text, entry] of part.children.entries) {
    const type = typeOf(entry.element);
    const reconciled = type === undefined ? entry : reconcileAt(entry, type);
    if (reconciled === entry) continue;
    entries ??= new Map(part.children.entries);
    entries.set(text, { element: entry.element, member: reconciled.member, children: reconciled.children });
  }
  return entries === undefined ? part : { member: part.member, children: { entries } };
}
