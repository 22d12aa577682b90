import { GITOPS_MANAGERS, amendItems } from '@homeostat/apply';
import type { Amended, Amendment } from '@homeostat/apply';
import { addedBack, additions, removalPatch, withoutAdditions } from '@homeostat/diff';
import type { Addition, AdditionOptions } from '@homeostat/diff';
import { canonicalJson, digest, isMember } from '@homeostat/kube';
import type { KubeObject, RefKey, SetIdentity } from '@homeostat/kube';
import type { DraftItem } from './draft.ts';
import type { PassEvent } from './events.ts';
import { managersOf } from './look.ts';
import type { Ports } from './ports.ts';
import type { Prepared } from './prepare.ts';
import { validateStep } from './step.ts';
import type { Policy } from './sync.ts';

/** What others added to one member, and what is done about it. Values of secrets are masked, other values are as they are. */
export interface FoundAdditions {
  /** The state of the object that they were found in. */
  readonly live: KubeObject;
  readonly additions: readonly JudgedAddition[];
  /** Whether the server was asked: then server defaults are not among them, and what is to be removed may be. */
  readonly validated: boolean;
  /** The object without what is to be removed: as the server says, or as it probably will be. */
  readonly after?: KubeObject;
}

export interface JudgedAddition extends Addition {
  readonly action: 'remove' | 'report' | 'keep';
  /** Why it is kept although the policy would remove it. */
  readonly reason?: string;
}

export type AdditionsFound = ReadonlyMap<RefKey, FoundAdditions>;

/** What is done about additions to this object: its own annotation says so, or the policy. */
function modeOf({ directives }: Prepared, policy: Policy): Policy['additions'] {
  return directives.additions ?? policy.additions;
}

export function additionOptions({ ignore }: Prepared, policy: Policy): AdditionOptions {
  return { manager: managersOf(policy), ignore, tools: GITOPS_MANAGERS };
}

/**
 * The patch that takes these additions from a member; never from an object that is not proven to be one, never what is not
 * named, and never what has another value than in the state in which it was seen.
 */
export function removalOf(
  prepared: Prepared,
  set: SetIdentity,
  policy: Policy,
  wanted: ReadonlySet<string>,
  seen: KubeObject,
): Amendment['patchOf'] {
  const options = additionOptions(prepared, policy);
  const valuesIn = (object: KubeObject): ReadonlyMap<string, string> =>
    new Map(
      additions(prepared.object, object, options).map(({ path, value }) => [path, canonicalJson([value ?? null])]),
    );
  const before = valuesIn(seen);
  return (live) => {
    if (!isMember(live, set, managersOf(policy)) || live.metadata.deletionTimestamp !== undefined) return undefined;
    const now = live === seen ? before : valuesIn(live);
    const same = new Set([...wanted].filter((path) => now.get(path) === before.get(path)));
    return removalPatch(prepared.object, live, same, options)?.operations;
  };
}

/**
 * Finds what others added to the members that are left as they are or updated. With the policy `ignore` it looks at nothing.
 *
 * Where there is something, the server is asked once, by dry run of its removal: what it puts back unasked is a default, and
 * what it refuses is kept. The same additions to the same object are not asked about again by this process.
 */
export async function* findAdditions(
  items: readonly DraftItem[],
  set: SetIdentity,
  policy: Policy,
  ports: Ports,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<PassEvent, AdditionsFound> {
  const questions = items.flatMap((item) => questionOf(item, policy) ?? []);
  const asked = questions.filter(({ key, digest: id }) => ports.memory.additions.get(key)?.question !== id);
  const answers = yield* askRemovals(asked.filter(isAnswerable(policy)), set, policy, ports, { signal });
  const found = new Map<RefKey, FoundAdditions>();
  for (const question of questions) {
    const { key, live } = question;
    const known = ports.memory.additions.get(key);
    const answer =
      known?.question === question.digest
        ? known.answer
        : yield* conclude(question, answers.get(key), set, policy, ports, { signal });
    if (answer.validated) ports.memory.additions.set(key, { question: question.digest, answer });
    if (answer.additions.length > 0) found.set(key, { ...withAfter(answer, question, policy), live });
  }
  return found;
}

/** What this process learned from the server about the additions to one object. */
export type AnsweredAdditions = Omit<FoundAdditions, 'live'>;

/** What others added to one object, before the server was asked. */
interface Question {
  readonly key: RefKey;
  readonly prepared: Prepared;
  readonly live: KubeObject;
  readonly additions: readonly JudgedAddition[];
  readonly digest: string;
}

function questionOf(item: DraftItem, policy: Policy): Question | undefined {
  const { prepared } = item;
  const mode = modeOf(prepared, policy);
  const live = mode === 'ignore' ? undefined : liveOf(item);
  if (live === undefined || mode === 'ignore') return undefined;
  const here = additions(prepared.object, live, additionOptions(prepared, policy));
  if (here.length === 0) return undefined;
  return {
    key: prepared.key,
    prepared,
    live,
    additions: here.map((addition) => judge(addition, mode)),
    digest: digest([prepared.digest, mode, here]),
  };
}

function liveOf(item: DraftItem): KubeObject | undefined {
  const live =
    item.step === 'unchanged'
      ? item.entry.object()
      : item.step === 'ask' && item.item.action === 'update'
        ? item.item.live
        : undefined;
  return live?.metadata.deletionTimestamp === undefined ? live : undefined;
}

function judge(addition: Addition, mode: 'report' | 'remove'): JudgedAddition {
  if (mode === 'report') return { ...addition, action: 'report' };
  return addition.keep === undefined
    ? { ...addition, action: 'remove' }
    : { ...addition, action: 'keep', reason: addition.keep };
}

function isAnswerable({ validate }: Policy): (question: Question) => boolean {
  return ({ additions: found }) => validate !== 'none' && found.some(({ keep }) => keep === undefined);
}

/** Answers that are about the patch itself, and not about rights or the server's state. */
const REFUSED: ReadonlySet<string> = new Set(['invalid', 'immutable', 'denied']);

async function* conclude(
  question: Question,
  answer: Amended | undefined,
  set: SetIdentity,
  policy: Policy,
  ports: Ports,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<PassEvent, AnsweredAdditions> {
  const { additions: judged, key } = question;
  if (answer === undefined) return { additions: judged, validated: judged.every(({ keep }) => keep !== undefined) };
  if (answer.action === 'amended') {
    const rest = judged.filter((addition) => !isDefault(addition, question, answer, policy));
    const removes = rest.some(({ action }) => action === 'remove');
    return { additions: rest, validated: true, ...(removes && { after: answer.object }) };
  }
  if (answer.action !== 'failed' || !REFUSED.has(answer.code)) return { additions: judged, validated: false };

  // One that the server does not let go must not hold the others.
  const rest: JudgedAddition[] = [];
  for (const addition of judged) {
    const one = { ...question, additions: [addition] };
    const alone =
      addition.keep === undefined ? (yield* askRemovals([one], set, policy, ports, { signal })).get(key) : undefined;
    if (alone?.action === 'failed') {
      rest.push({ ...addition, action: addition.action === 'remove' ? 'keep' : 'report', reason: alone.message });
    } else if (alone?.action !== 'amended' || !isDefault(addition, one, alone, policy)) {
      rest.push(addition);
    }
  }
  return { additions: rest, validated: true };
}

function withAfter(answer: AnsweredAdditions, { prepared, live }: Question, policy: Policy): AnsweredAdditions {
  const removed = answer.additions.filter(({ action }) => action === 'remove').map(({ path }) => path);
  if (removed.length === 0 || answer.after !== undefined) return answer;
  const after = withoutAdditions(prepared.object, live, new Set(removed), additionOptions(prepared, policy));
  return { ...answer, after };
}

function isDefault(
  { path, keep }: JudgedAddition,
  { prepared }: Question,
  { before, object }: Amended & { readonly action: 'amended' },
  policy: Policy,
): boolean {
  return keep === undefined && addedBack(prepared.object, before, object, additionOptions(prepared, policy)).has(path);
}

async function* askRemovals(
  questions: readonly Question[],
  set: SetIdentity,
  policy: Policy,
  { actor, limit, clock, random, redactor }: Ports,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<PassEvent, ReadonlyMap<RefKey, Amended>> {
  if (questions.length === 0) return new Map();
  const asking = amendItems(
    questions.map(({ prepared, live, additions: found }) => {
      const wanted = new Set(found.filter(({ keep }) => keep === undefined).map(({ path }) => path));
      return { ref: prepared.ref, live, patchOf: removalOf(prepared, set, policy, wanted, live) };
    }),
    { client: actor, limit, clock, random, manager: managersOf(policy) },
    { signal, dryRun: true },
  );
  let step = await asking.next();
  while (step.done !== true) {
    yield { type: 'validate', event: validateStep(step.value, redactor) };
    step = await asking.next();
  }
  return step.value;
}
