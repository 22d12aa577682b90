import { refKey, refOf } from '@homeostat/kube';
import type { KubeObject, RefKey } from '@homeostat/kube';
import type { World } from '../../support/world.ts';

/** What one revision wants. */
export interface Wanted {
  /** Whether every file can be read and no object stands twice: if not, absence proves nothing. */
  readonly complete: boolean;
  readonly objects: ReadonlyMap<RefKey, KubeObject>;
}

/** The Git side of one set: its files, and what every revision of them wants. */
export interface Repository {
  readonly world: World;
  /** What each file holds; text is a file that nobody can read. */
  readonly files: ReadonlyMap<string, KubeObject | string>;
  /** What the revision wants; `undefined` for one that never was. */
  at(commit: string): Wanted | undefined;
  readonly latest: Wanted;
  write(changes: Readonly<Record<string, KubeObject | string | null>>): Promise<void>;
}

export async function createRepository(world: World): Promise<Repository> {
  const files = new Map<string, KubeObject | string>();
  const revisions = new Map<string, Wanted>();
  let latest: Wanted = { complete: true, objects: new Map() };
  const write: Repository['write'] = async (changes) => {
    for (const [path, content] of Object.entries(changes)) {
      if (content === null) files.delete(path);
      else files.set(path, content);
    }
    const objects = [...files.values()].filter((content) => typeof content !== 'string');
    const wanted = new Map(objects.map((object) => [refKey(refOf(placed(object, world.namespace))), object]));
    latest = { complete: wanted.size === files.size, objects: wanted };
    revisions.set(await world.commit(changes), latest);
  };
  await write({ 'README.md': null });
  return {
    world,
    files,
    at: (commit) => revisions.get(commit),
    get latest() {
      return latest;
    },
    write,
  };
}

/** With the namespace that it gets when it names none. */
export function placed(object: KubeObject, namespace: string): KubeObject {
  if (object.kind === 'Namespace' || object.kind === 'CustomResourceDefinition') return object;
  return { ...object, metadata: { namespace, ...object.metadata } };
}
