import { KubeError, gvkOf, printRef, refKey } from '@homeostat/kube';
import type { JsonPatchOperation, KubeObject, Ref, RefKey } from '@homeostat/kube';
import { classify } from './classify.ts';
import { conduct } from './conduct.ts';
import { refusalOf } from './explain.ts';
import type { ApplyOptions, ValidatePorts } from './item.ts';
import type { Refusal } from './outcome.ts';
import { send } from './run.ts';
import type { Run, Waiting } from './run.ts';

/** An object and how it is to be changed by JSON patch, where an apply cannot: it removes nothing that is not its own. */
export interface Amendment {
  readonly ref: Ref;
  readonly live: KubeObject;
  /**
   * The patch for this very state of the object, its resourceVersion replaced by itself as the guard; `undefined` when
   * nothing is to be done to it (any more), or nothing may: this is the place for proof. Asked again with what is there when
   * the object has moved.
   */
  readonly patchOf: (live: KubeObject) => readonly JsonPatchOperation[] | undefined;
}

/** What became of one amendment. */
export type Amended =
  /** `before` is what was patched: the last state that `patchOf` was asked about. */
  | { readonly action: 'amended'; readonly ref: Ref; readonly before: KubeObject; readonly object: KubeObject }
  /** Nothing was left to do, or the object is gone. */
  | { readonly action: 'unneeded'; readonly ref: Ref }
  | ({ readonly action: 'failed'; readonly ref: Ref } & Refusal);

export interface AmendOptions extends Pick<ApplyOptions, 'signal'> {
  /** Ask only. */
  readonly dryRun?: boolean;
}

/** How often an object may move under its patch before the next pass has to see to it. */
const ROUNDS = 10;

/**
 * Patches objects, each in exactly the state that its patch was made for; one that has moved is read and asked about anew.
 * Returns what became of each; no error of one ends the others.
 */
export async function* amendItems(
  items: readonly Amendment[],
  ports: ValidatePorts,
  options: AmendOptions = {},
): AsyncGenerator<Waiting, ReadonlyMap<RefKey, Amended>> {
  const { signal, dryRun = false } = options;
  return yield* conduct(ports, { ...(signal && { signal }), waitTimeoutMs: 60_000 }, async (run) => {
    const amended = await Promise.all(items.map((item) => amend(run, item, dryRun)));
    return new Map(amended.map((one) => [refKey(one.ref), one]));
  });
}

async function amend(run: Run, { ref, live, patchOf }: Amendment, dryRun: boolean): Promise<Amended> {
  let before: KubeObject | undefined = live;
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      const operations = before && patchOf(before);
      if (before === undefined || operations === undefined) return { action: 'unneeded', ref };
      const object = await patch(run, ref, before, operations, dryRun);
      if (object !== undefined) return { action: 'amended', ref, before, object };
      const { version } = gvkOf(before);
      before = await send(run, ref, (options) => run.client.get(ref, { ...options, version }));
    }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return { action: 'failed', ref, ...refusalOf(error, ref) };
  }
  const message = `${printRef(ref)} changed under each of ${ROUNDS} attempts; the next pass looks at it anew`;
  return { action: 'failed', ref, code: 'stale', retry: 'backoff', message };
}

/** `undefined` when the object is not what it was. */
async function patch(
  run: Run,
  ref: Ref,
  live: KubeObject,
  operations: readonly JsonPatchOperation[],
  dryRun: boolean,
): Promise<KubeObject | undefined> {
  const { version } = gvkOf(live);
  try {
    const { object } = await send(run, ref, (options) =>
      run.client.patch(
        ref,
        { type: 'json', operations },
        { ...options, version, dryRun, manager: run.managers.current },
      ),
    );
    return object;
  } catch (error) {
    if (error instanceof KubeError && classify(error).code === 'stale') return undefined;
    throw error;
  }
}
