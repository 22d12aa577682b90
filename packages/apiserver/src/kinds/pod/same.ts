import { isMap } from '../../draft.ts';
import { compareAmounts } from './resource-list.ts';

/** Fields that are maps of quantities, and what is one: `amount` is our name for a value of such a map. */
const AMOUNTS: ReadonlySet<string> = new Set(['requests', 'limits', 'overhead']);
const AMOUNT: ReadonlySet<string> = new Set(['amount', 'sizeLimit', 'divisor']);

/**
 * Whether two decoded values are the same to Go. Quantities are, however they are written: `1Gi` is `1073741824`. Absent
 * and null are one, but nothing else is: what is empty and could be left out is gone after decoding, so an empty map that
 * is there is a structure with nothing in it.
 */
export function same(one: unknown, other: unknown, field = ''): boolean {
  if (one === other) return true;
  if (one === undefined || one === null) return other === undefined || other === null;
  if (AMOUNT.has(field)) return typeof other === 'string' && compareAmounts(one, other) === 0;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, index) => same(item, other[index]));
  }
  if (!isMap(one) || !isMap(other)) return false;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return keys.every((key) => same(one[key], other[key], AMOUNTS.has(field) ? 'amount' : key));
}
