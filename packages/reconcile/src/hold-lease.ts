import { KubeError } from '@homeostat/kube';
import type { Client, KubeObject, Ref, SetIdentity } from '@homeostat/kube';
import { followObject } from './follow-object.ts';
import { GIVE_UP_MS, heldLease, holderAt, leaseRef, readLease, RENEW_MS, RETRY_MS } from './lease.ts';
import type { PassFinding } from './finding.ts';
import type { Ports } from './ports.ts';
import type { Sync } from './sync.ts';

/** The time during which this engine may write. */
export interface Term {
  /** Aborted when the Lease is lost: nothing may be written from then on. */
  readonly signal: AbortSignal;
  /** Why there is no Lease, and the engine goes on without one. */
  readonly without?: KubeError;
  /** Gives the Lease back, so that the next engine need not wait. Call it when nothing is written any more. */
  end(): Promise<void>;
}

export interface HoldOptions {
  /** Who this engine is, for people and for other engines: no other may ever have the same. */
  readonly holder: string;
  readonly signal: AbortSignal;
  /** Somebody else holds it; called once per holder. */
  readonly standby: (holder: string) => void;
  /** The Lease cannot be read or written at present, or was lost. */
  readonly trouble: (message: string) => void;
}

type HoldPorts = Pick<Ports, 'client' | 'clock' | 'random'>;

/** How long one write of the Lease may take. */
const WRITE_MS = 5_000;
/** How often a renewal is tried at once when somebody else writes the Lease too. */
const ROUNDS = 3;

/**
 * Waits until this engine holds the Lease of the set (`coordination.k8s.io`, timings 15/10/2 s), and keeps it until the end of the term.
 *
 * 1. At most one engine has a term at a time, as long as clocks run equally fast: a holder that cannot renew gives up 2 s
 *    before anybody else takes over. Times of different machines are never compared.
 * 2. Each write carries the version that was read, so of two that reach for it one gets it.
 * 3. A Lease that is given back is taken at once; one whose holder is gone when it has not changed for its duration.
 * 4. While it is held: one write per 10 s. While it is waited for: one watch.
 * 5. Where it may not be had at all (no rights, no such kind), the term has none, and says so.
 *
 * `undefined` when the signal came first.
 */
export async function holdLease(set: SetIdentity, ports: HoldPorts, options: HoldOptions): Promise<Term | undefined> {
  const { signal, trouble } = options;
  const ref = leaseRef(set);
  let failures = 0;
  while (!signal.aborted) {
    try {
      let live = await ports.client.get(ref, { signal });
      if (isTaken(live, options.holder)) live = await outlast(live, ref, ports, options);
      if (signal.aborted) break;
      const askedAt = ports.clock.now();
      const written = await write(live, ref, ports, { ...options, timeoutMs: WRITE_MS });
      if (written !== undefined) return startTerm(written, askedAt, ref, ports, options);
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof KubeError)) throw error;
      if (error.retry === 'never' || error.code === 'UNKNOWN_KIND') return withoutLease(error, signal);
      failures += 1;
      if (failures === 1) trouble(`the Lease of the set cannot be had yet: ${error.message}`);
      await ports.clock.sleep(RETRY_MS, signal);
    }
  }
  return undefined;
}

/**
 * Who holds the set at this moment, by one GET and the clocks of both; `undefined` when nobody does.
 *
 * @throws {KubeError} when it cannot be read.
 */
export async function leaseHolder(
  set: Pick<Sync, 'namespace' | 'name'>,
  { client, clock }: Pick<Ports, 'client' | 'clock'>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<string | undefined> {
  return holderAt(await client.get(leaseRef(set), signal === undefined ? {} : { signal }), clock.now());
}

/** Whether somebody else holds it, as far as it says. */
function isTaken(live: KubeObject | undefined, holder: string): live is KubeObject {
  if (live === undefined) return false;
  const held = readLease(live).holder;
  return held !== '' && held !== holder;
}

/** Waits until the Lease is free, or has not changed for its duration; returns it as it is then. */
async function outlast(
  first: KubeObject,
  ref: Ref,
  { client, clock, random }: HoldPorts,
  { holder, signal, standby }: HoldOptions,
): Promise<KubeObject | undefined> {
  const known: { live: KubeObject | undefined; changedAt: number } = { live: first, changedAt: clock.now() };
  let arrival = Promise.withResolvers<void>();
  let told = '';
  const over = new AbortController();
  const end = AbortSignal.any([signal, over.signal]);
  const seen = (object: KubeObject | undefined): void => {
    // Read anew after a failure, it may be what it was: that is no sign of life.
    if (object !== undefined && object.metadata.resourceVersion === known.live?.metadata.resourceVersion) return;
    known.live = object;
    known.changedAt = clock.now();
    arrival.resolve();
  };
  const following = followObject(ref, { client, clock, random }, { signal: end, from: first, seen });
  try {
    while (!signal.aborted && isTaken(known.live, holder)) {
      const state = readLease(known.live);
      if (state.holder !== told) standby(state.holder);
      told = state.holder;
      const left = known.changedAt + state.durationMs - clock.now();
      if (left <= 0) break;
      const pause = new AbortController();
      await Promise.race([following, arrival.promise, clock.sleep(left, AbortSignal.any([end, pause.signal]))]);
      pause.abort();
      arrival = Promise.withResolvers<void>();
    }
  } finally {
    over.abort();
    await following;
  }
  return known.live;
}

/** The Lease as written, or `undefined` when somebody else was faster. */
async function write(
  live: KubeObject | undefined,
  ref: Ref,
  { client, clock }: HoldPorts,
  { holder, timeoutMs }: Pick<HoldOptions, 'holder'> & { readonly timeoutMs: number },
): Promise<KubeObject | undefined> {
  const lease = heldLease(ref, holder, clock.now(), live);
  const options = { timeoutMs };
  try {
    if (live !== undefined) return (await client.update(lease, options)).object;
    try {
      return (await client.create(lease, options)).object;
    } catch (error) {
      if (!isCode(error, 'MISSING_NAMESPACE')) throw error;
      await makeNamespace(client, ref.namespace);
      return (await client.create(lease, options)).object;
    }
  } catch (error) {
    if (isCode(error, 'STALE') || isCode(error, 'ALREADY_EXISTS') || isCode(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/** The parent is to be made in it anyway. */
async function makeNamespace(client: Client, name: string): Promise<void> {
  try {
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { timeoutMs: WRITE_MS });
  } catch (error) {
    if (!isCode(error, 'ALREADY_EXISTS')) throw error;
  }
}

function startTerm(written: KubeObject, askedAt: number, ref: Ref, ports: HoldPorts, options: HoldOptions): Term {
  const { clock, client } = ports;
  const { signal, holder, trouble } = options;
  const lost = new AbortController();
  const ending = new AbortController();
  let live: KubeObject | undefined = written;
  let renewedAt = askedAt;

  const lose = (why: string): false => {
    live = undefined;
    trouble(`the Lease of the set is lost: ${why}; nothing more is written until it is had again`);
    lost.abort(new Error(why));
    return false;
  };
  /** Whether it is still ours. A renewal that is under way is never cut off: what it has written must be known. */
  const renew = async (): Promise<boolean> => {
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const now = clock.now();
        const left = renewedAt + GIVE_UP_MS - now;
        if (left <= 0) return lose('it could not be renewed in time');
        const timeoutMs = Math.min(WRITE_MS, left);
        const renewed = await write(live, ref, ports, { holder, timeoutMs });
        if (renewed !== undefined) {
          live = renewed;
          renewedAt = now;
          return true;
        }
        // Somebody has written or deleted it since; that may have been a person.
        live = await client.get(ref, { timeoutMs });
        if (isTaken(live, holder)) return lose(`${readLease(live).holder} holds it now`);
      }
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
    }
    return true;
  };
  const renewing = (async () => {
    for (;;) {
      const wait = clock.now() < renewedAt + RENEW_MS ? renewedAt + RENEW_MS - clock.now() : RETRY_MS;
      await clock.sleep(Math.min(wait, Math.max(0, renewedAt + GIVE_UP_MS - clock.now())), ending.signal);
      if (ending.signal.aborted || !(await renew())) return;
    }
  })();

  return {
    signal: AbortSignal.any([signal, lost.signal]),
    async end() {
      ending.abort();
      await renewing;
      if (live === undefined) return;
      const { uid = '', resourceVersion = '' } = live.metadata;
      try {
        await client.delete(ref, { timeoutMs: WRITE_MS, preconditions: { uid, resourceVersion } });
      } catch (error) {
        // Then the next engine waits for as long as the Lease says.
        if (!(error instanceof KubeError)) throw error;
      }
    },
  };
}

/** Every write of the engine proves itself, with or without a Lease; a set that nobody keeps would be worse than two that do. */
function withoutLease(error: KubeError, signal: AbortSignal): Term {
  return { signal, without: error, async end() {} };
}

/** What a report says about a set that is kept without a Lease. */
export function noLease({ message }: KubeError): PassFinding {
  return {
    severity: 'warning',
    code: 'NO_LEASE',
    message: `nothing keeps a second engine away from this set: ${message}`,
    hint: 'allow get, watch, create, update and delete on leases of coordination.k8s.io in the namespace of the set',
  };
}

function isCode(error: unknown, code: KubeError['code']): boolean {
  return error instanceof KubeError && error.code === code;
}
