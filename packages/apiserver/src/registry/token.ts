import { isRecord } from '@homeostat/kube';
import { ISSUER } from '../auth/service-account-tokens.ts';
import { timestamp } from '../clock.ts';
import type { GroupVersionKind } from '../decode/group-version-kind.ts';
import { listAt, mapAt, numberAt, textAt } from '../draft.ts';
import { invalid } from '../field-error.ts';
import { callerOf, readBody } from '../http/resource-request.ts';
import type { ResourceRequest } from '../http/resource-request.ts';
import { badRequest, invalidObject } from '../status.ts';
import type { PlainAnswer } from './answer.ts';
import { stored } from './get.ts';

const HOUR = 3600;
const TOKEN_REQUEST: GroupVersionKind = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
};
const KIND = { group: 'authentication.k8s.io', name: 'TokenRequest' };

/** `serviceaccounts/token`: makes a token for the account. Nothing is stored. */
export async function serveToken(request: ResourceRequest): Promise<PlainAnswer> {
  const { serving, resource, target } = request;
  const { registry } = serving;
  const body = readBody(request, TOKEN_REQUEST).value;
  if (!isRecord(body)) throw badRequest('not a TokenRequest object');
  const caller = callerOf(request, 'CreateOptions');
  const metadata = mapAt(body, 'metadata');
  for (const [field, wanted] of Object.entries(target)) {
    const own = textAt(metadata, field);
    if (own !== '' && own !== wanted) {
      const error = invalid(`metadata.${field}`, own, `must match the service account ${field} if specified`);
      throw invalidObject(KIND, target.name, [error]);
    }
  }
  const account = stored(registry, resource, target.namespace, target.name).object;
  const spec = mapAt(body, 'spec');
  const seconds = numberAt(spec, 'expirationSeconds') ?? HOUR;
  if (seconds < 600) {
    const error = invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes');
    throw invalidObject(KIND, '', [error]);
  }
  const given = listAt(spec, 'audiences').map(String);
  const audiences = given.length === 0 ? [ISSUER] : given;
  const now = registry.clock.now();
  const expiresAt = now + seconds * 1000;
  const uid = account.metadata.uid ?? '';
  const reference = mapAt(spec, 'boundObjectRef');
  const boundTo = reference && {
    kind: textAt(reference, 'kind'),
    name: textAt(reference, 'name'),
    uid: textAt(reference, 'uid'),
  };
  const token = serving.signToken({ ...target, uid, audiences, expiresAt, ...(boundTo && { boundTo }) });
  return {
    type: 'plain',
    code: 201,
    object: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name: target.name, namespace: target.namespace, uid, creationTimestamp: timestamp(now) },
      spec: { audiences, expirationSeconds: seconds, boundObjectRef: reference ?? null },
      status: { token: caller.options.dryRun ? '' : token, expirationTimestamp: timestamp(expiresAt) },
    },
  };
}
