import { union } from './field-set.ts';
import { newManager, secondsOf, withSet, withTime } from './managers.ts';
import type { Manager, Managers } from './managers.ts';
import { compareText } from './path.ts';

const BUCKET = 'ancient-changes';

/**
 * At most `max` Update entries: beyond that the oldest of one version are united under `ancient-changes`, with the time of
 * the latest of them. Entries of Apply are not counted.
 *
 * Source: apimachinery, `managedfields/internal/capmanagers.go`.
 */
export function capManagers(managers: Managers, max: number): Managers {
  const updaters = [...managers.values()].filter(({ operation }) => operation === 'Update');
  if (updaters.length <= max) return managers;
  updaters.sort((a, b) => secondsOf(a) - secondsOf(b) || compareText(a.id, b.id));
  const capped = new Map(managers);
  const oldest = new Map<string, Manager>();
  let count = updaters.length;
  for (const updater of updaters) {
    if (count <= max) break;
    const first = oldest.get(updater.apiVersion);
    if (first === undefined) {
      oldest.set(updater.apiVersion, updater);
      continue;
    }
    const parts = { name: BUCKET, operation: 'Update', apiVersion: updater.apiVersion, subresource: '' } as const;
    const made = newManager({ ...parts, time: '', set: first.set });
    const bucket = capped.get(made.id) ?? made;
    if (bucket === made) capped.delete(first.id);
    capped.delete(updater.id);
    capped.set(made.id, withTime(withSet(bucket, union(updater.set, bucket.set)), updater.time));
    count--;
  }
  return capped;
}
