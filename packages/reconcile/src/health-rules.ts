import { customRules, StatusError } from '@homeostat/status';
import type { CustomRule, CustomRules, Status } from '@homeostat/status';
import type { Program } from '@homeostat/cel';
import { isRecord } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { ReconcileError } from './error.ts';

/**
 * How far the objects of a kind are, in CEL over `status`, `metadata`, `spec`, `data`, `apiVersion`, `kind`, and `self` (or
 * `object`) for all of it. Asked in the order `inProgress`, `failed`, `current`; where none is true the object is in progress.
 */
export interface HealthRule {
  /** API group; `''` is the core group. */
  readonly group: string;
  /** Every kind of the group that no other rule names, when left out. */
  readonly kind?: string;
  readonly current: string;
  readonly inProgress?: string;
  readonly failed?: string;
}

const ORDER = ['inProgress', 'failed', 'current'] as const;
type Question = (typeof ORDER)[number];
const VARIABLES = ['self', 'object', 'apiVersion', 'kind', 'metadata', 'spec', 'status', 'data'];
/** An event of every object of the kind is judged by up to three expressions: some milliseconds at the very most. */
const COST_LIMIT = 100_000;

/**
 * Checks the rules of a policy, and those of the program around it, and makes of them what {@link createPorts} takes. Without
 * any rule nothing is loaded.
 *
 * @throws {ReconcileError} `SYNC_INVALID`, naming each rule that is wrong, and each that judges what another one judges too.
 */
export async function loadHealthRules(
  rules: readonly HealthRule[],
  functions: readonly CustomRule[] = [],
): Promise<CustomRules> {
  const compiled = rules.length === 0 ? [] : await compileRules(rules);
  try {
    return customRules([...functions, ...compiled]);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw invalid([error.message], error);
  }
}

async function compileRules(rules: readonly HealthRule[]): Promise<readonly CustomRule[]> {
  const { compile } = await import('@homeostat/cel');
  const wrong: string[] = [];
  const seen = new Map<string, number>();
  const compiled = rules.map((rule, index): CustomRule => {
    const name = nameOf(rule);
    const before = seen.get(name);
    if (before !== undefined)
      wrong.push(`policy.health.${index} judges ${name}, as policy.health.${before} does; keep one of them`);
    seen.set(name, index);
    const programs = ORDER.flatMap((question): readonly (readonly [Question, Program])[] => {
      const expression = rule[question];
      if (expression === undefined) return [];
      const program = compile(expression, { variables: VARIABLES, result: 'bool' });
      if (program.kind === 'Program') return [[question, program]];
      wrong.push(`policy.health.${index}.${question} (${name}): ${program.message}`);
      return [];
    });
    const { group, kind } = rule;
    return { group, ...(kind !== undefined && { kind }), status: (object) => judge(name, programs, object) };
  });
  if (wrong.length > 0) throw invalid(wrong);
  return compiled;
}

function judge(name: string, programs: readonly (readonly [Question, Program])[], object: KubeObject): Status {
  const { apiVersion, kind, metadata, spec = {}, status = {}, data = {} } = object;
  const bindings = { self: object, object, apiVersion, kind, metadata, spec, status, data };
  for (const [question, program] of programs) {
    const answer = program.evaluate(bindings, { costLimit: COST_LIMIT });
    if (answer.kind === 'CelError') {
      const message = `the health rule of ${name} cannot tell: ${question}: ${answer.message}`;
      // As long as nobody has written a status, that is what is wrong, and not the rule.
      return object['status'] === undefined
        ? { state: 'InProgress', reason: 'NotObserved', message: `no controller has written a status yet; ${message}` }
        : { state: 'Unknown', reason: 'RuleFailed', message };
    }
    if (answer.value === true) return VERDICTS[question](name, readyCondition(object));
  }
  return {
    state: 'InProgress',
    reason: 'NotCurrent',
    message: `not current yet by the health rule of ${name}${readyCondition(object)}`,
  };
}

const VERDICTS: Readonly<Record<Question, (name: string, why: string) => Status>> = {
  current: (name) => ({ state: 'Current', reason: 'CurrentByRule', message: `current by the health rule of ${name}` }),
  failed: (name, why) => ({
    state: 'Failed',
    reason: 'FailedByRule',
    message: `failed by the health rule of ${name}${why}`,
  }),
  inProgress: (name, why) => ({
    state: 'InProgress',
    reason: 'InProgressByRule',
    message: `in progress by the health rule of ${name}${why}`,
  }),
};

/** What the object itself says of why it is not ready, as the end of a message. */
function readyCondition({ status }: KubeObject): string {
  const conditions: unknown = isRecord(status) ? status['conditions'] : undefined;
  const ready = (Array.isArray(conditions) ? conditions : []).find(
    (one: unknown) => isRecord(one) && one['type'] === 'Ready' && one['status'] !== 'True',
  ) as Readonly<Record<string, unknown>> | undefined;
  const parts = [ready?.['reason'], ready?.['message']].filter((part) => typeof part === 'string' && part !== '');
  return parts.length === 0 ? '' : `; its condition Ready says ${parts.join(': ')}`;
}

function nameOf({ group, kind = '*' }: HealthRule): string {
  return group === '' ? kind : `${kind}.${group}`;
}

function invalid(reasons: readonly string[], cause?: unknown): ReconcileError {
  return new ReconcileError('SYNC_INVALID', `the health rules cannot be used: ${reasons.join('; ')}`, {
    reasons,
    ...(cause !== undefined && { cause }),
  });
}
