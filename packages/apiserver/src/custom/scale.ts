import { isMap } from '../draft.ts';
import type { Draft, DraftMap } from '../draft.ts';
import { invalid } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { badRequest, internal, plainFailure } from '../status.ts';
import type { ScalePaths } from './custom-resource.ts';
import { goText, goType, isGoInteger } from './go-values.ts';

const INT32_MAX = 2 ** 31 - 1;

/**
 * The object as autoscaling/v1 Scale.
 *
 * @throws {ApiError} 500, as the real server, when the object has no replicas yet and `absent` is `'refused'` (a GET), or
 * has something else in a place of the scale.
 */
export function scaleOf(object: Readonly<Draft>, paths: ScalePaths, absent: 'refused' | 'zero'): Draft {
  const replicas = integerAt(object, paths.specReplicas);
  const statusReplicas = integerAt(object, paths.statusReplicas);
  const selector = paths.labelSelector === undefined ? undefined : textAt(object, paths.labelSelector);
  for (const read of [replicas, statusReplicas, selector])
    if (read?.error !== undefined) throw plainFailure(read.error);
  if (replicas.value === undefined && absent === 'refused') {
    throw internal(`the spec replicas field ${JSON.stringify(paths.specReplicas)} does not exist`);
  }
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const metadata = Object.fromEntries(
    Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: (replicas.value ?? 0) === 0 ? {} : { replicas: replicas.value },
    status: {
      replicas: statusReplicas.value ?? 0,
      ...(selector?.value !== undefined && selector.value !== '' && { selector: selector.value }),
    },
  };
}

/**
 * Puts the replicas of a Scale into the object, in place.
 *
 * @throws {ApiError} 400 when the Scale has none and the object had none; 500 when the place cannot be reached.
 */
export function setReplicas(object: Draft, paths: ScalePaths, replicas: number | undefined): void {
  if (replicas === undefined && integerAt(object, paths.specReplicas).value === undefined) {
    throw badRequest(`the spec replicas field ${JSON.stringify(paths.specReplicas)} cannot be empty`);
  }
  const names = namesOf(paths.specReplicas);
  const last = names.pop() ?? '';
  let parent: DraftMap = object;
  for (const [depth, name] of names.entries()) {
    if (!Object.hasOwn(parent, name)) parent[name] = {};
    const next = parent[name];
    if (!isMap(next)) {
      const at = `.${names.slice(0, depth + 1).join('.')}`;
      throw plainFailure(`value cannot be set because ${at} is not a map[string]interface{}`);
    }
    parent = next;
  }
  parent[last] = replicas ?? 0;
}

/** What keeps the object from having a Scale: of its spec. */
export function specScaleErrors(object: Readonly<Draft>, paths: ScalePaths | undefined): readonly FieldError[] {
  return paths === undefined ? [] : replicaErrors(object, paths.specReplicas);
}

/** What keeps the object from having a Scale: of its status. */
export function statusScaleErrors(object: Readonly<Draft>, paths: ScalePaths | undefined): readonly FieldError[] {
  if (paths === undefined) return [];
  const selector = paths.labelSelector === undefined ? {} : textAt(object, paths.labelSelector);
  return [
    ...replicaErrors(object, paths.statusReplicas),
    ...(selector.error === undefined ? [] : [invalid(paths.labelSelector ?? '', '', selector.error)]),
  ];
}

function replicaErrors(object: Readonly<Draft>, path: string): readonly FieldError[] {
  const { value = 0, error } = integerAt(object, path);
  if (error !== undefined) return [invalid(path, 0, error)];
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return value > INT32_MAX ? [invalid(path, value, `should be less than or equal to ${String(INT32_MAX)}`)] : [];
}

interface Read<Value> {
  readonly value?: Value;
  readonly error?: string;
}

function integerAt(object: Readonly<Draft>, path: string): Read<number | bigint> {
  const { value, error } = valueAt(object, path);
  if (error !== undefined) return { error };
  if (value === undefined) return {};
  if (isGoInteger(value)) return { value };
  return { error: accessError(namesOf(path), value, 'int64') };
}

function textAt(object: Readonly<Draft>, path: string): Read<string> {
  const { value, error } = valueAt(object, path);
  if (error !== undefined) return { error };
  if (value === undefined || typeof value === 'string') return value === undefined ? {} : { value };
  return { error: accessError(namesOf(path), value, 'string') };
}

function valueAt(object: Readonly<Draft>, path: string): Read<unknown> {
  let value: unknown = object;
  for (const [depth, name] of namesOf(path).entries()) {
    if (value === null) return {};
    if (!isMap(value)) {
      return { error: accessError(namesOf(path).slice(0, depth + 1), value, 'map[string]interface{}') };
    }
    if (!Object.hasOwn(value, name)) return {};
    value = value[name];
  }
  return { value };
}

function namesOf(path: string): string[] {
  return path.replace(/^\./, '').split('.');
}

function accessError(names: readonly string[], value: unknown, expected: string): string {
  return `.${names.join('.')} accessor error: ${goText(value)} is of the type ${goType(value)}, expected ${expected}`;
}
