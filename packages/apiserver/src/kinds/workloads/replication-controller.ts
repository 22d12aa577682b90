import type { Draft } from '../../draft.ts';
import { mapAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { required } from '../../field-error.ts';
import type { Strategy } from '../../strategy.ts';
import { same } from '../pod/same.ts';
import { nonNegative } from '../pod/rules.ts';
import { validatePodTemplate } from '../pod/validate-pod-template.ts';
import { nameWarnings, templateWarnings } from '../pod/warnings.ts';
import { defaultReplicationController } from './defaults.ts';
import { keepStatus, prepareWorkload } from './prepare.ts';
import { validateRunsForever } from './replica-template.ts';
import { validateTemplateLabels } from './selector.ts';
import { replicaRules, statusStrategy } from './status.ts';

export const replicationControllerStrategy: Strategy = {
  setDefaults: defaultReplicationController,
  prepareCreate: (draft) => prepareWorkload(draft, { replicas: 0 }),
  prepareUpdate: keepStatus,
  validateCreate: validateSpec,
  validateUpdate: validateSpec,
  warnings: (draft, old) => {
    const template = mapAt(mapAt(draft, 'spec'), 'template');
    if (old === undefined) {
      return [...nameWarnings(textAt(draft.metadata, 'name')), ...templateWarnings(template, 'spec.template')];
    }
    // The server warns of the template that was, not of the one that is to be.
    const before = mapAt(mapAt(old, 'spec'), 'template');
    return same(draft['spec'], old['spec']) ? [] : templateWarnings(before, 'spec.template');
  },
  status: statusStrategy(
    replicaRules(
      ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
      ['observedGeneration'],
      'readyReplicas',
    ),
  ),
};

function validateSpec(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const matchLabels = mapAt(spec, 'selector') ?? {};
  const hasSelector = Object.keys(matchLabels).length > 0;
  const template = mapAt(spec, 'template');
  const errors = [
    ...(hasSelector ? [] : [required('spec.selector')]),
    ...nonNegative(spec, 'replicas', 'spec'),
    ...nonNegative(spec, 'minReadySeconds', 'spec'),
  ];
  if (template === undefined) return [...errors, required('spec.template')];
  return [
    ...errors,
    ...(hasSelector ? validateTemplateLabels(template, { matchLabels }, 'spec.template') : []),
    ...validatePodTemplate(template, 'spec.template'),
    ...validateRunsForever(template, 'ReplicationController'),
  ];
}
