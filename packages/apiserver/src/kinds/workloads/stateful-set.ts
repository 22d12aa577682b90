import type { Draft, DraftMap } from '../../draft.ts';
import { mapAt, mapsAt, numberAt, textAt } from '../../draft.ts';
import type { FieldError } from '../../field-error.ts';
import { invalid, notSupported } from '../../field-error.ts';
import type { Strategy } from '../../strategy.ts';
import { same } from '../pod/same.ts';
import { isEmptySelector } from '../meta/label-selector.ts';
import { internalValue } from '../pod/internal-value.ts';
import { dnsLabel, item, nonNegative } from '../pod/rules.ts';
import { validateClaimSpec } from '../pod/validate-claim-spec.ts';
import { validatePodTemplate, validateTemplateMeta } from '../pod/validate-pod-template.ts';
import { claimWarnings, templateWarnings } from '../pod/warnings.ts';
import { shownSelector } from '../pod/shown-selector.ts';
import { defaultStatefulSet } from './defaults.ts';
import { amountOf, validateAtMostAll, validateIntOrPercent } from './int-or-percent.ts';
import { keepStatus, prepareWorkload } from './prepare.ts';
import { validateRunsForever } from './replica-template.ts';
import { immutableSelector, isUsable, validateSelector, validateTemplateLabels } from './selector.ts';
import { replicaRules, statusStrategy } from './status.ts';

export const statefulSetStrategy: Strategy = {
  setDefaults: defaultStatefulSet,
  prepareCreate: (draft) => prepareWorkload(draft, { replicas: 0, availableReplicas: 0 }),
  prepareUpdate: keepStatus,
  validateCreate: (draft) => validateSpec(draft, { isNew: true }),
  validateUpdate: (draft, old) => [
    ...validateSpec(draft, { isNew: false }),
    ...immutableSelector(draft, old),
    ...immutableRest(draft, old),
  ],
  warnings,
  status: statusStrategy(
    replicaRules(
      ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
      ['observedGeneration', 'collisionCount'],
      'status.readyReplicas',
    ),
  ),
};

function warnings(draft: Readonly<Draft>, old: Readonly<Draft> | undefined): readonly string[] {
  const spec = mapAt(draft, 'spec');
  const changed = old === undefined || !same(spec, old['spec']);
  const claims = mapsAt(spec, 'volumeClaimTemplates').flatMap((claim, index) => {
    const field = item('spec.volumeClaimTemplates', index);
    return claimWarnings(mapAt(claim, 'spec') ?? {}, old === undefined ? field : `${field}.Spec`);
  });
  const keepsAll = (numberAt(spec, 'revisionHistoryLimit') ?? 0) < 0;
  return [
    ...(changed ? templateWarnings(mapAt(spec, 'template'), 'spec.template') : []),
    ...claims,
    ...(keepsAll
      ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
      : []),
  ];
}

function validateSpec(draft: Readonly<Draft>, { isNew }: { readonly isNew: boolean }): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const management = textAt(spec, 'podManagementPolicy');
  const managementErrors = ['OrderedReady', 'Parallel'].includes(management)
    ? []
    : [invalid('spec.podManagementPolicy', management, "must be 'OrderedReady' or 'Parallel'")];
  const start = numberAt(mapAt(spec, 'ordinals'), 'start') ?? 0;
  const serviceName = textAt(spec, 'serviceName');
  return [
    ...managementErrors,
    ...validateUpdateStrategy(mapAt(spec, 'updateStrategy') ?? {}),
    ...validateRetention(mapAt(spec, 'persistentVolumeClaimRetentionPolicy')),
    // What never changes is only looked at once.
    ...(isNew ? validateClaims(spec) : []),
    ...nonNegative(spec, 'replicas', 'spec'),
    ...nonNegative(spec, 'minReadySeconds', 'spec'),
    ...(start < 0 ? [invalid('spec.ordinals.start', start, 'must be greater than or equal to 0')] : []),
    ...(isNew && serviceName !== '' ? dnsLabel(serviceName, 'spec.serviceName') : []),
    ...validateSelector(spec, 'statefulset', 'spec'),
    ...validateTemplate(spec),
    ...validateRunsForever(mapAt(spec, 'template') ?? {}, 'StatefulSet'),
  ];
}

function validateUpdateStrategy(strategy: DraftMap): FieldError[] {
  const rolling = mapAt(strategy, 'rollingUpdate');
  const field = 'spec.updateStrategy';
  switch (textAt(strategy, 'type')) {
    case 'RollingUpdate':
      return rolling === undefined ? [] : validateRollingUpdate(rolling, `${field}.rollingUpdate`);
    case 'OnDelete': {
      if (rolling === undefined) return [];
      const shown = internalValue('RollingUpdateStatefulSetStrategy', rolling);
      return [invalid(`${field}.rollingUpdate`, shown, "only allowed for updateStrategy 'RollingUpdate'")];
    }
    default: {
      const shown = internalValue('StatefulSetUpdateStrategy', strategy);
      return [invalid(field, shown, "must be 'RollingUpdate' or 'OnDelete'")];
    }
  }
}

function validateRollingUpdate(rolling: DraftMap, field: string): FieldError[] {
  const { maxUnavailable } = rolling;
  const at = `${field}.maxUnavailable`;
  const errors = nonNegative(rolling, 'partition', field);
  if (maxUnavailable === undefined) return errors;
  return [
    ...errors,
    ...validateIntOrPercent(maxUnavailable, at),
    ...(amountOf(maxUnavailable) === 0 ? [invalid(at, maxUnavailable, 'cannot be 0')] : []),
    ...validateAtMostAll(maxUnavailable, at),
  ];
}

function validateRetention(policy: DraftMap | undefined): FieldError[] {
  return ['whenDeleted', 'whenScaled'].flatMap((name) => {
    const value = textAt(policy, name);
    const field = `spec.persistentVolumeClaimRetentionPolicy.${name}`;
    return ['Retain', 'Delete'].includes(value) ? [] : [notSupported(field, value, ['Retain', 'Delete'])];
  });
}

function validateClaims(spec: DraftMap): FieldError[] {
  return mapsAt(spec, 'volumeClaimTemplates').flatMap((claim, index) =>
    validateClaimSpec(mapAt(claim, 'spec') ?? {}, `${item('spec.volumeClaimTemplates', index)}.spec`),
  );
}

function validateTemplate(spec: DraftMap): FieldError[] {
  const selector = mapAt(spec, 'selector');
  const template = mapAt(spec, 'template') ?? {};
  if (!isUsable(selector)) return [invalid('spec.selector', shownSelector(selector), '')];
  return [
    ...(isEmptySelector(selector) ? [] : validateTemplateLabels(template, selector, 'spec.template')),
    ...validatePodTemplate(asPodsWillBe(template, spec), 'spec.template'),
    // The server looks at the metadata of the template twice.
    ...validateTemplateMeta(template, 'spec.template'),
  ];
}

/** Its Pods get volumes for the claims of the set, and host names of their own. */
function asPodsWillBe(template: DraftMap, set: DraftMap): DraftMap {
  const claims = mapsAt(set, 'volumeClaimTemplates').map((claim) => textAt(mapAt(claim, 'metadata'), 'name'));
  const { hostname: _hostname, subdomain: _subdomain, ...spec } = mapAt(template, 'spec') ?? {};
  if (claims.length === 0) return { ...template, spec };
  const own = mapsAt(spec, 'volumes').filter((volume) => !claims.includes(textAt(volume, 'name')));
  const made = [...new Set(claims)].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...spec, volumes: [...made, ...own] } };
}

function immutableRest(draft: Readonly<Draft>, old: Readonly<Draft>): FieldError[] {
  const spec = mapAt(draft, 'spec') ?? {};
  const before = mapAt(old, 'spec') ?? {};
  const refuse = (name: string, shown: unknown): FieldError[] =>
    same(spec[name], before[name]) ? [] : [invalid(`spec.${name}`, shown, 'field is immutable')];
  const claims = mapsAt(spec, 'volumeClaimTemplates').map((claim) => internalValue('PersistentVolumeClaim', claim));
  return [
    ...refuse('volumeClaimTemplates', claims.length === 0 ? null : claims),
    ...refuse('serviceName', textAt(spec, 'serviceName')),
    ...refuse('podManagementPolicy', textAt(spec, 'podManagementPolicy')),
  ];
}
