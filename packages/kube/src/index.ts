/**
 * The vocabulary of every other package: Kubernetes objects as plain JSON, what names and orders them, what marks them as
 * members of a set, and the {@link Client} port. Nothing here does I/O; `@homeostat/kube/http` is the real client.
 *
 * @packageDocumentation
 */
export { isRecord } from './record.ts';
export { parseJson, stringifyJson } from './json.ts';
export { canonicalJson, digest, equalJson } from './canonical.ts';
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
  Impersonation,
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
export { sleepBy, systemClock } from './clock.ts';
export type { Clock, SetTimer } from './clock.ts';
export { KubeError } from './error.ts';
export type { KubeErrorCode, KubeErrorDetails, RetryHint, StatusCause } from './error.ts';
export {
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  printFieldSelector,
  printLabelSelector,
} from './selectors.ts';
export type { FieldRequirement, FieldSelector, LabelRequirement, LabelSelector } from './selectors.ts';
export { compareQuantities, parseQuantity, printQuantity } from './quantity.ts';
export type { Quantity, QuantityFormat } from './quantity.ts';
export { parseDuration } from './duration.ts';
export { compareForApply } from './order.ts';
export { payloadOf } from './payload.ts';
export {
  formatHints,
  GROUP_KINDS_ANNOTATION,
  groupKindOf,
  isMember,
  MANAGED_ANNOTATION,
  managedAnnotation,
  NAMESPACES_ANNOTATION,
  parseGroupKind,
  parseHints,
  PART_OF_LABEL,
  printGroupKind,
  proofOf,
  SET_ID_LABEL,
  setIdentity,
  setOf,
  TOOLING_ANNOTATION,
  withMembership,
} from './applyset.ts';
export type { GroupKind, Managers, Proof, SetHints, SetIdentity, UnprovenReason } from './applyset.ts';
export { whatHolds } from './deletion.ts';
export { directivesOf, isDirective } from './directives.ts';
export type { DirectiveFinding, DirectiveFindingCode, Directives } from './directives.ts';
export { dependencies, requiredBy } from './dependencies.ts';
export type { Dependency, DependencyGraph, DependencyNode, Wave } from './dependencies.ts';
export { printable, sensitivePaths } from './sensitive.ts';
export type { JsonPath } from './sensitive.ts';
export { createRedactor } from './redactor.ts';
export type { Redactor, RedactorOptions } from './redactor.ts';
export { builtinScope } from './scopes.ts';
export type { Scope } from './scopes.ts';
export { impliedTag, resolveScalar, resolveTagged, scalarKey } from './yaml-scalar.ts';
export type { CoreTag, Scalar } from './yaml-scalar.ts';
