import {
  decodeBytes,
  decodeFloat,
  decodeInteger,
  decodeIntOrString,
  decodeQuantity,
  decodeTime,
  mismatched,
} from './decode-scalar.ts';
import { isMap } from './json-value.ts';
import type { JsonMap } from './json-value.ts';
import type { FieldPlan, Plan, StructPlan } from './plan.ts';
import { Abort } from './run.ts';
import type { Run } from './run.ts';
import { setKey } from './set-key.ts';

/**
 * The value as a server stores it: what Go's decoder makes of it and its encoder writes again. What is wrong goes into
 * `run`. The given value is never changed; parts that decode to themselves are shared.
 *
 * @throws {Abort} where Go gives up at once.
 */
function decodeValue(plan: Plan, value: unknown, run: Run): unknown {
  if (value === null) return zeroOf(plan);
  switch (plan.kind) {
    case 'text':
      return typeof value === 'string' ? value : mismatched(plan, value, run);
    case 'boolean':
      return typeof value === 'boolean' ? value : mismatched(plan, value, run);
    case 'integer':
      return decodeInteger(plan, value, run);
    case 'float':
      return decodeFloat(plan, value, run);
    case 'bytes':
      return decodeBytes(plan, value, run);
    case 'raw':
      return value;
    case 'quantity':
      return decodeQuantity(value, run);
    case 'intOrString':
      return decodeIntOrString(value, run);
    case 'time':
    case 'microTime':
      return decodeTime(plan.kind === 'time' ? 'seconds' : 'micros', value, run);
    case 'list':
      return Array.isArray(value) ? decodeList(plan.items, value, run) : mismatched(plan, value, run);
    case 'map':
      return isMap(value) ? decodeMap(plan.values, value, run) : mismatched(plan, value, run);
    case 'struct':
      return isMap(value) ? decodeStruct(plan.struct, value, run) : mismatched(plan, value, run);
    case 'schemaOr':
      return decodeSchemaOr(plan, value, run);
    default:
      return plan satisfies never;
  }
}

/** What a type holds before anything is put into it, as it is written. */
export function zeroOf(plan: Plan): unknown {
  switch (plan.kind) {
    case 'text':
      return '';
    case 'boolean':
      return false;
    case 'integer':
    case 'float':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'bytes':
    case 'raw':
    case 'time':
    case 'microTime':
    case 'list':
    case 'map':
    case 'schemaOr':
      return null;
    case 'struct':
      return zeroStruct(plan.struct);
    default:
      return plan satisfies never;
  }
}

export function zeroStruct(struct: StructPlan): JsonMap {
  const zero: JsonMap = {};
  fillAlways(struct, zero);
  return zero;
}

function fillAlways(struct: StructPlan, draft: JsonMap): void {
  for (const { name, presence, plan } of struct.always)
    if (draft[name] === undefined) draft[name] = presence === 'nullable' ? null : zeroOf(plan);
}

/** Of all types only schemas can nest without end. Kubernetes has no such limit, and the stack to do without. */
const MAX_PATH = 500;

/** Every field, in the order of the text; then those that are written though they were not given. */
export function decodeStruct(struct: StructPlan, value: JsonMap, run: Run): JsonMap {
  if (run.stack.length > MAX_PATH) throw new Abort(`exceeded max depth of ${String(MAX_PATH)}`);
  const draft: JsonMap = {};
  const { entries, isRepeated } = run.entriesOf(value);
  const seen = isRepeated ? new Set<string>() : undefined;
  for (const [key, inner, literal] of entries) {
    const field = struct.fields.get(key) ?? (run.within === undefined ? undefined : foldedField(struct, key));
    if (field === undefined) {
      run.unknownField(key);
      continue;
    }
    const { name } = field;
    if (seen?.has(name) === true) run.repeatedField(name);
    run.stack.push(field);
    if (isRepeated) run.literal = literal;
    else run.look(value, key);
    decodeField(field, inner, seen?.has(name) === true ? draft[name] : undefined, draft, run);
    seen?.add(name);
    run.stack.pop();
  }
  fillAlways(struct, draft);
  return draft;
}

/** Go's own JSON package does not tell upper from lower case. */
function foldedField(struct: StructPlan, key: string): FieldPlan | undefined {
  const folded = key.toLowerCase();
  for (const field of struct.fields.values()) if (field.name.toLowerCase() === folded) return field;
  return undefined;
}

/** `before`: what the same field was given earlier in the text. Go decodes into it once more. */
function decodeField(field: FieldPlan, value: unknown, before: unknown, draft: JsonMap, run: Run): void {
  const { name, presence, plan } = field;
  const isPointer = presence === 'pointer' || presence === 'nullable';
  if (value === null) {
    if (isPointer || isContainer(plan)) delete draft[name];
    return;
  }
  const decoded = decodeValue(plan, value, run);
  const joined = before === undefined ? decoded : joinedValue(plan, before, decoded, value);
  if (isPointer) {
    // Only what stands in the place of a schema and is none decodes to nothing.
    if (joined !== null) draft[name] = joined;
  } else if (presence === 'always') draft[name] = isContainer(plan) && isEmptyContainer(joined) ? null : joined;
  else if (!isZero(joined)) draft[name] = joined;
  else if (before !== undefined) delete draft[name];
}

/** Of these the store keeps no difference between an empty one and none. */
function isContainer(plan: Plan): boolean {
  return plan.kind === 'list' || plan.kind === 'map' || plan.kind === 'bytes';
}

/** Structs keep what the second value does not speak of, maps their other keys. */
function joinedValue(plan: Plan, before: unknown, after: unknown, given: unknown): unknown {
  if (!isMap(before) || !isMap(after) || !isMap(given)) return after;
  if (plan.kind === 'map') return { ...before, ...after };
  if (plan.kind !== 'struct') return after;
  const joined: JsonMap = { ...before };
  for (const [key, value] of Object.entries(given)) {
    const field = plan.struct.fields.get(key);
    if (field === undefined) continue;
    const inner = joinedValue(field.plan, before[key], after[key], value);
    if (inner === undefined) delete joined[key];
    else joined[key] = inner;
  }
  return joined;
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false || value === null || value === 0n || isEmptyContainer(value);
}

function isEmptyContainer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

function decodeList(items: Plan, value: readonly unknown[], run: Run): unknown[] {
  return value.map((item, index) => {
    run.stack.push(index);
    run.look(value, index);
    const decoded = decodeValue(items, item, run);
    run.stack.pop();
    return decoded;
  });
}

function decodeMap(values: Plan, value: JsonMap, run: Run): JsonMap {
  const { entries, isRepeated } = run.entriesOf(value);
  const seen = isRepeated ? new Set<string>() : undefined;
  const decoded: JsonMap = {};
  for (const [key, inner, literal] of entries) {
    if (seen?.has(key) === true) run.repeatedField(key);
    seen?.add(key);
    if (typeof inner === 'string' && values.kind === 'text') {
      setKey(decoded, key, inner);
      continue;
    }
    run.stack.push(key);
    if (isRepeated) run.literal = literal;
    else run.look(value, key);
    const one = decodeValue(values, inner, run);
    run.stack.pop();
    // The store keeps no difference between no bytes and null.
    setKey(decoded, key, one === null && values.kind === 'bytes' ? '' : one);
  }
  return decoded;
}

/** Go's own JSON package reads what is inside: nothing there is an unknown or repeated field. */
function decodeSchemaOr(plan: Plan & { readonly kind: 'schemaOr' }, value: unknown, run: Run): unknown {
  const isSchema = isMap(value);
  if (plan.other === 'boolean' && !isSchema) {
    if (typeof value === 'boolean') return value;
    throw new Abort('boolean or JSON schema expected');
  }
  if (!isSchema && !Array.isArray(value)) return null;
  const outer = { error: run.error, within: run.within };
  run.error = undefined;
  run.within ??= run.stack.findLast((part) => typeof part === 'object')?.owner;
  const items: Plan =
    plan.other === 'texts' ? TEXT : { kind: 'struct', goType: 'v1.JSONSchemaProps', struct: plan.struct };
  const decoded = isSchema ? decodeStruct(plan.struct, value, run) : decodeList(items, value as unknown[], run);
  if (run.error !== undefined) throw new Abort(run.error);
  run.error = outer.error;
  run.within = outer.within;
  return Array.isArray(decoded) && decoded.length === 0 ? null : decoded;
}

const TEXT: Plan = { kind: 'text', goType: 'string' };
