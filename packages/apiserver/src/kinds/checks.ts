import type { DraftMap } from '../draft.ts';
import { isMap, listAt, mapAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import { equal } from './equal.ts';

/** One error per text, all of them about `value`. */
export function wrong(field: string, value: unknown, texts: readonly string[]): FieldError[] {
  return texts.map((text) => invalid(field, value, text));
}

/** What `check` finds in each of the maps of a list; each is told where it stands. */
export function each(
  parent: DraftMap | undefined,
  name: string,
  path: string,
  check: (item: DraftMap, path: string, index: number) => readonly FieldError[],
): FieldError[] {
  return listAt(parent, name).flatMap((item, index) =>
    isMap(item) ? check(item, `${join(path, name)}[${index}]`, index) : [],
  );
}

/** What `check` finds in each of the texts of a list. */
export function eachText(
  parent: DraftMap | undefined,
  name: string,
  path: string,
  check: (text: string, path: string, index: number) => readonly FieldError[],
): FieldError[] {
  return listAt(parent, name).flatMap((item, index) => check(String(item), `${join(path, name)}[${index}]`, index));
}

/** What `check` finds in the map at `name`, where there is one. */
export function within(
  parent: DraftMap | undefined,
  name: string,
  path: string,
  check: (item: DraftMap, path: string) => readonly FieldError[],
): readonly FieldError[] {
  const item = mapAt(parent, name);
  return item === undefined ? [] : check(item, join(path, name));
}

/** An absent text, and an empty one, where one is needed. */
export function needText(parent: DraftMap | undefined, name: string, path: string, detail = ''): FieldError[] {
  const value = parent?.[name] ?? '';
  return value === '' ? [required(join(path, name), detail)] : [];
}

/** A text that is none of those known; nothing where it is absent. */
export function oneOf(
  parent: DraftMap | undefined,
  name: string,
  path: string,
  supported: readonly string[],
): FieldError[] {
  const value = parent?.[name] ?? undefined;
  if (value === undefined || (typeof value === 'string' && supported.includes(value))) return [];
  return [notSupported(join(path, name), value, supported)];
}

/** A number out of bounds, with the text for that; nothing where it is absent. */
export function bounded(
  parent: DraftMap | undefined,
  name: string,
  path: string,
  [min, max]: readonly [number, number],
  detail: string,
): FieldError[] {
  const value = parent?.[name];
  if (typeof value !== 'number' || (value >= min && value <= max)) return [];
  return [invalid(join(path, name), value, detail)];
}

export function notNegative(parent: DraftMap | undefined, name: string, path: string): FieldError[] {
  return bounded(parent, name, path, [0, Infinity], 'must be greater than or equal to 0');
}

/**
 * A field that differs from what it was. `path` is where the server says that it is: not always where it is. `shown` is
 * what it shows as the new value.
 */
export function immutable(
  next: DraftMap | undefined,
  old: DraftMap | undefined,
  name: string,
  path: string = name,
  shown: unknown = next?.[name] ?? null,
): FieldError[] {
  return equal(next?.[name], old?.[name]) ? [] : [invalid(path, shown, 'field is immutable')];
}

/** A field that must be absent. */
export function absent(parent: DraftMap | undefined, name: string, path: string, why: string): FieldError[] {
  return (parent?.[name] ?? undefined) === undefined ? [] : [forbidden(join(path, name), why)];
}

export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** Marks errors that the real server lists last. */
export function late(errors: readonly FieldError[]): FieldError[] {
  return errors.map((error) => ({ ...error, late: true }));
}
