/**
 * The sync document: its JSON Schema, and the way from a document to a {@link Sync}. An entry of its own, because only
 * programs that read documents need a schema validator.
 *
 * @packageDocumentation
 */
export { parseSync } from './parse-sync.ts';
export type { SourceDocument, SyncDocument } from './parse-sync.ts';
export { syncSchema } from './sync-schema.ts';
