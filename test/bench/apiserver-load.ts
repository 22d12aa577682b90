import type { Client, KubeObject } from '@homeostat/kube';

const IN_FLIGHT = 16;

/** A ConfigMap that holds 300 bytes. */
export function configMap(namespace: string, name: string, letter: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { text: letter.repeat(300) } };
}

/** Server-side applies a second, 16 in flight: `count` that create, then as many that change what is there. */
export async function appliesPerSecond(client: Client, namespace: string, count: number): Promise<number> {
  await applyAll(client, namespace, 100, 'a');
  const began = performance.now();
  await applyAll(client, namespace, count, 'b');
  await applyAll(client, namespace, count, 'c');
  return (2 * count) / ((performance.now() - began) / 1000);
}

/** Applies `cm-0` to `cm-<count - 1>`. */
export async function applyAll(client: Client, namespace: string, count: number, letter: string): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      await client.apply(configMap(namespace, `cm-${String(next++)}`, letter), { manager: 'bench' });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

/** Events a second that reach watchers of one namespace, together: each of them hears of every one of `changes` applies. */
export async function eventsPerSecond(
  client: Client,
  namespace: string,
  { watchers, changes }: { readonly watchers: number; readonly changes: number },
): Promise<number> {
  const { object } = await client.apply(configMap(namespace, 'begin', 'a'), { manager: 'bench' });
  const resourceVersion = object.metadata.resourceVersion ?? '';
  const resource = (await client.resources()).find({ group: '', kind: 'ConfigMap' });
  if (resource === undefined) throw new Error('the server serves no ConfigMap');
  const stopping = new AbortController();
  let begun = 0;
  let finished = 0;
  const allBegun = Promise.withResolvers<void>();
  const allFinished = Promise.withResolvers<void>();
  const watch = async (): Promise<void> => {
    let heard = -1;
    for await (const event of client.watch(resource, { namespace, resourceVersion, signal: stopping.signal })) {
      if (event.type === 'BOOKMARK') continue;
      if (++heard === 0 && ++begun === watchers) allBegun.resolve();
      if (heard === changes && ++finished === watchers) allFinished.resolve();
    }
  };
  const ends = Array.from({ length: watchers }, () =>
    watch().catch((error: unknown) => stopping.signal.aborted || allFinished.reject(error)),
  );
  await client.apply(configMap(namespace, 'begin', 'b'), { manager: 'bench' });
  await allBegun.promise;
  const began = performance.now();
  await applyAll(client, namespace, changes, 'a');
  await allFinished.promise;
  const tookMs = performance.now() - began;
  stopping.abort();
  await Promise.all(ends);
  return (watchers * changes) / (tookMs / 1000);
}
