import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { systemCode } from './error.ts';
import { Mutex } from './mutex.ts';
import { parseCommit } from './object.ts';
import type { GitObject } from './object.ts';
import { decodeEntry, EntryReader, openPack, PackWriter, storeError, replaceFile } from './pack-file.ts';
import type { OpenedPack, PackFile, Place } from './pack-file.ts';
import { RecentObjects } from './recent-objects.ts';
import { checkComplete, maxSnapshots, retain, storeTooSmall } from './retention.ts';
import { SingleFlight } from './single-flight.ts';
import type { ObjectStore, StoreWriter } from './store.ts';

/**
 * A store on disk. Its directory is a bare Git repository that git itself can read: packs of whole objects with their
 * indexes, one ref per complete snapshot, and `shallow`, because histories are cut off.
 */
export function createDiskStore(directory: string, maxBytes: number): ObjectStore {
  return new DiskStore(directory, maxBytes);
}

/** What was fetched last stays in memory, up to so much: it is read next. */
const recentBytes = 32 * 1024 * 1024;
/** More packs than this are merged into one. */
const maxPacks = 24;
/** Older leftovers of a process that died are removed. */
const leftoverMs = 60 * 60 * 1000;

class DiskStore implements ObjectStore {
  readonly #directory: string;
  readonly #packDirectory: string;
  readonly #refDirectory: string;
  readonly #maxBytes: number;
  readonly #flights = new SingleFlight();
  readonly #admission = new Mutex();
  readonly #entries = new EntryReader();
  readonly #recent = new RecentObjects(recentBytes);
  readonly #places = new Map<string, Place>();
  readonly #packs = new Map<string, PackFile>();
  #commits: readonly string[] = [];
  #opened: Promise<void> | undefined;

  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#packDirectory = join(directory, 'objects', 'pack');
    this.#refDirectory = join(directory, 'refs', 'homeostat');
    this.#maxBytes = maxBytes;
  }

  async get(id: string): Promise<GitObject | undefined> {
    await this.#open();
    const place = this.#places.get(id);
    if (place === undefined) return undefined;
    const recent = this.#recent.get(id);
    if (recent !== undefined) return recent;
    const object = await this.#entries.read(place).then(decodeEntry, () => undefined);
    if (object?.id === id) return object;
    const now = this.#places.get(id);
    // Packs were merged while we read: it stands elsewhere now.
    if (now !== undefined && now !== place) return await this.get(id);
    this.#places.delete(id);
    this.#entries.clear();
    return undefined;
  }

  async commits(): Promise<readonly string[]> {
    await this.#open();
    return this.#commits.filter((commit) => this.#places.has(commit));
  }

  async touch(commit: string): Promise<void> {
    await this.#open();
    if (!this.#commits.includes(commit)) return;
    this.#use(commit);
    const now = new Date();
    await utimes(join(this.#refDirectory, commit), now, now).catch(() => {}); // only the order of forgetting depends on it
  }

  once<T>(key: string, task: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#flights.run(key, task, signal);
  }

  async begin(): Promise<StoreWriter> {
    await this.#open();
    const writer = await this.#guard(() => PackWriter.create(this.#packDirectory));
    let open = true;
    return {
      begin: (count) => {
        writer.begin(count);
      },
      add: (object, deflated) => {
        writer.add(object, deflated);
        if (writer.bytes > this.#maxBytes) throw storeTooSmall(this.#maxBytes);
      },
      peek: (id) => writer.peek(id),
      get: (id) => writer.get(id),
      flush: () => this.#guard(() => writer.flush()),
      finish: (commit) =>
        this.#admission.run(() =>
          this.#guard(async () => {
            await this.#check(commit, writer);
            if (writer.count === 0) {
              await this.#record(commit);
              return;
            }
            const written = await writer.finish();
            open = false;
            for (const object of writer.recent()) this.#recent.add(object);
            await this.#take(written);
            await this.#record(commit);
          }),
        ),
      discard: async () => {
        if (open) await writer.discard();
        open = false;
      },
    };
  }

  async close(): Promise<void> {
    await this.#opened?.catch(() => {});
    this.#opened = undefined;
    const packs = [...this.#packs.values()];
    this.#packs.clear();
    this.#places.clear();
    this.#entries.clear();
    this.#recent.clear();
    await Promise.all(packs.map((pack) => pack.handle.close()));
  }

  #open(): Promise<void> {
    this.#opened ??= this.#guard(() => this.#load()).catch((error: unknown) => {
      this.#opened = undefined; // the next call tries again
      throw error;
    });
    return this.#opened;
  }

  async #guard<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw storeError(this.#directory, error);
    }
  }

  async #load(): Promise<void> {
    await mkdir(this.#packDirectory, { recursive: true });
    await mkdir(this.#refDirectory, { recursive: true });
    await writeOnce(join(this.#directory, 'HEAD'), 'ref: refs/heads/main\n');
    await writeOnce(join(this.#directory, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
    const names = await readdir(this.#packDirectory);
    await this.#removeLeftovers(names);
    const packs = names.filter((name) => name.endsWith('.idx')).map((name) => name.slice(0, -'.idx'.length));
    // The newest last: what was fetched again replaces what was damaged.
    for (const name of await byAge(this.#packDirectory, packs, '.idx')) {
      const opened = await openPack(this.#packDirectory, name).catch(ignoreMissing);
      if (opened === undefined) await this.#remove(name);
      else await this.#take(opened);
    }
    const refs = (await readdir(this.#refDirectory)).filter((name) => /^[0-9a-f]{40}$/.test(name));
    this.#commits = (await byAge(this.#refDirectory, refs, '')).toReversed();
  }

  /** What a process left behind that died while it wrote. */
  async #removeLeftovers(names: readonly string[]): Promise<void> {
    const known = new Set(names);
    for (const name of names) {
      const isOrphan = name.endsWith('.pack') && !known.has(name.replace(/\.pack$/, '.idx'));
      if (!name.startsWith('tmp_') && !isOrphan) continue;
      const path = join(this.#packDirectory, name);
      const found = await stat(path).catch(ignoreMissing);
      if (found !== undefined && Date.now() - found.mtimeMs > leftoverMs) await rm(path, { force: true });
    }
  }

  async #take({ pack, places }: OpenedPack): Promise<void> {
    const twin = this.#packs.get(pack.name);
    this.#packs.set(pack.name, pack);
    for (const [id, place] of places) this.#places.set(id, place);
    if (twin === undefined) return;
    this.#entries.clear();
    await twin.handle.close();
  }

  async #check(commit: string, writer: PackWriter): Promise<void> {
    await checkComplete(commit, writer.trees(), {
      has: (id) => writer.has(id) || this.#places.has(id),
      get: async (id) => (await writer.get(id)) ?? (await this.get(id)),
    });
  }

  async #record(commit: string): Promise<void> {
    const before = this.#commits;
    this.#use(commit);
    try {
      await this.#shrink();
    } catch (error) {
      this.#commits = before;
      throw error;
    }
    await this.#writeShallow();
    await replaceFile(join(this.#refDirectory, commit), `${commit}\n`);
  }

  #use(commit: string): void {
    this.#commits = [commit, ...this.#commits.filter((other) => other !== commit)];
  }

  async #writeShallow(): Promise<void> {
    const shallow: string[] = [];
    for (const commit of this.#commits) {
      const object = await this.get(commit);
      if (object !== undefined && parseCommit(object).parents.length > 0) shallow.push(commit);
    }
    await replaceFile(join(this.#directory, 'shallow'), shallow.map((commit) => `${commit}\n`).join(''));
  }

  /** Merges packs into one when there are many, and forgets old snapshots when there is no room. */
  async #shrink(): Promise<void> {
    const bytes = [...this.#packs.values()].reduce((sum, pack) => sum + pack.bytes, 0);
    if (bytes <= this.#maxBytes && this.#packs.size <= maxPacks && this.#commits.length <= 2 * maxSnapshots) return;
    const view = { get: (id: string) => this.get(id), sizeOf: (id: string) => this.#places.get(id)?.length };
    const { commits, ids } = await retain(this.#commits, view, this.#maxBytes);
    const old = [...this.#packs.keys()];
    const merged = await this.#merge(ids);
    if (merged === undefined) return;
    this.#places.clear();
    await this.#take(merged);
    for (const name of old) if (name !== merged.pack.name) await this.#remove(name);
    const forgotten = this.#commits.filter((commit) => !commits.includes(commit));
    this.#commits = commits;
    for (const commit of forgotten) await rm(join(this.#refDirectory, commit), { force: true });
  }

  /** Writes one pack of these objects; undefined if one turns out to be damaged, and then all stays as it is. */
  async #merge(ids: ReadonlySet<string>): Promise<OpenedPack | undefined> {
    const writer = await PackWriter.create(this.#packDirectory);
    try {
      writer.begin(ids.size);
      for (const id of ids) {
        const object = await this.get(id);
        if (object === undefined) {
          await writer.discard();
          return undefined;
        }
        writer.add(object, undefined, true);
        await writer.flush();
      }
      return await writer.finish();
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  async #remove(name: string): Promise<void> {
    // The index first: a pack without one is invisible.
    await rm(join(this.#packDirectory, `${name}.idx`), { force: true });
    await rm(join(this.#packDirectory, `${name}.pack`), { force: true });
    const pack = this.#packs.get(name);
    this.#packs.delete(name);
    await pack?.handle.close();
  }
}

async function byAge(directory: string, names: readonly string[], suffix: string): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (name) => ({ name, at: await stat(join(directory, name + suffix)).catch(ignoreMissing) })),
  );
  return found
    .flatMap(({ name, at }) => (at === undefined ? [] : [{ name, age: at.mtimeMs }]))
    .sort((a, b) => a.age - b.age || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

async function writeOnce(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx' }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
}

function ignoreMissing(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}
