import type { KubeObject } from '@homeostat/kube';
import { timestamp } from '../clock.ts';
import type { Registry } from '../registry/registry.ts';
import { create } from './writes.ts';
import type { Writer } from './writes.ts';

/** What an Event says. */
export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Who saw it: `deployment-controller`. */
  readonly component: string;
  /** On which node. */
  readonly host?: string;
  /** Of Events in the new way, which the scheduler writes: what was done, and when. */
  readonly action?: string;
  readonly eventTime?: string;
}

/**
 * Records an Event about an object, in its namespace (`default` for one without), named as client-go names them: the object's
 * name and a time in hexadecimal.
 */
export async function recordEvent(
  registry: Registry,
  writer: Writer,
  { apiVersion, kind, metadata }: KubeObject,
  { type, reason, message, component, host, action, eventTime }: EventText,
): Promise<void> {
  const now = timestamp(registry.clock.now());
  const { name, namespace = '', uid, resourceVersion } = metadata;
  // Nanoseconds in Kubernetes; the store's version keeps two Events of one millisecond apart.
  const mark = BigInt(registry.clock.now()) * 1_000_000n + BigInt(registry.store.version % 1_000_000);
  await create(registry, writer, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${mark.toString(16)}`, namespace: namespace === '' ? 'default' : namespace },
    involvedObject: {
      kind,
      ...(namespace !== '' && { namespace }),
      name,
      uid,
      apiVersion,
      resourceVersion,
    },
    reason,
    message,
    ...(eventTime === undefined
      ? {
          source: { component, ...(host !== undefined && { host }) },
          firstTimestamp: now,
          lastTimestamp: now,
          count: 1,
          reportingInstance: host ?? '',
        }
      : { eventTime, action, reportingInstance: component }),
    type,
    reportingComponent: component,
  });
}
