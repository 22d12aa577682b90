import type { Plan } from './plan.ts';
import { Abort } from './run.ts';

/**
 * Why Kubernetes' converter of maps does not put a value into a type. Source: k8s.io/apimachinery, runtime/converter.go.
 */
export function conversionProblem(plan: Plan, value: unknown): string {
  const found = goKind(value);
  switch (plan.kind) {
    case 'text':
      return found === 'int64' ? `cannot convert int64 to ${plan.goType}` : 'unrecognized type: string';
    case 'boolean':
      return 'unrecognized type: bool';
    case 'integer':
      return `unrecognized type: int${String(plan.bits)}`;
    case 'float':
      return 'unrecognized type: float64';
    case 'bytes':
    case 'list':
      return `cannot restore slice from ${found}`;
    case 'map':
      return `cannot restore map from ${found}`;
    case 'struct':
      return `cannot restore struct from: ${found}`;
    default:
      return `unrecognized type: ${plan.goType}`; // types that decode themselves complain themselves
  }
}

/** Too large an integer is cut to its lowest bits, as Go converts numbers. */
export function convertedInteger(plan: Plan & { readonly kind: 'integer' }, value: number | bigint): number | bigint {
  if (typeof value === 'number' && !Number.isInteger(value))
    throw new Abort(`cannot convert float64 to ${plan.goType}`);
  const cut = BigInt.asIntN(plan.bits, BigInt(value));
  const number = Number(cut);
  return Number.isSafeInteger(number) ? number : cut;
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64';
    case 'bigint':
      return 'int64';
    default:
      return 'map';
  }
}
