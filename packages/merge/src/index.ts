/**
 * Server-side apply on plain values: merging, pruning, owners and conflicts; the theory under it (paths, field sets and
 * their algebra, FieldsV1 both ways, finding in a value what a set names); and the other kinds of patches. Pure: no I/O, no
 * clock, nothing mutated.
 *
 * Source: KEP-555, structured-merge-diff, apimachinery's managedfields and strategicpatch, RFC 6902, RFC 7386.
 *
 * @packageDocumentation
 */
export { MergeError } from './error.ts';
export type { MergeErrorCode } from './error.ts';
export {
  compareElements,
  compareScalars,
  elementText,
  fieldElement,
  indexElement,
  isScalar,
  keyElement,
  parseElement,
  printPath,
  valueElement,
} from './path.ts';
export type { KeyField, Path, PathElement, Scalar } from './path.ts';
export {
  difference,
  emptySet,
  equalSets,
  fieldSet,
  has,
  intersection,
  isEmpty,
  leaves,
  paths,
  recursiveDifference,
  sortedEntries,
  union,
  withPrefix,
} from './field-set.ts';
export type { FieldEntry, FieldSet } from './field-set.ts';
export { parseFieldsV1, toFieldsV1 } from './fields-v1.ts';
export type { FieldsV1 } from './fields-v1.ts';
export { locate, locateItems, pick } from './locate.ts';
export type { Located } from './locate.ts';
export { parsePointer, printPointer } from './pointer.ts';
export { applyJsonPatch } from './patch/json-patch.ts';
export type { JsonPatchOp, JsonPatchOptions } from './patch/json-patch.ts';
export { applyMergePatch } from './patch/merge-patch.ts';
export { applyStrategicPatch } from './patch/strategic-patch.ts';
export { patchTypeFromOpenApi } from './patch/patch-type.ts';
export type { PatchField, PatchSchema, PatchType } from './patch/patch-type.ts';
export { atomicType, deducedType, typeOf } from './schema.ts';
export type { Atom, Field, ListAtom, MapAtom, ScalarKind, Schema, TypeUse } from './schema.ts';
export { schemaFromOpenApi, typeFromOpenApi } from './openapi.ts';
export type { OpenApiSchema } from './openapi.ts';
export type { JsonObject } from './json.ts';
export { createFieldsCache } from './tracking.ts';
export type { ApplyResult, FieldConflict, FieldTracking, FieldsCache } from './tracking.ts';
export { trackUpdate } from './track-update.ts';
export type { UpdateOptions } from './track-update.ts';
export { applyConfiguration } from './apply-configuration.ts';
export { keepTimes } from './keep-times.ts';
export { managersForScale, managersFromScale } from './scale-managers.ts';
export type { ReplicasPath } from './scale-managers.ts';
export type { ApplyOptions } from './apply-configuration.ts';
