import type { RemoteRef } from './refs.ts';

/** A repository elsewhere: what it has, and packs of it. */
export interface Remote {
  /** Printable. */
  readonly where: string;
  /** The refs whose names begin with one of the prefixes; more may be among them. */
  refs(prefixes: readonly string[], signal: AbortSignal): Promise<readonly RemoteRef[]>;
  /** A pack of one commit's snapshot, as it arrives. */
  pack(request: PackRequest, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export interface PackRequest {
  readonly commit: string;
  /** Commits whose snapshots are held completely: the pack may leave out, and build upon, what they hold. */
  readonly haves: readonly string[];
}
