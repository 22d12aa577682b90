import type { Draft, DraftMap } from '../../draft.ts';
import { mapAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, notSupported, required } from '../../field-error.ts';
import type { Strategy } from '../../strategy.ts';
import { same } from '../pod/same.ts';
import { isEmptySelector, validateLabelSelector } from '../meta/label-selector.ts';
import { internalValue } from '../pod/internal-value.ts';
import { nonNegative } from '../pod/rules.ts';
import { validatePodTemplate } from '../pod/validate-pod-template.ts';
import { templateWarnings } from '../pod/warnings.ts';
import { shownSelector } from '../pod/shown-selector.ts';
import { defaultDaemonSet } from './defaults.ts';
import { amountOf, validateAtMostAll, validateIntOrPercent } from './int-or-percent.ts';
import { countTemplates, keepStatus, prepareWorkload } from './prepare.ts';
import { validateRunsForever } from './replica-template.ts';
import { immutableSelector, isUsable, validateTemplateLabels } from './selector.ts';
import { statusStrategy } from './status.ts';

const FIRST_STATUS = {
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
};

export const daemonSetStrategy: Strategy = {
  setDefaults: defaultDaemonSet,
  prepareCreate: (draft) => {
    prepareWorkload(draft, FIRST_STATUS);
    countTemplates(draft, undefined);
  },
  prepareUpdate: (draft, old) => {
    keepStatus(draft, old);
    countTemplates(draft, old);
  },
  validateCreate: validateSpec,
  validateUpdate: (draft, old) => [...immutableSelector(draft, old), ...validateSpec(draft)],
  warnings: (draft, old) => {
    const template = mapAt(mapAt(draft, 'spec'), 'template');
    const before = mapAt(mapAt(old, 'spec'), 'template');
    return old !== undefined && same(template, before) ? [] : templateWarnings(template, 'spec.template');
  },
  status: statusStrategy({
    counts: [
      ...Object.keys(FIRST_STATUS),
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ],
    atMost: [],
  }),
};

function validateSpec(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const selector = mapAt(spec, 'selector');
  const template = mapAt(spec, 'template') ?? {};
  const shown = shownSelector(selector);
  return [
    ...validateLabelSelector(selector, 'spec.selector'),
    ...(isUsable(selector) ? validateTemplateLabels(template, selector, 'spec.template') : []),
    ...(isEmptySelector(selector) ? [invalid('spec.selector', shown, 'empty selector is invalid for daemonset')] : []),
    ...validatePodTemplate(template, 'spec.template'),
    ...validateRunsForever(template, 'DaemonSet'),
    ...nonNegative(spec, 'minReadySeconds', 'spec'),
    ...validateUpdateStrategy(mapAt(spec, 'updateStrategy') ?? {}),
    ...nonNegative(spec, 'revisionHistoryLimit', 'spec'),
  ];
}

function validateUpdateStrategy(strategy: DraftMap): FieldError[] {
  const type = textAt(strategy, 'type');
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') {
    const shown = internalValue('DaemonSetUpdateStrategy', strategy);
    return [notSupported('spec.updateStrategy', shown, ['RollingUpdate', 'OnDelete'])];
  }
  const field = 'spec.updateStrategy.rollingUpdate';
  const { maxUnavailable, maxSurge } = mapAt(strategy, 'rollingUpdate') ?? {};
  const errors = [
    ...validateIntOrPercent(maxUnavailable, `${field}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${field}.maxSurge`),
    ...validateAtMostAll(maxUnavailable, `${field}.maxUnavailable`),
    ...validateAtMostAll(maxSurge, `${field}.maxSurge`),
  ];
  const down = amountOf(maxUnavailable) !== 0;
  const more = amountOf(maxSurge) !== 0;
  if (down && more) {
    errors.push(invalid(`${field}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  }
  if (!down && !more) errors.push(required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}
