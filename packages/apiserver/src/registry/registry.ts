import type { FieldsCache } from '@homeostat/merge';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import type { Allocator } from '../strategy.ts';
import type { Admission } from './admission.ts';
import type { Resources } from './resources.ts';

/** What every verb works on: the whole state of a server, and nothing of HTTP. */
export interface Registry {
  readonly store: Store;
  readonly resources: Resources;
  readonly clock: Clock;
  readonly random: Random;
  readonly admission: Admission;
  /** Of Services; a dry run keeps nothing. */
  readonly allocator: (dryRun: boolean) => Allocator;
  readonly fields: FieldsCache;
}
