import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { promisify } from 'node:util';

import { TREE, walk } from 'isomorphic-git';
import { expect, onTestFinished, test } from 'vitest';

import { createGitSource, createObjectStore } from '@homeostat/git';
import type { Snapshot, Source } from '@homeostat/git';

import { isolatedGitEnvironment, startGitServer } from '../../../test/support/git-server.ts';
import type { FileChanges, TestRepository } from '../../../test/support/git-server.ts';
import { seeded } from './random.ts';
import type { Random } from './random.ts';
import { scratchDirectory } from './scratch.ts';

/** `path mode-ish id content` of every file, as someone sees it. */
type Listing = readonly string[];

test('every commit reads as git and isomorphic-git read it, whichever came before it', async () => {
  const random = seeded('oracles');
  const server = await startGitServer();
  onTestFinished(() => server.close());
  const repository = await server.createRepository();
  const commits = await grow(repository, random);
  await repository.git('repack', '-q', '-a', '-d', '-f', '--depth=50', '--window=50');
  await using scratch = await scratchDirectory();

  const warm = createGitSource({ url: repository.url });
  const store = createObjectStore({ directory: scratch.path });
  const disk = createGitSource({ url: repository.url, store });
  const local = createGitSource({ url: repository.directory });
  for (const commit of commits) {
    const expected = await asGitSeesIt(repository, commit);
    expect(await asIsomorphicGitSeesIt(repository, commit)).toEqual(expected);
    const cold = createGitSource({ url: repository.url });
    for (const source of [warm, disk, local, cold]) expect(await asWeSeeIt(source, commit)).toEqual(expected);
    await cold.close();
  }
  for (const source of [warm, disk, local]) await source.close();
  await store.close();
}, 60_000);

/** A history with everything in it: deltas, merges, links, executables, submodules, removals, tags, odd names. */
async function grow(repository: TestRepository, random: Random): Promise<string[]> {
  const commits: string[] = [];
  const files = new Map<string, string>();
  for (let at = 0; at < 14; at++) {
    const changes: Record<string, FileChanges[string]> = {};
    for (let change = 0; change < 12; change++) {
      const path = ['', 'deep/', 'deep/er/', 'ümlaut/'][random.int(4)] + `f${random.int(30)}.yaml`;
      const before = files.get(path);
      if (before !== undefined && random.int(6) === 0) {
        changes[path] = null;
        files.delete(path);
        continue;
      }
      const from = random.int((before ?? '').length + 1);
      const content = (before ?? random.text(3000)).slice(0, from) + random.text(20) + (before ?? '').slice(from);
      files.set(path, content);
      changes[path] = random.int(5) === 0 ? { mode: '100755', content } : content;
    }
    if (at % 4 === 0) changes[`link${at}`] = { mode: '120000', content: 'deep/../link-target' };
    if (at === 2) changes['link-target'] = 'target';
    if (at === 5) changes['module'] = { mode: '160000', content: '1'.repeat(40) };
    const branch = at % 5 === 3 ? 'side' : 'main';
    const merge = at % 5 === 4 ? [await repository.git('rev-parse', 'side')] : [];
    commits.push(await repository.commit(changes, `change ${at}`, { branch, merge }));
    if (at % 3 === 0) await repository.tag(`v${at}`, commits.at(-1), at % 2 === 0 ? 'annotated' : undefined);
  }
  return commits;
}

async function asWeSeeIt(source: Source, commit: string): Promise<Listing> {
  const snapshot = await source.fetch({ commit });
  const lines: string[] = [];
  await list(snapshot, '', lines);
  return lines.sort();
}

async function list(snapshot: Snapshot, directory: string, lines: string[]): Promise<void> {
  for (const { path, type, oid, executable } of await snapshot.tree.list(directory)) {
    if (type === 'directory') await list(snapshot, path, lines);
    else if (type === 'file') {
      const content = Buffer.from(await snapshot.tree.read(path));
      lines.push(`${path} ${executable === true ? '100755' : '100644'} ${oid} ${content.toString('base64')}`);
    } else lines.push(`${path} ${type === 'symlink' ? '120000' : '160000'} ${oid}`);
  }
}

async function asGitSeesIt(repository: TestRepository, commit: string): Promise<Listing> {
  const run = async (args: readonly string[], input = ''): Promise<Buffer> => {
    const done = promisify(execFile)('git', ['-C', repository.directory, ...args], {
      env: isolatedGitEnvironment(repository.directory),
      encoding: 'buffer',
      maxBuffer: 1 << 26,
    });
    done.child.stdin?.on('error', () => {}).end(input); // who reads nothing may be gone already
    return (await done).stdout;
  };
  const entries = (await run(['ls-tree', '-r', '-z', commit])).toString().split('\0').filter(Boolean);
  const parsed = entries.map((line) => /^(\d+) \w+ (\w+)\t(.*)$/s.exec(line) ?? []);
  const files = parsed.filter(([, mode]) => mode?.startsWith('100') === true);
  const contents = await run(['cat-file', '--batch'], files.map(([, , id]) => `${id}\n`).join(''));
  const byId = new Map<string, string>();
  for (let at = 0; at < contents.length;) {
    const end = contents.indexOf('\n', at);
    const [id = '', , size = '0'] = contents.toString('utf8', at, end).split(' ');
    byId.set(id, contents.toString('base64', end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return parsed
    .map(([, mode = '', id = '', path = '']) => {
      const content = byId.get(id);
      return mode.startsWith('100') ? `${path} ${mode} ${id} ${content}` : `${path} ${mode} ${id}`;
    })
    .sort();
}

async function asIsomorphicGitSeesIt(repository: TestRepository, commit: string): Promise<Listing> {
  const gitdir = repository.directory;
  const cache = {};
  const lines: string[] = [];
  await walk({
    fs,
    gitdir,
    cache,
    trees: [TREE({ ref: commit })],
    map: async (path, [entry]) => {
      if (entry === null || entry === undefined || (await entry.type()) === 'tree') return;
      const mode = (await entry.mode()).toString(8);
      const id = await entry.oid();
      if (!mode.startsWith('100')) lines.push(`${path} ${mode} ${id}`);
      else lines.push(`${path} ${mode} ${id} ${Buffer.from((await entry.content()) ?? []).toString('base64')}`);
    },
  });
  return lines.sort();
}
