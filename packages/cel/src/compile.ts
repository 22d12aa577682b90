import type { ASTNode, ParseResult } from '@marcbachmann/cel-js';
import { createEnvironment } from './environment.ts';
import { celError } from './error.ts';
import type { CelError } from './error.ts';
import { OWN_FUNCTIONS } from './functions/conversions.ts';
import { hasField } from './functions/macros.ts';
import type { Regex } from './functions/regex.ts';
import { OWN, OWN_METHODS } from './functions/strings.ts';
import { OWN_TIME_METHODS } from './functions/time.ts';
import { Meter } from './meter.ts';
import { toCel } from './values.ts';

export interface CompileOptions {
  /** The names that an expression may use; each is of any type. */
  readonly variables: readonly string[];
  /** Refuse an expression whose value need not be true or false, as Kubernetes does for rules. */
  readonly result?: 'bool';
}

export interface EvaluateOptions {
  /** Steps that it may take: about one for each operation, and for each ten characters or items looked at. Default 1,000,000. */
  readonly costLimit?: number;
}

/** An expression that was compiled. Evaluating it leaves nothing behind, so it can be kept for good. */
export interface Program {
  readonly kind: 'Program';
  readonly expression: string;
  /** The variables that it uses. */
  readonly variables: readonly string[];
  /**
   * Its value for these bindings, which are JSON: whole numbers are `int`, others `double`. Total: what goes wrong is a
   * {@link CelError}. Pure, but for `costLimit`: the same bindings give the same value.
   */
  evaluate(bindings: Readonly<Record<string, unknown>>, options?: EvaluateOptions): CelValue | CelError;
}

export interface CelValue {
  readonly kind: 'CelValue';
  /** `boolean`, `string`, `bigint` (int), `number` (double), `null`, lists as arrays, maps as Maps; other types as objects. */
  readonly value: unknown;
  /** Steps that it took. */
  readonly cost: number;
}

const COST_LIMIT = 1_000_000;
/** Longer ones are refused unread: Kubernetes' own limit is of this order. */
const MAX_LENGTH = 16 * 1024;
/** What the library has beyond Kubernetes: an expression that is fine here must be fine there. */
const FOREIGN_METHODS: ReadonlySet<string> = new Set(['bind', 'json', 'hex', 'base64', 'string', 'at']);
const REGEX_METHODS: ReadonlySet<string> = new Set(['matches', 'find', 'findAll']);

/**
 * Compiles an expression once: parsed, its names and types checked, its constant regular expressions compiled.
 *
 * Source: the CEL specification, and Kubernetes 1.37's environment for rules. The README names what differs.
 */
export function compile(expression: string, { variables, result }: CompileOptions): Program | CelError {
  const invalid = (message: string, offset?: number): CelError => celError('INVALID', message, expression, offset);
  if (expression.length > MAX_LENGTH) return invalid(`the expression is longer than ${MAX_LENGTH} characters`);
  const meter = new Meter();
  const { environment, regex } = createEnvironment(variables, meter);

  let parsed: ParseResult;
  const used = new Set<string>();
  try {
    parsed = environment.parse(expression);
    for (const node of nodesOf(parsed.ast)) if (node.op === 'id') used.add(node.args);
    const problem = prepare(parsed.ast, regex, meter);
    if (problem !== undefined) return invalid(problem.wrong, problem.at);
    const { valid, type, error } = parsed.check();
    if (!valid) throw error;
    if (result === 'bool' && type !== 'bool') return invalid(`must evaluate to bool but got ${type}`);
  } catch (error) {
    const { text, offset } = told(error);
    return invalid(text, offset);
  }

  return {
    kind: 'Program',
    expression,
    variables: variables.filter((name) => used.has(name)),
    evaluate(bindings, { costLimit = COST_LIMIT } = {}) {
      meter.start(costLimit);
      try {
        const given = Object.keys(bindings).filter((name) => used.has(name));
        const value: unknown = parsed(Object.fromEntries(given.map((name) => [name, toCel(bindings[name])])));
        if (!meter.exceeded) return { kind: 'CelValue', value, cost: Math.ceil(meter.spent) };
      } catch (error) {
        if (!meter.exceeded) {
          const { text, offset } = told(error);
          return celError('EVALUATION_FAILED', text, expression, offset);
        }
      }
      return celError('COST_EXCEEDED', `took more than the ${costLimit} steps that it may take`, expression);
    },
  };
}

/**
 * Makes the tree call Kubernetes' functions and count its steps. Returns what is wrong with it, and where.
 *
 * The library has no hook for either, so both are written into the tree that it has parsed: its version is pinned, and the
 * tests of this package fail where another one no longer takes it.
 */
function prepare(
  root: ASTNode,
  regex: Regex,
  meter: Meter,
): { readonly wrong: string; readonly at: number } | undefined {
  const compared = new Set<ASTNode>();
  for (const node of nodesOf(root)) {
    if (node.op === '==' || node.op === '!=' || node.op === 'in') for (const side of node.args) compared.add(side);
    meterNode(node, meter, compared.has(node));
    if (node.op === 'call') {
      const [name, [argument]] = node.args;
      if (OWN_FUNCTIONS.has(name)) node.args[0] = `${OWN}${name}`;
      if (name === 'has' && argument?.op === '.') hasField(node, argument);
    }
    if (node.op !== 'rcall') continue;
    const [name, , [pattern]] = node.args;
    if (FOREIGN_METHODS.has(name)) return { wrong: `undeclared reference to '${name}'`, at: node.start };
    if (REGEX_METHODS.has(name) && pattern?.op === 'value' && typeof pattern.args === 'string') {
      try {
        regex.compile(pattern.args);
      } catch (error) {
        return { wrong: (error as Error).message, at: pattern.start };
      }
    }
    if (OWN_METHODS.has(name) || OWN_TIME_METHODS.has(name)) node.args[0] = `${OWN}${name}`;
  }
  return undefined;
}

/** From the root down. */
function* nodesOf(part: unknown): Generator<ASTNode> {
  if (Array.isArray(part)) for (const item of part) yield* nodesOf(item);
  if (!isNode(part)) return;
  yield part;
  yield* nodesOf(part.args);
}

function isNode(part: unknown): part is ASTNode {
  return typeof part === 'object' && part !== null && 'op' in part && 'args' in part;
}

type Evaluate = (this: ASTNode, ...args: unknown[]) => unknown;

/** Each evaluation of the node is a step, and so is looking at its value. */
function meterNode(node: ASTNode, meter: Meter, isCompared: boolean): void {
  const property = node as ASTNode & { evaluate: Evaluate };
  let inner = property.evaluate;
  const metered: Evaluate = (...args) => {
    meter.charge(1);
    const value = inner.apply(node, args);
    if (isCompared) meter.chargeDeep(value);
    else meter.chargeFor(value);
    return value;
  };
  // At its first use a node settles on how it is evaluated: it writes this very property, and then calls what it wrote.
  let isSettling = false;
  Object.defineProperty(property, 'evaluate', {
    get() {
      if (!isSettling) return metered;
      isSettling = false;
      return inner;
    },
    set(chosen: Evaluate) {
      inner = chosen;
      isSettling = true;
    },
  });
}

/** An error of the library, of a function, or of JavaScript itself (a stack that is too deep), without the picture of the place. */
function told(error: unknown): { readonly text: string; readonly offset?: number } {
  if (error instanceof RangeError) return { text: 'it is nested too deeply, or makes too large a value' };
  const located = error as { readonly summary?: unknown; readonly range?: { readonly start: number } } | undefined;
  const text = typeof located?.summary === 'string' ? located.summary : error instanceof Error ? error.message : '';
  const offset = located?.range?.start;
  return { text: text.replaceAll(OWN, '') || 'it cannot be evaluated', ...(offset !== undefined && { offset }) };
}
