import type { Draft } from '../draft.ts';
import { textAt } from '../draft.ts';
import { conflict } from '../status.ts';
import type { ObjectAnswer } from './answer.ts';
import type { Caller, Target } from './caller.ts';
import { createObject } from './create.ts';
import type { Registry } from './registry.ts';
import { pluralOf } from './served-resource.ts';
import type { ServedResource, UpdateEndpoint } from './served-resource.ts';
import { updateObject } from './update.ts';

/** Replaces an object with a body that was decoded. */
export async function putObject(
  registry: Registry,
  resource: ServedResource,
  endpoint: UpdateEndpoint,
  target: Target,
  decoded: Draft,
  caller: Caller,
): Promise<ObjectAnswer> {
  const mayCreate = resource.createsOnUpdate && endpoint.subresource === '';
  const uid = textAt(decoded.metadata, 'uid');
  return updateObject(
    registry,
    resource,
    endpoint,
    target,
    caller,
    (live) => {
      if (uid !== '' && uid !== live.metadata.uid) {
        throw conflict(pluralOf(resource), target.name, foreignUid(resource, target, uid, live.metadata.uid ?? ''));
      }
      return { outcome: 'object', draft: structuredClone(decoded), managed: false };
    },
    mayCreate ? createInstead : undefined,
  );

  /** Whoever names the object that is meant finds that it is gone; a version alone is passed over. */
  async function createInstead(): Promise<ObjectAnswer> {
    if (uid !== '') throw conflict(pluralOf(resource), target.name, foreignUid(resource, target, uid, ''));
    const draft = structuredClone(decoded);
    delete draft.metadata['resourceVersion'];
    return createObject(registry, resource, target, draft, caller);
  }
}

/** Where etcd would keep it, as the message says. */
function foreignUid(resource: ServedResource, { namespace, name }: Target, given: string, found: string): string {
  const place = [
    resource.custom === undefined ? resource.plural : `${resource.group}/${resource.plural}`,
    namespace,
    name,
  ];
  const key = `/registry/${place.filter((part) => part !== '').join('/')}`;
  return (
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ` +
    `Precondition failed: UID in precondition: ${given}, UID in object meta: ${found}`
  );
}
