import type { RemoteRef } from './refs.ts';

/** A repository elsewhere: what it has, and packs of it. */
export interface Remote {
  /** Printable. */
  readonly where: string;
  /** The refs whose names begin with one of the prefixes; more may be among them. */
  refs(prefixes: readonly string[], signal: AbortSignal): Promise<readonly RemoteRef[]>;
  /** A pack of one commit's snapshot, as it arrives. */
  pack(request: PackRequest, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** How it gives a snapshot in parts; undefined where the server does not. */
  partial?(signal: AbortSignal): Promise<PartialRemote | undefined>;
  close(): Promise<void>;
}

/** A remote that leaves files out, and gives single objects. Source: gitprotocol-v2 (`filter`), partial-clone. */
export interface PartialRemote {
  /** A commit and its trees, without any file. */
  trees(request: PackRequest, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** These objects, as whole ones. */
  objects(ids: readonly string[], signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface PackRequest {
  readonly commit: string;
  /** Commits whose snapshots are held completely: the pack may leave out, and build upon, what they hold. */
  readonly haves: readonly string[];
}
