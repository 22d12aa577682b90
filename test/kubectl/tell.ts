import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, stay } from './kubectl.ts';
import type { Printed, Surroundings } from './kubectl.ts';
import { argumentsOf, commandOf } from './story.ts';
import type { Command, Step, Story, Watched } from './story.ts';

/** A server that kubectl may be pointed at. */
export interface Server {
  readonly kubeconfig: string;
  /** The cluster's name in the kubeconfig, beside users `admin` and `someone`. */
  readonly cluster: string;
  /** Where kubectl keeps what it learned about this server. */
  readonly cache: string;
}

/** A command as the story gives it, and what came of it. */
export interface Told extends Printed {
  readonly command: string;
}

export interface Names {
  readonly ns: string;
  readonly id: string;
}

const PATIENCE = 60_000;

/** Tells a story to one server and returns what kubectl printed, step by step. */
export async function tell(story: Story, server: Server, kubectl: string, names: Names): Promise<readonly Told[]> {
  const directory = await mkdtemp(join(tmpdir(), 'homeostat-kubectl-'));
  const around = await surroundingsIn(directory, server, kubectl, names.ns);
  const insert = (text: string): string => text.replaceAll('{ns}', names.ns).replaceAll('{id}', names.id);
  try {
    for (const [name, text] of Object.entries(story.files ?? {}))
      await writeFile(join(around.directory, name), insert(text));
    await expectGood(around, ['create', '-f', '-'], namespaceText(names.ns));
    // Both servers give a new namespace these two; what lists them must not depend on when.
    await expectGood(around, ['wait', '--for=create', 'configmap/kube-root-ca.crt', 'serviceaccount/default']);
    const told: Told[] = [];
    for (const step of story.steps) told.push({ command: commandOf(step), ...(await give(step, around, insert)) });
    return told;
  } finally {
    const leftovers = [`namespace/${names.ns}`, ...(story.leftovers ?? []).map(insert)];
    await run(['delete', '--ignore-not-found', '--wait=false', ...leftovers], around);
    await rm(directory, { recursive: true });
  }
}

function give(step: Step, around: Surroundings, insert: (text: string) => string): Promise<Printed> {
  if (typeof step === 'string') return run(argumentsOf(insert(step)), around);
  return 'watch' in step ? giveWatch(step, around, insert) : giveCommand(step, around, insert);
}

async function giveCommand(
  { run: line, stdin, into, editor, until, quiet = false }: Command,
  around: Surroundings,
  insert: (text: string) => string,
): Promise<Printed> {
  const env = editor === undefined ? around.env : { ...around.env, KUBE_EDITOR: editor };
  const end = performance.now() + PATIENCE;
  for (;;) {
    const printed = await run(argumentsOf(insert(line)), { ...around, env }, stdin && insert(stdin));
    if (into !== undefined) return run(argumentsOf(insert(into)), around, printed.stdout);
    const isDone = quiet ? printed.code === 0 : (until?.test(printed.stdout) ?? true);
    if (!isDone && performance.now() < end) continue;
    return quiet && isDone ? { code: 0, stdout: '', stderr: '' } : printed;
  }
}

async function giveWatch(
  { watch, first, meanwhile, lines }: Watched,
  around: Surroundings,
  insert: (text: string) => string,
): Promise<Printed> {
  await using running = stay(argumentsOf(insert(watch)), around);
  await running.lines(first);
  for (const line of meanwhile) await expectGood(around, argumentsOf(insert(line)));
  await running.lines(lines);
  return await running.stop();
}

async function expectGood(around: Surroundings, args: readonly string[], stdin?: string): Promise<void> {
  const { code, stderr } = await run(args, around, stdin);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}`);
}

/** Kubectl sees the story's folder, the server, and nothing of whoever runs this. */
async function surroundingsIn(
  directory: string,
  server: Server,
  kubectl: string,
  namespace: string,
): Promise<Surroundings> {
  const files = join(directory, 'files');
  await mkdir(files);
  const context = { name: 'story', context: { cluster: server.cluster, user: 'admin', namespace } };
  const own = join(directory, 'kubeconfig');
  const config = { apiVersion: 'v1', kind: 'Config', contexts: [context], 'current-context': 'story' };
  await writeFile(own, JSON.stringify(config));
  return {
    kubectl,
    directory: files,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: directory,
      TMPDIR: directory,
      TZ: 'UTC',
      KUBECONFIG: `${own}:${server.kubeconfig}`,
      KUBECACHEDIR: server.cache,
      // A command is over before it pays to collect garbage.
      GOGC: 'off',
    },
  };
}

function namespaceText(name: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
