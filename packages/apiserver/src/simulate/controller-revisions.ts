import { equalJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { DraftMap } from '../draft.ts';
import { mapAt, numberAt } from '../draft.ts';
import { create, remove, resourceOf, update } from '../controllers/writes.ts';
import type { Registry } from '../registry/registry.ts';
import { claim, controllerRef } from './owned.ts';
import { specOf, statusOf } from './pods.ts';
import { hashOf, templateOf } from './template.ts';

const WRITER = 'kube-controller-manager';
const KIND = { group: 'apps', kind: 'ControllerRevision' };

/** The templates that a StatefulSet or DaemonSet has had, oldest first, and the one that it has. */
export interface Revisions {
  readonly all: readonly KubeObject[];
  readonly newest: KubeObject;
}

/**
 * Brings an owner's ControllerRevisions up to date. A template that it had before is its newest once more, under a new number.
 *
 * @param label the label that carries the hash. `undefined`: another object has the name of the new revision; look again.
 */
export async function syncRevisions(
  registry: Registry,
  owner: KubeObject,
  label: string,
): Promise<Revisions | undefined> {
  const all = (await claim(registry, KIND, owner, mapAt(specOf(owner), 'selector'))).toSorted(byNumber);
  const template = templateOf(owner);
  const data = { spec: { template: { ...template, $patch: 'replace' } } };
  const same = all.find((revision) => equalJson(revision['data'], data));
  const last = all.at(-1);
  if (same !== undefined && same === last) return { all, newest: same };
  const number = (last === undefined ? 0 : numberOf(last)) + 1;
  const newest =
    same === undefined
      ? await createRevision(registry, owner, { data, label, number })
      : await update(registry, WRITER, placeOf(registry, same), (draft) => void (draft['revision'] = number));
  if (newest === undefined) return undefined;
  return { all: [...all.filter((one) => one !== same), newest], newest };
}

/** Remembers that a hash is taken: the next one is another. */
export async function countCollision(
  registry: Registry,
  place: Parameters<typeof update>[2],
  owner: KubeObject,
): Promise<void> {
  const collisionCount = (numberAt(statusOf(owner), 'collisionCount') ?? 0) + 1;
  const counted = { ...statusOf(owner), collisionCount };
  await update(registry, WRITER, place, (draft) => void (draft['status'] = counted), 'status');
}

/** Old revisions beyond the history limit that nothing is made of any more go. */
export async function trimRevisions(
  registry: Registry,
  owner: KubeObject,
  { all }: Revisions,
  live: ReadonlySet<string>,
): Promise<void> {
  const limit = numberAt(specOf(owner), 'revisionHistoryLimit') ?? 10;
  const idle = all.filter(({ metadata }) => !live.has(metadata.name));
  for (const revision of idle.slice(0, Math.max(0, idle.length - limit))) {
    await remove(registry, WRITER, placeOf(registry, revision), { uid: revision.metadata.uid });
  }
}

/** The template that a revision holds. */
export function templateIn(revision: KubeObject): DraftMap {
  const { $patch: _patch, ...template } = mapAt(mapAt(revision['data'] as DraftMap, 'spec'), 'template') ?? {};
  return template;
}

function createRevision(
  registry: Registry,
  owner: KubeObject,
  { data, label, number }: { readonly data: DraftMap; readonly label: string; readonly number: number },
): Promise<KubeObject | undefined> {
  const { name, namespace, annotations } = owner.metadata;
  const hash = hashOf(data, numberAt(statusOf(owner), 'collisionCount') ?? 0);
  const labels = mapAt(mapAt(templateOf(owner), 'metadata'), 'labels');
  return create(registry, WRITER, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...labels, [label]: hash },
      ...(annotations !== undefined && { annotations }),
      ownerReferences: [controllerRef(owner)],
    },
    data,
    revision: number,
  });
}

function placeOf(registry: Registry, { metadata }: KubeObject): Parameters<typeof remove>[2] {
  return {
    resource: resourceOf(registry, 'apps', 'ControllerRevision'),
    key: `${metadata.namespace ?? ''}/${metadata.name}`,
  };
}

function numberOf(revision: KubeObject): number {
  return numberAt(revision, 'revision') ?? 0;
}

function byNumber(a: KubeObject, b: KubeObject): number {
  return numberOf(a) - numberOf(b);
}
