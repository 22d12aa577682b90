import type { FileEntry, FileReader, Finding, Rendered } from '@homeostat/render';
import { createHash } from 'node:crypto';

/** A tree of files in memory, as a snapshot of Git offers it; counts what is read. */
export interface MemoryFiles extends FileReader {
  readonly reads: string[];
  readonly contents: Record<string, string | Uint8Array>;
}

export interface MemoryOptions {
  /** Whether entries carry content ids, as Git's do. Default true. */
  readonly oids?: boolean;
  /** Reorders every listing. */
  readonly order?: (entries: readonly FileEntry[]) => readonly FileEntry[];
}

export function memoryFiles(contents: Record<string, string | Uint8Array>, options: MemoryOptions = {}): MemoryFiles {
  const { oids = true, order = (entries) => entries } = options;
  const ids = new Map<string | Uint8Array, string>();
  const oid = (content: string | Uint8Array): string => {
    let id = ids.get(content);
    if (id === undefined) ids.set(content, (id = createHash('sha1').update(content).digest('hex')));
    return id;
  };
  const reads: string[] = [];
  return {
    reads,
    contents,
    async list(path) {
      const prefix = path === '' ? '' : `${path}/`;
      const entries = new Map<string, FileEntry>();
      for (const [file, content] of Object.entries(contents)) {
        if (!file.startsWith(prefix)) continue;
        const [name = '', ...rest] = file.slice(prefix.length).split('/');
        const size = Buffer.byteLength(content);
        if (rest.length > 0) entries.set(name, { name, type: 'directory' });
        else entries.set(name, { name, type: 'file', size, ...(oids && { oid: oid(content) }) });
      }
      if (entries.size === 0 && path !== '') throw new Error(`no directory ${path}`);
      return order([...entries.values()]);
    },
    async read(path) {
      const content = contents[path];
      if (content === undefined) throw new Error(`no file ${path}`);
      reads.push(path);
      return typeof content === 'string' ? Buffer.from(content) : content;
    },
  };
}

export function configMap(name: string, data: Record<string, string> = {}): string {
  const lines = Object.entries(data).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`);
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${lines.length > 0 ? `data:\n${lines.join('')}` : ''}`;
}

/** `severity CODE path:line:column`, which is what most tests look at. */
export function brief({ severity, code, origin }: Finding): string {
  const place = [origin?.path, origin?.line, origin?.column].filter((part) => part !== undefined).join(':');
  return `${severity} ${code} ${place}`;
}

export function names(rendered: Rendered): string[] {
  return rendered.objects.map(({ object }) => object.metadata.name);
}

/** A generator of equally distributed numbers in [0, 1) that a seed determines (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The seed of a property test: from the environment, or a new one; printed either way. CI repeats one seed, so that what
 * lands does not hang on luck: new input is tried wherever people run the tests.
 */
export function seedOf(title: string): number {
  const seed = Number(
    process.env['SEED'] ?? (process.env['CI'] === undefined ? Math.floor(Math.random() * 2 ** 31) : 20_261_125),
  );
  console.log(`${title}: SEED=${seed}`);
  return seed;
}
