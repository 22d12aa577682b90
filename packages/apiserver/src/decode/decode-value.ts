import { parseQuantity, printQuantity } from '@homeostat/kube';
import { canonicalBase64 } from './base64.ts';
import { readGoTime } from './go-time.ts';
import type { FieldPlan, Plan, StructPlan } from './plan.ts';
import { setKey } from './read-json.ts';
import { Abort } from './run.ts';
import type { Run } from './run.ts';

type JsonMap = Record<string, unknown>;

/**
 * The value as a server stores it: what Go's decoder makes of it and its encoder writes again. What is wrong goes into
 * `run`. The given value is never changed; parts that decode to themselves are shared.
 *
 * @throws {Abort} where Go gives up at once.
 */
export function decodeValue(plan: Plan, value: unknown, run: Run): unknown {
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

function decodeInteger(plan: Plan & { readonly kind: 'integer' }, value: unknown, run: Run): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return mismatched(plan, value, run);
  if (run.literal === undefined && isIntegerOf(plan.bits, value)) return value;
  run.mismatch(`number ${run.literal ?? String(value)}`, plan.goType);
  return 0;
}

function isIntegerOf(bits: 32 | 64, value: number | bigint): boolean {
  if (typeof value === 'bigint') return bits === 64;
  if (!Number.isInteger(value)) return false;
  return bits === 32 ? value === (value | 0) : Math.abs(value) < 2 ** 63;
}

function decodeFloat(plan: Plan, value: unknown, run: Run): unknown {
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number') return mismatched(plan, value, run);
  if (Number.isFinite(value)) return value;
  run.mismatch(`number ${run.literal ?? String(value)}`, plan.goType);
  return 0;
}

function decodeBytes(plan: Plan, value: unknown, run: Run): unknown {
  if (Array.isArray(value)) return decodeByteList(value, run);
  if (typeof value !== 'string') return mismatched(plan, value, run);
  const read = canonicalBase64(value);
  if ('text' in read) return read.text;
  run.fail(`illegal base64 data at input byte ${String(read.wrongAt)}`);
  return '';
}

function decodeByteList(value: readonly unknown[], run: Run): string {
  const bytes = value.map((one, index) => {
    run.look(value, index);
    if (one === null) return 0;
    if (typeof one !== 'number') run.mismatch(wordFor(one), 'uint8');
    else if (run.literal !== undefined || !Number.isInteger(one) || one < 0 || one > 255)
      run.mismatch(`number ${run.literal ?? String(one)}`, 'uint8');
    return Number(one);
  });
  return Buffer.from(bytes).toString('base64');
}

/** Texts that are their own canonical form. */
const CANONICAL_QUANTITY = /^[1-9][0-9]{0,2}(?:[mkMGT]|[KMGT]i)?$/;
const QUANTITY_SHAPE = /^[-+]?[0-9]*(?:\.[0-9]*)?[eEinumkKMGTP]*[-+]?[0-9]*$/;

function decodeQuantity(value: unknown, run: Run): string {
  const text = typeof value === 'string' ? value.trim() : (run.literal ?? (isMap(value) ? '{' : String(value)));
  if (CANONICAL_QUANTITY.test(text)) return text;
  const quantity = parseQuantity(text);
  if (quantity !== undefined) return printQuantity(quantity);
  throw new Abort(
    text !== '' && QUANTITY_SHAPE.test(text)
      ? "unable to parse quantity's suffix"
      : "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

function decodeIntOrString(value: unknown, run: Run): unknown {
  if (typeof value === 'string') return value;
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  if (isNumber && run.literal === undefined && isIntegerOf(32, value)) return value;
  throw new Abort(run.mismatchText(isNumber ? `number ${run.literal ?? String(value)}` : wordFor(value), 'int32'));
}

function decodeTime(unit: 'seconds' | 'micros', value: unknown, run: Run): string {
  if (typeof value !== 'string') throw new Abort(run.mismatchText(wordFor(value), 'string'));
  const read = readGoTime(value, unit);
  if ('error' in read) throw new Abort(read.error);
  return read.text;
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
  run.within ??= { depth: run.stack.length, owner: ownerOf(run) };
  const items: Plan =
    plan.other === 'texts' ? TEXT : { kind: 'struct', goType: 'v1.JSONSchemaProps', struct: plan.struct };
  const decoded = isSchema ? decodeStruct(plan.struct, value, run) : decodeList(items, value as unknown[], run);
  if (run.error !== undefined) throw new Abort(run.error);
  run.error = outer.error;
  run.within = outer.within;
  return Array.isArray(decoded) && decoded.length === 0 ? null : decoded;
}

const TEXT: Plan = { kind: 'text', goType: 'string' };

function ownerOf(run: Run): string {
  return run.stack.findLast((part) => typeof part === 'object')?.owner ?? '';
}

/** Go leaves what it cannot fill as it was: with nothing in it. */
function mismatched(plan: Plan, value: unknown, run: Run): unknown {
  run.mismatch(wordFor(value), plan.goType);
  return zeroOf(plan);
}

/** What Go calls a JSON value. */
function wordFor(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'number';
    case 'number':
    case 'string':
    case 'object':
      return typeof value;
    default:
      throw new TypeError(`no JSON value: ${typeof value}`);
  }
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
