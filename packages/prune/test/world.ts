import { randomBytes } from 'node:crypto';
import { isMember, payloadOf, printRef, refOf, setIdentity, withMembership } from '@homeostat/kube';
import type { Client, KubeObject, Managers, Ref, SetIdentity } from '@homeostat/kube';
import { pruneOrphans } from '@homeostat/prune';
import type { Member, OrphanDecision, PruneEvent, PruneOptions, PruneOutcome } from '@homeostat/prune';

export const managers: Managers = { current: 'homeostat', former: [] };

export const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    }),
};

export function randomName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

export function setIn(namespace: string, name = 'site'): SetIdentity {
  return setIdentity(namespace, name);
}

export function configMap(namespace: string, name: string, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ...metadata }, data: { a: '1' } };
}

/** Applies an object as a member of the set. */
export async function joined(client: Client, object: KubeObject, set: SetIdentity): Promise<KubeObject> {
  const payload = withMembership(payloadOf(object), set);
  return (await client.apply(payload, { manager: managers.current })).object;
}

export async function read(client: Client, ref: Ref): Promise<KubeObject> {
  const live = await client.get(ref);
  if (live === undefined) throw new Error(`${printRef(ref)} is not there`);
  return live;
}

export function memberOf(live: KubeObject, set: SetIdentity): Member {
  return { ref: refOf(live), uid: live.metadata.uid ?? '', proven: isMember(live, set, managers), object: () => live };
}

export function pruneOf(live: KubeObject, set: SetIdentity): OrphanDecision {
  return { decision: 'prune', member: memberOf(live, set) };
}

export interface Pruned {
  readonly outcomes: readonly PruneOutcome[];
  readonly events: readonly PruneEvent[];
}

export async function prune(
  client: Client,
  set: SetIdentity,
  decisions: readonly OrphanDecision[],
  options: Partial<PruneOptions> = {},
): Promise<Pruned> {
  const events: PruneEvent[] = [];
  const signal = new AbortController().signal;
  const running = pruneOrphans(decisions, { client, set, managers, clock }, { signal, ...options });
  for (;;) {
    const step = await running.next();
    if (step.done === true) return { outcomes: step.value, events };
    events.push(step.value);
  }
}

/** `pruned ConfigMap demo/web` for every outcome, in the order in which they came about. */
export function story({ events }: Pruned): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'outcome' ? [`${event.outcome.action} ${event.outcome.ref.name}`] : [],
  );
}
