import type { Draft } from '../draft.ts';
import { subresourceStrategyOf } from '../kinds/index.ts';
import { validateNamespaceFinalize } from '../kinds/namespace.ts';
import type { ServedResource, UpdateEndpoint } from './served-resource.ts';

/** The object itself. */
export function mainEndpoint(resource: ServedResource): UpdateEndpoint {
  const { strategy } = resource;
  return {
    subresource: '',
    prepareUpdate: (draft, old, context) => strategy.prepareUpdate(draft, old, context),
    validateUpdate: (draft, old) => strategy.validateUpdate(draft, old),
    bumpsGeneration: true,
    resetFields: resource.resetFields(''),
  };
}

/** A subresource that reads and writes the whole object; `undefined` when the resource has none of that name. */
export function subresourceEndpoint(resource: ServedResource, name: string): UpdateEndpoint | undefined {
  if (!resource.subresources.has(name)) return undefined;
  const { status } = resource.strategy;
  const resetFields = resource.resetFields(name);
  switch (name) {
    case 'status':
      return {
        subresource: name,
        prepareUpdate: (draft, old) => {
          if (status === undefined) keepAllBut(draft, old, ['status']);
          else status.prepareUpdate(draft, old);
        },
        validateUpdate: (draft, old) => status?.validateUpdate(draft, old) ?? [],
        bumpsGeneration: false,
        resetFields,
      };
    case 'finalize':
      return {
        subresource: name,
        prepareUpdate: (draft, old) => keepAllBut(draft, old, ['spec']),
        validateUpdate: validateNamespaceFinalize,
        bumpsGeneration: false,
        resetFields,
      };
    case 'approval':
    case 'ephemeralcontainers':
    case 'resize': {
      const strategy = subresourceStrategyOf(resource.group, resource.kind, name);
      return (
        strategy && {
          subresource: name,
          prepareUpdate: (draft, old) => strategy.prepareUpdate(draft, old),
          validateUpdate: (draft, old) => strategy.validateUpdate(draft, old),
          bumpsGeneration: name !== 'approval',
          resetFields,
        }
      );
    }
    default:
      return undefined;
  }
}

/** Everything is as it was, except for the fields that are named. Metadata keeps what the registry settles. */
function keepAllBut(draft: Draft, old: Readonly<Draft>, fields: readonly string[]): void {
  for (const field of new Set([...Object.keys(draft), ...Object.keys(old)])) {
    if (fields.includes(field)) continue;
    if (field === 'metadata') {
      const { managedFields, resourceVersion } = draft.metadata;
      draft.metadata = { ...old.metadata };
      if (managedFields !== undefined) draft.metadata['managedFields'] = managedFields;
      if (resourceVersion !== undefined) draft.metadata['resourceVersion'] = resourceVersion;
    } else if (old[field] === undefined) {
      delete draft[field];
    } else {
      draft[field] = old[field];
    }
  }
}
