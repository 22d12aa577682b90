import { createMemorySource } from '@homeostat/git';
import type { MemorySource } from '@homeostat/git';
import type { Client, KubeObject, RequestRecord } from '@homeostat/kube';
import { createEngine, defineSync } from '@homeostat/reconcile';
import type { Engine, EngineEvent, EngineOptions, Report, Sync } from '@homeostat/reconcile';
import { toYaml } from '@homeostat/render';

/** An engine under test, what it told, and what it asked. */
export interface Tested extends AsyncDisposable {
  readonly engine: Engine;
  readonly events: readonly EngineEvent[];
  /** What was asked of the API server since the last look, as `verb`. */
  requests(): readonly RequestRecord[];
  start(): void;
  report(name: string): Report | undefined;
  /** How many reports there were of a sync. */
  reports(name: string): readonly Report[];
}

type Connect = (options: { readonly onRequest: (record: RequestRecord) => void }) => Promise<Client> | Client;

export async function testedEngine(connect: Connect, options: Omit<EngineOptions, 'client'> = {}): Promise<Tested> {
  const records: RequestRecord[] = [];
  const client = await connect({ onRequest: (record) => records.push(record) });
  const engine = createEngine({ client, ...options });
  const events: EngineEvent[] = [];
  const listening = (async () => {
    for await (const event of engine.events()) events.push(event);
  })();
  let running: Promise<void> | undefined;
  const reports = (name: string): readonly Report[] =>
    events.flatMap(({ sync, event }) => (sync?.name === name && event.type === 'report' ? [event.report] : []));
  return {
    engine,
    events,
    requests: () => records.splice(0),
    start: () => void (running = engine.run()),
    report: (name) => reports(name).at(-1),
    reports,
    async [Symbol.asyncDispose]() {
      await engine.stop();
      await Promise.all([running, listening]);
    },
  };
}

/** Files of a source, each sync in a folder of its own. */
export function folders(objects: Readonly<Record<string, readonly KubeObject[] | string>>): MemorySource {
  const source = createMemorySource();
  source.write(folderFiles(objects));
  return source;
}

export function folderFiles(
  objects: Readonly<Record<string, readonly KubeObject[] | string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objects).map(([folder, content]) => [
      `${folder}/all.yaml`,
      typeof content === 'string' ? content : content.map((object) => toYaml(object)).join('---\n'),
    ]),
  );
}

/** A sync of the folder of its name. */
export function syncOf(
  namespace: string,
  name: string,
  more: Omit<Partial<Parameters<typeof defineSync>[0]>, 'name' | 'namespace'> = {},
): Sync {
  return defineSync({ namespace, name, path: name, ...more, policy: { poll: 50, ...more.policy } });
}
