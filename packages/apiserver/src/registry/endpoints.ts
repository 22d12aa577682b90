import type { FieldSet } from '@homeostat/merge';
import type { Draft, DraftMap } from '../draft.ts';
import { ensureMap, mapAt } from '../draft.ts';
import { subresourceStrategyOf } from '../kinds/index.ts';
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
      return partEndpoint(name, resetFields, (draft, old) => keepAllBut(draft, old, ['spec']));
    case 'approval': {
      const approval = subresourceStrategyOf(resource.group, resource.kind, name);
      return (
        approval && {
          subresource: name,
          prepareUpdate: (draft, old) => approval.prepareUpdate(draft, old),
          validateUpdate: (draft, old) => approval.validateUpdate(draft, old),
          bumpsGeneration: false,
          resetFields,
        }
      );
    }
    case 'ephemeralcontainers':
      return partEndpoint(name, resetFields, (draft, old) => keepInSpec(draft, old, ['ephemeralContainers']));
    case 'resize':
      return partEndpoint(name, resetFields, (draft, old) => keepInSpec(draft, old, ['containers', 'initContainers']));
    default:
      return undefined;
  }
}

function partEndpoint(
  subresource: string,
  resetFields: FieldSet | undefined,
  prepareUpdate: (draft: Draft, old: Readonly<Draft>) => void,
): UpdateEndpoint {
  return {
    subresource,
    prepareUpdate,
    validateUpdate: () => [],
    bumpsGeneration: subresource === 'resize' || subresource === 'ephemeralcontainers',
    resetFields,
  };
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

function keepInSpec(draft: Draft, old: Readonly<Draft>, fields: readonly string[]): void {
  const wanted = mapAt(draft, 'spec') ?? {};
  keepAllBut(draft, old, []);
  const spec: DraftMap = { ...mapAt(old, 'spec') };
  for (const field of fields) {
    if (wanted[field] === undefined) delete spec[field];
    else spec[field] = wanted[field];
  }
  ensureMap(draft, 'spec');
  draft['spec'] = spec;
}
