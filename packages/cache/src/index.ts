/**
 * A live view of the objects that belong to sets: listed once, kept true by watches, and by the answers to our own
 * requests. {@link createLiveCache} makes one.
 *
 * @packageDocumentation
 */
export { createLiveCache } from './live-cache.ts';
export type {
  CacheUsage,
  DegradedKind,
  EntryQuery,
  EventsOptions,
  LiveCache,
  LiveCacheOptions,
  LoadOptions,
  LoadResult,
  Summarize,
  UntilOptions,
} from './live-cache.ts';
export type { LiveEntry } from './entry.ts';
export type { ForeignMember } from './foreign.ts';
export type { CacheEvent, ChangedEvent, GoneEvent, Via } from './event.ts';
export { readChildren } from './children.ts';
export type { Children, Owner } from './children.ts';
export type { Backoff } from './backoff.ts';
export { CacheError } from './error.ts';
export type { CacheErrorCode } from './error.ts';
