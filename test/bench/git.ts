import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createGitSource, createObjectStore } from '@homeostat/git';
import type { Snapshot } from '@homeostat/git';
import { isolatedGitEnvironment } from '../support/git-server.ts';
import { median } from './measure.ts';
import { table, verdict } from './table.ts';

const FILES = 5000;
const TURNS = 11;

/** One way to get at the files. Each step is timed; `prepare` and what it returns are not. */
type Way = (url: string, scratch: string, commit: () => Promise<string>) => Promise<Steps>;

/** Milliseconds. */
interface Steps {
  /** From nothing to the content of every file. */
  readonly cloneMs: number;
  /** The same content again, once it is there. */
  readonly readMs: number;
  /** Finding out that nothing is new. */
  readonly lookMs: number;
  /** From a commit that changes one file to that file's content. */
  readonly followMs: number;
}

/**
 * Clones depth 1 and reads 5,000 files, sees that nothing is new, and follows a commit, each against the git command line
 * on the same server. In turns, so that whatever else the machine does meets all alike; medians.
 */
export async function benchGit(): Promise<void> {
  await using server = await startServer();
  const scratch = await mkdtemp(join(tmpdir(), 'homeostat-bench-'));
  const ways: Readonly<Record<string, Way>> = {
    '@homeostat/git, in memory': (url, _, commit) => ours(url, undefined, commit),
    '@homeostat/git, on disk': (url, directory, commit) => ours(url, directory, commit),
    'git command line': commandLine,
  };
  const times = new Map<string, Steps[]>(Object.keys(ways).map((name) => [name, []]));
  try {
    for (let turn = 0; turn <= TURNS; turn++) {
      for (const [name, way] of Object.entries(ways)) {
        const steps = await way(server.url, join(scratch, `${turn}-${name.length}`), server.commit);
        if (turn > 0) times.get(name)?.push(steps); // the first turn warms up
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }

  const middle = (name: string, step: keyof Steps): number =>
    median((times.get(name) ?? []).map((steps) => steps[step]));
  console.log(`\n${FILES} manifests, median of ${TURNS} turns, ms\n`);
  console.log(
    table(
      ['way', 'clone and read all', 'read all again', 'nothing new', 'one new commit'],
      Object.keys(ways).map((name) => [
        name,
        ...(['cloneMs', 'readMs', 'lookMs', 'followMs'] as const).map((step) => middle(name, step).toFixed(1)),
      ]),
    ),
  );
  const ratio = (name: string): number => middle(name, 'cloneMs') / middle('git command line', 'cloneMs');
  console.log(`\n${verdict('clone and read / git', ratio('@homeostat/git, in memory'), { atMost: 0.8 })}`);
  console.log(`clone and read, kept on disk / git: ${ratio('@homeostat/git, on disk').toFixed(2)}`);
  console.log(`peak memory of this process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
}

async function ours(url: string, directory: string | undefined, commit: () => Promise<string>): Promise<Steps> {
  const store = createObjectStore(directory === undefined ? {} : { directory });
  const source = createGitSource({ url, store });
  const [cloneMs, snapshot] = await timed(async () => {
    const first = await source.fetch(await source.resolve());
    await readAll(first);
    return first;
  });
  const [readMs] = await timed(() => readAll(snapshot));
  const [lookMs] = await timed(() => source.resolve());
  await commit();
  const [followMs] = await timed(async () => {
    const next = await source.fetch(await source.resolve());
    const before = new Map((await snapshot.tree.list('')).map(({ name, oid }) => [name, oid]));
    const changed = (await next.tree.list('')).find(({ name, oid }) => before.get(name) !== oid);
    for (const { path } of await next.tree.list(changed?.path ?? '')) await next.tree.read(path);
  });
  await source.close();
  await store.close();
  return { cloneMs, readMs, lookMs, followMs };
}

async function readAll({ tree }: Snapshot): Promise<void> {
  let files = 0;
  for await (const { path } of tree.walk()) {
    await tree.read(path);
    files++;
  }
  if (files !== FILES) throw new Error(`read ${files} files of ${FILES}`);
}

async function commandLine(url: string, directory: string, commit: () => Promise<string>): Promise<Steps> {
  const env = isolatedGitEnvironment(directory);
  const shell = (script: string) => promisify(execFile)('sh', ['-ec', script, 'sh', url, directory], { env });
  const readAllFiles = `git -C "$2" ls-tree -r --format='%(objectname)' HEAD | git -C "$2" cat-file --batch >/dev/null`;
  const [cloneMs] = await timed(() => shell(`git clone -q --bare --depth 1 "$1" "$2"; ${readAllFiles}`));
  const [readMs] = await timed(() => shell(readAllFiles));
  const [lookMs] = await timed(() => shell('git -C "$2" ls-remote -q "$1" refs/heads/main >/dev/null'));
  await commit();
  const [followMs] = await timed(() =>
    shell(`git -C "$2" fetch -q --depth 1 "$1" main
      git -C "$2" diff-tree -r --no-commit-id HEAD FETCH_HEAD | cut -d' ' -f4 | git -C "$2" cat-file --batch >/dev/null`),
  );
  return { cloneMs, readMs, lookMs, followMs };
}

async function timed<T>(task: () => Promise<T>): Promise<readonly [number, T]> {
  const began = performance.now();
  const result = await task();
  return [performance.now() - began, result];
}

async function startServer(): Promise<
  { readonly url: string; readonly commit: () => Promise<string> } & AsyncDisposable
> {
  const script = join(import.meta.dirname, 'git-server-process.ts');
  const child = spawn(process.execPath, ['--conditions=@homeostat/source', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the Git server has ended; what it said stands above');
    return value;
  };
  return {
    url: await line(),
    commit: () => {
      child.stdin.write('\n');
      return line();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.stdin.end();
      await closed;
    },
  };
}
