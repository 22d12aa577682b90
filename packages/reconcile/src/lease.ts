import { digest, isRecord } from '@homeostat/kube';
import type { KubeObject, Ref, SetIdentity } from '@homeostat/kube';

/** How long a holder that is silent keeps the Lease. */
const LEASE_MS = 15_000;
/** How often the holder renews it, and how soon it tries again when that fails. */
export const RENEW_MS = 10_000;
export const RETRY_MS = 2_000;
/** A holder that could not renew for so long stops writing: before anybody else may think that it is gone. */
export const GIVE_UP_MS = 13_000;

/**
 * How long a Lease that is held through another says that it lasts. Whoever follows the reference pays no regard to it; whoever knows nothing of
 * references must not take the set over because nobody renews this one. (A timer of Node cannot wait for longer.)
 */
const REFERRING_MS = 20 * 24 * 3_600_000;

const PREFIX = 'homeostat-';
const LONGEST_NAME = 253;

/** On every Lease of ours, so that one watch follows them all. Its value: whether a set is held by it, or an engine lives. */
export const LEASE_LABEL = 'homeostat.dev/lease';
/** `<namespace>/<name>` of the Lease that the holder renews in place of this one. */
export const THROUGH_ANNOTATION = 'homeostat.dev/held-through';

/** The Lease of a set: `homeostat-<name>` in its namespace, so that it is never another program's of the same name. */
export function leaseRef({ namespace, name }: Pick<SetIdentity, 'namespace' | 'name'>): Ref {
  const whole = `${PREFIX}${name}`;
  const short =
    whole.length <= LONGEST_NAME ? whole : `${whole.slice(0, LONGEST_NAME - 13)}-${digest(name).slice(0, 12)}`;
  return { group: 'coordination.k8s.io', kind: 'Lease', namespace, name: short };
}

/** The Lease of a whole engine, `homeostat-engine-<digest>`: each holder has one of its own. */
export function engineLeaseRef(namespace: string, holder: string): Ref {
  const name = `${PREFIX}engine-${digest(holder).slice(0, 12)}`;
  return { group: 'coordination.k8s.io', kind: 'Lease', namespace, name };
}

/** The Lease through which this one is held; `undefined` when its holder renews it itself. */
export function heldThrough({ metadata: { annotations } }: KubeObject): Ref | undefined {
  const [, namespace, name] = /^([^/]+)\/([^/]+)$/.exec(annotations?.[THROUGH_ANNOTATION] ?? '') ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  return { group: 'coordination.k8s.io', kind: 'Lease', namespace, name };
}

/** What a Lease says. */
export interface LeaseState {
  /** `''`: nobody. */
  readonly holder: string;
  readonly durationMs: number;
  /** By the holder's clock; `undefined` when it does not say. */
  readonly renewedAt: number | undefined;
  readonly transitions: number;
}

/** What cannot be read counts as absent: somebody may have edited it. */
export function readLease(lease: KubeObject): LeaseState {
  const spec = isRecord(lease['spec']) ? lease['spec'] : {};
  const { holderIdentity: holder, leaseDurationSeconds: seconds, renewTime, leaseTransitions } = spec;
  const renewedAt = typeof renewTime === 'string' ? Date.parse(renewTime) : Number.NaN;
  return {
    holder: typeof holder === 'string' ? holder : '',
    durationMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : LEASE_MS,
    renewedAt: Number.isNaN(renewedAt) ? undefined : renewedAt,
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
  };
}

/** The Lease as this holder writes it, new or over what is there; the version that was read is a precondition. */
export function heldLease(
  ref: Ref,
  holder: string,
  now: number,
  live?: KubeObject,
  { through, holds = 'set' }: { readonly through?: Ref; readonly holds?: 'set' | 'engine' } = {},
): KubeObject {
  const before = live === undefined ? undefined : readLease(live);
  const spec = isRecord(live?.['spec']) ? live['spec'] : {};
  const time = microTime(now);
  const isOurs = before?.holder === holder;
  const {
    annotations: noted = {},
    labels,
    ...metadata
  } = live?.metadata ?? { name: ref.name, namespace: ref.namespace };
  const { [THROUGH_ANNOTATION]: _before, ...others } = noted;
  const annotations =
    through === undefined ? others : { ...others, [THROUGH_ANNOTATION]: `${through.namespace}/${through.name}` };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { ...metadata, labels: { ...labels, [LEASE_LABEL]: holds }, annotations },
    spec: {
      ...spec,
      holderIdentity: holder,
      leaseDurationSeconds: (through === undefined ? LEASE_MS : REFERRING_MS) / 1000,
      acquireTime: isOurs && spec['acquireTime'] !== undefined ? spec['acquireTime'] : time,
      renewTime: time,
      leaseTransitions: (before?.transitions ?? 0) + (before === undefined || isOurs ? 0 : 1),
    },
  };
}

/** RFC 3339 with microseconds (`metav1.MicroTime`). */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

/**
 * Who holds by what one look at the Lease tells; `undefined` when nobody does. It compares the holder's clock with ours, so it serves to
 * warn, not to take over. Of a Lease that is held through another it is that one which tells.
 */
export function holderAt(lease: KubeObject | undefined, now: number): string | undefined {
  if (lease === undefined) return undefined;
  const { holder, renewedAt, durationMs } = readLease(lease);
  return holder !== '' && renewedAt !== undefined && now < renewedAt + durationMs ? holder : undefined;
}
