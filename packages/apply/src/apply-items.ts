import { dependencies, printRef, refKey } from '@homeostat/kube';
import type { DependencyGraph, Ref, RefKey } from '@homeostat/kube';
import { conduct } from './conduct.ts';
import type { ConflictPolicy } from './conflicts.ts';
import type { ApplyItem, ApplyOptions, ApplyPorts } from './item.ts';
import { mayBringKinds } from './kinds.ts';
import type { ApplyOutcome, Blocked, Failed, Refusal, Skipped, Written } from './outcome.ts';
import { waitForReady } from './ready.ts';
import type { Run, Waiting } from './run.ts';
import { createSchedule } from './schedule.ts';
import type { Obstacle, Progress, Schedule } from './schedule.ts';
import { writeObject } from './write.ts';

export type ApplyEvent = { readonly type: 'outcome'; readonly outcome: ApplyOutcome } | Waiting;

const DEFAULT_WAIT_TIMEOUT_MS = 5 * 60_000;
const DEFAULT_POLICY: ConflictPolicy = { mode: 'default' };

/**
 * Applies the items, each as soon as *its* dependencies are ready, and yields what happens while it happens. Returns one outcome
 * per item, in the order of the items.
 *
 * 1. A dependency is ready when a Namespace is Active, when a definition is Established and discovery serves its kinds, and
 *    otherwise when `ports.ready` says Current. What a workload merely names must have been applied, not be ready.
 * 2. Dependencies outside the items (`depends-on`) are read and awaited too.
 * 3. A cycle fails its members only; what fails blocks only what needs it, and names the object at the root.
 * 4. A kind that the server does not know is waited for as long as this run may still bring it.
 * 5. Every wait has a deadline (`waitTimeoutMs` without progress), ends with `signal`, and is told as a `waiting` event.
 * 6. With one request at a time the order of requests is always the same: `compareForApply` breaks ties.
 * 7. Leaving the iteration early cancels the run; it ends when no request is in flight any more.
 *
 * @throws {TypeError} when two items have one ref, or when a refused one has no refusal. Everything else is an outcome.
 */
export async function* applyItems(
  items: readonly ApplyItem[],
  ports: ApplyPorts,
  options: ApplyOptions = {},
): AsyncGenerator<ApplyEvent, readonly ApplyOutcome[]> {
  const { signal, waitTimeoutMs = DEFAULT_WAIT_TIMEOUT_MS, onError = 'continue' } = options;
  return yield* conduct<ApplyEvent, readonly ApplyOutcome[]>(
    ports,
    { ...(signal && { signal }), waitTimeoutMs },
    async (run, tell) => new Work(items, ports, run, onError, tell).start(),
  );
}

/** One run over the items: which have an outcome, and what is under way. */
class Work {
  readonly #items: ReadonlyMap<RefKey, ApplyItem>;
  readonly #graph: DependencyGraph;
  readonly #schedule: Schedule;
  readonly #ports: ApplyPorts;
  readonly #run: Run;
  readonly #stopOnError: boolean;
  readonly #tell: (event: ApplyEvent) => void;
  readonly #outcomes = new Map<RefKey, ApplyOutcome>();
  /** Items that have waited for their kind to be served: until they are written they bring no kinds themselves. */
  readonly #withoutKind = new Set<RefKey>();
  readonly #outside = new Map<RefKey, Promise<Obstacle | undefined>>();
  readonly #end = Promise.withResolvers<void>();
  #open = 0;
  #stopped = false;

  constructor(
    items: readonly ApplyItem[],
    ports: ApplyPorts,
    run: Run,
    onError: 'continue' | 'stop',
    tell: (event: ApplyEvent) => void,
  ) {
    this.#items = new Map(items.map((item) => [refKey(item.ref), item]));
    if (this.#items.size < items.length) throw new TypeError(`two items are ${printRef(firstDouble(items).ref)}`);
    this.#graph = dependencies(items.map(({ object }) => object));
    this.#schedule = createSchedule(
      items.map(({ ref }) => ref),
      this.#graph,
    );
    this.#ports = ports;
    this.#run = run;
    this.#stopOnError = onError === 'stop';
    this.#tell = tell;
  }

  /** Resolves when every item has an outcome and nothing is under way. */
  async start(): Promise<readonly ApplyOutcome[]> {
    this.#open++;
    this.#refuse();
    this.#go(this.#schedule.begin());
    this.#close();
    await this.#end.promise;
    return [...this.#items.keys()].map((key) => this.#outcomes.get(key) as ApplyOutcome);
  }

  /** What is known to be wrong before anything is sent. */
  #refuse(): void {
    const failures = [...this.#cycles(), ...this.#refused()];
    for (const failed of failures) this.#record(failed);
    this.#fail(failures);
  }

  *#cycles(): Iterable<Failed> {
    for (const cycle of this.#graph.cycles) {
      const members = cycle.map((key) => this.#item(key));
      const names = members.map(({ ref }) => printRef(ref)).join(', ');
      const message = `these wait for one another, so that none can be first: ${names}; take one of their depends-on or wave annotations away`;
      for (const item of members) yield { ...about(item), action: 'failed', code: 'invalid', retry: 'never', message };
    }
  }

  *#refused(): Iterable<Failed> {
    for (const item of this.#items.values()) {
      if (item.action !== 'refused' || this.#outcomes.has(refKey(item.ref))) continue;
      if (item.refused === undefined) throw new TypeError(`${printRef(item.ref)} is refused, but nothing says why`);
      yield { ...about(item), action: 'failed', ...item.refused };
    }
  }

  #go({ free, blocked }: Progress): void {
    for (const { key, obstacle } of blocked) {
      if (!this.#outcomes.has(key)) this.#record(blockedBy(this.#item(key), obstacle));
    }
    for (const key of free) {
      if (this.#outcomes.has(key)) continue;
      this.#open++;
      void this.#attempt(this.#item(key));
    }
  }

  async #attempt(item: ApplyItem): Promise<void> {
    try {
      const outcome = await this.#outcomeOf(item);
      this.#record(outcome);
      const { ref } = item;
      if (outcome.action === 'failed') this.#fail([outcome]);
      else if (outcome.action === 'blocked') this.#hold([{ ref, obstacle: outcome }]);
      else if (outcome.action === 'skipped' && outcome.reason === 'stopped') {
        this.#hold([
          { ref, obstacle: { by: ref, reason: `${printRef(ref)} was not started, because another object failed` } },
        ]);
      } else await this.#succeed(item, outcome);
    } catch (error) {
      this.#end.reject(error);
    } finally {
      this.#close();
    }
  }

  async #outcomeOf(item: ApplyItem): Promise<ApplyOutcome> {
    if (item.action === 'none') return { ...about(item), action: 'skipped', reason: 'in-sync' };
    const obstacle = await this.#firstObstacleOutside(item);
    if (this.#run.signal.aborted) return notStarted(item);
    if (obstacle !== undefined) return blockedBy(item, obstacle);

    const result = await writeObject(this.#run, item, {
      policy: this.#ports.onConflict ?? DEFAULT_POLICY,
      judge: this.#ports.judge,
      moved: this.#ports.moved,
      kindMayAppear: () => this.#kindMayAppear(item),
      namespaceIsOurs: this.#items.has(namespaceKey(item)),
      mayStart: () => this.#mayStart(),
    });
    if (result === 'stopped') return { ...about(item), action: 'skipped', reason: 'stopped' };
    return 'action' in result ? result : failedBy(item, result);
  }

  async #mayStart(): Promise<boolean> {
    // The place in the limit may have come free by a failure: let that be judged first.
    if (this.#stopOnError) await new Promise((resolve) => setImmediate(resolve));
    return !this.#stopped;
  }

  /** Objects that a `depends-on` names and that are no items: each is awaited once, whoever needs it. */
  async #firstObstacleOutside(item: ApplyItem): Promise<Obstacle | undefined> {
    const outside = (this.#graph.edges.get(refKey(item.ref)) ?? []).filter(({ inSet }) => !inSet);
    for (const { on } of outside) {
      const key = refKey(on);
      const known = this.#outside.get(key) ?? waitForReady(this.#run, this.#ports.ready, { ref: on, inSet: false });
      this.#outside.set(key, known);
      const obstacle = await known;
      if (obstacle !== undefined) return obstacle;
    }
    return undefined;
  }

  async #succeed(item: ApplyItem, outcome: Written | Skipped): Promise<void> {
    const key = refKey(item.ref);
    this.#go(this.#schedule.applied(key));
    if (!this.#schedule.isAwaited(key)) return;
    const answer = outcome.action === 'skipped' ? item.live : outcome.object;
    const awaited = { ref: item.ref, inSet: true, payload: item.object, ...(answer !== undefined && { answer }) };
    const obstacle = await waitForReady(this.#run, this.#ports.ready, awaited);
    this.#go(obstacle === undefined ? this.#schedule.ready(key) : this.#schedule.notReady(key, obstacle));
  }

  #fail(failures: readonly Failed[]): void {
    if (this.#stopOnError && failures.length > 0) this.#stopped = true;
    this.#hold(
      failures.map(({ ref, code }) => ({ ref, obstacle: { by: ref, reason: `${printRef(ref)} failed (${code})` } })),
    );
  }

  #hold(failures: readonly { readonly ref: Ref; readonly obstacle: Obstacle }[]): void {
    this.#go(this.#schedule.failed(failures.map(({ ref, obstacle }) => ({ key: refKey(ref), obstacle }))));
  }

  /** Something that is still to be written, or was, may install a definition or run what does. */
  #kindMayAppear(item: ApplyItem): boolean {
    this.#withoutKind.add(refKey(item.ref));
    return [...this.#items].some(([key, other]) => {
      if (other.action === 'none' || !mayBringKinds(other.object)) return false;
      const outcome = this.#outcomes.get(key);
      return outcome === undefined ? !this.#withoutKind.has(key) : 'uid' in outcome;
    });
  }

  #record(outcome: ApplyOutcome): void {
    this.#outcomes.set(refKey(outcome.ref), outcome);
    this.#tell({ type: 'outcome', outcome });
  }

  #close(): void {
    this.#open--;
    if (this.#open === 0) this.#end.resolve();
  }

  #item(key: RefKey): ApplyItem {
    return this.#items.get(key) as ApplyItem;
  }
}

function about({ ref, origin }: ApplyItem): Pick<ApplyOutcome, 'ref' | 'origin'> {
  return { ref, ...(origin !== undefined && { origin }) };
}

function failedBy(item: ApplyItem, refusal: Refusal): Failed {
  return { ...about(item), action: 'failed', ...refusal };
}

function blockedBy(item: ApplyItem, { by, reason }: Obstacle): Blocked {
  return { ...about(item), action: 'blocked', by, reason };
}

function notStarted(item: ApplyItem): Failed {
  const message = `${printRef(item.ref)} was not started before the run was cancelled; the next pass goes on from here`;
  return failedBy(item, { code: 'cancelled', retry: 'never', message });
}

function namespaceKey({ ref }: ApplyItem): RefKey {
  return refKey({ group: '', kind: 'Namespace', namespace: '', name: ref.namespace });
}

function firstDouble(items: readonly ApplyItem[]): ApplyItem {
  const seen = new Set<RefKey>();
  return items.find(({ ref }) => seen.size === seen.add(refKey(ref)).size) as ApplyItem;
}
