import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer, ApiServerOptions, ServedRequest } from '@homeostat/apiserver';
import { createMemorySource } from '@homeostat/git';
import type { MemorySource } from '@homeostat/git';
import { stringifyJson } from '@homeostat/kube';
import type { Client, KubeObject, RequestRecord } from '@homeostat/kube';
import { createLoop, createPorts, defineSync } from '@homeostat/reconcile';
import type { Loop, LoopEvent, LoopOptions, Policy, Ports, Sync } from '@homeostat/reconcile';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

/** A loop over objects in memory and an API server in this process, in a time that moves when it is told to. */
export interface Stage extends AsyncDisposable {
  readonly server: ApiServer;
  readonly client: Client;
  readonly clock: FakeClock;
  readonly source: MemorySource;
  readonly sync: Sync;
  readonly ports: Ports;
  readonly loop: Loop;
  readonly events: readonly LoopEvent[];
  /** What the loop has sent. */
  readonly sent: readonly ServedRequest[];
  /** How many watches of the loop are open. */
  readonly watches: number;
  commit(...objects: readonly KubeObject[]): void;
  /** Events of one type, in order. */
  readonly told: <T extends LoopEvent['type']>(type: T) => readonly (LoopEvent & { readonly type: T })[];
  start(): void;
  stop(): Promise<void>;
}

export async function stage({
  policy = {},
  server: options,
  ports: given,
  loop: loopOptions,
  onRequest,
}: {
  readonly policy?: Partial<Policy>;
  readonly server?: ApiServerOptions;
  readonly ports?: Partial<Ports>;
  readonly loop?: LoopOptions;
  readonly onRequest?: (record: RequestRecord) => void;
} = {}): Promise<Stage> {
  const sent: ServedRequest[] = [];
  const masters = { groups: ['system:masters'] };
  const server = await createApiServer({
    ...options,
    // No fault strikes people.
    users: [
      { name: 'engine', ...masters },
      { name: 'somebody', spared: true, ...masters },
    ],
    onRequest: (request) => {
      if (request.user === 'engine') sent.push(request);
    },
  });
  let watches = 0;
  const clock = fakeClock();
  const source = createMemorySource();
  const sync = defineSync({ name: 'site', namespace: 'default', policy });
  const client = counting(
    server.client({ user: 'engine', ...(onRequest !== undefined && { onRequest }) }),
    (change) => {
      watches += change;
    },
  );
  const ports = createPorts(sync, { client, source, clock, random: () => 0.5, ...given });
  const loop = createLoop(sync, ports, loopOptions);
  const events: LoopEvent[] = [];
  let running: Promise<unknown> | undefined;
  const files = new Set<string>();
  return {
    server,
    client: server.client({ user: 'somebody' }),
    clock,
    source,
    sync,
    ports,
    loop,
    events,
    sent,
    get watches() {
      return watches;
    },
    commit(...objects) {
      const gone = [...files].map((file) => [file, null] as const);
      const there = objects.map(
        (object) => [`${object.kind}-${object.metadata.name}.json`, stringifyJson(object)] as const,
      );
      source.write(Object.fromEntries([...gone, ...there]));
      for (const [file] of there) files.add(file);
    },
    told: <T extends LoopEvent['type']>(type: T) =>
      events.filter((event): event is LoopEvent & { readonly type: T } => event.type === type),
    start() {
      const listening = (async () => {
        for await (const event of loop.events()) events.push(event);
      })();
      running ??= Promise.all([loop.run(), listening]);
    },
    async stop() {
      await loop.stop();
      await running;
    },
    async [Symbol.asyncDispose]() {
      await loop.stop();
      await running;
      await ports.live.close();
      await source.close();
      await server.close();
    },
  };
}

/** The same client, and who looks at it is told of each watch that opens (1) and ends (-1). */
function counting(client: Client, told: (change: 1 | -1) => void): Client {
  const watch: Client['watch'] = async function* (...args) {
    told(1);
    try {
      yield* client.watch(...args);
    } finally {
      told(-1);
    }
  };
  return new Proxy(client, {
    get(target, name) {
      if (name === 'watch') return watch;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
