import { isMap, listAt, mapAt, mapsAt, textAt } from '../../draft.ts';
import type { DraftMap } from '../../draft.ts';
import { since } from '../human-duration.ts';

/** What stands in a cell of a Table. */
export type Cell = string | number | boolean | null | undefined;

/** The cells of one object, in the order of its columns. `now` in milliseconds. */
export type Cells = (object: DraftMap, now: number) => readonly Cell[];

export function nameOf(object: DraftMap): string {
  return textAt(mapAt(object, 'metadata'), 'name');
}

export function ageOf(object: DraftMap, now: number): string {
  return since(mapAt(object, 'metadata')?.['creationTimestamp'], now);
}

export function isDeleted(object: DraftMap): boolean {
  return textAt(mapAt(object, 'metadata'), 'deletionTimestamp') !== '';
}

export function annotation(object: DraftMap, name: string): string | undefined {
  const annotations = mapAt(mapAt(object, 'metadata'), 'annotations');
  const value = annotations !== undefined && Object.hasOwn(annotations, name) ? annotations[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

export function specOf(object: DraftMap): DraftMap | undefined {
  return mapAt(object, 'spec');
}

export function statusOf(object: DraftMap): DraftMap | undefined {
  return mapAt(object, 'status');
}

export function count(parent: DraftMap | undefined, field: string): number {
  const value = parent?.[field];
  return typeof value === 'number' ? value : 0;
}

export function sizeAt(parent: DraftMap | undefined, field: string): number {
  const value = parent?.[field];
  if (Array.isArray(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : 0;
}

export function flag(parent: DraftMap | undefined, field: string): boolean {
  return parent?.[field] === true;
}

export function textOr(parent: DraftMap | undefined, field: string, fallback: string): string {
  const text = textAt(parent, field);
  return text === '' ? fallback : text;
}

/** A number or text that may be absent, as text. */
export function shown(parent: DraftMap | undefined, field: string, fallback: string): string {
  const value = parent?.[field];
  return typeof value === 'number' || typeof value === 'string' ? String(value) : fallback;
}

export function textsAt(parent: DraftMap | undefined, field: string): readonly string[] {
  return listAt(parent, field).filter((item) => typeof item === 'string');
}

export function conditionOf(object: DraftMap, type: string): DraftMap | undefined {
  return mapsAt(statusOf(object), 'conditions').find((condition) => condition['type'] === type);
}

/** `a=b,c=d` by key; `<none>` where there is none. */
export function formatLabels(labels: DraftMap | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.length === 0 ? '<none>' : pairs.toSorted(byText).join(',');
}

/** A label selector in one line, by key; `''` where it selects everything, or nothing. */
export function selectorText(selector: DraftMap | undefined): string {
  const equal = Object.entries(mapAt(selector, 'matchLabels') ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${String(value)}`,
  }));
  const others = mapsAt(selector, 'matchExpressions').map((one) => ({
    key: textAt(one, 'key'),
    text: requirement(one),
  }));
  return [...equal, ...others]
    .toSorted((a, b) => byText(a.key, b.key))
    .map(({ text }) => text)
    .join(',');
}

function requirement(expression: DraftMap): string {
  const key = textAt(expression, 'key');
  const values = textsAt(expression, 'values').toSorted(byText).join(',');
  switch (textAt(expression, 'operator')) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'NotIn':
      return `${key} notin (${values})`;
    default:
      return `${key} in (${values})`;
  }
}

export function formatSelector(selector: DraftMap | undefined): string {
  const text = selectorText(selector);
  return text === '' ? '<none>' : text;
}

/** Names and images of the containers of a Pod template, each in one cell. */
export function containerCells(template: DraftMap | undefined): readonly [names: string, images: string] {
  const containers = mapsAt(mapAt(template, 'spec'), 'containers');
  const all = (field: string): string => containers.map((container) => textAt(container, field)).join(',');
  return [all('name'), all('image')];
}

/** The first `max`, and how many more there are. */
export function someOf(items: readonly string[], max: number, none: string): string {
  if (items.length > max) return `${items.slice(0, max).join(',')} + ${String(items.length - max)} more...`;
  const text = items.join(',');
  return text === '' ? none : text;
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
