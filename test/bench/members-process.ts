import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { createApiServer } from '@homeostat/apiserver';
import { setIdentity, withMembership } from '@homeostat/kube';
import type { Client, Ref } from '@homeostat/kube';
import { memberObject } from './members.ts';

const IN_FLIGHT = 16;
/** Members that drift in a storm, each of them once, so that it is no fight. */
const DRIFTS = 8;

/**
 * An in-memory API server in a process of its own, with the first COUNT members of a set as the engine would have applied
 * them. Prints a kubeconfig on one line, and stays until its stdin ends. It answers
 *
 * - `drift N` with the milliseconds from another manager's change of our field of member N until it is as it was
 * - `storm CHANGES` with those that as many changes of annotations took, over the members round and round. At each eighth of them
 *   one of the first members drifts; the longest of those repairs is the second number
 *
 * usage: members-process.ts NAMESPACE NAME COUNT
 */
async function main([namespace = '', name = '', members = '']: readonly string[]): Promise<void> {
  await using server = await createApiServer();
  const client = server.client();
  const set = setIdentity(namespace, name);
  const count = Number(members);
  await inParallel(count, async (n) => {
    await client.apply(withMembership(memberObject(namespace, n), set), { manager: 'homeostat' });
  });
  console.log(JSON.stringify(server.kubeconfig));
  for await (const line of createInterface({ input: process.stdin })) {
    const [what, number] = line.split(' ');
    if (what === 'drift') console.log(await drift(client, refOfMember(namespace, Number(number))));
    else if (what === 'storm') console.log((await storm(client, namespace, count, Number(number))).join(' '));
    else throw new TypeError(`nothing is called "${what}"`);
  }
}

async function storm(client: Client, namespace: string, count: number, changes: number): Promise<readonly number[]> {
  const began = performance.now();
  const repairs: Promise<number>[] = [];
  const every = Math.ceil(changes / DRIFTS);
  await inParallel(changes, async (n) => {
    if (n % every === 0) repairs.push(drift(client, refOfMember(namespace, n / every)));
    const value = { metadata: { annotations: { 'example.com/seen': String(n) } } };
    const ref = refOfMember(namespace, DRIFTS + (n % (count - DRIFTS)));
    await client.patch(ref, { type: 'merge', value }, { manager: 'other' });
    // The server answers from this event loop too.
    await setImmediate();
  });
  const tookMs = performance.now() - began;
  return [tookMs, Math.max(...(await Promise.all(repairs)))];
}

/** Undoes nothing: whoever keeps the object must. */
async function drift(client: Client, ref: Ref): Promise<number> {
  const resource = (await client.resources()).find(ref);
  if (resource === undefined) throw new Error('the server serves no ConfigMap');
  const before = (await client.get(ref))?.['data'];
  const began = performance.now();
  const { object } = await client.patch(
    ref,
    { type: 'merge', value: { data: { text: 'drifted' } } },
    { manager: 'other' },
  );
  const stopping = new AbortController();
  const { resourceVersion = '' } = object.metadata;
  const where = { namespace: ref.namespace, fieldSelector: `metadata.name=${ref.name}`, resourceVersion };
  for await (const event of client.watch(resource, { ...where, signal: stopping.signal })) {
    if (event.type === 'MODIFIED' && JSON.stringify(event.object['data']) === JSON.stringify(before)) break;
  }
  stopping.abort();
  return performance.now() - began;
}

function refOfMember(namespace: string, n: number): Ref {
  return { group: '', kind: 'ConfigMap', namespace, name: memberObject(namespace, n).metadata.name };
}

async function inParallel(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

await main(process.argv.slice(2));
