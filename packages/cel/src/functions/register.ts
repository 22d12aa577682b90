import type { Environment } from '@marcbachmann/cel-js';

/** Functions by signature, as `string.charAt(int): string`. */
export type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

export function register(environment: Environment, functions: Functions): void {
  for (const [signature, handler] of Object.entries(functions)) {
    environment.registerFunction(signature, handler as (...args: unknown[]) => unknown, { async: false });
  }
}

/** A name whose functions are called as `sets.contains(…)`: the library knows them as methods of a constant. */
export function registerNamespace(environment: Environment, name: string, functions: Functions): void {
  const type = `${name}Namespace`;
  // The library tells the constant's type from its class, so each namespace needs one of its own.
  const namespace = class {
    readonly name = name;
  };
  environment.registerType(type, namespace);
  environment.registerConstant(name, type, new namespace());
  register(
    environment,
    Object.fromEntries(
      Object.entries(functions).map(([signature, handler]) => [
        `${type}.${signature}`,
        (_namespace: unknown, ...args: unknown[]) => (handler as (...all: unknown[]) => unknown)(...args),
      ]),
    ),
  );
}

/** A type of Kubernetes' own, compared by its `equals`. */
export function registerValue(
  environment: Environment,
  name: string,
  ctor: new (...args: never[]) => { equals(other: unknown): boolean },
): void {
  environment.registerType(name, { ctor, fields: {} });
  environment.registerOperator(`${name} == ${name}`, (a: { equals(other: unknown): boolean }, b: unknown) =>
    a.equals(b),
  );
}
