import { KubeError, isRecord, printRef } from '@homeostat/kube';
import type { KubeObject, Ref } from '@homeostat/kube';
import { refusalOf } from './explain.ts';
import { waitForGone } from './gone.ts';
import type { ReplaceConsent } from './item.ts';
import { isOurs } from './membership.ts';
import type { Refusal } from './outcome.ts';
import { send } from './run.ts';
import type { Run } from './run.ts';

/** Deleting these deletes more than themselves, or data that does not come back. */
const PROTECTED = [
  'Namespace',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition.apiextensions.k8s.io',
  'StatefulSet.apps',
];
/** Their name is part of their meaning, so a copy under another name is refused for that alone. */
const BOUND_TO_NAME = [
  'CustomResourceDefinition.apiextensions.k8s.io',
  'APIService.apiregistration.k8s.io',
  'IPAddress.networking.k8s.io',
];

const ROUNDS = 10;

/** Whether the consent suffices for this kind; if not, why not. */
export function refuseReplace(ref: Ref, consent: ReplaceConsent | undefined): Refusal | undefined {
  if (consent === 'protected' || (consent === 'ordinary' && !PROTECTED.includes(groupKind(ref)))) return undefined;
  const message =
    consent === undefined
      ? `${printRef(ref)} would have to be deleted and created anew, and nobody has agreed to that`
      : `${printRef(ref)} would have to be deleted, and all that depends on it with it: a ${ref.kind} is replaced only with a second, explicit consent`;
  return { code: 'immutable', retry: 'never', message };
}

/**
 * Asks the server whether it would accept the object as a new one, so that a manifest that is plainly wrong never costs the object
 * that it should replace: under a generated name, or, where the name is part of the meaning, under its own, which is taken only
 * once all else has been found right. What the old object still occupies (a node port, an address) does not count.
 */
export async function validateReplacement(run: Run, ref: Ref, payload: KubeObject): Promise<Refusal | undefined> {
  const bound = BOUND_TO_NAME.includes(groupKind(ref));
  try {
    await send(run, ref, (options) =>
      run.client.create(bound ? payload : asNew(payload), {
        ...options,
        manager: run.managers.current,
        fieldValidation: run.fieldValidation,
        dryRun: true,
      }),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return isOccupied(error) || (bound && error.code === 'ALREADY_EXISTS') ? undefined : refusalOf(error, ref);
  }
}

function asNew(payload: KubeObject): KubeObject {
  const { name, uid: _uid, resourceVersion: _version, ...metadata } = payload.metadata;
  const object = { ...payload, metadata: { ...metadata, generateName: `${name}-` } } as unknown as KubeObject;
  const spec = payload['spec'];
  return payload.kind === 'Service' && isRecord(spec) ? { ...object, spec: withoutAllocations(spec) } : object;
}

function withoutAllocations(spec: Record<string, unknown>): Record<string, unknown> {
  const { clusterIP, clusterIPs: _ips, healthCheckNodePort: _health, ports, ...rest } = spec;
  const free = Array.isArray(ports) ? ports.map(withoutNodePort) : ports;
  // "None" is no address but a kind of Service.
  return { ...rest, ...(ports !== undefined && { ports: free }), ...(clusterIP === 'None' && { clusterIP }) };
}

function withoutNodePort(port: unknown): unknown {
  if (!isRecord(port)) return port;
  const { nodePort: _nodePort, ...rest } = port;
  return rest;
}

function isOccupied(error: KubeError): boolean {
  return error.causes.length > 0 && error.causes.every(({ message }) => message.includes('already allocated'));
}

/**
 * Deletes a proven member and waits until it is gone. Each round reads, proves and deletes with both preconditions; an object
 * that keeps changing gets ten, and `refuse` may decline each. `undefined` when it is gone.
 */
export async function removeForReplacement(
  run: Run,
  ref: Ref,
  payload: KubeObject,
  uid: string | undefined,
  refuse: (live: KubeObject) => Refusal | undefined = () => undefined,
): Promise<Refusal | undefined> {
  for (let round = 0; round < ROUNDS; round++) {
    const live = await send(run, ref, (options) => run.client.get(ref, options));
    if (live === undefined || (uid !== undefined && live.metadata.uid !== uid)) return undefined;
    if (!isOurs(live, payload, run.managers)) return notProven(ref);
    const refused = refuse(live);
    if (refused !== undefined) return refused;
    if (await deleteUnchanged(run, ref, live)) return await waitForGone(run, ref, live.metadata.uid ?? '');
  }
  const message = `${printRef(ref)} changed each of the ${ROUNDS} times that it was to be deleted for its replacement; the next pass tries again`;
  return { code: 'stale', retry: 'backoff', message };
}

/** `false` when it is no longer what was read. */
async function deleteUnchanged(
  run: Run,
  ref: Ref,
  { metadata: { uid, resourceVersion } }: KubeObject,
): Promise<boolean> {
  const preconditions = {
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
  try {
    await send(run, ref, (options) => run.client.delete(ref, { ...options, preconditions, propagation: 'Background' }));
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.code === 'STALE') return false;
    throw error;
  }
}

function notProven(ref: Ref): Refusal {
  const message = `${printRef(ref)} cannot be changed in place, and is not proven to be a member of this set: what is not ours is never deleted; delete it by hand, or undo the change`;
  return { code: 'immutable', retry: 'never', message };
}

function groupKind({ group, kind }: Ref): string {
  return group === '' ? kind : `${kind}.${group}`;
}
