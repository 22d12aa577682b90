import type { Client, KubeObject, Ref, RequestRecord, Resource, SetIdentity } from '@homeostat/kube';
import { setIdentity, withMembership } from '@homeostat/kube';
import { expect } from 'vitest';
import { cluster } from '../../../test/support/cluster.ts';
import type { CacheEvent, LiveCache, LiveCacheOptions } from '../src/index.ts';
import { createLiveCache } from '../src/index.ts';

type Open = (options: LiveCacheOptions) => LiveCache<undefined>;

/** `cluster.test` with `open`: makes caches that are closed after the test, before their clients are. */
export const test = cluster.test.extend('open', ({ connect: _connect }, { onCleanup }): Open => {
  const caches: LiveCache<undefined>[] = [];
  onCleanup(async () => void (await Promise.all(caches.map((cache) => cache.close()))));
  return (options) => {
    const cache = createLiveCache(options);
    caches.push(cache);
    return cache;
  };
});

/** Long enough for a busy machine; nothing waits for its own sake. */
export const PATIENCE = { timeout: 30_000, interval: 20 };
export const soon = (): AbortSignal => AbortSignal.timeout(PATIENCE.timeout);

/** A set of this test alone, since the namespace is. */
export function setIn(namespace: string): SetIdentity {
  return setIdentity(namespace, 'web');
}

export function configMap(namespace: string, name: string, data: Readonly<Record<string, string>> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

export function refTo(namespace: string, name: string): Ref {
  return { group: '', kind: 'ConfigMap', namespace, name };
}

/** Applies the object as a member of the set. */
export async function applyMember(client: Client, set: SetIdentity, object: KubeObject): Promise<KubeObject> {
  const applied = await client.apply(withMembership(object, set), { manager: 'homeostat', force: true });
  return applied.object;
}

/** Takes the membership label away. */
export async function unlabel(client: Client, ref: Ref): Promise<KubeObject> {
  const path = '/metadata/labels/applyset.kubernetes.io~1part-of';
  const { object } = await client.patch(ref, { type: 'json', operations: [{ op: 'remove', path }] });
  return object;
}

export async function resourceOf(client: Client, kind: string, group = '', version?: string): Promise<Resource> {
  const resource = (await client.resources()).find({ group, kind, ...(version !== undefined && { version }) });
  if (resource === undefined) throw new Error(`the server serves no ${kind} of group "${group}"`);
  return resource;
}

/** `name: data.value` of every member, in order. */
export function valuesOf(cache: LiveCache<unknown>, set: SetIdentity): readonly string[] {
  return cache.members(set.id).map((entry) => {
    const data = entry.object()['data'] as { readonly value?: string } | undefined;
    return `${entry.ref.name}: ${data?.value ?? ''}`;
  });
}

export function nameOf(event: CacheEvent): string {
  switch (event.type) {
    case 'changed':
    case 'gone':
      return `${event.type} ${event.ref.name}`;
    case 'synced':
      return `synced ${event.resource.kind}`;
    case 'degraded':
      return `degraded ${event.resource.kind} ${event.error.code}`;
    case 'ended':
      return `ended ${event.resource.kind}`;
    case 'dropped':
      break;
  }
  return `dropped ${event.count}`;
}

/** Everything that a cache tells from now on, as short texts. */
export function record(cache: LiveCache<unknown>): {
  readonly all: CacheEvent[];
  readonly names: () => readonly string[];
} {
  const all: CacheEvent[] = [];
  const reading = (async (): Promise<void> => {
    for await (const event of cache.events({ buffer: 100_000 })) all.push(event);
  })();
  reading.catch((error: unknown) => expect.unreachable(String(error)));
  return { all, names: () => all.map(nameOf) };
}

/** Counts requests of one verb. */
export function counter(): {
  readonly onRequest: (record: RequestRecord) => void;
  readonly count: (verb: RequestRecord['verb']) => number;
} {
  const counts = new Map<string, number>();
  return {
    onRequest: ({ verb }) => void counts.set(verb, (counts.get(verb) ?? 0) + 1),
    count: (verb) => counts.get(verb) ?? 0,
  };
}
