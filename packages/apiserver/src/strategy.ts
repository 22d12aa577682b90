import type { Draft } from './draft.ts';
import type { FieldError } from './field-error.ts';

/**
 * What one kind does to its objects on their way into the store, and what it refuses: the counterpart of the strategies
 * in kube-apiserver's registry. The steps of a request, in order: decode → `setDefaults` → the field manager → admission →
 * `prepareCreate` or `prepareUpdate` → `validateCreate` or `validateUpdate` → store.
 *
 * Every step works on the draft of one request. `old` is what is in the store: it is read, never changed. Metadata that
 * all kinds share (name, uid, times, generation, labels, owners, finalizers) is the registry's business.
 */
export interface Strategy {
  /** Fills in what the server adds when it reads an object, whoever sends it. Pure, and idempotent. */
  setDefaults(draft: Draft): void;
  /**
   * What only creation does: drops what clients may not set (a status), allocates addresses, adds labels and finalizers.
   *
   * @throws {ApiError} what cannot be prepared at all, as the real server before it validates: a Service's address or
   * port that is taken (422), none left (500). `prepareUpdate` likewise.
   */
  prepareCreate(draft: Draft, context: StrategyContext): void;
  /** Keeps what this endpoint may not change (the status), carries allocated values over from `old`. */
  prepareUpdate(draft: Draft, old: Readonly<Draft>, context: StrategyContext): void;
  validateCreate(draft: Readonly<Draft>): readonly FieldError[];
  /** Everything that is wrong with the new object, immutable fields that changed included. */
  validateUpdate(draft: Readonly<Draft>, old: Readonly<Draft>): readonly FieldError[];
  /** Texts of `Warning` headers. */
  warnings?(draft: Readonly<Draft>, old: Readonly<Draft> | undefined): readonly string[];
  /** The `/status` endpoint, where the kind has one. */
  readonly status?: StatusStrategy;
}

export interface StatusStrategy {
  /** Keeps everything but what the status endpoint may change. */
  prepareUpdate(draft: Draft, old: Readonly<Draft>): void;
  validateUpdate(draft: Readonly<Draft>, old: Readonly<Draft>): readonly FieldError[];
}

export interface StrategyContext {
  /** RFC 3339, whole seconds. */
  readonly now: string;
  readonly dryRun: boolean;
  readonly allocate: Allocator;
  /** Who asks, which a CertificateSigningRequest records. Absent: nobody in particular. */
  readonly user?: { readonly username: string; readonly uid?: string; readonly groups?: readonly string[] };
}

/**
 * Addresses and ports of Services. A dry run hands out what the real server shows then, and keeps nothing. Of one allocator,
 * which serves one request, nobody gets the same port twice.
 */
export interface Allocator {
  /** The next free address of the service network; `undefined` when `wanted` is outside of it or taken. */
  clusterIp(wanted: string | undefined): string | undefined;
  nodePort(wanted: number | undefined): number | undefined;
}
