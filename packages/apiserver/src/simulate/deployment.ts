import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import type { DraftMap } from '../draft.ts';
import { ensureMap, mapAt, numberAt } from '../draft.ts';
import { ownKey } from '../controllers/controller.ts';
import type { Controller, ControllerWorld } from '../controllers/controller.ts';
import { recordEvent } from '../controllers/events.ts';
import { create, read, remove, resourceOf, update } from '../controllers/writes.ts';
import type { Place } from '../controllers/writes.ts';
import { conditionOf, setCondition } from './conditions.ts';
import { countReplicas, deadlineOf, isComplete, judgeProgress, lateIn, progress } from './deployment-status.ts';
import { claim, controllerRef, isControlledBy, ownerKeys } from './owned.ts';
import { isDeleted, isOver, specOf, statusOf } from './pods.ts';
import { annotateSet, revisionOf } from './revisions.ts';
import {
  boundsOf,
  createdAt,
  DESIRED,
  isRolling,
  MAXIMUM,
  nextReplicas,
  proportional,
  replicasOf,
  REVISION,
  scaleDown,
} from './rollout.ts';
import { hashOf, sameTemplate, TEMPLATE_HASH, templateOf } from './template.ts';

const WRITER = 'kube-controller-manager';
const SHELF = 'deployments.apps';
const SETS = { group: 'apps', kind: 'ReplicaSet' };
const NAME_LIMIT = 253;

interface Family {
  readonly deployment: KubeObject;
  /** The ReplicaSet of the newest template. */
  readonly fresh: KubeObject | undefined;
  /** The others, oldest first. */
  readonly old: readonly KubeObject[];
}

/**
 * Rolls out Deployments by way of ReplicaSets, step by step: each pass scales one way, or else writes down how it stands, and
 * what that brings about is the next one's business.
 */
export function deployments({ registry }: ControllerWorld): Controller {
  const { clock, store } = registry;
  const resource = resourceOf(registry, 'apps', 'Deployment');
  const setResource = resourceOf(registry, 'apps', 'ReplicaSet');

  const family = async (place: Place): Promise<Family | undefined> => {
    const found = read(registry, place);
    if (found === undefined) return undefined;
    const sets = (await claim(registry, SETS, found, mapAt(specOf(found), 'selector'))).toSorted(
      (a, b) => createdAt(a) - createdAt(b) || (revisionOf(a) ?? 0) - (revisionOf(b) ?? 0),
    );
    const name = nameOfSet(found);
    // One that was made for this template counts though a hook has changed it: or another would be made, and so for ever.
    const fresh =
      sets.find((set) => sameTemplate(templateOf(set), templateOf(found))) ??
      sets.find(({ metadata }) => metadata.name === name);
    return { deployment: found, fresh, old: sets.filter((set) => set !== fresh) };
  };

  const writeStatus = (place: Place, change: (status: DraftMap, draft: DraftMap) => void): Promise<unknown> =>
    update(registry, WRITER, place, (draft) => change(ensureMap(draft, 'status'), draft), 'status');

  /** Brings the newest ReplicaSet's annotations up to date, and the Deployment's revision. Answers whether anything changed. */
  const syncRevision = async (place: Place, { deployment, fresh, old }: Family): Promise<boolean> => {
    if (fresh === undefined) return false;
    const key = keyOf(fresh);
    const minReady = numberAt(specOf(deployment), 'minReadySeconds');
    const before = store.get(setResource.shelf, key)?.version;
    await update(registry, WRITER, { resource: setResource, key }, (draft) => {
      annotateSet(draft, deployment, nextRevision(old));
      const spec = ensureMap(draft, 'spec');
      if (minReady === undefined) delete spec['minReadySeconds'];
      else spec['minReadySeconds'] = minReady;
    });
    if (store.get(setResource.shelf, key)?.version !== before) return true;
    const revision = fresh.metadata.annotations?.[REVISION];
    const found =
      deadlineOf(deployment) !== undefined && conditionOf(statusOf(deployment), 'Progressing') === undefined;
    if (deployment.metadata.annotations?.[REVISION] === revision && !found) return false;
    await writeStatus(place, (status, { metadata }) => {
      ensureMap(metadata as DraftMap, 'annotations')[REVISION] = revision;
      if (found) {
        progress(
          status,
          'FoundNewReplicaSet',
          `Found new replica set "${fresh.metadata.name}"`,
          timestamp(clock.now()),
        );
      }
    });
    return true;
  };

  const createSet = async (place: Place, { deployment, old }: Family): Promise<void> => {
    const spec = specOf(deployment);
    const template = templateOf(deployment);
    const { namespace = '' } = deployment.metadata;
    const hash = hashOfSet(deployment);
    const labels = { ...mapAt(mapAt(template, 'metadata'), 'labels'), [TEMPLATE_HASH]: hash };
    const selector = mapAt(spec, 'selector') ?? {};
    const replicas = nextReplicas(deployment, old, 0);
    const revision = String(nextRevision(old));
    const draft: DraftMap & { apiVersion: string; kind: string } = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: nameOfSet(deployment),
        namespace,
        labels,
        ownerReferences: [controllerRef(deployment)],
      },
      spec: {
        replicas,
        ...(spec['minReadySeconds'] !== undefined && { minReadySeconds: spec['minReadySeconds'] }),
        selector: { ...selector, matchLabels: { ...mapAt(selector, 'matchLabels'), [TEMPLATE_HASH]: hash } },
        template: { ...template, metadata: { ...mapAt(template, 'metadata'), labels } },
      },
    };
    annotateSet(draft, deployment, Number(revision));
    Object.assign(ensureMap(ensureMap(draft, 'metadata'), 'annotations'), sizes(deployment));
    const made = await create(registry, WRITER, draft);
    if (made === undefined) {
      // The name is that of somebody else's.
      const collisions = numberAt(statusOf(deployment), 'collisionCount') ?? 0;
      await writeStatus(place, (status) => void (status['collisionCount'] = collisions + 1));
      return;
    }
    if (replicas > 0)
      await tell(deployment, `Scaled up replica set ${made.metadata.name} from 0 to ${String(replicas)}`);
    await writeStatus(place, (status, { metadata }) => {
      ensureMap(metadata as DraftMap, 'annotations')[REVISION] = revision;
      if (deadlineOf(deployment) === undefined) return;
      const message = `Created new replica set "${made.metadata.name}"`;
      progress(status, 'NewReplicaSetCreated', message, timestamp(clock.now()));
    });
  };

  const tell = (deployment: KubeObject, message: string): Promise<void> =>
    recordEvent(registry, WRITER, deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message,
      component: 'deployment-controller',
    });

  const resize = async (deployment: KubeObject, set: KubeObject, replicas: number): Promise<void> => {
    const before = replicasOf(set);
    await update(registry, WRITER, { resource: setResource, key: keyOf(set) }, (draft) => {
      ensureMap(draft, 'spec')['replicas'] = replicas;
      Object.assign(ensureMap(draft.metadata, 'annotations'), sizes(deployment));
    });
    if (before === replicas) return;
    const way = before < replicas ? 'up' : 'down';
    await tell(
      deployment,
      `Scaled ${way} replica set ${set.metadata.name} from ${String(before)} to ${String(replicas)}`,
    );
  };

  /** Somebody wants more or fewer replicas, or the rollout is paused. */
  const scale = async ({ deployment, fresh, old }: Family): Promise<void> => {
    const wanted = replicasOf(deployment);
    const all = fresh === undefined ? old : [...old, fresh];
    const active = all.filter((set) => replicasOf(set) > 0);
    const [only = fresh ?? old.at(-1)] = active;
    if (active.length < 2) {
      if (only !== undefined && replicasOf(only) !== wanted) await resize(deployment, only, wanted);
      return;
    }
    if (fresh !== undefined && isSaturated(deployment, fresh)) {
      for (const set of active) if (set !== fresh) await resize(deployment, set, 0);
      return;
    }
    if (!isRolling(deployment)) return;
    for (const { set, replicas } of proportional(deployment, active)) await resize(deployment, set, replicas);
  };

  /** One step of a rollout that replaces Pods bit by bit. */
  const roll = async (place: Place, { deployment, fresh, old }: Family): Promise<void> => {
    if (fresh === undefined) return createSet(place, { deployment, fresh, old });
    const all = [...old, fresh];
    const size = replicasOf(fresh);
    const next = size > replicasOf(deployment) ? replicasOf(deployment) : nextReplicas(deployment, all, size);
    if (next !== size) return resize(deployment, fresh, next);
    for (const { set, replicas } of scaleDown(deployment, fresh, old)) await resize(deployment, set, replicas);
  };

  /** One step of a rollout that ends all old Pods before it begins new ones. */
  const recreate = async (place: Place, { deployment, fresh, old }: Family): Promise<void> => {
    const active = old.filter((set) => replicasOf(set) > 0);
    for (const set of active) await resize(deployment, set, 0);
    if (active.length > 0 || old.some(hasPods)) return;
    if (fresh === undefined) return createSet(place, { deployment, fresh, old });
    if (replicasOf(fresh) !== replicasOf(deployment)) await resize(deployment, fresh, replicasOf(deployment));
  };

  const hasPods = (set: KubeObject): boolean =>
    store
      .list('pods', `${set.metadata.namespace ?? ''}/`)
      .some(({ object }) => isControlledBy(object, set) && !isOver(object));

  /** Old ReplicaSets beyond those that are kept for going back. */
  const forget = async ({ deployment, old }: Family): Promise<void> => {
    const limit = numberAt(specOf(deployment), 'revisionHistoryLimit');
    if (limit === undefined || !isComplete(deployment, statusOf(deployment))) return;
    const alive = old.filter((set) => !isDeleted(set)).toSorted((a, b) => (revisionOf(a) ?? 0) - (revisionOf(b) ?? 0));
    for (const set of alive.slice(0, Math.max(0, alive.length - limit))) {
      const idle = replicasOf(set) === 0 && (numberAt(statusOf(set), 'replicas') ?? 0) === 0;
      if (idle) await remove(registry, WRITER, { resource: setResource, key: keyOf(set) }, { uid: set.metadata.uid });
    }
  };

  const pause = async (place: Place, { deployment }: Family): Promise<boolean> => {
    if (deadlineOf(deployment) === undefined) return false;
    const reason = conditionOf(statusOf(deployment), 'Progressing')?.['reason'];
    const paused = specOf(deployment)['paused'] === true;
    if (reason === 'ProgressDeadlineExceeded' || paused === (reason === 'DeploymentPaused')) return false;
    const condition = paused
      ? ({ reason: 'DeploymentPaused', message: 'Deployment is paused' } as const)
      : ({ reason: 'DeploymentResumed', message: 'Deployment is resumed' } as const);
    await writeStatus(place, (status) =>
      setCondition(status, { type: 'Progressing', status: 'Unknown', ...condition }, timestamp(clock.now()), [
        'lastUpdateTime',
      ]),
    );
    return true;
  };

  return {
    name: 'deployments',
    watches: {
      [SHELF]: ownKey,
      'replicasets.apps': ownerKeys(registry, 'Deployment', SHELF),
      // Of a Deployment that waits until its old Pods are gone.
      pods: ({ type, stored }) => (type === 'DELETED' ? recreated(registry, stored.object) : []),
    },
    async settle(key) {
      const place = { resource, key };
      const found = await family(place);
      if (found === undefined) return undefined;
      const { deployment } = found;
      const finish = async (judge: boolean): Promise<number | undefined> => {
        const now = await family(place);
        if (now === undefined) return undefined;
        const sets = now.fresh === undefined ? now.old : [...now.old, now.fresh];
        const status = countReplicas(now.deployment, sets, now.fresh, clock.now());
        if (judge) judgeProgress(now.deployment, status, now.fresh, sets, clock.now());
        await writeStatus(place, (_status, draft) => void (draft['status'] = status));
        return judge ? lateIn(now.deployment, status, clock.now()) : undefined;
      };
      if (isDeleted(deployment)) return finish(false);
      if (await pause(place, found)) return undefined;
      if (await syncRevision(place, found)) return undefined;
      if (specOf(deployment)['paused'] === true || isScaled(found)) {
        await scale(found);
        return finish(false);
      }
      await (isRolling(deployment) ? roll(place, found) : recreate(place, found));
      await forget(found);
      return finish(true);
    },
  };
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function hashOfSet(deployment: KubeObject): string {
  return hashOf(templateOf(deployment), numberAt(statusOf(deployment), 'collisionCount') ?? 0);
}

/** What the ReplicaSet of the newest template is called. */
function nameOfSet(deployment: KubeObject): string {
  const hash = hashOfSet(deployment);
  return `${deployment.metadata.name.slice(0, NAME_LIMIT - 1 - hash.length)}-${hash}`;
}

function nextRevision(old: readonly KubeObject[]): number {
  return Math.max(0, ...old.map((set) => revisionOf(set) ?? 0)) + 1;
}

/** What ReplicaSets remember of the Deployment's size. */
function sizes(deployment: KubeObject): DraftMap {
  const wanted = replicasOf(deployment);
  return { [DESIRED]: String(wanted), [MAXIMUM]: String(wanted + boundsOf(deployment).surge) };
}

/** Whether the Deployment's size has changed since its ReplicaSets were scaled. */
function isScaled({ deployment, fresh, old }: Family): boolean {
  const wanted = String(replicasOf(deployment));
  return [...old, ...(fresh === undefined ? [] : [fresh])].some((set) => {
    const desired = set.metadata.annotations?.[DESIRED];
    return replicasOf(set) > 0 && desired !== undefined && desired !== wanted;
  });
}

function isSaturated(deployment: KubeObject, set: KubeObject): boolean {
  const wanted = replicasOf(deployment);
  return (
    replicasOf(set) === wanted &&
    set.metadata.annotations?.[DESIRED] === String(wanted) &&
    (numberAt(statusOf(set), 'availableReplicas') ?? 0) === wanted
  );
}

/** The Deployments that recreate their Pods and whose ReplicaSet a Pod was of. */
function recreated({ store }: ControllerWorld['registry'], pod: KubeObject): readonly string[] {
  const { namespace = '' } = pod.metadata;
  return store
    .list(SHELF, `${namespace}/`)
    .filter(({ object }) => !isRolling(object))
    .map(({ key }) => key);
}
