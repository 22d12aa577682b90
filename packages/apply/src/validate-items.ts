import { KubeError, gvkOf, refKey } from '@homeostat/kube';
import type { Gvk, KubeObject, RefKey, RetryHint } from '@homeostat/kube';
import { classify, mayNotWrite } from './classify.ts';
import { conduct } from './conduct.ts';
import { conflictsOf } from './conflicts.ts';
import type { FieldConflict } from './conflicts.ts';
import { refusalOf } from './explain.ts';
import type { ApplyItem, ApplyOptions, ValidatePorts } from './item.ts';
import { definedKinds, isDefinition, mayBringKinds } from './kinds.ts';
import type { OutcomeCode } from './outcome.ts';
import { refuseReplace, validateReplacement } from './replace.ts';
import { send } from './run.ts';
import type { Run, Waiting } from './run.ts';

/** What the server says about an item when nothing is written. */
export type Answer =
  /** It would be accepted; `object` is what would come of it. */
  | {
      readonly answer: 'ok';
      readonly object: KubeObject;
      readonly created: boolean;
      readonly warnings: readonly string[];
    }
  /** A member that cannot be changed in place; the replacement would be accepted. */
  | { readonly answer: 'replaceable' }
  /** What was to be created is there already, or what was to be changed is another object by now. */
  | { readonly answer: 'exists'; readonly live: KubeObject }
  /** Others own these fields with other values. */
  | { readonly answer: 'conflict'; readonly conflicts: readonly FieldConflict[] }
  | { readonly answer: 'refused'; readonly code: OutcomeCode; readonly message: string; readonly retry: RetryHint }
  /** We may not ask, for want of rights to write; this is what is there. Only with `lookOnly`. */
  | { readonly answer: 'looked'; readonly live: KubeObject | undefined }
  /** The server can tell only when the kind or the Namespace exists, which this plan creates, or may bring. */
  | { readonly answer: 'deferred'; readonly until: 'kind' | 'namespace' };

export interface ValidateOptions extends Pick<ApplyOptions, 'signal' | 'waitTimeoutMs'> {
  readonly lookOnly?: boolean;
}

export type ValidateEvent = { readonly type: 'answer'; readonly item: ApplyItem; readonly answer: Answer } | Waiting;

/**
 * Asks the server about every item that would write something, by dry run: one request each, with the preconditions that the
 * apply will have. Returns an answer per item; `none` and `refused` items have none.
 *
 * 1. Nothing is written.
 * 2. Namespaces and definitions go first: what lives in one that is yet to be created is `deferred`, without a request.
 * 3. A `create` that finds something, and an `update` or `adopt` that finds another object, is `exists`, with what is there: one
 *    GET. An `update` of an object that is gone is asked again as a creation.
 * 4. An error is an answer (`refused`), and never ends the others.
 * 5. With `lookOnly` an item that we have no right to write, so that the server takes no dry run of it either, is read instead:
 *    `looked`. For whoever is not going to write.
 */
export async function* validateItems(
  items: readonly ApplyItem[],
  ports: ValidatePorts,
  options: ValidateOptions = {},
): AsyncGenerator<ValidateEvent, ReadonlyMap<RefKey, Answer>> {
  const { signal, waitTimeoutMs = 60_000, lookOnly = false } = options;
  return yield* conduct<ValidateEvent, ReadonlyMap<RefKey, Answer>>(
    ports,
    { ...(signal && { signal }), waitTimeoutMs },
    async (run, tell) => {
      const answers = new Map<RefKey, Answer>();
      await askAll(run, items, lookOnly, (item, answer) => {
        answers.set(refKey(item.ref), answer);
        tell({ type: 'answer', item, answer });
      });
      return answers;
    },
  );
}

type Answered = (item: ApplyItem, answer: Answer) => void;

async function askAll(run: Run, items: readonly ApplyItem[], lookOnly: boolean, record: Answered): Promise<void> {
  const writing = items.filter(({ action }) => action !== 'none' && action !== 'refused');
  const [makers, others] = [writing.filter(isMaker), writing.filter((item) => !isMaker(item))];
  const news = { namespaces: new Set<string>(), kinds: new Set<string>() };
  await Promise.all(
    makers.map(async (item) => {
      const answer = await ask(run, item, items, lookOnly);
      record(item, answer);
      if (!isNew(answer)) return;
      if (isNamespace(item)) news.namespaces.add(item.ref.name);
      for (const kind of definedKinds(item.object)) news.kinds.add(printGvk(kind));
    }),
  );
  await Promise.all(
    others.map(async (item) => {
      const until = news.kinds.has(printGvk(gvkOf(item.object)))
        ? 'kind'
        : news.namespaces.has(item.ref.namespace)
          ? 'namespace'
          : undefined;
      record(item, until === undefined ? await ask(run, item, items, lookOnly) : { answer: 'deferred', until });
    }),
  );
}

function isNew(answer: Answer): boolean {
  return answer.answer === 'ok' ? answer.created : answer.answer === 'looked' && answer.live === undefined;
}

function isMaker(item: ApplyItem): boolean {
  return isNamespace(item) || isDefinition(item.ref);
}

function isNamespace({ ref }: ApplyItem): boolean {
  return ref.group === '' && ref.kind === 'Namespace';
}

function printGvk({ group, version, kind }: Gvk): string {
  return `${group}/${version}/${kind}`;
}

async function ask(run: Run, item: ApplyItem, items: readonly ApplyItem[], lookOnly: boolean): Promise<Answer> {
  try {
    if (item.action === 'replace') return await askReplacement(run, item);
    return await askApply(run, item);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return lookOnly && mayNotWrite(error) ? await lookAt(run, item) : answerOf(error, item, items);
  }
}

async function lookAt(run: Run, item: ApplyItem): Promise<Answer> {
  const { version } = gvkOf(item.object);
  try {
    return {
      answer: 'looked',
      live: await send(run, item.ref, (options) => run.client.get(item.ref, { ...options, version })),
    };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const refusal = refusalOf(error, item.ref);
    const message = `${refusal.message}; without that, nothing can be said about it`;
    return { answer: 'refused', ...refusal, ...(refusal.code === 'forbidden' && { message }) };
  }
}

async function askReplacement(run: Run, item: ApplyItem): Promise<Answer> {
  const refusal =
    refuseReplace(item.ref, item.replace ?? 'ordinary') ?? (await validateReplacement(run, item.ref, item.object));
  return refusal === undefined ? { answer: 'replaceable' } : { answer: 'refused', ...refusal };
}

async function askApply(run: Run, item: ApplyItem): Promise<Answer> {
  const preconditions = preconditionsOf(item);
  try {
    return await dryRun(run, item, preconditions);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const { code } = classify(error);
    // The server looks for conflicts first: to something that was to be created they only say that it is there.
    if (code !== 'stale' && !(code === 'conflict' && preconditions === IF_ABSENT)) throw error;
    const live = await send(run, item.ref, (options) => run.client.get(item.ref, options));
    if (live !== undefined) return { answer: 'exists', live };
    return await dryRun(run, item, IF_ABSENT);
  }
}

/** No object has version 1. */
const IF_ABSENT = { resourceVersion: '1' };

function preconditionsOf({ action, uid, resourceVersion }: ApplyItem): object {
  if (action === 'create' || uid === undefined) return IF_ABSENT;
  return action === 'adopt' && resourceVersion !== undefined ? { uid, resourceVersion } : { uid };
}

async function dryRun(run: Run, item: ApplyItem, preconditions: object): Promise<Answer> {
  const object = { ...item.object, metadata: { ...item.object.metadata, ...preconditions } };
  const applied = await send(run, item.ref, (options) =>
    run.client.apply(object, {
      ...options,
      manager: run.managers.current,
      force: item.force,
      fieldValidation: run.fieldValidation,
      dryRun: true,
    }),
  );
  return { answer: 'ok', ...applied };
}

function answerOf(error: KubeError, item: ApplyItem, items: readonly ApplyItem[]): Answer {
  if (error.code === 'CONFLICT') return { answer: 'conflict', conflicts: conflictsOf(error, item.live) };
  const others = items.filter((other) => other !== item && other.action !== 'refused');
  if (error.code === 'UNKNOWN_KIND' && others.some((other) => other.action !== 'none' && mayBringKinds(other.object))) {
    return { answer: 'deferred', until: 'kind' };
  }
  if (
    isWithoutNamespace(error) &&
    others.some((other) => isNamespace(other) && other.ref.name === item.ref.namespace)
  ) {
    return { answer: 'deferred', until: 'namespace' };
  }
  return { answer: 'refused', ...refusalOf(error, item.ref) };
}

function isWithoutNamespace({ code }: KubeError): boolean {
  return code === 'MISSING_NAMESPACE' || code === 'TERMINATING';
}
