import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createApiServer, seededRandom } from '@homeostat/apiserver';
import type { ServedRequest } from '@homeostat/apiserver';
import { defineSync } from '@homeostat/reconcile';
import type { RequestRecord } from '@homeostat/kube';
import { createWorld, filesInMemory, textOf } from '../../support/world.ts';
import type { World } from '../../support/world.ts';
import type { EngineTask } from './engine-process.ts';
import type { Story } from './stories.ts';

/** Where an engine of another process is killed: at its n-th request, before the server has seen it or once it has done its work. */
export interface KillPoint {
  readonly request: number;
  readonly when: 'before' | 'after';
}

/** One server on which a story has begun. */
export interface Ground extends AsyncDisposable {
  readonly world: World;
  /** What engines of other processes, and those that were started after them, asked. */
  readonly requests: readonly ServedRequest[];
  /** The engine's work, in a process of its own, to its end or to the point where it is killed. */
  run(point?: KillPoint): Promise<{ readonly killed: boolean; readonly output: string }>;
  /** The same work once more, by a fresh engine. */
  restart(): Promise<void>;
}

const program = fileURLToPath(new URL('engine-process.ts', import.meta.url));
/** With what others have compiled before, a process starts in less than half the time. */
const compiled = fileURLToPath(new URL('../../../node_modules/.cache/engine-process', import.meta.url));

export async function openGround(story: Story): Promise<Ground> {
  const engine = bootEngine();
  const requests: ServedRequest[] = [];
  let kill: { readonly at: KillPoint } | undefined;
  let counting = false;
  const server = await createApiServer({
    random: seededRandom(1),
    simulate: 'workloads',
    controllers: { namespaceDelayMs: 0 },
    users: [
      { name: 'engine', groups: ['system:masters'] },
      { name: 'hands', groups: ['system:masters'], spared: true },
    ],
    onRequest(request) {
      if (!counting || request.user !== 'engine') return;
      requests.push(request);
      // Nothing of the answer has left yet: as far as the engine is concerned this never came back.
      if (requests.length === kill?.at.request) engine.kill();
    },
  });
  const cleanups: (() => Promise<unknown>)[] = [];
  const files: Record<string, string> = {};
  const admin = server.client({ user: 'hands' });
  const sync = defineSync({ name: 'site', namespace: 'demo', policy: { waitTimeout: 10_000, ...story.policy } });
  const before = defineSync({ name: 'site', namespace: 'demo' });
  const held = filesInMemory();
  const connect = () => Promise.resolve({ client: server.client({ user: 'engine' }), records: [] as RequestRecord[] });
  const world = createWorld({ sync: before, files: held, admin, connect, cleanups }, 'engine');
  const commit = async (content: NonNullable<Story['commit']>): Promise<void> => {
    for (const [path, file] of Object.entries(content)) {
      const written = textOf(file);
      if (written === null) delete files[path];
      else files[path] = written;
    }
    await world.commit(content);
  };

  for (const name of ['demo', 'side']) {
    await admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await server.settled();
  if (story.before !== undefined) {
    await commit(story.before);
    const report = await world.reconcile();
    if (report.state !== 'Ready') throw new Error(`the story cannot begin: ${JSON.stringify(report)}`);
  }
  await story.prepare?.(world);
  if (story.commit !== undefined) await commit(story.commit);
  await server.settled();
  counting = true;

  const close = async (): Promise<void> => {
    engine.kill();
    await engine.ended;
    for (const cleanup of cleanups.toReversed()) await cleanup();
    await server.close();
  };
  return {
    world,
    requests,
    async run(point) {
      if (point !== undefined) {
        kill = { at: point };
        if (point.when === 'before')
          server.faults.add({ fault: 'reset', user: 'engine', every: point.request, times: 1 });
      }
      const task: EngineTask = { kubeconfig: server.kubeconfig, sync, files, work: story.work };
      engine.begin(task);
      const ended = await engine.ended;
      kill = undefined;
      server.faults.clear();
      await server.settled();
      return ended;
    },
    async restart() {
      const process = await world.process(sync);
      if (story.work === 'delete' || story.work === 'orphan') {
        // Killed after the parent has gone there is nothing left to end.
        await process.destroy(story.work).catch((error: unknown) => {
          if ((error as { readonly code?: unknown }).code !== 'SET_UNKNOWN') throw error;
        });
      } else {
        const report = await process.reconcile();
        if (report.state !== 'Ready') throw new Error(`started anew it comes to ${JSON.stringify(report)}`);
      }
      await process.close();
      await server.settled();
    },
    [Symbol.asyncDispose]: close,
  };
}

interface EngineProcess {
  begin(task: EngineTask): void;
  kill(): void;
  readonly ended: Promise<{ readonly killed: boolean; readonly output: string }>;
}

/** Starts a process that has loaded the engine by the time it is told what to do. */
function bootEngine(): EngineProcess {
  const child = spawn(process.execPath, ['--conditions=@homeostat/source', program], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', NODE_COMPILE_CACHE: compiled },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  // Killed while it is being told, it does not hear the end.
  child.stdin.on('error', () => {});
  const ended = new Promise<{ killed: boolean; output: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve({ killed: signal === 'SIGKILL', output });
      else reject(new Error(`the engine ended with ${String(code ?? signal)}: ${output}`));
    });
  });
  ended.catch(() => {});
  return {
    begin: (task) => void child.stdin.end(JSON.stringify(task)),
    kill: () => void child.kill('SIGKILL'),
    ended,
  };
}
