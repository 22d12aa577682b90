import type { Draft } from '../../draft.ts';
import { ensureMap, mapAt, mapsAt, setDefault, textAt } from '../../draft.ts';
import type { StatusStrategy, Strategy } from '../../strategy.ts';
import { dropDisabledFields } from './drop-disabled-fields.ts';
import { keep, keepForStatus } from './keep.ts';
import { carryPodOver, defaultPod, preparePod } from './prepare-pod.ts';
import { validatePodStatus } from './validate-pod-status.ts';
import { validatePodCreate } from './validate-pod.ts';
import { validateAddedContainers, validatePodUpdate } from './validate-pod-update.ts';
import { podWarnings } from './warnings.ts';

export const podStrategy: Strategy = {
  setDefaults: defaultPod,
  prepareCreate: (draft, context) => {
    dropDisabledFields(mapAt(draft, 'spec'));
    preparePod(draft, context);
  },
  prepareUpdate: (draft, old) => {
    carryPodOver(draft, old);
    dropDisabledFields(mapAt(draft, 'spec'));
  },
  validateCreate: validatePodCreate,
  validateUpdate: validatePodUpdate,
  warnings: (draft, old) => (old === undefined ? podWarnings(draft) : []),
  status: {
    prepareUpdate: keepAllButStatus,
    validateUpdate: validatePodStatus,
  },
};

/** The `/ephemeralcontainers` endpoint of Pods. */
export const ephemeralContainersStrategy: StatusStrategy = {
  prepareUpdate: (draft, old) => {
    const added = mapAt(draft, 'spec')?.['ephemeralContainers'];
    keepForStatus(draft.metadata, old.metadata);
    const { ephemeralContainers: _before, ...spec } = structuredClone(mapAt(old, 'spec') ?? {});
    draft['spec'] = { ...spec, ...(added !== undefined && { ephemeralContainers: added }) };
    keep(draft, old, 'status');
    dropDisabledFields(mapAt(draft, 'spec'));
  },
  validateUpdate: validateAddedContainers,
};

function keepAllButStatus(draft: Draft, old: Readonly<Draft>): void {
  keep(draft, old, 'spec');
  keep(draft.metadata, old.metadata, 'ownerReferences');
  const status = ensureMap(draft, 'status');
  const before = mapAt(old, 'status') ?? {};
  if (textAt(status, 'qosClass') === '' && before['qosClass'] !== undefined) status['qosClass'] = before['qosClass'];
  for (const field of ['resourceClaimStatuses', 'extendedResourceClaimStatus', 'observedGeneration']) {
    if (before[field] !== undefined) setDefault(status, field, structuredClone(before[field]));
  }
  const known = mapsAt(before, 'conditions');
  // A condition that says nothing of the generation it is about is about the same one as before.
  for (const condition of mapsAt(status, 'conditions')) {
    const generation = known.find((one) => one['type'] === condition['type'])?.['observedGeneration'];
    if (generation !== undefined) setDefault(condition, 'observedGeneration', generation);
  }
}
