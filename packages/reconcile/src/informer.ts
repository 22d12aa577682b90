import { refKey } from '@homeostat/kube';
import type { GroupKind, KubeError, KubeObject, Ref, RefKey } from '@homeostat/kube';
import { followSelected } from './follow-object.ts';
import type { FollowOptions } from './follow-object.ts';
import type { Ports } from './ports.ts';
import { untilAborted } from './until-aborted.ts';

/** Whoever follows one object. */
export type Watcher = Required<Pick<FollowOptions, 'seen' | 'trouble'>>;

/**
 * Follows many objects of one kind for many who care, by one watch.
 *
 * 1. One list and one watch of the whole cluster, by label. Where our rights do not reach so far, one for each namespace in which
 *    somebody follows something, for good.
 * 2. Whoever follows an object is told it as it is at once, or as soon as it is known, and then at every change.
 * 3. What cannot be read is no absence: `trouble` says so, and what is read afterwards is told again, changed or not.
 */
export interface Informer {
  /** Until the signal. Nothing is told before. */
  run(signal: AbortSignal): Promise<void>;
  /** Until the function that it returns is called. */
  follow(ref: Ref, watcher: Watcher): () => void;
}

interface Scope {
  readonly objects: Map<RefKey, KubeObject>;
  /** `undefined` before the first reading, and while it fails. */
  state: 'read' | KubeError | undefined;
}

type InformerPorts = Pick<Ports, 'client' | 'clock' | 'random'>;

export function createInformer(
  selection: GroupKind & { readonly labelSelector: string },
  ports: InformerPorts,
): Informer {
  return new LabelInformer(selection, ports);
}

class LabelInformer implements Informer {
  readonly #selection: GroupKind & { readonly labelSelector: string };
  readonly #ports: InformerPorts;
  /** By namespace; one under `''` as long as the whole cluster may be read. */
  readonly #scopes = new Map<string, Scope>();
  readonly #watchers = new Map<RefKey, { readonly ref: Ref; readonly all: Set<Watcher> }>();
  readonly #running = new Set<Promise<void>>();
  readonly #broken = Promise.withResolvers<never>();
  #signal: AbortSignal | undefined;

  constructor(selection: GroupKind & { readonly labelSelector: string }, ports: InformerPorts) {
    this.#selection = selection;
    this.#ports = ports;
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#start('');
    await Promise.race([untilAborted(signal), this.#broken.promise]);
    await Promise.all(this.#running);
  }

  follow(ref: Ref, watcher: Watcher): () => void {
    const key = refKey(ref);
    const watchers = this.#watchers.get(key) ?? { ref, all: new Set() };
    this.#watchers.set(key, watchers);
    watchers.all.add(watcher);
    if (this.#signal !== undefined && !this.#scopes.has('')) this.#start(ref.namespace);
    const scope = this.#scopes.get('') ?? this.#scopes.get(ref.namespace);
    if (scope?.state === 'read') watcher.seen(scope.objects.get(key));
    else if (scope?.state !== undefined) watcher.trouble(scope.state, true);
    return () => {
      watchers.all.delete(watcher);
      if (watchers.all.size === 0 && this.#watchers.get(key) === watchers) this.#watchers.delete(key);
    };
  }

  #start(namespace: string): void {
    if (this.#scopes.has(namespace)) return;
    const scope: Scope = { objects: new Map(), state: undefined };
    this.#scopes.set(namespace, scope);
    const running = this.#follow(namespace, scope).catch((error: unknown) => this.#broken.reject(error));
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  async #follow(namespace: string, scope: Scope): Promise<void> {
    const narrower = new AbortController();
    const signal = AbortSignal.any([this.#signal ?? AbortSignal.abort(), narrower.signal]);
    const keyOf = (at: Pick<Ref, 'namespace' | 'name'>): RefKey => refKey({ ...this.#kind, ...at });
    await followSelected({ ...this.#selection, namespace }, this.#ports, {
      signal,
      listed: (objects) => {
        scope.objects.clear();
        for (const object of objects) scope.objects.set(keyOf(placeOf(object)), object);
        scope.state = 'read';
        for (const { ref, all } of this.#within(namespace)) {
          const object = scope.objects.get(refKey(ref));
          for (const watcher of all) watcher.seen(object);
        }
      },
      seen: (object) => {
        const key = keyOf(placeOf(object));
        scope.objects.set(key, object);
        this.#tell(key, object);
      },
      gone: ({ namespace: at, name }) => {
        const key = keyOf({ namespace: at, name });
        scope.objects.delete(key);
        this.#tell(key, undefined);
      },
      trouble: (error, isNew) => {
        if (namespace === '' && error.code === 'FORBIDDEN') {
          this.#scopes.delete('');
          for (const { ref } of this.#watchers.values()) this.#start(ref.namespace);
          narrower.abort();
          return;
        }
        scope.state = error;
        for (const { all } of this.#within(namespace)) for (const watcher of all) watcher.trouble(error, isNew);
      },
    });
  }

  get #kind(): GroupKind {
    const { group, kind } = this.#selection;
    return { group, kind };
  }

  #within(namespace: string): readonly { readonly ref: Ref; readonly all: ReadonlySet<Watcher> }[] {
    return [...this.#watchers.values()].filter(({ ref }) => namespace === '' || ref.namespace === namespace);
  }

  #tell(key: RefKey, object: KubeObject | undefined): void {
    for (const watcher of this.#watchers.get(key)?.all ?? []) watcher.seen(object);
  }
}

function placeOf({ metadata: { namespace = '', name } }: KubeObject): Pick<Ref, 'namespace' | 'name'> {
  return { namespace, name };
}
