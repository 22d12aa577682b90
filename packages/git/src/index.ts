/**
 * Sources of desired state: resolve a revision, fetch it, read it as a snapshot. Git over smart HTTP (protocol version 2,
 * our own), over SSH, and on this machine; plain directories; files in memory.
 *
 * @packageDocumentation
 */
export { createGitSource } from './git-source.ts';
export type { GitSourceOptions } from './git-source.ts';
export { createDirectorySource } from './directory-source.ts';
export type { DirectorySourceOptions } from './directory-source.ts';
export { createMemorySource } from './memory-source.ts';
export type { MemorySource, MemorySourceOptions } from './memory-source.ts';
export { printRevision } from './source.ts';
export type {
  CallOptions,
  ChangesOptions,
  FetchOptions,
  CommitInfo,
  Revision,
  Snapshot,
  Source,
  SourceFinding,
  SourceFindingCode,
  TreeEntry,
  TreeFile,
  TreeView,
} from './source.ts';
export { createObjectStore } from './store.ts';
export type { ObjectStore, ObjectStoreOptions, StoreWriter } from './store.ts';
export { credentialHelper, tokenCredentials, tokenFromEnvironment, tokenFromFile } from './credentials.ts';
export type { Auth, CredentialProvider, CredentialRequest, Credentials } from './credentials.ts';
export { printableUrl } from './url.ts';
export { defaultLimits } from './limits.ts';
export type { Limits } from './limits.ts';
export type { Clock } from './clock.ts';
export type { Person } from './object.ts';
export type { RefChoice, RefOption } from './refs.ts';
export type { SshOptions } from './command-line.ts';
export type { TlsOptions } from './transport.ts';
export { GitError } from './error.ts';
export type { GitErrorCode, GitErrorDetails, RetryHint } from './error.ts';
