import { request } from 'node:https';
import { isRecord, stringifyJson } from '@homeostat/kube';
import { applyJsonPatch, MergeError } from '@homeostat/merge';
import type { JsonPatchOp } from '@homeostat/merge';
import type { Draft, DraftMap } from '../draft.ts';
import { listAt, mapAt, mapsAt, numberAt, textAt } from '../draft.ts';
import { uuid } from '../random.ts';
import type { Random } from '../random.ts';
import { ApiError, internal } from '../status.ts';
import type { Store } from '../store/store.ts';
import type { Review, Webhooks } from './admission.ts';
import { matchesLabelSelector } from './match-selector.ts';

const MUTATING = 'mutatingwebhookconfigurations.admissionregistration.k8s.io';
const VALIDATING = 'validatingwebhookconfigurations.admissionregistration.k8s.io';
const OWN_GROUP = 'admissionregistration.k8s.io';

/** Sends a review to one webhook. Rejects when it cannot be reached in time. */
export type CallWebhook = (call: WebhookCall) => Promise<unknown>;

export interface WebhookCall {
  readonly url: string;
  /** PEM; the system's authorities when absent. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  readonly body: string;
}

/**
 * The admission webhooks that are registered in the store, called as kube-apiserver calls them (`AdmissionReview` v1): those
 * that change objects one after the other by name, then those that only judge. Reached by URL; a webhook behind a Service
 * is not, as there is no network of Services: its failure policy decides. `matchConditions` (CEL) are not evaluated: a
 * webhook that has any counts as failed.
 */
export function createWebhooks(store: Store, random: Random, call: CallWebhook = callOverHttps): Webhooks {
  async function ask(webhook: DraftMap, review: Review): Promise<DraftMap | undefined> {
    const name = textAt(webhook, 'name');
    try {
      return await send(webhook, review, uuid(random), call);
    } catch (error) {
      if (textAt(webhook, 'failurePolicy') === 'Ignore') return undefined;
      const why = error instanceof Error ? error.message : String(error);
      throw internal(`failed calling webhook ${JSON.stringify(name)}: failed to call webhook: ${why}`, error);
    }
  }
  const matching = (shelf: string, review: Review): readonly DraftMap[] =>
    review.resource.group === OWN_GROUP
      ? []
      : store
          .list(shelf)
          .flatMap(({ object }) => mapsAt(object as unknown as Draft, 'webhooks'))
          .filter((webhook) => isAsked(webhook, review, store));
  return {
    async mutate(review) {
      let { object } = review;
      for (const webhook of matching(MUTATING, review)) {
        const response = await ask(webhook, { ...review, object });
        judge(webhook, response, review);
        object = patched(webhook, object, response);
      }
      return object;
    },
    async validate(review) {
      await Promise.all(
        matching(VALIDATING, review).map(async (webhook) => judge(webhook, await ask(webhook, review), review)),
      );
    },
  };
}

function isAsked(webhook: DraftMap, review: Review, store: Store): boolean {
  const { resource, subresource, operation, namespace } = review;
  const what = subresource === '' ? resource.plural : `${resource.plural}/${subresource}`;
  const scope = namespace === '' ? 'Cluster' : 'Namespaced';
  const covered = mapsAt(webhook, 'rules').some((rule) => {
    const has = (field: string, wanted: string): boolean => {
      const listed = listAt(rule, field);
      return listed.includes('*') || listed.includes(wanted);
    };
    const ruleScope = textAt(rule, 'scope');
    return (
      has('operations', operation) &&
      has('apiGroups', resource.group) &&
      has('apiVersions', resource.version) &&
      coversResource(listAt(rule, 'resources'), what, subresource) &&
      (ruleScope === '' || ruleScope === '*' || ruleScope === scope)
    );
  });
  if (!covered) return false;
  const place =
    resource.group === '' && resource.kind === 'Namespace'
      ? labelsOf(review.object ?? review.oldObject)
      : store.get('namespaces', namespace)?.object.metadata.labels;
  const inNamespace = namespace === '' && resource.kind !== 'Namespace';
  if (!inNamespace && !selects(webhook, 'namespaceSelector', place)) return false;
  return (
    selects(webhook, 'objectSelector', labelsOf(review.object)) ||
    selects(webhook, 'objectSelector', labelsOf(review.oldObject))
  );
}

function coversResource(listed: readonly unknown[], what: string, subresource: string): boolean {
  if (listed.includes('*/*') || listed.includes(what)) return true;
  return subresource === '' ? listed.includes('*') : listed.includes(`*/${subresource}`);
}

function selects(webhook: DraftMap, field: string, labels: Readonly<Record<string, string>> | undefined): boolean {
  return matchesLabelSelector(mapAt(webhook, field) ?? {}, labels);
}

function labelsOf(object: unknown): Readonly<Record<string, string>> | undefined {
  const labels = isRecord(object) && isRecord(object['metadata']) ? object['metadata']['labels'] : undefined;
  return isRecord(labels) ? (labels as Record<string, string>) : undefined;
}

async function send(webhook: DraftMap, review: Review, uid: string, call: CallWebhook): Promise<DraftMap | undefined> {
  if (listAt(webhook, 'matchConditions').length > 0) throw new Error('matchConditions are not evaluated here');
  const config = mapAt(webhook, 'clientConfig');
  const service = mapAt(config, 'service');
  if (service !== undefined) {
    const path = textAt(service, 'path');
    const url = `https://${textAt(service, 'name')}.${textAt(service, 'namespace')}.svc:443${path}`;
    throw new Error(`Post "${url}": service "${textAt(service, 'name')}" not found`);
  }
  const bundle = textAt(config, 'caBundle');
  const answer = await call({
    url: textAt(config, 'url'),
    ca: bundle === '' ? undefined : Buffer.from(bundle, 'base64').toString('utf8'),
    timeoutMs: (numberAt(webhook, 'timeoutSeconds') ?? 10) * 1000,
    body: stringifyJson(reviewBody(review, uid)),
  });
  const response = isRecord(answer) ? mapAt(answer, 'response') : undefined;
  if (response === undefined) throw new Error('Webhook response was absent');
  if (textAt(response, 'uid') !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(textAt(response, 'uid'))}`);
  }
  return response;
}

function reviewBody(review: Review, uid: string): DraftMap {
  const { resource, subresource, operation, namespace, name, object, oldObject, dryRun, user } = review;
  const { group, version, kind, plural } = resource;
  const what = { group, version, resource: plural };
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid,
      kind: { group, version, kind },
      resource: what,
      requestKind: { group, version, kind },
      requestResource: what,
      ...(subresource !== '' && { subResource: subresource, requestSubResource: subresource }),
      ...(name !== '' && { name }),
      ...(namespace !== '' && { namespace }),
      operation,
      userInfo: { username: user.name, groups: user.groups, ...(user.uid !== undefined && { uid: user.uid }) },
      object: object ?? null,
      oldObject: oldObject ?? null,
      dryRun,
      options: null,
    },
  };
}

/** @throws {ApiError} when the webhook says no. */
function judge(webhook: DraftMap, response: DraftMap | undefined, review: Review): void {
  if (response === undefined) return;
  review.warnings.push(...listAt(response, 'warnings').map(String));
  if (response['allowed'] === true) return;
  const status = mapAt(response, 'status');
  const message = textAt(status, 'message');
  const name = JSON.stringify(textAt(webhook, 'name'));
  const denied = `admission webhook ${name} denied the request`;
  throw new ApiError(
    numberAt(status, 'code') ?? 403,
    textAt(status, 'reason') === '' ? 'Forbidden' : textAt(status, 'reason'),
    message === '' ? `${denied} without explanation` : `${denied}: ${message}`,
  );
}

function patched(webhook: DraftMap, object: Draft | undefined, response: DraftMap | undefined): Draft | undefined {
  const patch = textAt(response, 'patch');
  if (object === undefined || patch === '') return object;
  try {
    const operations = JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as readonly JsonPatchOp[];
    return structuredClone(applyJsonPatch(object, operations, { variant: 'kubernetes' })) as Draft;
  } catch (error) {
    if (!(error instanceof MergeError) && !(error instanceof SyntaxError)) throw error;
    throw internal(`the patch of webhook ${JSON.stringify(textAt(webhook, 'name'))} cannot be applied`, error);
  }
}

function callOverHttps({ url, ca, timeoutMs, body }: WebhookCall): Promise<unknown> {
  const shown = `Post "${url}?timeout=${String(timeoutMs / 1000)}s"`;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(new Error(`${shown}: ${error.message}`, { cause: error }));
    const sent = request(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        timeout: timeoutMs,
        ...(ca !== undefined && { ca }),
      },
      (answer) => {
        let text = '';
        answer
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk;
            if (text.length > RESPONSE_LIMIT) sent.destroy(new Error('the response is too large'));
          })
          .once('error', fail)
          .once('end', () => {
            try {
              resolve(JSON.parse(text));
            } catch (error) {
              fail(error as Error);
            }
          });
      },
    );
    sent.once('timeout', () => sent.destroy(new Error('context deadline exceeded')));
    sent.once('error', fail).end(body);
  });
}

const RESPONSE_LIMIT = 3 * 1024 * 1024;
