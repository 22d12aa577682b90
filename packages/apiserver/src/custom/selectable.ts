import { isMap } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { CustomVersion } from './custom-resource.ts';
import { goText } from './go-values.ts';

/** The values that field selectors compare, by the names they use (`spec.color`): empty where the object has none. */
export function selectableValues(object: Readonly<Draft>, version: CustomVersion): ReadonlyMap<string, string> {
  return new Map(version.selectableFields.map((path) => [path, valueAt(object, path)]));
}

function valueAt(object: Readonly<Draft>, path: string): string {
  let value: unknown = object;
  for (const name of path.split('.')) {
    if (!isMap(value) || !Object.hasOwn(value, name)) return '';
    value = value[name];
  }
  return value === null ? '' : goText(value);
}
