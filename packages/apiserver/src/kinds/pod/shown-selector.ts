import type { DraftMap } from '../../draft.ts';
import { isMap, listAt, mapAt, mapsAt, textAt } from '../../draft.ts';

/** Labels as messages show them: in the order of their keys, `null` for none. */
export function shownLabels(labels: DraftMap | undefined): unknown {
  if (labels === undefined) return null;
  return Object.fromEntries(
    Object.keys(labels)
      .toSorted()
      .map((key) => [key, labels[key]]),
  );
}

/** A selector as messages show it: labels first. */
export function shownSelector(selector: unknown): unknown {
  if (!isMap(selector)) return null;
  const labels = mapAt(selector, 'matchLabels');
  const expressions = mapsAt(selector, 'matchExpressions').map((one) => ({
    key: textAt(one, 'key'),
    operator: textAt(one, 'operator'),
    ...(listAt(one, 'values').length > 0 && { values: listAt(one, 'values') }),
  }));
  return {
    ...(labels !== undefined && Object.keys(labels).length > 0 && { matchLabels: shownLabels(labels) }),
    ...(expressions.length > 0 && { matchExpressions: expressions }),
  };
}
