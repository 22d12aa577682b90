import type { Draft } from '../../draft.ts';
import { mapAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import type { Strategy } from '../../strategy.ts';
import { same } from '../pod/same.ts';
import { nonNegative } from '../pod/rules.ts';
import { nameWarnings, templateWarnings } from '../pod/warnings.ts';
import { defaultReplicaSet } from './defaults.ts';
import { keepStatus, prepareWorkload } from './prepare.ts';
import { validateReplicaTemplate } from './replica-template.ts';
import { immutableSelector, validateSelector } from './selector.ts';
import { replicaRules, statusStrategy } from './status.ts';

export const replicaSetStrategy: Strategy = {
  setDefaults: defaultReplicaSet,
  prepareCreate: (draft) => prepareWorkload(draft, { replicas: 0 }),
  prepareUpdate: keepStatus,
  validateCreate: validateSpec,
  validateUpdate: (draft, old) => [...validateSpec(draft), ...immutableSelector(draft, old)],
  warnings: (draft, old) => {
    if (old !== undefined && same(draft['spec'], old['spec'])) return [];
    const ofTemplate = templateWarnings(mapAt(mapAt(draft, 'spec'), 'template'), 'spec.template');
    return old === undefined ? [...nameWarnings(textAt(draft.metadata, 'name')), ...ofTemplate] : ofTemplate;
  },
  status: statusStrategy(
    replicaRules(
      ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
      ['observedGeneration', 'terminatingReplicas'],
      'readyReplicas',
    ),
  ),
};

function validateSpec(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  return [
    ...nonNegative(spec, 'replicas', 'spec'),
    ...nonNegative(spec, 'minReadySeconds', 'spec'),
    // The server's own words, though this is none.
    ...validateSelector(spec, 'deployment', 'spec'),
    ...validateReplicaTemplate(spec),
  ];
}
