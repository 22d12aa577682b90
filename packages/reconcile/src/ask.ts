import { setIdentity } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import { parentRef, parseParent, readParent, requestAnnotation } from '@homeostat/prune';
import type { Held, Parent, ParentRequest, StoredReport } from '@homeostat/prune';
import type { SetName } from './claims.ts';
import { ReconcileError } from './error.ts';
import { followObject } from './follow-object.ts';
import type { Ports } from './ports.ts';

export interface AskOptions {
  /** Who asks, for the report. Default: the field manager of the annotation. */
  readonly by?: string;
  /** Why, for the report. */
  readonly reason?: string;
  readonly signal?: AbortSignal;
}

/** As whom an annotation is written that asks for something. */
const MANAGER = 'homeostat-request';

/**
 * The prunes that wait for consent, as the last report at the parent lists them; `undefined` when none does.
 *
 * @throws {ReconcileError} `SET_UNKNOWN`.
 */
export async function heldPrunes(
  set: SetName,
  { client }: Pick<Ports, 'client'>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Held | undefined> {
  return (await knownParent(set, client, signal)).report?.held;
}

/**
 * Confirms the prunes that are held under this digest: exactly those objects go, whatever else becomes an orphan meanwhile.
 *
 * @throws {ReconcileError} `SET_UNKNOWN`, `NOT_HELD`.
 */
export async function confirmPrunes(
  set: SetName,
  { client }: Pick<Ports, 'client'>,
  { digest, signal, ...options }: AskOptions & { readonly digest: string },
): Promise<ParentRequest> {
  const parent = await knownParent(set, client, signal);
  if (parent.report?.held?.digest !== digest) {
    const now = parent.report?.held?.digest;
    const next =
      now === undefined
        ? 'nothing is held there now'
        : `what is held there now is ${now}; look at it, and confirm that`;
    throw new ReconcileError('NOT_HELD', `${digest} is not what the set ${set.namespace}/${set.name} holds: ${next}`);
  }
  return await ask(parent, client, { request: 'confirm', argument: digest }, { signal, ...options });
}

/**
 * Asks every engine to leave the set alone until {@link resumeSet}: a pass that is under way stops at its next request.
 *
 * @throws {ReconcileError} `SET_UNKNOWN`.
 */
export async function suspendSet(
  set: SetName,
  { client }: Pick<Ports, 'client'>,
  { signal, ...options }: AskOptions = {},
): Promise<ParentRequest> {
  const parent = await knownParent(set, client, signal);
  return await ask(parent, client, { request: 'suspend', argument: 'true' }, { signal, ...options });
}

/**
 * Asks every engine to apply this commit, and no newer one, until {@link resumeSet}: a pass that is under way stops at its next request.
 * What newer revisions there are is told by a finding. A commit that cannot be fetched fails the pass, and changes nothing.
 *
 * @throws {ReconcileError} `SET_UNKNOWN`, `REVISION_INVALID` when `to` does not name a whole commit, as `<id>`, `sha1:<id>` or
 * `<ref>@sha1:<id>`.
 */
export async function rollBack(
  set: SetName,
  { client }: Pick<Ports, 'client'>,
  { to, signal, ...options }: AskOptions & { readonly to: string },
): Promise<ParentRequest> {
  const [, commit] = /^(?:(?:.*@)?sha(?:1|256):)?([0-9a-f]{40}|[0-9a-f]{64})$/.exec(to) ?? [];
  if (commit === undefined) {
    throw new ReconcileError(
      'REVISION_INVALID',
      `${JSON.stringify(to)} is not a whole commit: name one as 40 hexadecimal digits, or as homeostat status prints it (main@sha1:…); git rev-parse tells it of a branch or tag`,
    );
  }
  const parent = await knownParent(set, client, signal);
  return await ask(parent, client, { request: 'rollback', argument: commit }, { signal, ...options });
}

/** Ends {@link suspendSet} and {@link rollBack}. @throws {ReconcileError} `SET_UNKNOWN`. */
export async function resumeSet(
  set: SetName,
  { client }: Pick<Ports, 'client'>,
  { signal, ...options }: AskOptions = {},
): Promise<ParentRequest> {
  const parent = await knownParent(set, client, signal);
  const asked = { request: 'resume', argument: 'false' } as const;
  return await ask(parent, client, asked, { signal, ...options, ends: ['rollback'] });
}

/**
 * Asks for a pass now. `token` tells this request from the ones before: a time, or anything random, without spaces.
 *
 * @throws {ReconcileError} `SET_UNKNOWN`.
 */
export async function requestSync(
  set: SetName,
  { client }: Pick<Ports, 'client'>,
  { token, signal, ...options }: AskOptions & { readonly token: string },
): Promise<ParentRequest> {
  const parent = await knownParent(set, client, signal);
  return await ask(parent, client, { request: 'sync-now', argument: token }, { signal, ...options });
}

/**
 * Waits until an engine has dealt with the request; returns the report of that pass as it stands at the parent. One list of that one
 * object and one watch.
 *
 * @throws {ReconcileError} `NOT_ANSWERED` after `timeoutMs`, when the signal ends the wait, and at once for a set that is suspended.
 */
export async function awaitRequest(
  set: SetName,
  { client, clock, random }: Pick<Ports, 'client' | 'clock' | 'random'>,
  { request, value }: Pick<ParentRequest, 'request' | 'value'>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<StoredReport> {
  const identity = setIdentity(set.namespace, set.name);
  const over = new AbortController();
  const end = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  let answer: StoredReport | undefined;
  let suspension: ParentRequest | undefined;
  const seen = (object: KubeObject | undefined): void => {
    if (object === undefined) return;
    const parent = parseParent(object, identity);
    suspension = parent.requests.find((one) => one.request === 'suspend');
    if (parent.report?.requests?.some((one) => one.request === request && one.value === value) === true) {
      answer = parent.report;
      over.abort();
    } else if (suspension !== undefined && request !== 'suspend') {
      over.abort();
    }
  };
  const following = followObject(parentRef(identity), { client, clock, random }, { signal: end, seen });
  await Promise.race([following, clock.sleep(timeoutMs, end)]);
  over.abort();
  await following;
  if (answer !== undefined) return answer;
  const why =
    suspension === undefined
      ? `within ${Math.round(timeoutMs / 1000)} s: see that an engine runs for this set, and what it says; the request stays`
      : `because it is suspended by ${suspension.by}: resume it; the request stays`;
  throw new ReconcileError(
    'NOT_ANSWERED',
    `no engine has dealt with the request ${request} of the set ${set.namespace}/${set.name} ${why}`,
    { retry: 'backoff' },
  );
}

async function knownParent({ namespace, name }: SetName, client: Client, signal?: AbortSignal): Promise<Parent> {
  const parent = await readParent(client, setIdentity(namespace, name), signal === undefined ? {} : { signal });
  if (parent !== undefined) return parent;
  throw new ReconcileError(
    'SET_UNKNOWN',
    `there is no set ${namespace}/${name}: no ConfigMap of this name is the parent of one; see --name and --namespace`,
  );
}

/** The uid makes sure that it is the parent that was read which is asked, and not one that took its name. */
async function ask(
  { set, uid }: Parent,
  client: Client,
  request: Pick<ParentRequest, 'request' | 'argument'>,
  {
    by = '',
    reason = '',
    ends = [],
    signal,
  }: {
    readonly by?: string;
    readonly reason?: string;
    /** Requests that are taken back by this one. */
    readonly ends?: readonly ParentRequest['request'][];
    readonly signal: AbortSignal | undefined;
  },
): Promise<ParentRequest> {
  const [key, value] = requestAnnotation(set, { ...request, by, reason });
  const ended = ends.map((one) => [requestAnnotation(set, { request: one, argument: '', by: '' })[0], null] as const);
  const annotations = { ...Object.fromEntries(ended), [key]: value };
  const patch = { type: 'merge', value: { metadata: { uid, annotations } } } as const;
  await client.patch(parentRef(set), patch, { manager: MANAGER, ...(signal !== undefined && { signal }) });
  return { ...request, value, by: by === '' ? MANAGER : by, ...(reason !== '' && { reason }) };
}
