import type { KubeObject } from '@homeostat/kube';
import { trackUpdate } from '@homeostat/merge';
import type { FieldTracking } from '@homeostat/merge';
import { timestamp } from '../clock.ts';
import type { Draft } from '../draft.ts';
import type { Registry } from './registry.ts';
import type { ServedResource, UpdateEndpoint } from './served-resource.ts';

/** How the fields of a resource are tracked on one endpoint, at this moment. */
export function tracking(
  registry: Registry,
  resource: ServedResource,
  { subresource, resetFields }: Pick<UpdateEndpoint, 'subresource' | 'resetFields'>,
): FieldTracking {
  return {
    typeOf: resource.typeOf,
    convert: resource.convert,
    empty: resource.empty,
    ...(resetFields !== undefined && { resetFields: () => resetFields }),
    ...(subresource !== '' && { subresource }),
    now: timestamp(registry.clock.now()),
    cache: registry.fields,
  };
}

/**
 * Writes into `draft` (in the stored version) who owns what once it replaces `old`; `old` is absent for a create. What is
 * tracked are the fields of the version that the request speaks.
 */
export function recordManager(
  registry: Registry,
  resource: ServedResource,
  endpoint: Pick<UpdateEndpoint, 'subresource' | 'resetFields'>,
  draft: Draft,
  old: KubeObject | undefined,
  manager: string,
): void {
  const live = old === undefined ? undefined : resource.fromStored(old);
  const next = resource.fromStored(draft as unknown as KubeObject);
  const tracked = trackUpdate(live, next, { ...tracking(registry, resource, endpoint), manager });
  const { managedFields } = tracked['metadata'] as { readonly managedFields?: unknown };
  if (managedFields === undefined) delete draft.metadata['managedFields'];
  else draft.metadata['managedFields'] = endpoint.subresource === 'scale' ? withoutScale(managedFields) : managedFields;
}

/** Of custom resources the real server records nobody who comes through `/scale`. */
function withoutScale(managedFields: unknown): unknown {
  if (!Array.isArray(managedFields)) return managedFields;
  return managedFields.filter((entry: Readonly<Record<string, unknown>>) => entry['subresource'] !== 'scale');
}
