import type { User } from '../auth/users.ts';
import type { WriteOptions } from './options.ts';

/** Who writes, and how. */
export interface Caller {
  readonly user: User;
  readonly options: WriteOptions;
  /** Collects the texts of `Warning` headers. */
  readonly warnings: string[];
}

/** Where an object stands. */
export interface Target {
  /** `''` for a cluster-scoped object. */
  readonly namespace: string;
  readonly name: string;
}
