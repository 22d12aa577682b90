import type { Environment } from '@marcbachmann/cel-js';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { areEqual, compareValues } from '../values.ts';
import { register, registerNamespace } from './register.ts';
import { OWN } from './strings.ts';

type List = readonly unknown[];

/** Source: Kubernetes `apiserver/pkg/cel/library/lists.go`; cel-go `ext/sets.go`. */
export function registerLists(environment: Environment): void {
  register(environment, {
    'list.isSorted(): bool': (list: List) =>
      list.every((item, index) => index === 0 || compareValues(list[index - 1], item) <= 0),
    'list.sum(): dyn': sum,
    'list.min(): dyn': (list: List) => extreme(list, 'min', -1),
    'list.max(): dyn': (list: List) => extreme(list, 'max', 1),
    [`list.${OWN}indexOf(dyn): int`]: (list: List, wanted: unknown) =>
      BigInt(list.findIndex((item) => areEqual(item, wanted))),
    [`list.${OWN}lastIndexOf(dyn): int`]: (list: List, wanted: unknown) =>
      BigInt(list.findLastIndex((item) => areEqual(item, wanted))),
  });
  registerNamespace(environment, 'sets', {
    'contains(list, list): bool': contains,
    'equivalent(list, list): bool': (a: List, b: List) => contains(a, b) && contains(b, a),
    'intersects(list, list): bool': (a: List, b: List) => a.some((item) => contains(b, [item])),
  });
}

function contains(list: List, wanted: List): boolean {
  return wanted.every((one) => list.some((item) => areEqual(item, one)));
}

/** An empty list has the sum 0. */
function sum(list: List): unknown {
  const [first] = list;
  const add = adderOf(first);
  return list.slice(1).reduce((total, item) => add(total, item), first ?? 0n);
}

function adderOf(first: unknown): (total: unknown, item: unknown) => unknown {
  const mixed = (): never => {
    throw new Error('no such overload: sum of values that cannot be added');
  };
  if (first === undefined) return mixed;
  if (typeof first === 'bigint') {
    return (a, b) => {
      if (typeof a !== 'bigint' || typeof b !== 'bigint') return mixed();
      if (BigInt.asIntN(64, a + b) !== a + b) throw new Error('integer overflow');
      return a + b;
    };
  }
  if (typeof first === 'number') {
    return (a, b) => (typeof a === 'number' && typeof b === 'number' ? a + b : mixed());
  }
  if (first instanceof UnsignedInt) {
    return (a, b) =>
      a instanceof UnsignedInt && b instanceof UnsignedInt ? new UnsignedInt(a.value + b.value) : mixed();
  }
  if (first instanceof Duration) {
    return (a, b) => (a instanceof Duration && b instanceof Duration ? a.addDuration(b) : mixed());
  }
  return mixed();
}

function extreme(list: List, name: string, sign: 1 | -1): unknown {
  if (list.length === 0) throw new Error(`${name} called on empty list`);
  return list.reduce((best, item) => (compareValues(item, best) * sign > 0 ? item : best));
}
