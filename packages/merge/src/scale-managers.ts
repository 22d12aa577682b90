import { difference, fieldSet, has, isEmpty } from './field-set.ts';
import type { JsonObject } from './json.ts';
import { readManagers, withSet, writeManagers } from './managers.ts';
import type { Manager } from './managers.ts';
import { fieldElement } from './path.ts';
import type { Path } from './path.ts';

const SCALE_VERSION = 'autoscaling/v1';
const REPLICAS: Path = [fieldElement('spec'), fieldElement('replicas')];

/**
 * Where an object of this version holds its replicas: the root path (`[]`) where it has none, and `undefined` for a version
 * that is not known, whose entries are dropped.
 */
export type ReplicasPath = (apiVersion: string) => Path | undefined;

/**
 * The `managedFields` of an object's `/scale`: who owns its replicas owns `.spec.replicas` there. To be given to
 * {@link trackUpdate} or {@link applyConfiguration} with the Scale, and then back through {@link managersFromScale}.
 *
 * @throws {MergeError} `INVALID_FIELDS`.
 */
export function managersForScale(parent: unknown, pathOf: ReplicasPath): readonly JsonObject[] | undefined {
  const scale = new Map<string, Manager>();
  for (const [id, manager] of readManagers(parent, 'stored', undefined)) {
    const path = pathOf(manager.apiVersion);
    if (path === undefined || !has(manager.set, path)) continue;
    scale.set(id, { ...withSet(manager, fieldSet([REPLICAS])), apiVersion: SCALE_VERSION });
  }
  return writeManagers(scale, undefined);
}

/**
 * The `managedFields` of an object after a write to its `/scale`: who lost `.spec.replicas` there loses its replicas, and
 * who came gets an entry in `apiVersion`, without a time, as the API server has it.
 *
 * Source: apimachinery, `managedfields/scalehandler.go`.
 *
 * @throws {MergeError} `INVALID_FIELDS`.
 */
export function managersFromScale(
  parent: unknown,
  scale: unknown,
  apiVersion: string,
  pathOf: ReplicasPath,
): readonly JsonObject[] | undefined {
  const before = readManagers(parent, 'stored', undefined);
  const scaling = readManagers(scale, 'stored', undefined);
  const managers = new Map<string, Manager>();
  for (const [id, manager] of before) {
    const path = pathOf(manager.apiVersion);
    if (path === undefined) continue;
    const isKept = !has(manager.set, path) || scaling.delete(id);
    const set = isKept ? manager.set : difference(manager.set, fieldSet([path]));
    if (!isEmpty(set)) managers.set(id, withSet(manager, set));
  }
  const replicas = fieldSet([pathOf(apiVersion) ?? []]);
  for (const [id, manager] of scaling) {
    if (!has(manager.set, REPLICAS)) continue;
    const time = before.get(id)?.time ?? '';
    managers.set(id, { ...withSet(manager, replicas), apiVersion, time });
  }
  return writeManagers(managers, undefined);
}
