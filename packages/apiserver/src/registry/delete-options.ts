import { isRecord } from '@homeostat/kube';
import { invalid, notSupported } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { badRequest, invalidObject } from '../status.ts';
import { dryRunErrors } from './options.ts';

export interface DeleteOptions {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly propagation: 'Foreground' | 'Background' | 'Orphan' | undefined;
  readonly gracePeriodSeconds: number | undefined;
  readonly dryRun: boolean;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const;

/**
 * Of the body where there is one, else of the query.
 *
 * @throws {ApiError} 400 and 422.
 */
export function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const given = body === undefined ? fromQuery(query) : body;
  if (!isRecord(given)) throw badRequest('decoded object cannot be converted to DeleteOptions');
  const { kind } = given;
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions') {
    throw badRequest('decoded object cannot be converted to DeleteOptions');
  }
  const preconditions = isRecord(given['preconditions']) ? given['preconditions'] : {};
  const policy = typeof given['propagationPolicy'] === 'string' ? given['propagationPolicy'] : undefined;
  const orphan = typeof given['orphanDependents'] === 'boolean' ? given['orphanDependents'] : undefined;
  const dryRun = Array.isArray(given['dryRun']) ? given['dryRun'].map(String) : [];
  const grace = given['gracePeriodSeconds'];
  const errors: FieldError[] = [];
  if (orphan !== undefined && policy !== undefined) {
    errors.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  const known = POLICIES.find((one) => one === policy);
  if (policy !== undefined && known === undefined) {
    errors.push(notSupported('propagationPolicy', policy, [...POLICIES, 'nil']));
  }
  errors.push(...dryRunErrors(dryRun));
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', name: 'DeleteOptions' }, '', errors);
  return {
    uid: textOf(preconditions['uid']),
    resourceVersion: textOf(preconditions['resourceVersion']),
    propagation: known ?? (orphan === undefined ? undefined : orphan ? 'Orphan' : 'Background'),
    // A negative one counts as a second.
    gracePeriodSeconds: typeof grace === 'number' ? (grace < 0 ? 1 : grace) : undefined,
    dryRun: dryRun.length > 0,
  };
}

function fromQuery(query: URLSearchParams): Record<string, unknown> {
  const policy = query.get('propagationPolicy');
  const grace = query.get('gracePeriodSeconds');
  const orphan = query.get('orphanDependents');
  if (grace !== null && grace !== '' && !/^-?[0-9]+$/.test(grace)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  }
  return {
    ...(policy !== null && { propagationPolicy: policy }),
    ...(grace !== null && grace !== '' && { gracePeriodSeconds: Number(grace) }),
    ...(orphan !== null && { orphanDependents: orphan !== 'false' && orphan !== '0' }),
    dryRun: query.getAll('dryRun'),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
