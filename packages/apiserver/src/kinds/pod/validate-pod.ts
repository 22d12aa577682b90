import type { Draft, DraftMap } from '../../draft.ts';
import { listAt, mapAt, mapsAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { forbidden } from '../../field-error.ts';
import { eachOf, nonNegative } from './rules.ts';
import { validateImageSpaces } from './validate-containers.ts';
import { validatePodAnnotations, validateProfilesMatch } from './validate-pod-annotations.ts';
import { forbidEphemeralContainers, validatePodSpec } from './validate-pod-spec.ts';
import { tokenSources } from './validate-projected.ts';

export function validatePodCreate(draft: Readonly<Draft>): readonly FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const gated = textAt(spec, 'nodeName') !== '' && listAt(spec, 'schedulingGates').length > 0;
  return [
    ...validatePodItself(draft),
    ...forbidEphemeralContainers(spec, 'spec', 'cannot be set on create'),
    ...(gated ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')] : []),
    ...validateProfilesMatch(annotationsOf(draft), spec, 'spec'),
  ];
}

/** What holds for a Pod whenever it is written. */
export function validatePodItself(draft: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const withoutAccount = textAt(spec, 'serviceAccountName') === '';
  return [
    ...validatePodAnnotations(annotationsOf(draft), spec, 'metadata.annotations'),
    ...validatePodSpec(spec, draft.metadata, 'spec'),
    ...(withoutAccount ? forbidTokens(spec) : []),
    ...nonNegative(spec, 'terminationGracePeriodSeconds', 'spec'),
    ...['containers', 'initContainers'].flatMap((list) => eachOf(spec, list, 'spec', validateImageSpaces)),
  ];
}

export function annotationsOf(draft: Readonly<Draft>): DraftMap {
  return mapAt(draft.metadata, 'annotations') ?? {};
}

function forbidTokens(spec: DraftMap): FieldError[] {
  return mapsAt(spec, 'volumes').flatMap((volume, index) =>
    tokenSources(volume, `spec.volumes[${String(index)}]`).map((field) =>
      forbidden(field, 'must not be specified when serviceAccountName is not set'),
    ),
  );
}
