import { isMap } from '../../draft.ts';

/**
 * Whether two decoded values are the same to Go. Absent and null are one, but nothing else is: what is empty and could be
 * left out is gone after decoding, so an empty map that is there is a structure with nothing in it.
 */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (one === undefined || one === null) return other === undefined || other === null;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, index) => same(item, other[index]));
  }
  if (!isMap(one) || !isMap(other)) return false;
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) => same(one[key], other[key]));
}
