import { isMap, mapAt } from '../draft.ts';
import type { DraftMap } from '../draft.ts';
import { propertiesOf, propertyOf } from './raw-schema.ts';

/** The field that a path such as `.spec.color` or `['x']` names, or why it names none, in Kubernetes' words. */
export function fieldAt(
  path: string,
  schema: DraftMap,
  { brackets }: { readonly brackets: boolean },
): { readonly names: readonly string[]; readonly schema: DraftMap } | { readonly error: string } {
  const tokens = path.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/gs) ?? [];
  const names: string[] = [];
  let here: DraftMap | undefined = schema;
  const step = (name: string): string | undefined => {
    if (here === undefined) return NO_FIELD;
    const additional = here['additionalProperties'];
    if (propertiesOf(here).length > 0) here = propertyOf(here, name);
    else if (additional === undefined) return NO_FIELD;
    else here = mapAt(here, 'additionalProperties');
    names.push(name);
    return here === undefined && !isMap(additional) && additional !== true ? NO_FIELD : undefined;
  };
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    const next = tokens[index + 1];
    if (token === '[') {
      if (!brackets) return { error: 'array notation is not allowed' };
      if (next === undefined) return { error: 'unexpected end of JSON path' };
      if (!/^'.*'$/s.test(next)) return { error: `expected single quoted string but got ${next}` };
      const error = step(next.slice(1, -1).replaceAll(/\\(.)/gs, '$1'));
      if (error !== undefined) return { error };
      const close = tokens[index + 2];
      if (close === undefined) return { error: 'unexpected end of JSON path' };
      if (close !== ']') return { error: `expected ] but got ${close}` };
      index += 2;
    } else if (token === '.') {
      if (next === undefined) return { error: 'unexpected end of JSON path' };
      const error = step(next);
      if (error !== undefined) return { error };
      index += 1;
    } else return { error: `expected [ or . but got: ${token ?? ''}` };
  }
  return here === undefined ? { error: NO_FIELD } : { names, schema: here };
}

const NO_FIELD = 'does not refer to a valid field';
