import { printRef, whatHolds } from '@homeostat/kube';
import type { KubeObject, Ref } from '@homeostat/kube';
import type { Refusal } from './outcome.ts';
import { cancelled, send, told } from './run.ts';
import type { Run } from './run.ts';

const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 2_000;

/**
 * Waits until the object of this uid is gone. `undefined` when it is (or another one has its name); a refusal when the time is up.
 *
 * @throws {KubeError} when the server cannot be asked, or the run is cancelled.
 */
export async function waitForGone(run: Run, ref: Ref, uid: string): Promise<Refusal | undefined> {
  const deadline = run.clock.now() + run.waitTimeoutMs;
  let last: KubeObject | undefined;
  const look = async (): Promise<Refusal | undefined> => {
    for (let delay = FIRST_LOOK_MS; ; delay = Math.min(LONGEST_LOOK_MS, delay * 1.5)) {
      last = await send(run, ref, (options) => run.client.get(ref, options));
      if (last === undefined || last.metadata.uid !== uid) return undefined;
      if (run.clock.now() >= deadline) return stillThere(ref, last);
      await run.clock.sleep(delay, run.signal);
      if (run.signal.aborted) throw cancelled(ref);
    }
  };
  return await told(
    run,
    { ref, what: 'gone' },
    () => (last === undefined ? 'it was not looked at yet' : whatHolds(last)),
    look(),
  );
}

function stillThere(ref: Ref, object: KubeObject): Refusal {
  return {
    code: 'terminating',
    retry: 'backoff',
    message: `${printRef(ref)} is still being deleted: ${whatHolds(object)}; see that whoever put its finalizers there runs`,
  };
}
