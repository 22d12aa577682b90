import { KubeError, SET_ID_LABEL, setIdentity } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { parentRef, parseParent, PruneError } from '@homeostat/prune';
import type { SetName } from './claims.ts';
import { ReconcileError } from './error.ts';
import type { Ports } from './ports.ts';
import { inOrder, syncKey } from './sync-graph.ts';

/** The sets that say at their parents that they depend on this one, by name. */
export interface Dependants {
  readonly sets: readonly SetName[];
  /** Why not all parents could be looked at; those of the set's own namespace may have been. */
  readonly unseen?: KubeError;
}

/** One list of the parents of the cluster; where our rights do not reach so far, of those in the set's namespace. */
export async function dependantsOf(
  set: SetName,
  { client }: Pick<Ports, 'client'>,
  { signal }: { readonly signal: AbortSignal },
): Promise<Dependants> {
  const resource = (await client.resources({ signal })).find(parentRef(setIdentity(set.namespace, set.name)));
  if (resource === undefined) return { sets: [] };
  const read = async (namespace?: string): Promise<readonly SetName[]> => {
    const found: SetName[] = [];
    const where = { labelSelector: SET_ID_LABEL, signal, ...(namespace !== undefined && { namespace }) };
    for await (const { items } of client.list(resource, where))
      found.push(...items.filter((object) => dependsOn(object, syncKey(set))).map(nameOf));
    return inOrder(found.map((one) => ({ ...one, dependsOn: [] }))).map(({ namespace: at, name }) => ({
      namespace: at,
      name,
    }));
  };
  try {
    return { sets: await read() };
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'FORBIDDEN') throw error;
    try {
      return { sets: await read(set.namespace), unseen: error };
    } catch (again) {
      if (!(again instanceof KubeError) || again.code !== 'FORBIDDEN') throw again;
      return { sets: [], unseen: again };
    }
  }
}

/** What is thrown instead of destroying a set that others need. */
export function setNeeded(set: SetName, by: readonly SetName[]): ReconcileError {
  return new ReconcileError(
    'SET_NEEDED',
    `the set ${syncKey(set)} is not destroyed, because ${by.map(syncKey).join(', ')} ${by.length === 1 ? 'depends' : 'depend'} on it: destroy ${by.length === 1 ? 'that' : 'those'} first, or force it`,
    { reasons: by.map(syncKey) },
  );
}

function dependsOn(object: KubeObject, key: string): boolean {
  const { namespace, name } = nameOf(object);
  try {
    return parseParent(object, setIdentity(namespace, name)).report?.dependsOn?.includes(key) === true;
  } catch (error) {
    if (!(error instanceof PruneError)) throw error;
    return false;
  }
}

function nameOf({ metadata: { namespace = '', name } }: KubeObject): SetName {
  return { namespace, name };
}
