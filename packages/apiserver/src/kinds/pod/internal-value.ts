import type { DraftMap } from '../../draft.ts';
import { isMap } from '../../draft.ts';
import { INTERNAL_TYPES } from './internal-types.ts';
import { shownSelector } from './shown-selector.ts';

const ZEROS: Readonly<Record<string, unknown>> = { s: '', b: false, i: 0, q: '0' };

/** `value` as the real server would print it: see {@link INTERNAL_TYPES}. Absent fields show their zero value. */
export function internalValue(type: string, value: unknown): DraftMap {
  const source = isMap(value) ? value : {};
  const shown: DraftMap = {};
  for (const field of (INTERNAL_TYPES[type] ?? '').split(' ')) {
    const embedded = /^~(.*)$/.exec(field)?.[1];
    if (embedded === undefined) {
      const { name, jsonName, kind } = parseField(field);
      shown[name] = internalField(kind, source[jsonName]);
    } else {
      Object.assign(shown, embeddedValue(embedded, source));
    }
  }
  return shown;
}

function parseField(field: string): { readonly name: string; readonly jsonName: string; readonly kind: string } {
  const [names = '', kind = ''] = field.split(':');
  const [name = '', jsonName = name.charAt(0).toLowerCase() + name.slice(1)] = names.split('=');
  return { name, jsonName, kind };
}

function internalField(kind: string, value: unknown): unknown {
  if (kind.startsWith('*')) return isMap(value) ? internalValue(kind.slice(1), value) : null;
  if (kind.startsWith('[]')) {
    return Array.isArray(value) ? value.map((one) => internalValue(kind.slice(2), one)) : null;
  }
  if (kind === 'selector') return shownSelector(value);
  if (kind in INTERNAL_TYPES) return internalValue(kind, value);
  return sorted(value ?? ZEROS[kind] ?? null);
}

const META_FIELDS = ['name', 'generateName', 'namespace', 'uid', 'labels', 'annotations', 'finalizers'];

function embeddedValue(type: string, source: DraftMap): DraftMap {
  switch (type) {
    case 'TypeMeta':
      // Objects inside of others are kept without their kind.
      return {};
    case 'ObjectMeta':
      return pick(isMap(source['metadata']) ? source['metadata'] : {}, META_FIELDS);
    default:
      return internalValue(type, source);
  }
}

function pick(source: DraftMap, fields: readonly string[]): DraftMap {
  const there = fields.filter((field) => source[field] !== undefined && source[field] !== '');
  return Object.fromEntries(there.map((field) => [field, sorted(source[field])]));
}

/** Maps are printed in the order of their keys. */
function sorted(value: unknown): unknown {
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, value[key]]),
  );
}
