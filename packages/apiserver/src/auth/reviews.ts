import { timestamp } from '../clock.ts';
import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, textAt } from '../draft.ts';
import { invalid } from '../field-error.ts';
import { callerOf, decodeBody } from '../http/resource-request.ts';
import type { ResourceRequest } from '../http/resource-request.ts';
import type { PlainAnswer } from '../registry/answer.ts';
import { mainEndpoint } from '../registry/endpoints.ts';
import { recordManager } from '../registry/track.ts';
import { badRequest, invalidObject, methodNotAllowed } from '../status.ts';
import { authorize, rulesOf } from './rbac.ts';
import type { Attributes } from './rbac.ts';
import { ISSUER } from './service-account-tokens.ts';
import { MASTERS, userOfToken } from './users.ts';
import type { User } from './users.ts';

const AUTHORIZATION = 'authorization.k8s.io';
const AUTHENTICATION = 'authentication.k8s.io';

/** Questions that are put as objects, and answered in their status: nothing is stored. `undefined` for any other resource. */
export function serveReview(request: ResourceRequest): PlainAnswer | undefined {
  const { info, resource } = request;
  const review = REVIEWS[`${resource.group}/${resource.plural}`];
  if (review === undefined) return undefined;
  if (info.verb !== 'create' || info.name !== '' || resource.namespaced !== (info.namespace !== '')) {
    throw methodNotAllowed();
  }
  const caller = callerOf(request, 'CreateOptions');
  const draft = decodeBody(request, caller);
  const { registry } = request.serving;
  if (resource.kind !== 'SelfSubjectReview' && resource.kind !== 'SelfSubjectRulesReview') {
    recordManager(registry, resource, mainEndpoint(resource), draft, undefined, caller.options.manager);
  }
  return { type: 'plain', code: 201, object: review(request, draft) };
}

type Review = (request: ResourceRequest, draft: Draft) => Draft;

const REVIEWS: Readonly<Record<string, Review>> = {
  [`${AUTHORIZATION}/selfsubjectaccessreviews`]: (request, draft) => access(request, draft, request.known.user),
  [`${AUTHORIZATION}/subjectaccessreviews`]: (request, draft) => access(request, draft, subjectOf(draft)),
  [`${AUTHORIZATION}/localsubjectaccessreviews`]: localAccess,
  [`${AUTHORIZATION}/selfsubjectrulesreviews`]: rules,
  [`${AUTHENTICATION}/selfsubjectreviews`]: whoAmI,
  [`${AUTHENTICATION}/tokenreviews`]: token,
};

function access({ serving }: ResourceRequest, draft: Draft, user: User): Draft {
  const { allowed, reason } = authorize(serving.registry.store, user, attributesOf(draft));
  draft['status'] = { allowed, ...(reason !== '' && { reason }) };
  return draft;
}

function localAccess(request: ResourceRequest, draft: Draft): Draft {
  const { namespace } = request.target;
  const own = textAt(draft.metadata, 'namespace');
  if (own !== '' && own !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  draft.metadata['namespace'] = namespace;
  const asked = textAt(mapAt(mapAt(draft, 'spec'), 'resourceAttributes'), 'namespace');
  if (asked !== namespace) {
    throw refused([invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace')]);
  }
  return access(request, draft, subjectOf(draft));
}

/** @throws {ApiError} 422 unless exactly one of the two is there. */
function attributesOf(draft: Draft): Attributes {
  const spec = mapAt(draft, 'spec');
  const resource = mapAt(spec, 'resourceAttributes');
  const path = mapAt(spec, 'nonResourceAttributes');
  if ((resource === undefined) === (path === undefined)) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    // In the words of the internal type, whose fields have no names in JSON.
    const shown = path === undefined ? null : { Path: textAt(path, 'path'), Verb: textAt(path, 'verb') };
    throw refused([invalid('spec', shown, why)]);
  }
  if (path !== undefined) return { type: 'path', verb: textAt(path, 'verb'), path: textAt(path, 'path') };
  return {
    type: 'resource',
    verb: textAt(resource, 'verb'),
    group: textAt(resource, 'group'),
    version: textAt(resource, 'version'),
    namespace: textAt(resource, 'namespace'),
    resource: textAt(resource, 'resource'),
    subresource: textAt(resource, 'subresource'),
    name: textAt(resource, 'name'),
  };
}

function subjectOf(draft: Draft): User {
  const spec = mapAt(draft, 'spec');
  const name = textAt(spec, 'user');
  const groups = listAt(spec, 'groups').map(String);
  if (name === '' && groups.length === 0) {
    throw refused([invalid('spec.user', '', 'at least one of user or group must be specified')]);
  }
  return { name, groups };
}

/** The real server leaves the kind out. */
function refused(errors: Parameters<typeof invalidObject>[2]): Error {
  return invalidObject({ group: AUTHORIZATION, name: '' }, '', errors);
}

function rules({ serving, known }: ResourceRequest, draft: Draft): Draft {
  const namespace = textAt(mapAt(draft, 'spec'), 'namespace');
  if (namespace === '') throw badRequest('no namespace on request');
  const { user } = known;
  const found = [...rulesOf(serving.registry.store, user, namespace)].map(({ rule }) => rule);
  const everything = {
    verbs: ['*'],
    apiGroups: ['*'],
    resources: ['*'],
    resourceNames: [],
    nonResourceURLs: ['*'],
  };
  // What members of system:masters may do is bound to no role in Kubernetes' authorizer for them.
  const all = user.groups.includes(MASTERS) && found.length === 0 ? [everything] : found;
  draft['spec'] = {};
  draft['status'] = {
    resourceRules: all
      .filter((rule) => rule.resources.length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length > 0 && { resourceNames }),
      })),
    nonResourceRules: all
      .filter((rule) => rule.nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  };
  return draft;
}

function whoAmI({ serving, known }: ResourceRequest, draft: Draft): Draft {
  draft.metadata['creationTimestamp'] = timestamp(serving.registry.clock.now());
  draft['status'] = { userInfo: userInfo(known.user) };
  return draft;
}

function token({ serving }: ResourceRequest, draft: Draft): Draft {
  const given = textAt(mapAt(draft, 'spec'), 'token');
  if (given === '') throw badRequest('token is required for TokenReview in authentication');
  const user = userOfToken(given, serving.users, serving.readToken);
  draft['status'] =
    user === undefined
      ? { user: {}, error: 'invalid bearer token' }
      : { authenticated: true, user: userInfo(user), audiences: [ISSUER] };
  return draft;
}

function userInfo({ name, uid, groups, extra }: User): DraftMap {
  return {
    username: name,
    ...(uid !== undefined && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(extra !== undefined && { extra }),
  };
}
