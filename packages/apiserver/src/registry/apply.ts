import type { KubeObject } from '@homeostat/kube';
import { isRecord } from '@homeostat/kube';
import { applyConfiguration, MergeError } from '@homeostat/merge';
import type { ApplyResult, FieldConflict } from '@homeostat/merge';
import type { ParsedBody } from '../decode/parse-body.ts';
import { DecodeError } from '../decode/decode-error.ts';
import type { Draft, DraftMap } from '../draft.ts';
import { mapAt, textAt } from '../draft.ts';
import { applyConflict, badRequest, conflict, notFound, plainFailure } from '../status.ts';
import type { ApiError } from '../status.ts';
import type { ObjectAnswer } from './answer.ts';
import type { Caller, Target } from './caller.ts';
import { checkName, createObject } from './create.ts';
import { checkFields } from './field-validation.ts';
import type { Registry } from './registry.ts';
import { pluralOf } from './served-resource.ts';
import type { ServedResource, UpdateEndpoint } from './served-resource.ts';
import { tracking } from './track.ts';
import { updateObject } from './update.ts';

/** Server-side apply: creates or changes an object so that all that the configuration says holds, and is owned. */
export async function applyObject(
  registry: Registry,
  resource: ServedResource,
  endpoint: UpdateEndpoint,
  target: Target,
  body: ParsedBody,
  caller: Caller,
): Promise<ObjectAnswer> {
  const config = readConfiguration(resource, target, body, caller);
  const apply = (live: KubeObject | undefined): ApplyResult => {
    const options = {
      ...tracking(registry, resource, endpoint),
      manager: caller.options.manager,
      force: caller.options.force,
    };
    try {
      return applyConfiguration(live, config, options);
    } catch (error) {
      throw error instanceof MergeError ? applyRefusal(error) : error;
    }
  };
  const create = async (): Promise<ObjectAnswer> => {
    if (endpoint.subresource !== '') throw notFound(pluralOf(resource), target.name);
    const metadata = config['metadata'] as DraftMap;
    if (textAt(metadata, 'name') === '') {
      throw badRequest(
        `the name of the object (${target.name} based on URL) was undeterminable: name must be provided`,
      );
    }
    const uid = textAt(metadata, 'uid');
    if (uid !== '') {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(pluralOf(resource), target.name, why);
    }
    const draft = draftOf(resource, apply(undefined), config);
    return createObject(registry, resource, target, draft, caller, true);
  };
  return updateObject(
    registry,
    resource,
    endpoint,
    target,
    caller,
    (live) => {
      const result = apply(live);
      if (!result.changed && !namesOtherState(config, live)) return { outcome: 'unchanged' };
      return { outcome: 'object', draft: draftOf(resource, result, config), managed: true };
    },
    create,
  );
}

/** What the merge made, read as if a client had sent it; who owns what stays the very same list. */
function draftOf(resource: ServedResource, { object }: ApplyResult, config: DraftMap): Draft {
  const draft = readResult(resource, object, config);
  const { managedFields } = object['metadata'] as { readonly managedFields?: unknown };
  if (managedFields === undefined) delete draft.metadata['managedFields'];
  else draft.metadata['managedFields'] = managedFields;
  return draft;
}

/** A value that the schema lets through and Go does not: a quantity that is none. */
function readResult(resource: ServedResource, object: KubeObject | DraftMap, config: DraftMap): Draft {
  try {
    return resource.readMerged(object);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const gvk = printGvk(resource.apiVersion, resource.kind);
    const metadata = mapAt(config, 'metadata');
    throw plainFailure(
      `failed to convert new object (${textAt(metadata, 'namespace')}/${textAt(metadata, 'name')}; ${gvk}) ` +
        `to proper version: unable to convert unstructured object to ${gvk}: ` +
        error.message,
      error,
    );
  }
}

/** A uid or a version that is not that of the live object is to be refused, though nothing else would change. */
function namesOtherState(config: Readonly<Record<string, unknown>>, live: KubeObject): boolean {
  const metadata = config['metadata'] as DraftMap;
  const uid = textAt(metadata, 'uid');
  const version = textAt(metadata, 'resourceVersion');
  return (uid !== '' && uid !== live.metadata.uid) || (version !== '' && version !== live.metadata.resourceVersion);
}

function readConfiguration(
  resource: ServedResource,
  target: Target,
  { value: given, duplicates }: ParsedBody,
  caller: Caller,
): Readonly<Record<string, unknown>> {
  const value = given ?? {};
  if (!isRecord(value)) {
    const found = Array.isArray(value) ? 'array' : typeof value;
    throw badRequest(
      `error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`,
    );
  }
  checkFields('apply', caller, duplicates);
  const apiVersion = typeof value['apiVersion'] === 'string' ? value['apiVersion'] : '';
  const kind = typeof value['kind'] === 'string' ? value['kind'] : '';
  if (kind !== resource.kind || apiVersion !== resource.apiVersion) {
    throw badRequest(`invalid object type: ${printGvk(apiVersion, kind)}`);
  }
  const metadata = isRecord(value['metadata']) ? { ...value['metadata'] } : {};
  checkName(metadata, target.name);
  const namespace = textAt(metadata, 'namespace');
  if (namespace !== '' && target.namespace !== '' && namespace !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (metadata['managedFields'] === null) delete metadata['managedFields'];
  return { ...value, metadata };
}

/** As Go prints a group, version and kind. */
export function printGvk(apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
  return `${group ?? ''}/${version ?? ''}, Kind=${kind}`;
}

/** In the words of the server: see `MergeError.message`. */
export function applyRefusal(error: MergeError): ApiError {
  switch (error.code) {
    case 'CONFLICT':
      return applyConflict(error.message, error.conflicts.map(conflictCause));
    case 'MANAGED_FIELDS_GIVEN':
      return badRequest(error.message, error);
    default:
      return plainFailure(error.message, error);
  }
}

function conflictCause({ manager, apiVersion, subresource, path }: FieldConflict): {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
} {
  const through = subresource === undefined ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const using = apiVersion === undefined ? '' : ` using ${apiVersion}`;
  return {
    reason: 'FieldManagerConflict',
    message: `conflict with ${JSON.stringify(manager)}${through}${using}`,
    field: path,
  };
}
