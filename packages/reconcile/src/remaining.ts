import { refKey, requiredBy } from '@homeostat/kube';
import type { RefKey } from '@homeostat/kube';
import { nodesOf } from './apply-plan.ts';
import type { PassEvent } from './events.ts';
import type { Settled } from './settle.ts';

/** Which objects a task still has to write or to delete, or waits for. */
export type Remaining = () => ReadonlySet<RefKey>;

export interface Worklist {
  readonly remaining: Remaining;
  /** The same steps, from which it learns what has been done. */
  through<R>(steps: AsyncGenerator<PassEvent, R>): AsyncGenerator<PassEvent, R>;
}

/**
 * What an apply, and the removal of additions after it, have to do. What was refused or failed stays among it: it is the next pass that has to
 * see to that. What others wait for does until the last of them has been written.
 */
export function createWorklist(settled: readonly Settled[]): Worklist {
  const unwritten = new Set<RefKey>();
  const kept = new Set<RefKey>();
  const removals = new Set(settled.flatMap(({ prepared, removal }) => (removal === undefined ? [] : [prepared.key])));
  for (const { apply, prepared } of settled) {
    if (apply.action === 'refused') kept.add(prepared.key);
    else if (apply.action !== 'none') unwritten.add(prepared.key);
  }
  const note = (event: PassEvent): void => {
    if (event.type !== 'apply' || event.event.type !== 'outcome') return;
    const { ref, action } = event.event;
    const key = refKey(ref);
    if (!unwritten.delete(key) && !kept.has(key)) return;
    if (action === 'failed' || action === 'blocked' || action === 'skipped') kept.add(key);
    else kept.delete(key);
  };
  return {
    remaining() {
      const required = unwritten.size === 0 ? [] : requiredBy(unwritten, nodesOf(settled));
      return new Set([...required, ...kept, ...removals]);
    },
    async *through(steps) {
      let step = await steps.next();
      try {
        while (step.done !== true) {
          note(step.value);
          yield step.value;
          step = await steps.next();
        }
        return step.value;
      } finally {
        if (step.done !== true) await steps.return(undefined as never);
      }
    },
  };
}
