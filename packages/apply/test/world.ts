import { randomBytes } from 'node:crypto';
import { payloadOf, printRef, refKey, refOf, setIdentity, withMembership } from '@homeostat/kube';
import type { Client, KubeObject, Managers, Ref, SetIdentity } from '@homeostat/kube';
import { createLimit } from '@homeostat/apply';
import type { ApplyEvent, ApplyItem, ApplyOutcome, ApplyPorts, Readiness, ReadyOptions } from '@homeostat/apply';
import { applyItems } from '@homeostat/apply';
import { statusOf, statusOfAbsent } from '@homeostat/status';

export const managers: Managers = { current: 'homeostat', former: [] };

export function randomName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

export function setIn(namespace: string, name = 'site'): SetIdentity {
  return setIdentity(namespace, name);
}

export function configMap(namespace: string, name: string, data: Record<string, unknown> = { a: '1' }): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

export function annotated(object: KubeObject, annotations: Record<string, string>): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
  };
}

export function deployment(namespace: string, name: string, spec: Record<string, unknown> = {}): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      ...spec,
    },
  };
}

export function namespaceObject(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** A kind of its own in a group of its own. */
export function definition(group: string, schema: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, ...schema } },
            },
          },
        },
      ],
    },
  };
}

export function widget(group: string, namespace: string, name: string, spec: Record<string, unknown> = {}): KubeObject {
  return { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name, namespace }, spec };
}

/** An item as a plan makes it: the payload carries the membership. */
export function itemOf(object: KubeObject, set: SetIdentity, plan: Partial<ApplyItem> = {}): ApplyItem {
  return {
    ref: refOf(object),
    object: withMembership(payloadOf(object), set),
    action: 'create',
    force: false,
    ...plan,
  };
}

/** An update of what is live, as a plan makes it. */
export function updateOf(
  object: KubeObject,
  live: KubeObject,
  set: SetIdentity,
  plan: Partial<ApplyItem> = {},
): ApplyItem {
  const { uid = '', resourceVersion = '' } = live.metadata;
  return itemOf(object, set, { action: 'update', uid, resourceVersion, live, ...plan });
}

export function portsOn(client: Client, ports: Partial<ApplyPorts> = {}): ApplyPorts {
  return { client, manager: managers, limit: createLimit(), ready: readyOn(client), ...ports };
}

/** Readiness by looking at the object every 50 ms, judged by the status package. */
export function readyOn(client: Client): ApplyPorts['ready'] {
  return async (ref: Ref, { signal, progress }: ReadyOptions): Promise<Readiness> => {
    for (;;) {
      const live = await client.get(ref, { signal });
      const status = live === undefined ? statusOfAbsent() : statusOf(live);
      progress(status);
      if (status.state === 'Current' || status.state === 'Failed') return status;
      await new Promise((resolve) => setTimeout(resolve, 50));
      signal.throwIfAborted();
    }
  };
}

export interface Ran {
  readonly outcomes: readonly ApplyOutcome[];
  readonly events: readonly ApplyEvent[];
  outcome(object: KubeObject): ApplyOutcome;
}

export async function run(
  items: readonly ApplyItem[],
  ports: ApplyPorts,
  options?: Parameters<typeof applyItems>[2],
): Promise<Ran> {
  const events: ApplyEvent[] = [];
  const running = applyItems(items, ports, options);
  for (;;) {
    const step = await running.next();
    if (step.done !== true) {
      events.push(step.value);
      continue;
    }
    const outcomes = step.value;
    return {
      outcomes,
      events,
      outcome: (object) => outcomes.find(({ ref }) => refKey(ref) === refKey(refOf(object))) as ApplyOutcome,
    };
  }
}

/** `created v1/ConfigMap demo/web` for every outcome, in the order in which they came about. */
export function story({ events }: Ran): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'outcome' ? [`${event.outcome.action} ${printRef(event.outcome.ref)}`] : [],
  );
}

/** Waits until something is so; fails after ten seconds. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('it did not come about within ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
