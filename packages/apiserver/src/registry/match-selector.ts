import type { DraftMap } from '../draft.ts';
import { mapAt, mapsAt, textAt } from '../draft.ts';

type Labels = Readonly<Record<string, string>> | undefined;

/** Whether labels satisfy a `metav1.LabelSelector`. An empty selector selects everything, an absent one nothing. */
export function matchesLabelSelector(selector: DraftMap | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  const own = (key: string): string | undefined =>
    labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  const wanted = Object.entries(mapAt(selector, 'matchLabels') ?? {});
  if (!wanted.every(([key, value]) => own(key) === value)) return false;
  return mapsAt(selector, 'matchExpressions').every((expression) => {
    const value = own(textAt(expression, 'key'));
    const values: readonly unknown[] = Array.isArray(expression['values']) ? expression['values'] : [];
    switch (expression['operator']) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}
