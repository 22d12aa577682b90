import { sleepBy } from '@homeostat/kube';
import type { Clock } from '@homeostat/kube';
import { manualClock } from '../clock.ts';
import type { ManualClock } from '../clock.ts';

/** Time that stands still until the test moves it, for the server and for what is under test. */
export interface TestClock extends ManualClock, Clock {}

export function testClock(): TestClock {
  const clock = manualClock();
  return { ...clock, sleep: sleepBy((run, ms) => clock.setTimer(run, ms)) };
}
