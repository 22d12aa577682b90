import type { Draft, DraftMap } from '../../draft.ts';
import { mapAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, notSupported } from '../../field-error.ts';
import type { Strategy } from '../../strategy.ts';
import { same } from '../pod/same.ts';
import { internalValue } from '../pod/internal-value.ts';
import { nonNegative } from '../pod/rules.ts';
import { nameWarnings, templateWarnings } from '../pod/warnings.ts';
import { defaultDeployment } from './defaults.ts';
import { amountOf, validateAtMostAll, validateIntOrPercent } from './int-or-percent.ts';
import { keepStatus, prepareWorkload } from './prepare.ts';
import { validateReplicaTemplate } from './replica-template.ts';
import { immutableSelector, validateSelector } from './selector.ts';
import { replicaRules, statusStrategy } from './status.ts';

export const deploymentStrategy: Strategy = {
  setDefaults: defaultDeployment,
  prepareCreate: (draft) => prepareWorkload(draft, {}),
  prepareUpdate: keepStatus,
  validateCreate: validateSpec,
  validateUpdate: (draft, old) => [...validateSpec(draft), ...immutableSelector(draft, old)],
  warnings: (draft, old) => {
    if (old !== undefined && sameForWarnings(draft, old)) return [];
    const ofTemplate = templateWarnings(mapAt(mapAt(draft, 'spec'), 'template'), 'spec.template');
    return old === undefined ? [...nameWarnings(textAt(draft.metadata, 'name')), ...ofTemplate] : ofTemplate;
  },
  status: statusStrategy(
    replicaRules(
      ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
      ['observedGeneration', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount'],
      'readyReplicas',
    ),
    true,
  ),
};

/** Only what makes a new generation is looked at again. */
function sameForWarnings(draft: Readonly<Draft>, old: Readonly<Draft>): boolean {
  return same(draft['spec'], old['spec']) && same(draft.metadata['annotations'], old.metadata['annotations']);
}

function validateSpec(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  return [
    ...nonNegative(spec, 'replicas', 'spec'),
    ...validateSelector(spec, 'deployment', 'spec'),
    ...validateReplicaTemplate(spec),
    ...validateStrategy(mapAt(spec, 'strategy') ?? {}),
    ...nonNegative(spec, 'minReadySeconds', 'spec'),
    ...nonNegative(spec, 'revisionHistoryLimit', 'spec'),
    ...validateDeadline(spec),
  ];
}

function validateStrategy(strategy: DraftMap): FieldError[] {
  const rolling = mapAt(strategy, 'rollingUpdate');
  const field = 'spec.strategy.rollingUpdate';
  switch (textAt(strategy, 'type')) {
    case 'Recreate':
      return rolling === undefined ? [] : [forbidden(field, "may not be specified when strategy `type` is 'Recreate'")];
    case 'RollingUpdate':
      return validateRollingUpdate(rolling ?? {}, field);
    default: {
      const shown = internalValue('DeploymentStrategy', strategy);
      return [notSupported('spec.strategy', shown, ['Recreate', 'RollingUpdate'])];
    }
  }
}

function validateRollingUpdate(rolling: DraftMap, field: string): FieldError[] {
  const { maxUnavailable, maxSurge } = rolling;
  const none = amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0;
  const text = 'may not be 0 when `maxSurge` is 0';
  return [
    ...validateIntOrPercent(maxUnavailable, `${field}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${field}.maxSurge`),
    ...(none ? [invalid(`${field}.maxUnavailable`, maxUnavailable, text)] : []),
    ...validateAtMostAll(maxUnavailable, `${field}.maxUnavailable`),
  ];
}

function validateDeadline(spec: DraftMap): FieldError[] {
  const seconds = numberAt(spec, 'progressDeadlineSeconds');
  const errors = nonNegative(spec, 'progressDeadlineSeconds', 'spec');
  if (seconds === undefined || seconds > (numberAt(spec, 'minReadySeconds') ?? 0)) return errors;
  return [...errors, invalid('spec.progressDeadlineSeconds', seconds, 'must be greater than minReadySeconds')];
}
