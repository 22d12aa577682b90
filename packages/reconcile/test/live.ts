import type { LiveEntry } from '@homeostat/cache';
import { gvkOf, refOf, setIdentity, setOf, withMembership, PART_OF_LABEL, MANAGED_ANNOTATION } from '@homeostat/kube';
import type { KubeObject, SetIdentity } from '@homeostat/kube';
import { statusOf } from '@homeostat/status';
import type { Status } from '@homeostat/status';
import { defaultPolicy } from '@homeostat/reconcile';
import type { Policy } from '@homeostat/reconcile';
import { prepare } from '../src/prepare.ts';
import type { Prepared } from '../src/prepare.ts';

export const set: SetIdentity = setIdentity('demo', 'site');
export const policyWith = (changes: Partial<Policy> = {}): Policy => ({ ...defaultPolicy, ...changes });

export function configMap(name: string, data: Record<string, string> = { a: '1' }): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'demo' }, data };
}

export function wanted(object: KubeObject, policy: Policy = defaultPolicy): Prepared {
  return { ...prepare(object, set, policy), origin: { path: `${object.metadata.name}.yaml`, document: 1, line: 1 } };
}

/** A ConfigMap or Secret as a server answers right after our apply. */
export function applied(
  object: KubeObject,
  { uid = `uid-${object.metadata.name}`, resourceVersion = '7', owner = set, manager = 'homeostat' } = {},
): KubeObject {
  const member = withMembership(object, owner);
  const data = Object.keys(object['data'] ?? {}).map((key) => [`f:${key}`, {}]);
  const fieldsV1 = {
    'f:metadata': {
      'f:labels': { [`f:${PART_OF_LABEL}`]: {} },
      'f:annotations': { [`f:${MANAGED_ANNOTATION}`]: {} },
    },
    'f:data': Object.fromEntries(data) as Record<string, unknown>,
  };
  return {
    ...member,
    metadata: {
      ...member.metadata,
      uid,
      resourceVersion,
      managedFields: [{ manager, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 }],
    },
  };
}

/** An object that somebody made with kubectl. */
export function byHand(object: KubeObject, metadata: Partial<KubeObject['metadata']> = {}): KubeObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      uid: `uid-${object.metadata.name}`,
      resourceVersion: '7',
      managedFields: [
        {
          manager: 'kubectl-create',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { '.': {}, 'f:a': {} } },
        },
      ],
      ...metadata,
    },
  };
}

export function entryOf(live: KubeObject): LiveEntry<Status> {
  const { uid = '', resourceVersion = '', deletionTimestamp } = live.metadata;
  return {
    ref: refOf(live),
    version: gvkOf(live).version,
    uid,
    resourceVersion,
    generation: undefined,
    terminating: deletionTimestamp !== undefined,
    set: setOf(live),
    owners: [],
    summary: statusOf(live),
    changedAt: 0,
    object: () => live,
  };
}
