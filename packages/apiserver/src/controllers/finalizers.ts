import type { Draft } from '../draft.ts';
import { listAt } from '../draft.ts';

/** Takes a finalizer off. `false`: the object does not have it. */
export function dropFinalizer({ metadata }: Draft, finalizer: string): false | void {
  const finalizers = listAt(metadata, 'finalizers');
  if (!finalizers.includes(finalizer)) return false;
  const others = finalizers.filter((one) => one !== finalizer);
  if (others.length === 0) delete metadata['finalizers'];
  else metadata['finalizers'] = others;
}
