import type { DraftMap } from '../../draft.ts';
import { mapAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { validateLabels } from '../meta/label-selector.ts';
import { validateAnnotations } from '../meta/object-meta.ts';
import { validatePodAnnotations, validateProfilesMatch } from './validate-pod-annotations.ts';
import { forbidEphemeralContainers, validatePodSpec } from './validate-pod-spec.ts';

/** The template of Pods in a workload. Its labels and annotations stand at `labels` and `annotations` in the errors. */
export function validatePodTemplate(template: DraftMap, field: string): FieldError[] {
  const spec = mapAt(template, 'spec') ?? {};
  const annotations = mapAt(mapAt(template, 'metadata'), 'annotations') ?? {};
  const text = 'ephemeral containers not allowed in pod template';
  return [
    ...validateTemplateMeta(template, field),
    ...validatePodSpec(spec, undefined, `${field}.spec`),
    ...validateProfilesMatch(annotations, spec, `${field}.spec`),
    ...forbidEphemeralContainers(spec, `${field}.spec`, text),
  ];
}

export function validateTemplateMeta(template: DraftMap, field: string): FieldError[] {
  const metadata = mapAt(template, 'metadata');
  const annotations = mapAt(metadata, 'annotations') ?? {};
  return [
    ...validateLabels(metadata?.['labels'], `${field}.labels`),
    ...validateAnnotations(annotations, `${field}.annotations`),
    ...validatePodAnnotations(annotations, mapAt(template, 'spec') ?? {}, `${field}.annotations`),
  ];
}
