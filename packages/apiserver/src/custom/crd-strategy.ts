import { ensureMap, listAt, mapAt, mapsAt, setDefault, textAt } from '../draft.ts';
import type { Draft, DraftMap } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { crdImmutableErrors, crdSpecErrors, storedVersionErrors } from './crd-errors.ts';
import { acceptedNameErrors, approvalErrors, crdNameErrors } from './crd-name-errors.ts';
import { crdWarnings } from './crd-warnings.ts';
import { hasCondition, textsAt } from './custom-resource.ts';
import type { ObjectMetaRules } from './embedded.ts';

/**
 * What the kind CustomResourceDefinition does to its objects: names and conversion are defaulted, the status is the
 * server's, and the versions that were ever stored are remembered. Schemas must be structural, and defaults valid.
 *
 * A CRD with rules in CEL is accepted with a Warning for each: they are not evaluated. Conversion by webhook is refused.
 */
export function crdStrategy(rules: ObjectMetaRules): Strategy {
  return {
    setDefaults,
    prepareCreate: (draft) => {
      draft['status'] = { conditions: null, acceptedNames: { plural: '', kind: '' } };
      rememberStorage(draft);
    },
    prepareUpdate: (draft, old) => {
      draft['status'] = structuredClone(old['status'] ?? {});
      rememberStorage(draft);
    },
    validateCreate: (draft) => [
      ...crdNameErrors(draft),
      ...crdSpecErrors(draft, rules),
      ...statusErrors(draft),
      ...storedVersionErrors(draft),
      ...approvalErrors(draft, undefined),
    ],
    validateUpdate: (draft, old) => [
      ...crdSpecErrors(draft, rules),
      ...crdImmutableErrors(draft, old, hasCondition(old, 'Established')),
      ...statusErrors(draft),
      ...storedVersionErrors(draft),
      ...approvalErrors(draft, old),
    ],
    warnings: crdWarnings,
    status: {
      prepareUpdate: (draft, old) => {
        draft['spec'] = structuredClone(old['spec']);
      },
      validateUpdate: statusErrors,
    },
  };
}

function setDefaults(draft: Draft): void {
  const spec = ensureMap(draft, 'spec');
  const names = ensureMap(spec, 'names');
  const kind = textAt(names, 'kind');
  if (textAt(names, 'singular') === '') names['singular'] = kind.toLowerCase();
  if (textAt(names, 'listKind') === '' && kind !== '') names['listKind'] = `${kind}List`;
  setDefault(spec, 'conversion', { strategy: 'None' });
  const service = mapAt(mapAt(mapAt(mapAt(spec, 'conversion'), 'webhook'), 'clientConfig'), 'service');
  if (service !== undefined) setDefault(service, 'port', 443);
  if (listAt(mapAt(draft, 'status'), 'storedVersions').length === 0) rememberStorage(draft);
}

/** Adds the storage version to those that objects may have been stored in. */
function rememberStorage(draft: Draft): void {
  const storage = mapsAt(mapAt(draft, 'spec'), 'versions').find((version) => version['storage'] === true);
  if (storage === undefined) return;
  const status: DraftMap = ensureMap(draft, 'status');
  const stored = textsAt(status, 'storedVersions');
  const name = textAt(storage, 'name');
  if (!stored.includes(name)) status['storedVersions'] = [...stored, name];
}

function statusErrors(draft: Readonly<Draft>): readonly FieldError[] {
  return acceptedNameErrors(mapAt(mapAt(draft, 'status'), 'acceptedNames') ?? {}, 'status.acceptedNames');
}
