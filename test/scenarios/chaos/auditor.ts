import type { AdmitHook } from '@homeostat/apiserver';
import {
  isMember,
  KubeError,
  parseRefKey,
  printGroupKind,
  printRef,
  refKey,
  refOf,
  setIdentity,
  setOf,
} from '@homeostat/kube';
import type {
  ApplyOptions,
  Client,
  DeleteOptions,
  KubeObject,
  Managers,
  Ref,
  RefKey,
  SetIdentity,
  Page,
  WatchEvent,
  WriteOptions,
} from '@homeostat/kube';
import type { LoopEvent, PassEvent } from '@homeostat/reconcile';
import type { Engine } from '../../support/laboratory.ts';
import type { Repository, Wanted } from './repository.ts';

/** Looks on at everything that engines ask and says, and keeps what breaks a promise. Numbers are those of the invariants. */
export interface Auditor {
  readonly violations: readonly string[];
  /** Goes between an engine and its server and source. */
  tap(engine: Engine): Pick<Engine, 'client' | 'source'>;
  /** Sits in the server: what stands there at the very moment of a write. */
  readonly admit: AdmitHook;
  /** Which repository is behind which set. */
  enrol(set: string, repository: Repository): void;
  /** Somebody consented to what is held: the guards against an empty and a shrunken set do not count any more. */
  consent(set: string): void;
  /** Values that may stand in no event. */
  hide(secret: string): void;
  /** What an engine told. */
  hear(engine: string, events: readonly (PassEvent | LoopEvent)[]): void;
}

interface Watched {
  readonly set: SetIdentity;
  readonly repository: Repository;
  consented: boolean;
}

const MANAGERS: Managers = { current: 'homeostat', former: [] };
const PROTECTED: ReadonlySet<string> = new Set([
  'Namespace',
  'CustomResourceDefinition.apiextensions.k8s.io',
  'PersistentVolume',
  'PersistentVolumeClaim',
]);

export function createAuditor(now: () => number): Auditor {
  const violations: string[] = [];
  const watched = new Map<string, Watched>();
  const secrets: string[] = [];
  /** Deletions that were asked for and have not been looked at: by uid, whose they are. */
  const asked = new Map<string, Watched>();

  const broken = (invariant: number, what: string): void => {
    violations.push(`invariant ${String(invariant)}: ${what}`);
  };

  const tap = ({ name, set, client, source }: Engine): Pick<Engine, 'client' | 'source'> => {
    let revision: Wanted | undefined;
    /** What the server was asked about by dry run since the pass began. */
    const validated = new Set<RefKey>();
    /** Until when a request must not be made again, unless what is asked for is new, or a person wants it now. */
    const pauses = new Map<string, number>();
    const heard = { told: '', resolved: '', requests: '' };
    const hears = (what: keyof typeof heard, news: string): void => {
      if (heard[what] !== news) pauses.clear();
      heard[what] = news;
    };
    const looksAt = (object: KubeObject): void => {
      const own = watched.get(set);
      if (own !== undefined && isParentOf(own.set, refOf(object))) hears('requests', requestsAt(object));
    };

    const paced = async <T>(key: string, send: () => Promise<T>): Promise<T> => {
      const left = (pauses.get(key) ?? 0) - now();
      if (left > 0) broken(14, `${name} sent ${key} again ${String(left)} ms before the server wanted to see it`);
      pauses.delete(key);
      try {
        return await send();
      } catch (error) {
        if (error instanceof KubeError && typeof error.retry === 'object') pauses.set(key, now() + error.retry.afterMs);
        throw error;
      }
    };

    const apply = async (object: KubeObject, options: ApplyOptions): ReturnType<Client['apply']> => {
      const ref = refOf(object);
      const key = refKey(ref);
      const own = watched.get(set);
      const isParent = own !== undefined && isParentOf(own.set, ref);
      if (options.dryRun === true) {
        const answer = await paced(`dry run of ${printRef(ref)}`, () => client.apply(object, options));
        validated.add(key);
        return answer;
      }
      const isAsked = validated.has(key) || isDeferred(ref, validated);
      const isRead = revision !== undefined;
      const judge = (): void => {
        if (isParent || options.manager !== MANAGERS.current) return;
        if (!isAsked) broken(2, `${name} wrote ${printRef(ref)} without having asked by dry run before`);
        if (!isRead) broken(2, `${name} wrote ${printRef(ref)} before it had read anything`);
      };
      try {
        const answer = await paced(`apply of ${printRef(ref)}`, () => client.apply(object, options));
        judge();
        return answer;
      } catch (error) {
        // Of a kind that is not served nothing is sent.
        if (!(error instanceof KubeError) || error.code !== 'UNKNOWN_KIND') judge();
        throw error;
      }
    };
    const create = async (object: KubeObject, options: WriteOptions = {}): ReturnType<Client['create']> => {
      const { generateName } = object.metadata as { readonly generateName?: string };
      const what = `create of ${printRef(refOf(object))}${options.dryRun === true ? ', as a question' : ''}`;
      const answer = await paced(what, () => client.create(object, options));
      // How a replacement is asked about: under a name that nobody has.
      if (options.dryRun === true && generateName !== undefined)
        for (const key of revision?.objects.keys() ?? []) if (parseRefKey(key).kind === object.kind) validated.add(key);
      return answer;
    };

    const get = async (...[ref, options]: Parameters<Client['get']>): ReturnType<Client['get']> => {
      const object = await paced(`get of ${printRef(ref)}`, () => client.get(ref, options));
      if (object !== undefined) looksAt(object);
      return object;
    };
    const list = async function* (...[resource, options]: Parameters<Client['list']>): AsyncGenerator<Page> {
      const pages = client.list(resource, options)[Symbol.asyncIterator]();
      const where = `${options?.namespace ?? ''} ${options?.labelSelector ?? ''} ${options?.fieldSelector ?? ''}`;
      try {
        for (;;) {
          const { done, value } = await paced(`list of ${resource.plural}.${resource.group} ${where}`, () =>
            pages.next(),
          );
          if (done === true) return;
          for (const object of value.items) looksAt(object);
          yield value;
        }
      } finally {
        await pages.return?.();
      }
    };
    const watch = async function* (...[resource, options]: Parameters<Client['watch']>): AsyncGenerator<WatchEvent> {
      for await (const event of client.watch(resource, options)) {
        if ('object' in event) looksAt(event.object);
        yield event;
      }
    };

    const remove = (ref: Ref, options: DeleteOptions = {}): Promise<boolean> => {
      const own = watched.get(set);
      if (options.dryRun !== true && own !== undefined && ref.kind !== 'Lease') {
        const { uid, resourceVersion } = options.preconditions ?? {};
        if (uid === undefined || resourceVersion === undefined)
          broken(1, `${name} deletes ${printRef(ref)} without saying which one and in which state`);
        else asked.set(uid, own);
        const desired = revision?.objects.get(refKey(ref));
        const replaces = desired?.metadata.annotations?.['homeostat.dev/replace'] === 'on-immutable';
        if (revision === undefined) broken(1, `${name} deletes ${printRef(ref)} before it knows what is wanted`);
        else if (desired !== undefined && !replaces) broken(1, `${name} deletes ${printRef(ref)}, which is wanted`);
        else if (desired === undefined && !revision.complete)
          broken(3, `${name} prunes ${printRef(ref)} although a file could not be read`);
        if (desired === undefined && revision?.objects.size === 0 && !own.consented)
          broken(4, `${name} prunes ${printRef(ref)} although nothing at all is wanted`);
        if (PROTECTED.has(printGroupKind(ref))) broken(4, `${name} deletes ${printRef(ref)}, which is protected`);
      }
      return paced(`delete of ${printRef(ref)}`, () => client.delete(ref, options));
    };

    return {
      client: {
        ...boundClient(client),
        resources: (options) => paced('discovery', () => client.resources(options)),
        get,
        list,
        watch,
        apply,
        create,
        update: (object, options) =>
          paced(`update of ${printRef(refOf(object))}`, () => client.update(object, options)),
        patch: (ref, patch, options) =>
          paced(`patch of ${printRef(ref)}${options?.dryRun === true ? ', as a question' : ''}`, () =>
            client.patch(ref, patch, options),
          ),
        delete: remove,
      },
      source: {
        ...source,
        async resolve(options) {
          validated.clear();
          const found = await source.resolve(options);
          hears('resolved', found.commit);
          return found;
        },
        async *changes(options) {
          for await (const found of source.changes(options)) {
            hears('told', found.commit);
            yield found;
          }
        },
        async fetch(wanted, options) {
          const snapshot = await source.fetch(wanted, options);
          revision = watched.get(set)?.repository.at(wanted.commit);
          return snapshot;
        },
      },
    };
  };

  const admit: AdmitHook = ({ operation, user, dryRun, subresource, oldObject, object }) => {
    if (user.name !== 'engine' || dryRun || subresource !== '' || oldObject === undefined) return undefined;
    const ref = refOf(oldObject);
    if (operation === 'DELETE') {
      const uid = oldObject.metadata.uid ?? '';
      const owner = asked.get(uid);
      asked.delete(uid);
      if (owner !== undefined && !isMember(oldObject, owner.set, MANAGERS))
        broken(1, `${printRef(ref)} was deleted and is not proven to be of ${owner.set.name}`);
      return undefined;
    }
    if (object === undefined) return undefined;
    for (const { set, repository } of watched.values()) {
      const taken = isMember(oldObject, set, MANAGERS) && setOf(object) !== set.id && setOf(object) !== undefined;
      if (taken && repository.latest.objects.has(refKey(ref)))
        broken(11, `${printRef(ref)} was taken from ${set.name}, which wants it`);
    }
    return undefined;
  };

  const hear = (engine: string, events: readonly (PassEvent | LoopEvent)[]): void => {
    let failed: string | undefined;
    const own = watched.get(engine.replace(/-\d+$/, ''));
    for (const event of events) {
      const text = JSON.stringify(event);
      for (const secret of secrets) {
        if (text.includes(secret))
          broken(7, `a secret stands in an event "${event.type}" of ${engine}: ${text.slice(0, 300)}`);
      }
      if (event.type === 'revision') failed = undefined;
      if (event.type === 'apply' && event.event.type === 'outcome') {
        const { action, ref } = event.event;
        if (action === 'failed' || action === 'blocked') failed = printRef(ref);
      }
      if (event.type === 'prune' && event.event.type === 'outcome' && event.event.outcome.action === 'pruned') {
        if (failed !== undefined)
          broken(
            3,
            `${engine} pruned ${printRef(event.event.outcome.ref)} in a pass in which ${failed} could not be applied`,
          );
      }
      if (event.type === 'report' && own?.consented === false) {
        const { objects, orphans } = event.report;
        const pruned = orphans.filter(({ action }) => action === 'pruned').length;
        if (pruned > 10 && pruned * 2 > objects.length + orphans.length)
          broken(4, `${engine} pruned ${String(pruned)} of ${String(objects.length + orphans.length)} in one pass`);
      }
    }
  };

  return {
    violations,
    tap,
    admit,
    enrol: (name, repository) => {
      const { namespace } = repository.world;
      watched.set(name, { set: setIdentity(namespace, name), repository, consented: false });
    },
    consent: (name) => {
      const own = watched.get(name);
      if (own !== undefined) own.consented = true;
    },
    hide: (secret) => void secrets.push(secret, Buffer.from(secret).toString('base64')),
    hear,
  };
}

function isParentOf(set: SetIdentity, { kind, namespace, name }: Ref): boolean {
  return kind === 'ConfigMap' && namespace === set.namespace && name === set.name;
}

/** What people ask for there. */
function requestsAt({ metadata }: KubeObject): string {
  const { annotations = {} } = metadata;
  return JSON.stringify(Object.entries(annotations).filter(([key]) => key.startsWith('homeostat.dev/request-')));
}

/** Its methods as they are, so that some can be put in place of others. */
function boundClient(client: Client): Client {
  return {
    resources: (options) => client.resources(options),
    get: (ref, options) => client.get(ref, options),
    list: (resource, options) => client.list(resource, options),
    watch: (resource, options) => client.watch(resource, options),
    apply: (object, options) => client.apply(object, options),
    create: (object, options) => client.create(object, options),
    update: (object, options) => client.update(object, options),
    patch: (ref, patch, options) => client.patch(ref, patch, options),
    delete: (ref, options) => client.delete(ref, options),
    request: (request) => client.request(request),
    as: (who) => client.as(who),
  };
}

/** Its Namespace, or its kind, comes with the same plan: then the apply itself is the question. */
function isDeferred({ group, namespace }: Ref, validated: ReadonlySet<RefKey>): boolean {
  return [...validated]
    .map(parseRefKey)
    .some(
      ({ kind, name }) =>
        (kind === 'Namespace' && name === namespace) ||
        (kind === 'CustomResourceDefinition' && group !== '' && name.endsWith(`.${group}`)),
    );
}
