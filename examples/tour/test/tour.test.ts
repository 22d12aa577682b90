import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TestContext } from 'vitest';

const start = new URL('../start.ts', import.meta.url).pathname;
const readme = new URL('../../../README.md', import.meta.url);

interface Running {
  readonly child: ReturnType<typeof spawn>;
  readonly output: () => string;
  /** The exit code. */
  readonly ended: Promise<number | null>;
  /** What it has left in its folder for temporary files. */
  readonly left: () => Promise<string[]>;
}

/** As `npm start` does, without a terminal and with a folder of its own for temporary files. */
async function run({ onTestFinished }: TestContext, ...args: string[]): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'homeostat-test-'));
  const child = spawn(process.execPath, ['--conditions=@homeostat/source', start, ...args], {
    env: { ...process.env, TMPDIR: folder, FORCE_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output, ended, left: () => readdir(folder) };
}

test.concurrent(
  'the tour tells its story, ends by itself, and leaves nothing behind',
  { timeout: 90_000 },
  async (context) => {
    const tour = await run(context, '--once');
    expect(await tour.ended, tour.output()).toBe(0);

    const duration = '(\\d+ ms|\\d+(\\.\\d)? s)';
    const time = ` *${duration}`;
    const revision = 'main@sha1:[0-9a-f]{12}';
    const lines = [
      'Homeostat makes a Kubernetes cluster equal to a Git repository',
      `cluster     https://127.0.0.1:\\d+  in memory, started in ${duration}`,
      'repository  http://127.0.0.1:\\d+/shop.git',
      '1  First sync: the website waits until the database is ready',
      `${time}  created   apps/Deployment shop/database`,
      `${time}  waiting   ${duration} for apps/Deployment shop/database: 0 of 1 updated replicas are available`,
      `${time}  created   apps/Deployment shop/website`,
      `Ready shop/shop at ${revision}: 5 created \\(.+\\)`,
      '2  Drift: somebody scales the website down by hand',
      `${time}  edited    apps/Deployment shop/website \\.spec\\.replicas: 3 → 0, by kubectl-edit`,
      `${time}  updated   apps/Deployment shop/website`,
      '3 replicas again, .+ after the edit',
      '3  A commit: one file changes, and one object is sent',
      'commit [0-9a-f]{12}  Serve website 2',
      `${time}  updated   apps/Deployment shop/website`,
      `Ready shop/shop at ${revision}: 1 updated, 4 unchanged \\(.+\\)`,
      '4  A mistake: one file is broken, the others go on',
      "error     deploy/settings.yaml:7:24: expected ':' after a mapping key \\[YAML_SYNTAX\\]",
      'updated   Service shop/database  deploy/database.yaml:19',
      'kept      ConfigMap shop/settings  an error in the input may hide it; mend the input',
      `Failed shop/shop at ${revision}: 1 updated, 3 unchanged, 1 kept \\(.+\\)`,
      '5  The mistake is mended, and the worker leaves: it is pruned',
      'updated   ConfigMap shop/settings  deploy/settings.yaml:1',
      'pruned    apps/Deployment shop/worker',
      `Ready shop/shop at ${revision}: 1 updated, 3 unchanged, 1 pruned \\(.+\\)`,
    ];
    expect(tour.output()).toMatch(new RegExp(lines.map((line) => `^ *${line}$`).join('[^]*?'), 'm'));
    expect(tour.output(), 'plain text').not.toContain('\u001B');
    expect(tour.output()).not.toContain('Warning');
    const longest = Math.max(
      ...tour
        .output()
        .split('\n')
        .map((line) => line.length),
    );
    expect(longest, 'short lines').toBeLessThanOrEqual(100);
    expect(await tour.left()).toEqual([]);

    const printed = new Set(timeless(tour.output()));
    const shown = /^1  First sync[^]*?(?=^```$)/m.exec(await readFile(readme, 'utf8'))?.[0] ?? '';
    expect(
      timeless(shown).filter((line) => !printed.has(line)),
      'the README shows what is printed',
    ).toEqual([]);
  },
);

/** Lines without how long anything took. */
function timeless(text: string): string[] {
  return text.split('\n').map((line) => line.replaceAll(/ *\d+(\.\d)? m?s\b/g, ' …'));
}

test.concurrent.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s in the middle of the story ends it with %d, and leaves nothing behind',
  { timeout: 90_000 },
  async ([signal, code], context) => {
    const tour = await run(context);
    await new Promise<void>((resolve) => {
      tour.child.stdout?.on('data', () => {
        if (tour.output().includes('created   apps/Deployment shop/database')) resolve();
      });
      tour.child.once('close', () => resolve());
    });
    tour.child.kill(signal);
    expect(await tour.ended, tour.output()).toBe(code);
    expect(tour.output()).not.toMatch(/error|blocked/);
    expect(await tour.left()).toEqual([]);
  },
);

test.concurrent(
  'when nobody reads any more, it ends and leaves nothing behind',
  { timeout: 90_000 },
  async (context) => {
    const tour = await run(context);
    tour.child.stdout?.on('data', () => {
      if (tour.output().includes('1  First sync')) tour.child.stdout?.destroy();
    });
    await tour.ended;
    expect(tour.output()).toContain('1  First sync');
    expect(tour.output()).not.toContain('rror');
    expect(await tour.left()).toEqual([]);
  },
);
