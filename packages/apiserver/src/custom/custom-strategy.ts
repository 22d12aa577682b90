import { listAt } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { invalid } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import type { CustomResource, CustomVersion } from './custom-resource.ts';
import { validateEmbedded } from './embedded.ts';
import type { ObjectMetaRules } from './embedded.ts';
import { fillDefaults } from './fill-defaults.ts';
import { finalizerWarnings } from './finalizer-warnings.ts';
import { repeatedItems } from './list-items.ts';
import { specScaleErrors, statusScaleErrors } from './scale.ts';
import { hasRules } from './structural.ts';
import { validateValue } from './validate-value.ts';

/**
 * What a custom resource does to its objects in one version. With a status subresource, the main endpoint leaves the status
 * alone, and `/status` everything else. What has not changed is not validated again on update (KEP-4008).
 *
 * Rules in CEL (x-kubernetes-validations) are not evaluated; the CRD that carries them said so when it was created.
 */
export function customStrategy(resource: CustomResource, version: CustomVersion, rules: ObjectMetaRules): Strategy {
  const { schema, scale } = version;
  const withRules = hasRules(schema);

  const judge = (draft: Readonly<Draft>, errors: () => readonly FieldError[]): readonly FieldError[] => {
    const odd = typeErrors(draft, resource, version);
    if (odd.length > 0) return odd;
    const found = errors();
    return withRules && found.some(isBlocking) ? [...found, UNCHECKED] : found;
  };

  return {
    setDefaults: (draft) => {
      fillDefaults(draft, schema);
    },
    prepareCreate: (draft) => {
      if (version.status) delete draft['status'];
    },
    prepareUpdate: (draft, old) => {
      if (!version.status) return;
      if (Object.hasOwn(old, 'status')) draft['status'] = structuredClone(old['status']);
      else delete draft['status'];
    },
    validateCreate: (draft) =>
      judge(draft, () => [
        ...validateValue(draft, schema),
        ...specScaleErrors(draft, scale),
        ...statusScaleErrors(draft, scale),
        ...validateEmbedded(draft, schema, rules),
        ...repeatedItems(draft, schema),
      ]),
    validateUpdate: (draft, old) =>
      judge(draft, () => [
        ...validateValue(draft, schema, { old: { value: old } }),
        ...specScaleErrors(draft, scale),
        ...statusScaleErrors(draft, scale),
        ...validateEmbedded(draft, schema, rules),
        ...newlyRepeated(draft, old, version),
      ]),
    warnings: finalizerWarnings,
    ...(version.status && {
      status: {
        prepareUpdate: (draft, old) => {
          keepAllButStatus(draft, old);
        },
        validateUpdate: (draft, old) =>
          judge(draft, () => [
            ...statusErrors(draft, old, version),
            ...statusScaleErrors(draft, scale),
            ...newlyRepeated(draft, old, version),
          ]),
      },
    }),
  };
}

/** What the real server adds where rules were skipped because the object is too invalid for them. */
const UNCHECKED: FieldError = invalid(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

function isBlocking({ type }: FieldError): boolean {
  return ['NotSupported', 'Required', 'TooLong', 'TooMany', 'TypeInvalid'].includes(type);
}

function typeErrors(draft: Readonly<Draft>, resource: CustomResource, version: CustomVersion): readonly FieldError[] {
  const { kind } = resource.names;
  return [
    ...(draft.kind === kind ? [] : [invalid('kind', draft.kind, `must be ${kind}`)]),
    ...(draft.apiVersion === version.apiVersion
      ? []
      : [invalid('apiVersion', draft.apiVersion, `must be ${version.apiVersion}`)]),
  ];
}

function statusErrors(draft: Readonly<Draft>, old: Readonly<Draft>, { schema }: CustomVersion): readonly FieldError[] {
  const status = schema.properties.get('status');
  if (status === undefined || !Object.hasOwn(draft, 'status')) return [];
  const before = Object.hasOwn(old, 'status') ? { old: { value: old['status'] } } : {};
  return validateValue(draft['status'], status, { base: 'status', ...before });
}

/** Repeated items are let pass as soon as the old object has any, wherever. */
function newlyRepeated(draft: Readonly<Draft>, old: Readonly<Draft>, { schema }: CustomVersion): readonly FieldError[] {
  return repeatedItems(old, schema).length > 0 ? [] : repeatedItems(draft, schema);
}

/** The field manager's records are of this write, and go with the status. */
function keepAllButStatus(draft: Draft, old: Readonly<Draft>): void {
  const { status } = draft;
  const given = Object.hasOwn(draft, 'status');
  const managedFields = listAt(draft.metadata, 'managedFields');
  for (const field of Object.keys(draft)) delete draft[field];
  Object.assign(draft, structuredClone(old));
  if (managedFields.length > 0) draft.metadata['managedFields'] = managedFields;
  else delete draft.metadata['managedFields'];
  if (given) draft['status'] = status;
  else delete draft['status'];
}
