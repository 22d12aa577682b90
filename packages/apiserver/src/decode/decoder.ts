import { isFormer } from './former-versions.ts';
import { compareText } from '@homeostat/kube';
import type { KubeData } from '@homeostat/kube/data';
import type { Draft } from '../draft.ts';
import { DecodeError, notRegistered } from './decode-error.ts';
import { decodeStruct, zeroStruct } from './decode-value.ts';
import { readGroupVersionKind } from './group-version-kind.ts';
import type { GroupVersionKind } from './group-version-kind.ts';
import { createMessagePlanner } from './message-plan.ts';
import { createPlanner } from './plan.ts';
import type { BodyNotes } from './parse-body.ts';
import { readEnvelope } from './read-envelope.ts';
import { readMessage } from './read-protobuf.ts';
import { Abort, Run } from './run.ts';

/** A built-in kind and the name of its schema. */
export interface BuiltinType extends GroupVersionKind {
  readonly component: string;
}

export interface Decoded {
  /** The object as the server would store it, aside from defaults. Shares parts with the value that it was made of. */
  readonly object: Draft;
  /** Paths of fields that the kind does not have, as `spec.containers[0].img`. */
  readonly unknownFields: readonly string[];
  /**
   * What Kubernetes' strict decoding says, in its order: `unknown field "spec.foo"`, `duplicate field "spec.replicas"`. One
   * warning each, or joined into the refusal, as the request's fieldValidation wants.
   */
  readonly strictErrors: readonly string[];
}

/** Decodes bodies of built-in kinds by the data of a Kubernetes version. Keeps what it has learned of every kind. */
export interface Decoder {
  /**
   * Makes an object of a JSON value, as kube-apiserver does between a request's body and its store: fields that the kind
   * does not have go, values become canonical, fields with nothing in them go unless their type keeps them, and fields
   * that are always written are there. apiVersion and kind may be missing. `notes` is what `parseBody` found in
   * the text.
   *
   * @throws {DecodeError} for another kind or version, and for values of a wrong type.
   */
  decode(value: unknown, type: BuiltinType, notes?: BodyNotes): Decoded;
  /**
   * What a body in Kubernetes' protobuf says, as the JSON that `decode` takes. It says what it is; what it leaves out is as
   * expected.
   *
   * @throws {DecodeError} for bytes that are no such message, and for a kind that is not built in.
   */
  readProtobuf(body: Uint8Array, expected: GroupVersionKind): Record<string, unknown>;
  /**
   * As `decode`, for what a patch has made of an object, when there is no text to tell an order: fields that the kind does not
   * have come sorted. What a strategic merge has made is converted without being text at all, and refused in other words.
   *
   * @throws {DecodeError} as `decode`.
   */
  decodePatched(value: unknown, type: BuiltinType, patch: 'json' | 'merge' | 'strategic'): Decoded;
  /** An object or part of one with nothing in it: only what is always written. */
  zero(component: string): Record<string, unknown>;
}

export function createDecoder(data: KubeData): Decoder {
  const planOf = createPlanner(data);
  const messageOf = createMessagePlanner();
  const components = new Map<string, string>();
  for (const [component, schema] of Object.entries(data.schemas))
    for (const kind of schema['x-kubernetes-group-version-kind'] ?? []) components.set(keyOf(kind), component);

  const decodeWith = (run: Run, value: unknown, type: BuiltinType): Draft => {
    const said = readGroupVersionKind(value, type, run.notes);
    const component = components.get(keyOf(said));
    if (component === undefined) throw refusalOfUnknown(said, type);
    const object = decodeObject(planOf(component), value, run, said);
    if (component !== type.component) throw refusalOfOther(said, type);
    object['apiVersion'] = apiVersionOf(type);
    object['kind'] = type.kind;
    return object as Draft;
  };

  return {
    decode(value, type, notes) {
      const run = new Run(notes);
      const object = decodeWith(run, value, type);
      return { object, unknownFields: run.unknown, strictErrors: [...(notes?.first ?? []), ...run.strict] };
    },
    readProtobuf(body, expected) {
      const { apiVersion, kind, message } = readEnvelope(body);
      // One that cannot be read counts as none.
      const meta = { apiVersion: apiVersion.split('/').length > 2 ? '' : apiVersion, kind };
      const said = readGroupVersionKind(meta, expected, undefined);
      const component = components.get(keyOf(said));
      if (component === undefined) throw refusalOfUnknown(said, expected);
      const value: Record<string, unknown> = { apiVersion: apiVersionOf(said), kind: said.kind };
      try {
        readMessage(messageOf(planOf(component)), message, value, { planOf: messageOf, depth: 0 });
      } catch (error) {
        throw error instanceof DecodeError ? new DecodeError('WRONG_VALUE', error.message, said) : error;
      }
      return value;
    },
    decodePatched(value, type, patch) {
      const run = new Run(undefined, patch === 'strategic' ? 'values' : 'text');
      const object = decodeWith(run, value, type);
      return {
        object,
        unknownFields: run.unknown.toSorted(compareText),
        strictErrors: run.strict.toSorted(compareText),
      };
    },
    zero: (component) => zeroStruct(planOf(component)),
  };
}

function decodeObject(
  plan: Parameters<typeof decodeStruct>[0],
  value: unknown,
  run: Run,
  said: GroupVersionKind,
): Record<string, unknown> {
  if (value === null) return zeroStruct(plan);
  try {
    const object = decodeStruct(plan, value as Record<string, unknown>, run);
    if (run.error === undefined) return object;
  } catch (error) {
    if (!(error instanceof Abort)) throw error;
    run.error = error.message;
  }
  throw new DecodeError('WRONG_VALUE', run.error, said);
}

function keyOf({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}/${kind}`;
}

function apiVersionOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

/** A kind without a schema. `List` is known all the same: of a list it is what clients make, and no server serves it. */
function refusalOfUnknown(said: GroupVersionKind, type: GroupVersionKind): DecodeError {
  if (keyOf(said) === '/v1/List') return wrongKind(said, type);
  if (isFormer(said)) return said.kind === type.kind ? wrongVersion(said, type) : wrongKind(said, type);
  return new DecodeError('WRONG_KIND', notRegistered(said.kind, apiVersionOf(said)), said);
}

/** Another kind has another type inside the server; another version of the same kind has the same. */
function refusalOfOther(said: GroupVersionKind, type: GroupVersionKind): DecodeError {
  const isSame = said.kind === type.kind && internalPackage(said.group) === internalPackage(type.group);
  return isSame ? wrongVersion(said, type) : wrongKind(said, type);
}

function wrongVersion(said: GroupVersionKind, type: GroupVersionKind): DecodeError {
  return new DecodeError(
    'WRONG_VERSION',
    `the API version in the data (${apiVersionOf(said)}) does not match the expected API version (${apiVersionOf(type)})`,
    said,
  );
}

function wrongKind(said: GroupVersionKind, type: GroupVersionKind): DecodeError {
  const from = `${said.version}.${said.kind}`;
  const to = `${internalPackage(type.group)}.${type.kind}`;
  return new DecodeError('WRONG_KIND', `converting (${from}) to (${to}): unknown conversion`, said);
}

/** Go's package of a group's types inside the server. */
function internalPackage(group: string): string {
  if (group === '' || group === 'events.k8s.io') return 'core';
  return group.split('.')[0] ?? group;
}
