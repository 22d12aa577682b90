import type { ServedResource } from './served-resource.ts';

/** What is served at the moment. Built-in resources stay; those of CRDs come and go. */
export class Resources {
  readonly #builtin: ReadonlyMap<string, ServedResource>;
  readonly #builtinGroups: ReadonlySet<string>;
  #custom: ReadonlyMap<string, ServedResource> = new Map();
  #listeners: (() => void)[] = [];

  constructor(builtin: readonly ServedResource[]) {
    this.#builtin = byPath(builtin);
    this.#builtinGroups = new Set(builtin.map(({ group }) => group));
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    const path = pathOf(group, version, plural);
    return this.#builtin.get(path) ?? this.#custom.get(path);
  }

  /** In any version: built-in ones in their preferred version, custom ones in that of their definition's order. */
  ofKind(group: string, kind: string, version?: string): ServedResource | undefined {
    for (const resource of this.all()) {
      if (resource.group === group && resource.kind === kind && (version ?? resource.version) === resource.version)
        return resource;
    }
    return undefined;
  }

  isBuiltinGroup(group: string): boolean {
    return this.#builtinGroups.has(group);
  }

  *all(): IterableIterator<ServedResource> {
    yield* this.#builtin.values();
    yield* this.#custom.values();
  }

  /** Replaces all that CRDs define. */
  setCustom(custom: readonly ServedResource[]): void {
    this.#custom = byPath(custom);
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` whenever something else is served, until the function that is returned is called. */
  onChange(listener: () => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }
}

function byPath(resources: readonly ServedResource[]): Map<string, ServedResource> {
  return new Map(resources.map((resource) => [pathOf(resource.group, resource.version, resource.plural), resource]));
}

function pathOf(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}
