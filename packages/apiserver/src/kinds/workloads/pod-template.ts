import { ensureMap, mapAt } from '../../draft.ts';
import type { Draft } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import type { Strategy } from '../../strategy.ts';
import { defaultPodTemplate } from '../pod/default-pod-spec.ts';
import { dropDisabledFields } from '../pod/drop-disabled-fields.ts';
import { validatePodTemplate } from '../pod/validate-pod-template.ts';
import { templateWarnings } from '../pod/warnings.ts';

export const podTemplateStrategy: Strategy = {
  setDefaults: (draft) => defaultPodTemplate(ensureMap(draft, 'template')),
  prepareCreate: dropDisabled,
  prepareUpdate: dropDisabled,
  validateCreate: validate,
  validateUpdate: validate,
  warnings: (draft) => templateWarnings(mapAt(draft, 'template'), 'template'),
};

function dropDisabled(draft: Draft): void {
  dropDisabledFields(mapAt(mapAt(draft, 'template'), 'spec'));
}

function validate(draft: Readonly<Draft>): FieldError[] {
  return validatePodTemplate(mapAt(draft, 'template') ?? {}, 'template');
}
