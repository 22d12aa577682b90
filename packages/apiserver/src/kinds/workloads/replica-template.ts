import type { DraftMap } from '../../draft.ts';
import { mapAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden, invalid, notSupported } from '../../field-error.ts';
import { isEmptySelector } from '../meta/label-selector.ts';
import { validatePodTemplate } from '../pod/validate-pod-template.ts';
import { shownSelector } from '../pod/shown-selector.ts';
import { isUsable, validateTemplateLabels } from './selector.ts';

/** The template of a workload that keeps its Pods running, whatever happens to them. */
export function validateReplicaTemplate(spec: DraftMap): FieldError[] {
  const selector = mapAt(spec, 'selector');
  if (!isUsable(selector)) return [invalid('spec.selector', shownSelector(selector), 'invalid label selector')];
  const template = mapAt(spec, 'template') ?? {};
  return [
    ...(isEmptySelector(selector) ? [] : validateTemplateLabels(template, selector, 'spec.template')),
    ...validatePodTemplate(template, 'spec.template'),
    ...validateRunsForever(template, 'ReplicaSet'),
  ];
}

/** Its Pods are restarted always, and have no deadline. */
export function validateRunsForever(template: DraftMap, kind: string): FieldError[] {
  const spec = mapAt(template, 'spec');
  const policy = textAt(spec, 'restartPolicy');
  const errors = policy === 'Always' ? [] : [notSupported('spec.template.spec.restartPolicy', policy, ['Always'])];
  return spec?.['activeDeadlineSeconds'] === undefined
    ? errors
    : [
        ...errors,
        forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${kind} is not Supported`),
      ];
}
