import { isRecord } from '@homeostat/kube';
import type { KubeObject, Managers } from '@homeostat/kube';
import { elementText, emptySet, isEmpty, locateItems, pick, union } from '@homeostat/merge';
import type { FieldEntry, FieldSet } from '@homeostat/merge';
import { fieldOf } from './field.ts';
import { ownedBy, writtenBy } from './holder.ts';
import { ignoredField, ignoredItem } from './ignore.ts';
import type { Ignored } from './ignore.ts';

/**
 * What of the live object we own: the value to remember beside the desired digest when the server has said that the two
 * are equal. `undefined` when we own nothing, or in another version than live speaks.
 */
export function ownedValues(live: KubeObject, manager: Managers): unknown {
  return pick(ownedBy(live, manager.current), live);
}

/**
 * What a second manager has to apply before an ignored field may leave our payload: the live values of what is ignored
 * and still ours, or about to become it. Without it the server would remove the field, or put its default there, because nobody else owns it.
 * `undefined` when there is nothing to release.
 *
 * A part of an atomic value cannot be released: whoever applies such a value applies the whole.
 */
export function releasePayload(
  desired: KubeObject,
  live: KubeObject,
  options: {
    readonly manager: Managers;
    readonly ignore: Ignored | undefined;
    /** Managers whose fields are about to become ours. */
    readonly inherited?: readonly string[];
  },
): KubeObject | undefined {
  const { manager, inherited = [] } = options;
  const ours = inherited.reduce((set, name) => union(set, writtenBy(live, name)), ownedBy(live, manager.current));
  const values = pick(ignoredPart(ours, desired, live, options.ignore), live);
  if (!isRecord(values)) return undefined;
  const { name, namespace } = live.metadata;
  const identity = { name, ...(namespace !== undefined && { namespace }) };
  const metadata = isRecord(values['metadata']) ? values['metadata'] : {};
  return { apiVersion: live.apiVersion, kind: live.kind, ...values, metadata: { ...identity, ...metadata } };
}

function ignoredPart(set: FieldSet, desired: unknown, live: unknown, ignored: Ignored | undefined): FieldSet {
  if (ignored === undefined || isEmpty(set)) return emptySet;
  const entries = new Map<string, FieldEntry>();
  const wantedAt = Array.isArray(desired) ? locateItems(set, desired) : [];
  const liveAt = Array.isArray(live) ? locateItems(set, live) : [];
  let i = 0;
  for (const entry of set.entries.values()) {
    const [wanted = -1, actual = -1] = [wantedAt[i], liveAt[i]];
    i++;
    const { element } = entry;
    if (element.kind === 'field') {
      const here = ignoredField(ignored, element.name);
      const partOf = (value: unknown) => (isRecord(value) ? fieldOf(value, element.name) : undefined);
      addPart(entries, entry, partOf(desired), partOf(live), here);
    } else if (Array.isArray(live) && actual >= 0) {
      const item: unknown = Array.isArray(desired) ? desired[wanted] : undefined;
      const here = item === undefined ? ignoredItem(ignored, live[actual], actual) : ignoredItem(ignored, item, wanted);
      addPart(entries, entry, item, live[actual], here);
    }
  }
  return { entries };
}

function addPart(
  entries: Map<string, FieldEntry>,
  entry: FieldEntry,
  desired: unknown,
  live: unknown,
  ignored: Ignored | undefined,
): void {
  const children = ignored?.everything === true ? entry.children : ignoredPart(entry.children, desired, live, ignored);
  const member = ignored?.everything === true && entry.member;
  if (member || !isEmpty(children))
    entries.set(elementText(entry.element), { element: entry.element, member, children });
}
