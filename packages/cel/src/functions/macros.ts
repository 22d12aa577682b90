import { Optional } from '@marcbachmann/cel-js';
import type { ASTNode, Environment, TypeDeclaration } from '@marcbachmann/cel-js';
import { entriesOf } from '../values.ts';

/** What a macro is given by the library: its parts of the tree, and how to check and run them. */
interface Call {
  readonly args: readonly ASTNode[];
  readonly receiver: ASTNode;
}
interface Scope {
  forkWithVariable(name: string, type: TypeDeclaration): Scope;
  reuse(parent: Scope): Scope;
  setIterValue(value: unknown, evaluator: Evaluator): Scope;
}
interface Checker {
  check(node: ASTNode, scope: Scope): TypeDeclaration;
  getType(name: string): TypeDeclaration;
}
interface Evaluator {
  run(node: ASTNode, scope: Scope): unknown;
}

/** Runs an expression with some more names bound; what it runs in stands in the macro itself, one for each use of it. */
class Binder {
  readonly #names: readonly string[];
  #scopes: readonly Scope[] = [];

  constructor(nodes: readonly ASTNode[]) {
    this.#names = nodes.map(nameOf);
  }

  check(checker: Checker, scope: Scope): Scope {
    let inner = scope;
    this.#scopes = this.#names.map((name) => (inner = inner.forkWithVariable(name, checker.getType('dyn'))));
    return inner;
  }

  bind(scope: Scope, evaluator: Evaluator, values: readonly unknown[]): Scope {
    let inner = scope;
    for (const [index, own] of this.#scopes.entries()) {
      inner = own.reuse(inner).setIterValue(values[index], evaluator);
    }
    return inner;
  }
}

function nameOf(node: ASTNode): string {
  if (node.op !== 'id') throw new Error('the name of a variable is expected');
  return node.args;
}

/** The macros of cel-go that the library lacks: those with two variables, and those of optional values. */
export function registerMacros(environment: Environment): void {
  macro(environment, 'optional.optMap(ast, ast): optional<dyn>', {
    names: 1,
    type: 'optional',
    run: ({ value, bound, run }) => (isPresent(value) ? Optional.of(run(bound([value.value()]))) : Optional.none()),
  });
  macro(environment, 'optional.optFlatMap(ast, ast): optional<dyn>', {
    names: 1,
    type: 'optional',
    run: ({ value, bound, run }) => (isPresent(value) ? run(bound([value.value()])) : Optional.none()),
  });
  macro(environment, 'list.all(ast, ast, ast): bool', { names: 2, type: 'bool', run: quantifier(false) });
  macro(environment, 'list.exists(ast, ast, ast): bool', { names: 2, type: 'bool', run: quantifier(true) });
  for (const name of ['exists_one', 'existsOne']) {
    macro(environment, `list.${name}(ast, ast, ast): bool`, {
      names: 2,
      type: 'bool',
      run: ({ value, bound, run }) => itemsOf(value).filter((entry) => truth(run(bound(entry)))).length === 1,
    });
  }
  macro(environment, 'list.existsOne(ast, ast): bool', {
    names: 1,
    type: 'bool',
    run: ({ value, bound, run }) => keysOf(value).filter((key) => truth(run(bound([key])))).length === 1,
  });
  for (const filtered of [false, true]) {
    const kept = ({ bound, run }: Run, entry: readonly unknown[]): boolean => !filtered || truth(run(bound(entry), 1));
    const signature = filtered ? 'ast, ast, ast, ast' : 'ast, ast, ast';
    macro(environment, `list.transformList(${signature}): list<dyn>`, {
      names: 2,
      type: 'list',
      run: (one) =>
        itemsOf(one.value)
          .filter((entry) => kept(one, entry))
          .map((entry) => one.run(one.bound(entry))),
    });
    macro(environment, `list.transformMap(${signature}): dyn`, {
      names: 2,
      type: 'dyn',
      run: (one) =>
        new Map(
          itemsOf(one.value)
            .filter((entry) => kept(one, entry))
            .map((entry) => [entry[0], one.run(one.bound(entry))] as const),
        ),
    });
    macro(environment, `list.transformMapEntry(${signature}): dyn`, {
      names: 2,
      type: 'dyn',
      run: (one) =>
        new Map(
          itemsOf(one.value)
            .filter((entry) => kept(one, entry))
            .flatMap((entry) => entriesOf(one.run(one.bound(entry))) ?? []),
        ),
    });
  }
}

/** Makes `has` take any operand: the library's knows names and their fields alone. */
export function hasField(call: ASTNode, { args: [operand, name] }: ASTNode & { readonly op: '.' }): void {
  const node = call as ASTNode & { setMeta(key: string, value: unknown): void };
  node.setMeta('macro', {
    async: false,
    typeCheck(checker: Checker, _macro: unknown, scope: Scope) {
      checker.check(operand, scope);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _macro: unknown, scope: Scope) {
      const found = evaluator.run(operand, scope);
      const value: unknown = found instanceof Optional && found.hasValue() ? found.value() : found;
      if (Array.isArray(value)) throw new Error(`unsupported index type 'string' in list`);
      return entriesOf(value)?.some(([key]) => key === name) === true;
    },
  });
}

interface Run {
  /** The value of what the macro was called on. */
  readonly value: unknown;
  readonly bound: (values: readonly unknown[]) => Scope;
  /** Runs the last argument, or one so many before it. */
  readonly run: (scope: Scope, before?: number) => unknown;
}

function macro(
  environment: Environment,
  signature: string,
  { names, type, run }: { readonly names: number; readonly type: string; readonly run: (one: Run) => unknown },
): void {
  environment.registerFunction(signature, ({ args, receiver }: Call) => {
    const binder = new Binder(args.slice(0, names));
    const bodies = args.slice(names).toReversed();
    return {
      async: false,
      typeCheck(checker: Checker, _macro: unknown, scope: Scope) {
        checker.check(receiver, scope);
        const inner = binder.check(checker, scope);
        for (const body of bodies) checker.check(body, inner);
        return checker.getType(type);
      },
      evaluate(evaluator: Evaluator, _macro: unknown, scope: Scope) {
        return run({
          value: evaluator.run(receiver, scope),
          bound: (values) => binder.bind(scope, evaluator, values),
          run: (inner, before = 0) => {
            const body = bodies[before];
            return body === undefined ? undefined : evaluator.run(body, inner);
          },
        });
      },
    };
  });
}

/** One item decides, whatever errors the others have. */
function quantifier(decisive: boolean): (one: Run) => boolean {
  return ({ value, bound, run }) => {
    const errors: unknown[] = [];
    for (const entry of itemsOf(value)) {
      try {
        if (truth(run(bound(entry))) === decisive) return decisive;
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
    return !decisive;
  };
}

function truth(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error('no such overload: a predicate must be true or false');
  return value;
}

function isPresent(value: unknown): value is Optional {
  if (!(value instanceof Optional)) throw new Error('no such overload: an optional value is expected');
  return value.hasValue();
}

function itemsOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  const entries = entriesOf(value);
  if (entries === undefined) throw new Error('no such overload: a list or a map is expected');
  return entries;
}

function keysOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : itemsOf(value).map(([key]) => key);
}
