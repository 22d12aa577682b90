import { equalJson, gvkOf, isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { DefaultRow } from '../src/normalization.ts';
import { isAddedBy } from '../src/normalization.ts';

/** Whether the server has added this field of a row of the defaults somewhere in live, where desired has none. */
export function addedBy(row: DefaultRow, name: string, desired: KubeObject, live: KubeObject): boolean {
  const { group, kind } = gvkOf(live);
  const place = { kind: group === '' ? kind : `${kind}.${group}`, steps: [] as (string | number)[] };
  const visit = (wanted: unknown, actual: unknown): boolean => {
    if (Array.isArray(actual)) {
      return actual.some((item, i) => within(i, () => visit(itemOf(wanted, item, i), item)));
    }
    if (!isRecord(actual) || !isRecord(wanted)) return false;
    const added = (wanted[name] ?? '') === '' && equalJson(actual[name], row.adds[name]);
    if (added && isAddedBy(row, place, name, actual[name])) return true;
    return Object.keys(actual).some((field) => within(field, () => visit(wanted[field], actual[field])));
  };
  const within = (step: string | number, look: () => boolean): boolean => {
    place.steps.push(step);
    const found = look();
    place.steps.pop();
    return found;
  };
  return visit(desired, live);
}

function itemOf(list: unknown, item: unknown, position: number): unknown {
  if (!Array.isArray(list)) return undefined;
  const named = isRecord(item) && item['name'] !== undefined;
  return (named && list.find((other) => isRecord(other) && other['name'] === item['name'])) || list[position];
}
