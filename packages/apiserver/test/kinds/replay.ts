import type { Draft, DraftMap } from '../../src/draft.ts';
import { isMap, textAt } from '../../src/draft.ts';
import type { FieldError } from '../../src/field-error.ts';
import { nameRuleOf, strategyOf, subresourceStrategyOf } from '../../src/kinds/index.ts';
import { validateMetaCreate, validateMetaUpdate } from '../../src/kinds/meta/object-meta.ts';
import { ApiError, invalidObject } from '../../src/status.ts';
import type { Status } from '../../src/status.ts';
import type { Allocator, StrategyContext } from '../../src/strategy.ts';

/** One thing that a client does: it creates `object`, and then perhaps changes it. */
export interface Case {
  readonly title: string;
  readonly object: Manifest;
  /** A JSON merge patch of what was created. */
  readonly update?: DraftMap;
  /** Where the patch goes. Default: the object itself. */
  readonly endpoint?: 'status' | 'approval';
  /** Controllers of the real server write its status: it is not compared. */
  readonly controllersWriteStatus?: true;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: DraftMap;
  readonly [field: string]: unknown;
}

/** What became of a case: the object that is stored, or why it was refused. */
export type Outcome = { readonly object: Draft } | { readonly status: Status };

/**
 * Does with our strategies what the registry does with them, in its order. `decode` is what stands between the body and
 * the strategy.
 */
export function replay(one: Case, decode: (object: Draft) => Draft, namespace: string | undefined): Outcome {
  const context: StrategyContext = {
    now: '2026-11-25T00:00:00Z',
    dryRun: true,
    allocate: addressesForever(),
    user: ADMIN,
  };
  const [group, kind] = groupKindOf(one.object);
  const strategy = strategyOf(group, kind);
  try {
    const draft = decode(structuredClone(one.object));
    if (namespace !== undefined) draft.metadata['namespace'] ??= namespace;
    strategy.setDefaults(draft);
    strategy.prepareCreate(draft, context);
    refuse(draft, [...validateMetaCreate(draft, nameRuleOf(group, kind)), ...strategy.validateCreate(draft)]);
    if (one.update === undefined) return { object: draft };
    const created = draft;
    created.metadata['resourceVersion'] ??= '1';
    const changed = decode(merged(created, one.update) as Draft);
    strategy.setDefaults(changed);
    if (one.endpoint !== undefined) {
      const below = one.endpoint === 'status' ? strategy.status : subresourceStrategyOf(group, kind, one.endpoint);
      below?.prepareUpdate(changed, created);
      refuse(changed, [...validateMetaUpdate(changed, created), ...(below?.validateUpdate(changed, created) ?? [])]);
    } else {
      strategy.prepareUpdate(changed, created, context);
      refuse(changed, [...validateMetaUpdate(changed, created), ...strategy.validateUpdate(changed, created)]);
    }
    return { object: changed };
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status };
    throw error;
  }
}

/** The parts of a refusal that clients look at; a cause that is repeated counts once. */
export function refusal(status: Status): unknown {
  const causes = (status.details?.causes ?? []).map(({ reason, field, message }) => ({
    reason: reason ?? '',
    field: field ?? '',
    message,
  }));
  const distinct = [...new Map(causes.map((cause) => [JSON.stringify(cause), cause])).values()];
  return {
    code: status.code,
    reason: status.reason,
    causes: distinct.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    ...(distinct.length === 0 && { message: status.message }),
  };
}

/** An object without what one server alone can know: bookkeeping, addresses, ports and times. */
export function comparable(object: unknown): unknown {
  return withoutChance(object, '');
}

const BOOKKEEPING = new Set([
  'metadata.uid',
  'metadata.resourceVersion',
  'metadata.creationTimestamp',
  'metadata.managedFields',
  'metadata.generation',
  'metadata.generateName',
]);

function withoutChance(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutChance(item, path));
  if (isMap(value)) {
    const entries = Object.entries(value)
      .map(([key, item]) => [key, withoutChance(item, path === '' ? key : `${path}.${key}`)] as const)
      .filter(([key]) => !BOOKKEEPING.has(path === '' ? key : `${path}.${key}`))
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  }
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return '<time>';
  if (typeof value === 'string' && /^10\.0\.\d+\.\d+$/.test(value)) return '<address>';
  if (typeof value === 'number' && /(nodePort|healthCheckNodePort)$/.test(path)) return '<port>';
  return value;
}

export function groupKindOf(object: { readonly apiVersion: string; readonly kind: string }): readonly [string, string] {
  const slash = object.apiVersion.indexOf('/');
  return [slash < 0 ? '' : object.apiVersion.slice(0, slash), object.kind];
}

function refuse(draft: Draft, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const [group, name] = groupKindOf(draft);
  throw invalidObject({ group, name }, textAt(draft.metadata, 'name'), errors);
}

/** Who the tests are to the real server. */
const ADMIN = { username: 'admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** RFC 7386. */
export function merged(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return structuredClone(patch);
  const result: DraftMap = isMap(target) ? structuredClone(target) : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

/** Addresses of 10.0.0.0/16 and ports of 30000–32767, never two times the same. */
function addressesForever(): Allocator {
  let next = 0;
  return {
    clusterIp(wanted) {
      next += 1;
      if (wanted === undefined) return `10.0.7.${String(next)}`;
      return wanted.startsWith('10.0.') ? wanted : undefined;
    },
    nodePort(wanted) {
      next += 1;
      if (wanted === undefined) return 32_000 + next;
      return wanted >= 30_000 && wanted <= 32_767 ? wanted : undefined;
    },
  };
}
