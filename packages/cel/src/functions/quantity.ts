import type { Environment } from '@marcbachmann/cel-js';
import { compareQuantities, parseQuantity } from '@homeostat/kube';
import { register, registerValue } from './register.ts';

const NANO = 10n ** 9n;

class CelQuantity {
  readonly nano: bigint;

  constructor(nano: bigint) {
    this.nano = nano;
  }

  equals(other: unknown): boolean {
    return other instanceof CelQuantity && other.nano === this.nano;
  }
}

/** Source: Kubernetes `apiserver/pkg/cel/library/quantity.go`. */
export function registerQuantity(environment: Environment): void {
  const name = 'kubernetes.Quantity';
  registerValue(environment, name, CelQuantity);
  register(environment, {
    [`quantity(string): ${name}`]: quantity,
    'isQuantity(string): bool': (text: string) => parseQuantity(text) !== undefined,
    [`sign(${name}): int`]: ({ nano }: CelQuantity) => (nano > 0n ? 1n : nano < 0n ? -1n : 0n),
    [`${name}.isInteger(): bool`]: (value: CelQuantity) => integer(value) !== undefined,
    [`${name}.asInteger(): int`]: (value: CelQuantity) => {
      const found = integer(value);
      if (found === undefined) throw new Error('cannot convert value to integer');
      return found;
    },
    [`${name}.asApproximateFloat(): double`]: ({ nano }: CelQuantity) => Number(nano) / 1e9,
    [`${name}.compareTo(${name}): int`]: (a: CelQuantity, b: CelQuantity) => BigInt(compare(a, b)),
    [`${name}.isGreaterThan(${name}): bool`]: (a: CelQuantity, b: CelQuantity) => compare(a, b) > 0,
    [`${name}.isLessThan(${name}): bool`]: (a: CelQuantity, b: CelQuantity) => compare(a, b) < 0,
    [`${name}.add(${name}): ${name}`]: (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nano + b.nano),
    [`${name}.add(int): ${name}`]: (a: CelQuantity, b: bigint) => new CelQuantity(a.nano + b * NANO),
    [`${name}.sub(${name}): ${name}`]: (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nano - b.nano),
    [`${name}.sub(int): ${name}`]: (a: CelQuantity, b: bigint) => new CelQuantity(a.nano - b * NANO),
  });
}

function quantity(text: string): CelQuantity {
  const parsed = parseQuantity(text);
  if (parsed === undefined) throw new Error('quantities must be a number with a suffix, as 500m or 1Gi');
  return new CelQuantity(parsed.nano);
}

function compare(a: CelQuantity, b: CelQuantity): number {
  return compareQuantities({ nano: a.nano, format: 'DecimalSI' }, { nano: b.nano, format: 'DecimalSI' });
}

function integer({ nano }: CelQuantity): bigint | undefined {
  const whole = nano / NANO;
  return nano % NANO === 0n && BigInt.asIntN(64, whole) === whole ? whole : undefined;
}
