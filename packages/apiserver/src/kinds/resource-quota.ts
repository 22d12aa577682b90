import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, textAt } from '../draft.ts';
import type { FieldError } from '../field-error.ts';
import { invalid, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import { each } from './checks.ts';
import { equal } from './equal.ts';
import { kindStrategy } from './kind-strategy.ts';
import { compareAmounts } from './pod/resource-list.ts';
import { amountErrors, isQuotaName, quotaNameErrors } from './resource-names.ts';

const OF_PODS = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'CrossNamespacePodAffinity'];
const SCOPES = [...OF_PODS, 'PriorityClass', 'VolumeAttributesClass'];
const COMPUTE = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];

export const resourceQuota: Strategy = kindStrategy({
  validate(draft) {
    const spec = mapAt(draft, 'spec');
    return [...listErrors(spec, 'hard', 'spec'), ...scopeErrors(spec), ...selectorErrors(spec)];
  },
  validateChange(draft, old) {
    const scopes = listAt(mapAt(draft, 'spec'), 'scopes');
    const before = listAt(mapAt(old, 'spec'), 'scopes');
    if (equal(scopes.map(String).toSorted(byText), before.map(String).toSorted(byText))) return [];
    return [invalid('spec.scopes', scopes, 'field is immutable')];
  },
  warnings: (draft, old) => (old === undefined ? requestsAboveLimits(draft) : []),
  status: {
    initial: () => ({}),
    metadata: 'open',
    validate(draft) {
      const status = mapAt(draft, 'status');
      return [...listErrors(status, 'hard', 'status'), ...listErrors(status, 'used', 'status')];
    },
  },
});

function listErrors(parent: DraftMap | undefined, name: string, path: string): FieldError[] {
  return Object.entries(mapAt(parent, name) ?? {}).flatMap(([resource, amount]) => {
    const field = `${path}.${name}[${resource}]`;
    return [...quotaNameErrors(resource, field), ...amountErrors(resource, amount, field)];
  });
}

function scopeErrors(spec: DraftMap | undefined): FieldError[] {
  const scopes = listAt(spec, 'scopes').map(String);
  const field = 'spec.scopes';
  const errors = scopes.flatMap((scope) => [
    ...(SCOPES.includes(scope) ? [] : [invalid(field, scopes, 'unsupported scope')]),
    ...misappliedTo(spec, scope).map(() => invalid(field, scopes, 'unsupported scope applied to resource')),
  ]);
  return [...errors, ...conflicting(scopes).map(() => invalid(field, scopes, 'conflicting scopes'))];
}

function selectorErrors(spec: DraftMap | undefined): FieldError[] {
  const selector = mapAt(spec, 'scopeSelector');
  const field = 'spec.scopeSelector.matchExpressions';
  const scopes: string[] = [];
  const errors = each(selector, 'matchExpressions', 'spec.scopeSelector', (expression) => {
    const scope = textAt(expression, 'scopeName');
    const operator = textAt(expression, 'operator');
    const values = listAt(expression, 'values');
    const found: FieldError[] = [];
    if (!SCOPES.includes(scope)) found.push(invalid(`${field}.scopeName`, scope, 'unsupported scope'));
    for (const _ of misappliedTo(spec, scope)) {
      found.push(invalid(field, goSelector(selector), 'unsupported scope applied to resource'));
    }
    if (OF_PODS.includes(scope) && operator !== 'Exists') {
      found.push(
        invalid(
          `${field}.operator`,
          operator,
          "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
        ),
      );
    }
    found.push(...operatorErrors(operator, values, field));
    scopes.push(scope);
    return found;
  });
  return [...errors, ...conflicting(scopes).map(() => invalid(field, listAt(spec, 'scopes'), 'conflicting scopes'))];
}

function operatorErrors(operator: string, values: readonly unknown[], field: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return [];
      return [
        required(`${field}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"),
      ];
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return [];
      return [
        invalid(
          `${field}.values`,
          values,
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        ),
      ];
    default:
      return [invalid(`${field}.operator`, operator, 'not a valid selector operator')];
  }
}

/** The server shows the selector as its own Go type, whose fields have no JSON names. */
function goSelector(selector: DraftMap | undefined): DraftMap {
  return {
    MatchExpressions: listAt(selector, 'matchExpressions').map((one) => {
      const expression = one as DraftMap;
      return {
        ScopeName: textAt(expression, 'scopeName'),
        Operator: textAt(expression, 'operator'),
        Values: expression['values'] ?? null,
      };
    }),
  };
}

/** The limited resources for which a scope makes no sense. */
function misappliedTo(spec: DraftMap | undefined, scope: string): readonly string[] {
  const hard = Object.keys(mapAt(spec, 'hard') ?? {});
  return hard.filter((resource) => isQuotaName(resource) && !applies(scope, resource));
}

function applies(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass') {
    return resource === 'persistentvolumeclaims' || resource === 'requests.storage';
  }
  return SCOPES.includes(scope) ? resource === 'pods' || COMPUTE.includes(resource) : true;
}

function conflicting(scopes: readonly string[]): readonly (readonly string[])[] {
  return [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ].filter((pair) => pair.every((scope) => scopes.includes(scope)));
}

function requestsAboveLimits(draft: Readonly<Draft>): string[] {
  const hard = mapAt(mapAt(draft, 'spec'), 'hard') ?? {};
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((resource) => {
    const limit = hard[`limits.${resource}`];
    const plain = (resource === 'cpu' || resource === 'memory') && hard[`requests.${resource}`] === undefined;
    const name = plain ? resource : `requests.${resource}`;
    const request = hard[name];
    if (typeof request !== 'string' || typeof limit !== 'string' || compareAmounts(request, limit) <= 0) return [];
    return [`ResourceQuota ${name} (${request}) should be less than limits.${resource} (${limit})`];
  });
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
