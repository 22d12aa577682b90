/**
 * The vocabulary of every other package: Kubernetes objects as plain JSON, what names and orders them, what marks them as
 * members of a set, and the {@link Client} port. Nothing here does I/O; `@homeostat/kube/http` is the real client.
 *
 * @packageDocumentation
 */
export type { KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object.ts';
export { apiVersionOf, compareRefs, compareText, gvkOf, parseRefKey, printRef, refKey, refOf } from './ref.ts';
export type { Gvk, Ref, RefKey } from './ref.ts';
export { gvkOfResource } from './resources.ts';
export type { Resource, Resources } from './resources.ts';
export type {
  Applied,
  ApplyOptions,
  CallOptions,
  Client,
  DeleteOptions,
  JsonPatchOperation,
  ListOptions,
  Page,
  Patch,
  Propagation,
  RawRequest,
  RawResponse,
  RequestRecord,
  VersionOption,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
export { KubeError } from './error.ts';
export type { KubeErrorCode, KubeErrorDetails, RetryHint, StatusCause } from './error.ts';
