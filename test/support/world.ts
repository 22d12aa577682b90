import { randomBytes } from 'node:crypto';
import { createGitSource, createMemorySource } from '@homeostat/git';
import type { Source } from '@homeostat/git';
import { printRef, refOf } from '@homeostat/kube';
import type { Client, KubeObject, Ref, RequestRecord } from '@homeostat/kube';
import {
  createLoop,
  createPorts,
  destroySet,
  loadHealthRules,
  makePlan,
  reconcileOnce,
  systemClock,
} from '@homeostat/reconcile';
import type {
  Clock,
  Loop,
  LoopEvent,
  LoopOptions,
  PassEvent,
  PassOptions,
  Plan,
  PlanOptions,
  Policy,
  Ports,
  Report,
  Sync,
} from '@homeostat/reconcile';
import { toYaml } from '@homeostat/render';
import { startGitServer } from './git-server.ts';
import type { GitServer } from './git-server.ts';
import { lacking } from './lacking.ts';
import { mortalClient, mortalClock } from './mortal.ts';
import type { MortalClock } from './mortal.ts';

/** What a file becomes: objects, text as it stands, or nothing. */
export type FileContent = KubeObject | readonly KubeObject[] | string | null;

/** One source, one set, and the cluster under it. What is expected and not so throws an Error that tells the story. */
export interface World {
  readonly sync: Sync;
  readonly namespace: string;
  /** With `git: true`. */
  readonly git: GitServer;
  /** The test's own hands in the cluster. */
  readonly admin: Client;
  /** Changes files of the source, and returns the commit. */
  commit(files: Readonly<Record<string, FileContent>>): Promise<string>;
  /** One pass of a fresh process, as `homeostat sync --once`. */
  reconcile(policy?: Partial<Policy>): Promise<Report>;
  /** The same world, with processes that act as this user from now on. */
  asUser(user: string): World;
  /** A process that stays: it keeps its memory from pass to pass. */
  process(
    changes?: Partial<Omit<Sync, 'policy'>> & { readonly policy?: Partial<Policy> },
    ports?: Pick<Partial<Ports>, 'claims' | 'clock' | 'metrics'>,
  ): Promise<Process>;
  /** Writes an object as another manager; it wins. */
  applyAs(manager: string, object: KubeObject): Promise<KubeObject>;
  /** Changes the live object as somebody who reads, edits and writes it back, as `kubectl edit` does. `null`: deletes it. */
  drift(object: KubeObject, change: ((live: KubeObject) => KubeObject) | null): Promise<void>;
  /** The object as it is live; its namespace is the set's if it names none. */
  live(object: KubeObject): Promise<KubeObject | undefined>;
  /** The object is there and holds at least what is given. */
  expectLive(object: KubeObject): Promise<KubeObject>;
  /** The object is not there, or on its way out. */
  expectGone(object: KubeObject): Promise<void>;
  /** One more pass, of this process or of a fresh one, writes nothing; one that stays does not even ask. */
  expectQuiet(process?: Process): Promise<void>;
}

export interface Process {
  readonly ports: Ports;
  readonly sync: Sync;
  /** Every event of every pass so far. */
  readonly events: readonly (PassEvent | LoopEvent)[];
  /** What was sent to the API server since the last look, by verb; dry runs as `dry-run`. */
  requests(): Readonly<Record<string, number>>;
  reconcile(options?: PassOptions): Promise<Report>;
  plan(options?: PlanOptions): Promise<Plan>;
  destroy(mode: 'delete' | 'orphan'): Promise<Report>;
  /** Runs the loop until the test ends, or until it is stopped. */
  loop(options?: LoopOptions): Loop;
  /** Sets its clock forward, or back, by so many milliseconds. */
  jump(ms: number): void;
  /** Ends it where it stands, as `kill -9`: it sends nothing more, hears of no answer, and gives nothing back. */
  kill(): void;
  close(): Promise<void>;
}

/** What one process has of the outside. */
export interface Connection {
  readonly client: Client;
  /** What it sent. */
  readonly records: RequestRecord[];
  /** Default: the world's files. */
  readonly source?: Source;
}

/** What a world stands on. */
export interface Ground {
  readonly sync: Sync;
  readonly files: Files;
  readonly admin: Client;
  /** Called once for each process. */
  readonly connect: (user: string) => Promise<Connection>;
  readonly cleanups: (() => Promise<unknown>)[];
  /** Called once for each process: what its ports are instead of the machine's. */
  readonly given?: () => Partial<Ports>;
}

/** Where a world's files are. */
export interface Files {
  readonly git?: GitServer;
  open(): Source;
  /** Returns the commit's id. */
  commit(files: Readonly<Record<string, string | null>>): Promise<string>;
}

export function filesInMemory(clock?: Clock): Files {
  const source = createMemorySource({}, clock === undefined ? {} : { clock });
  // It is closed with the last process, never with the first: it is the repository too.
  const open = (): Source => ({ ...source, close: () => Promise.resolve() });
  return { open, commit: (files) => Promise.resolve(source.write(files).commit) };
}

/** A repository behind a real Git server. */
export async function filesInGit(cleanups: (() => Promise<unknown>)[]): Promise<Files> {
  const git = await startGitServer();
  cleanups.push(() => git.close());
  const repo = await git.createRepository();
  return { git, open: () => createGitSource({ url: repo.url }), commit: (files) => repo.commit(files) };
}

export function createWorld(ground: Ground, user: string): World {
  const { sync, files, admin, connect, cleanups } = ground;
  const refIn = (object: KubeObject): Ref => refOf(home(object, sync.namespace));
  const live = async (object: KubeObject): Promise<KubeObject | undefined> => {
    const resource = (await admin.resources({ refresh: true })).find(refOf(object));
    return resource === undefined ? undefined : admin.get(resource.namespaced ? refIn(object) : refOf(object));
  };
  const open: World['process'] = async (changes = {}, shared = {}) => {
    const { client, records, source = files.open() } = await connect(user);
    const own = { ...sync, ...changes, policy: { ...sync.policy, ...changes.policy } };
    const { clock: time = systemClock, ...given } = { ...ground.given?.(), ...shared };
    const death = new AbortController();
    const clock = mortalClock(time, death.signal);
    const ports = createPorts(own, {
      healthRules: await loadHealthRules(own.policy.health),
      ...given,
      client: mortalClient(client, death.signal),
      source,
      clock,
    });
    const process = createProcess({ sync: own, ports, records, clock, death, cleanups });
    cleanups.push(() => process.close());
    return process;
  };
  return {
    sync,
    namespace: sync.namespace,
    admin,
    get git() {
      if (files.git === undefined) throw new Error('this scenario has no Git server: ask for git: true');
      return files.git;
    },
    commit: async (changes) => {
      const texts = Object.entries(changes).map(([path, content]) => [path, textOf(content)] as const);
      return files.commit(Object.fromEntries(texts));
    },
    asUser: (other) => createWorld(ground, other),
    process: open,
    async reconcile(policy = {}) {
      const process = await open({ policy });
      const report = await process.reconcile();
      await process.close();
      return report;
    },
    async applyAs(manager, object) {
      const { object: applied } = await admin.apply(home(object, sync.namespace), { manager, force: true });
      return applied;
    },
    async drift(object, change) {
      const found = await live(object);
      if (found === undefined) throw new Error(`${printRef(refIn(object))} is not there, so it cannot drift`);
      if (change === null) await admin.delete(refOf(found));
      else await admin.update(change(found), { manager: 'kubectl-edit' });
    },
    live,
    async expectLive(object) {
      const found = await live(object);
      if (found === undefined) throw new Error(`${printRef(refIn(object))} is to be there, and is not`);
      const difference = lacking(object, found);
      if (difference !== undefined) throw new Error(`${printRef(refIn(object))} is not as expected: ${difference}`);
      return found;
    },
    async expectGone(object) {
      const found = await live(object);
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
      throw new Error(`${printRef(refIn(object))} is to be gone, and is there`);
    },
    async expectQuiet(given) {
      const process = given ?? (await open());
      process.requests();
      await process.reconcile();
      const sent = process.requests();
      if (given === undefined) await process.close();
      const allowed = given === undefined ? ['discovery', 'raw', 'get', 'list'] : [];
      const loud = Object.keys(sent).filter((verb) => !allowed.includes(verb));
      if (loud.length > 0) throw new Error(`nothing was to be sent, and this was: ${JSON.stringify(sent)}`);
    },
  };
}

interface Body {
  readonly sync: Sync;
  readonly ports: Ports;
  readonly records: RequestRecord[];
  readonly clock: MortalClock;
  readonly death: AbortController;
  readonly cleanups: (() => Promise<unknown>)[];
}

function createProcess({ sync, ports, records, clock, death, cleanups }: Body): Process {
  const events: (PassEvent | LoopEvent)[] = [];
  const run = async <R>(running: AsyncGenerator<PassEvent, R>): Promise<R> => {
    let step = await running.next();
    while (step.done !== true) {
      events.push(step.value);
      step = await running.next();
    }
    return step.value;
  };
  return {
    ports,
    sync,
    events,
    requests() {
      const counts: Record<string, number> = {};
      for (const { verb, dryRun } of records.splice(0)) {
        const name = dryRun ? 'dry-run' : verb;
        counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    },
    reconcile: (options) => run(reconcileOnce(sync, ports, options)),
    plan: async (options) => (await run(makePlan(sync, ports, options))).plan,
    destroy: (mode) => run(destroySet(sync, ports, { mode })),
    loop(options) {
      const loop = createLoop(sync, ports, options);
      const listening = (async () => {
        for await (const event of loop.events()) events.push(event);
      })();
      const running = loop.run();
      cleanups.push(async () => {
        if (death.signal.aborted) return;
        await loop.stop();
        await Promise.all([running, listening]);
      });
      return loop;
    },
    jump: (ms) => clock.jump(ms),
    kill: () => death.abort(new Error('the process was killed')),
    async close() {
      if (death.signal.aborted) return;
      await ports.live.close();
      await ports.source.close();
    },
  };
}

export function textOf(content: FileContent): string | null {
  if (content === null || typeof content === 'string') return content;
  const objects = Array.isArray(content) ? (content as readonly KubeObject[]) : [content as KubeObject];
  return objects.map((object) => toYaml(object)).join('---\n');
}

function home(object: KubeObject, namespace: string): KubeObject {
  if (CLUSTER_KINDS.has(object.kind)) return object;
  return { ...object, metadata: { namespace, ...object.metadata } };
}

const CLUSTER_KINDS: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition', 'ClusterRole']);

export function randomName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}
