/** How it must behave: `kill -9` at any moment, start again: same cluster, no orphan, no needless delete. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { PART_OF_LABEL, printRef, refOf, setIdentity } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import { toYaml } from '@homeostat/render';
import { cluster } from '../support/cluster.ts';
import { startGitServer } from '../support/git-server.ts';
import { configMap, deployment, secret, service } from '../support/scenario.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const KILLS = 30;
const test = cluster.needs('controllers');

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly durationMs: number;
  readonly output: string;
}

/** `homeostat sync --once` from source, in a process of its own, killed after so many milliseconds. */
function sync(args: readonly string[], killAfterMs?: number): Promise<Ended> {
  const since = performance.now();
  const node = ['--conditions=@homeostat/source', 'packages/cli/src/main.ts', 'sync', ...args, '--once', '--no-wait'];
  const child = spawn('node_modules/.bin/node', node, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
    timeout: 60_000,
    // The runner is a script: its child would outlive it.
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const killer =
    killAfterMs === undefined
      ? undefined
      : setTimeout(() => {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        }, killAfterMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(killer);
      resolve({ code, signal, durationMs: performance.now() - since, output });
    });
  });
}

/** What the source wants at a step: some objects stay, some change, some come and some go with each. */
function wanted(step: number): ReadonlyMap<string, KubeObject> {
  const objects = [
    ...Array.from({ length: 6 }, (_, i) => configMap(`stays-${i}`)),
    ...Array.from({ length: 6 }, (_, i) => configMap(`changes-${i}`, { step: `${step}` })),
    ...Array.from({ length: 6 }, (_, i) => configMap(`turns-${step}-${i}`)),
    deployment('web', {}, { nodeSelector: { step: `${step}` } }),
    service('web', { app: 'web' }),
    secret('key', { password: `opensesame${step}` }),
  ];
  return new Map(objects.map((object) => [`${object.kind}-${object.metadata.name}.yaml`, object]));
}

async function members(client: Client, namespace: string): Promise<readonly KubeObject[]> {
  const { id } = setIdentity(namespace, 'site');
  const resources = await client.resources();
  const found: KubeObject[] = [];
  for (const [group, kind] of [
    ['', 'ConfigMap'],
    ['', 'Secret'],
    ['', 'Service'],
    ['apps', 'Deployment'],
  ] as const) {
    const resource = resources.find({ group, kind });
    if (resource === undefined) throw new Error(`no ${kind}`);
    for await (const { items } of client.list(resource, { namespace, labelSelector: `${PART_OF_LABEL}=${id}` }))
      found.push(...items);
  }
  return found;
}

function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`kill -9 at ${KILLS} random moments, start again: same cluster, no orphan, no needless delete`, async ({
  client,
  namespace,
  kubeconfig,
}) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const random = randomFrom(seed);
  await using git = await startGitServer();
  const repository = await git.createRepository();
  const args = [repository.url, '--name', 'site', '--namespace', namespace, '--kubeconfig', kubeconfig];

  let files = new Map<string, KubeObject>();
  const commit = async (step: number): Promise<void> => {
    const next = wanted(step);
    const changes: Record<string, string | null> = {};
    for (const path of files.keys()) changes[path] = null;
    for (const [path, object] of next) changes[path] = toYaml(object);
    await repository.commit(changes, `step ${step}`);
    files = new Map(next);
  };

  await commit(0);
  const whole = await sync(args);
  expect(whole, whole.output).toMatchObject({ code: 0 });
  const uids = new Map(
    (await members(client, namespace)).map((object) => [printRef(refOf(object)), object.metadata.uid]),
  );

  const moments: number[] = [];
  let unfinished = 0;
  for (let step = 1; step <= KILLS; step += 1) {
    await commit(step);
    // From the middle of starting up, which writes nothing, to past the end.
    const moment = whole.durationMs * (0.3 + 0.8 * random());
    moments.push(Math.round(moment));
    if ((await sync(args, moment)).signal === 'SIGKILL') unfinished += 1;
    // Every third time it is left at that, so that the next kill meets what the last one left.
    if (step % 3 !== 0) continue;

    const told = `seed ${seed}, step ${step}, killed after ${moments.slice(-3).join(', ')} ms`;
    const again = await sync(args);
    expect(again, `${told}\n${again.output}`).toMatchObject({ code: 0 });
    const live = await members(client, namespace);
    const names = live.map(({ kind, metadata }) => `${kind}-${metadata.name}.yaml`).toSorted();
    expect(names, told).toEqual([...files.keys()].toSorted());
    for (const object of live) {
      const ref = printRef(refOf(object));
      if (uids.has(ref)) expect(object.metadata.uid, `${ref} was deleted needlessly: ${told}`).toBe(uids.get(ref));
      if (object.metadata.name.startsWith('changes-'))
        expect(object, told).toMatchObject({ data: { step: `${step}` } });
    }
  }
  const settled = await sync(args);
  expect(settled.output).toContain(`${files.size} unchanged`);
  console.log(`kill -9 with SEED=${seed}: ${unfinished} of ${KILLS} runs ended in the middle`);
  expect(unfinished).toBeGreaterThan(0);
}, 300_000);
