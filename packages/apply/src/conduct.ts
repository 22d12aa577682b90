import { systemClock } from '@homeostat/kube';
import type { ApplyOptions, ValidatePorts } from './item.ts';
import { createMailbox } from './mailbox.ts';
import type { Run, Waiting } from './run.ts';

/** What of the options every run has, its deadline settled. */
export interface ConductOptions extends Pick<ApplyOptions, 'signal'> {
  readonly waitTimeoutMs: number;
}

/**
 * Does the work of one run, and hands out what it tells while it lasts. Leaving the iteration early cancels the run; it ends
 * when no request is in flight any more.
 */
export async function* conduct<E, T>(
  ports: ValidatePorts,
  { signal, waitTimeoutMs }: ConductOptions,
  work: (run: Run, tell: (event: E) => void) => Promise<T>,
): AsyncGenerator<E | Waiting, T> {
  const left = new AbortController();
  const mailbox = createMailbox<E | Waiting>();
  const run: Run = {
    client: ports.client,
    managers: ports.manager,
    limit: ports.limit,
    clock: ports.clock ?? systemClock,
    random: ports.random ?? Math.random,
    signal: signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]),
    waitTimeoutMs,
    fieldValidation: ports.fieldValidation ?? 'Strict',
    tell: mailbox.put,
  };
  const done = work(run, mailbox.put).finally(() => mailbox.close());
  try {
    for (let events = await mailbox.take(); events.length > 0; events = await mailbox.take()) yield* events;
    return await done;
  } finally {
    left.abort();
    await done.catch(() => {});
  }
}
