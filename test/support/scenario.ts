import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { createMemorySource } from '@homeostat/git';
import type { Source } from '@homeostat/git';
import { createGitSource } from '@homeostat/git';
import { printRef, refOf } from '@homeostat/kube';
import type { Client, KubeObject, Ref, RequestRecord } from '@homeostat/kube';
import {
  createLoop,
  createPorts,
  defineSync,
  destroySet,
  loadHealthRules,
  makePlan,
  reconcileOnce,
} from '@homeostat/reconcile';
import type {
  Identity,
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
import { cluster } from './cluster.ts';
import type { ConnectOptions } from './cluster.ts';
import { startGitServer } from './git-server.ts';
import type { GitServer } from './git-server.ts';

/** What a file becomes: objects, text as it stands, or nothing. */
export type FileContent = KubeObject | readonly KubeObject[] | string | null;

export interface ScenarioOptions {
  /** A repository behind a real Git server instead of files in memory. */
  readonly git?: boolean;
  /** The sync's name. */
  readonly name?: string;
  /** Where the set lives; default: the test's own namespace. */
  readonly namespace?: string;
  readonly path?: string;
  readonly takeOver?: boolean;
  readonly policy?: Partial<Policy>;
  /** As whom the set's objects are written and read. */
  readonly impersonate?: Identity;
  /** As whom the processes act, until {@link World.asUser}. */
  readonly user?: 'admin' | 'someone';
}

/** One source, one set, and the cluster under it. */
export interface World {
  readonly sync: Sync;
  readonly namespace: string;
  /** With `git: true`. */
  readonly git: GitServer;
  /** Changes files of the source. */
  commit(files: Readonly<Record<string, FileContent>>): Promise<void>;
  /** One pass of a fresh process, as `homeostat sync --once`. */
  reconcile(policy?: Partial<Policy>): Promise<Report>;
  /** The same world, with processes that act as this user from now on. */
  asUser(user: 'admin' | 'someone'): World;
  /** A process that stays: it keeps its memory from pass to pass. */
  process(
    changes?: Partial<Omit<Sync, 'policy'>> & { readonly policy?: Partial<Policy> },
    ports?: Pick<Partial<Ports>, 'claims' | 'clock'>,
  ): Promise<Process>;
  /** Writes an object as another manager; it wins. */
  applyAs(manager: string, object: KubeObject): Promise<KubeObject>;
  /** The object as it is live; its namespace is the set's if it names none. */
  live(object: KubeObject): Promise<KubeObject | undefined>;
  /** The object is there and holds at least what is given. */
  expectLive(object: KubeObject): Promise<KubeObject>;
  expectGone(object: KubeObject): Promise<void>;
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
  close(): Promise<void>;
}

/** `cluster.needs('controllers')` with {@link World}s: a pass waits until Deployments are rolled out and Namespaces are gone. */
export const scenarioTest = cluster
  .needs('controllers')
  .extend('scenario', ({ connect, namespace: own }, { onCleanup }): ((options?: ScenarioOptions) => Promise<World>) => {
    const cleanups: (() => Promise<unknown>)[] = [];
    onCleanup(async () => {
      for (const cleanup of cleanups.toReversed()) await cleanup();
    });
    return async (options = {}) => {
      const { namespace = own, name = 'site', user = 'admin' } = options;
      const admin = await connect();
      const sync = defineSync({
        name,
        namespace,
        path: options.path ?? '',
        takeOver: options.takeOver ?? false,
        ...(options.impersonate !== undefined && { impersonate: options.impersonate }),
        policy: { poll: 50, ...options.policy },
      });
      const files = options.git === true ? await repository(cleanups) : inMemory();
      return createWorld({ sync, files, admin, connect, cleanups }, user);
    };
  });

/** Where a world's files are. */
interface Files {
  readonly git?: GitServer;
  open(): Source;
  commit(files: Readonly<Record<string, string | null>>): Promise<unknown>;
}

function inMemory(): Files {
  const source = createMemorySource();
  // It is closed with the last process, never with the first: it is the repository too.
  const open = (): Source => ({ ...source, close: () => Promise.resolve() });
  return { open, commit: (files) => Promise.resolve(source.write(files)) };
}

async function repository(cleanups: (() => Promise<unknown>)[]): Promise<Files> {
  const git = await startGitServer();
  cleanups.push(() => git.close());
  const repo = await git.createRepository();
  return { git, open: () => createGitSource({ url: repo.url }), commit: (files) => repo.commit(files) };
}

interface Ground {
  readonly sync: Sync;
  readonly files: Files;
  readonly admin: Client;
  readonly connect: (options: ConnectOptions) => Promise<Client>;
  readonly cleanups: (() => Promise<unknown>)[];
}

function createWorld(ground: Ground, user: 'admin' | 'someone'): World {
  const { sync, files, admin, connect, cleanups } = ground;
  const refIn = (object: KubeObject): Ref => refOf(home(object, sync.namespace));
  const live = async (object: KubeObject): Promise<KubeObject | undefined> => {
    const resource = (await admin.resources({ refresh: true })).find(refOf(object));
    return resource === undefined ? undefined : admin.get(resource.namespaced ? refIn(object) : refOf(object));
  };
  const open: World['process'] = async (changes = {}, given = {}) => {
    const records: RequestRecord[] = [];
    const client = await connect({ user, onRequest: (record) => records.push(record) });
    const own = { ...sync, ...changes, policy: { ...sync.policy, ...changes.policy } };
    const healthRules = await loadHealthRules(own.policy.health);
    const ports = createPorts(own, { healthRules, ...given, client, source: files.open() });
    const process = createProcess(own, ports, records, cleanups);
    cleanups.push(() => process.close());
    return process;
  };
  return {
    sync,
    namespace: sync.namespace,
    get git() {
      if (files.git === undefined) throw new Error('this scenario has no Git server: ask for git: true');
      return files.git;
    },
    commit: async (changes) => {
      const texts = Object.entries(changes).map(([path, content]) => [path, textOf(content)] as const);
      await files.commit(Object.fromEntries(texts));
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
    live,
    async expectLive(object) {
      const found = await live(object);
      expect(found, `${printRef(refIn(object))} is to be there`).toMatchObject(object);
      return found!;
    },
    async expectGone(object) {
      const found = await live(object);
      const left = found === undefined || found.metadata.deletionTimestamp !== undefined ? undefined : found;
      expect(left, `${printRef(refIn(object))} is to be gone`).toBeUndefined();
    },
  };
}

function createProcess(
  sync: Sync,
  ports: Ports,
  records: RequestRecord[],
  cleanups: (() => Promise<unknown>)[],
): Process {
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
        await loop.stop();
        await Promise.all([running, listening]);
      });
      return loop;
    },
    async close() {
      await ports.live.close();
      await ports.source.close();
    },
  };
}

function textOf(content: FileContent): string | null {
  if (content === null || typeof content === 'string') return content;
  const objects = Array.isArray(content) ? (content as readonly KubeObject[]) : [content as KubeObject];
  return objects.map((object) => toYaml(object)).join('---\n');
}

function home(object: KubeObject, namespace: string): KubeObject {
  if (CLUSTER_KINDS.has(object.kind)) return object;
  return { ...object, metadata: { namespace, ...object.metadata } };
}

const CLUSTER_KINDS: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition', 'ClusterRole']);

/** What a report says became of each object, as `created ConfigMap web` or `failed Deployment api (invalid)`; sorted. */
export function told({ objects, orphans }: Report): readonly string[] {
  return [
    ...objects.map(({ action, ref, code }) => line(action, ref, code)),
    ...orphans.map(({ action, ref, reason }) => line(action, ref, reason)),
  ].toSorted();
}

function line(action: string, { kind, name }: Ref, why: string | undefined): string {
  return `${action} ${kind} ${name}${why === undefined ? '' : ` (${why})`}`;
}

/** Waits until it holds, looking every few milliseconds; the last failure is what is thrown after 20 s. */
export async function eventually<T>(look: () => Promise<T> | T): Promise<T> {
  const end = performance.now() + 20_000;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

export function randomName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

export function configMap(name: string, data: Readonly<Record<string, string>> = { a: '1' }): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

export function secret(name: string, stringData: Readonly<Record<string, unknown>>): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
}

/** Without replicas, so that it is ready wherever nothing runs Pods. */
export function deployment(
  name: string,
  spec: Readonly<Record<string, unknown>> = {},
  pod: Readonly<Record<string, unknown>> = {},
): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }], ...pod } },
      ...spec,
    },
  };
}

export function service(name: string, selector: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector, ports: [{ port: 80 }] } };
}

export function namespaceObject(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export function definition(group: string): KubeObject {
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

export function widget(group: string, name: string, spec: Readonly<Record<string, unknown>> = {}): KubeObject {
  return { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name }, spec };
}

export function annotated(object: KubeObject, annotations: Readonly<Record<string, string>>): KubeObject {
  return { ...object, metadata: { ...object.metadata, annotations } };
}

export function inNamespace(object: KubeObject, namespace: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}
