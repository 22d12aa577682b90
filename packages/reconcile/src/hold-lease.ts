import { KubeError } from '@homeostat/kube';
import type { Client, KubeObject, Ref, SetIdentity } from '@homeostat/kube';
import type { EngineLease } from './engine-lease.ts';
import { GIVE_UP_MS, heldLease, heldThrough, holderAt, leaseRef, readLease, RENEW_MS, RETRY_MS } from './lease.ts';
import { isTaken, outlast } from './outlast.ts';
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

/** With an `engineLease` the Leases of sets are held through that one. */
export type HoldPorts = Pick<Ports, 'client' | 'clock' | 'random'> & Partial<Pick<Ports, 'engineLease' | 'limit'>>;

/** How one Lease is held. */
interface Manner {
  readonly holds: 'set' | 'engine';
  readonly through?: Ref;
}

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
 * 6. Through the Lease of the engine it is written once, when it is taken, and lasts exactly as long as that one does: the term ends when
 *    the engine loses that one, and whoever waits for the set looks at that one. Taking it is a write of its own each time, after the engine has that
 *    one (again): so of two that reach for a set one gets it here as well.
 *
 * `undefined` when the signal came first.
 */
export async function holdLease(set: SetIdentity, ports: HoldPorts, options: HoldOptions): Promise<Term | undefined> {
  return await holdRef(leaseRef(set), ports, { ...options, holds: 'set' });
}

/** The same of any Lease; that of an engine is held through none. */
export async function holdRef(
  ref: Ref,
  ports: HoldPorts,
  options: HoldOptions & Pick<Manner, 'holds'>,
): Promise<Term | undefined> {
  const { signal, trouble, holder, holds } = options;
  const { client, clock } = ports;
  const engineLease = holds === 'set' ? ports.engineLease : undefined;
  let failures = 0;
  // In an engine of many sets most Leases are not there yet, and the attempt to make one tells whether it is.
  let live: KubeObject | undefined;
  let isKnown = engineLease !== undefined;
  while (!signal.aborted) {
    try {
      if (!isKnown) live = await client.get(ref, { signal });
      isKnown = false;
      if (isTaken(live, holder)) live = await outlast(live, ref, ports, options);
      const engine = await engineLease?.term(signal);
      if (signal.aborted) break;
      const through = engine?.without === undefined ? engineLease?.ref : undefined;
      const manner: Manner = { holds, ...(through !== undefined && { through }) };
      const askedAt = clock.now();
      const now = live;
      const take = (): Promise<KubeObject | undefined> =>
        write(now, ref, ports, { holder, ...manner, timeoutMs: WRITE_MS });
      // Many sets are taken at once, and each of them may wait. What is renewed may not.
      const written = await (through === undefined || ports.limit === undefined ? take() : ports.limit.run(take));
      if (written === undefined) continue;
      if (through === undefined || engine === undefined || engineLease === undefined)
        return startTerm(written, askedAt, ref, ports, options);
      return startTermThrough(written, ref, ports, { ...options, engine, engineLease });
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof KubeError)) throw error;
      if (error.retry === 'never' || error.code === 'UNKNOWN_KIND') return withoutLease(error, signal);
      failures += 1;
      if (failures === 1) trouble(`the Lease of the ${holds} cannot be had yet: ${error.message}`);
      await clock.sleep(RETRY_MS, signal);
    }
  }
  return undefined;
}

/**
 * Who holds the set at this moment, by one GET and the clocks of both, and one more where it is held through another Lease; `undefined` when
 * nobody does. One that may not be looked at counts as renewed.
 *
 * @throws {KubeError} when the Lease of the set cannot be read.
 */
export async function leaseHolder(
  set: Pick<Sync, 'namespace' | 'name'>,
  { client, clock }: Pick<Ports, 'client' | 'clock'>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<string | undefined> {
  const options = signal === undefined ? {} : { signal };
  const live = await client.get(leaseRef(set), options);
  const through = live === undefined ? undefined : heldThrough(live);
  if (live === undefined || through === undefined) return holderAt(live, clock.now());
  const { holder } = readLease(live);
  try {
    const guard = await client.get(through, options);
    return holder !== '' && holderAt(guard, clock.now()) === holder ? holder : undefined;
  } catch (error) {
    if (!isCode(error, 'FORBIDDEN')) throw error;
    return holder === '' ? undefined : holder;
  }
}

/** The Lease as written, or `undefined` when somebody else was faster. */
async function write(
  live: KubeObject | undefined,
  ref: Ref,
  { client, clock }: HoldPorts,
  { holder, timeoutMs, ...manner }: Pick<HoldOptions, 'holder'> & Manner & { readonly timeoutMs: number },
): Promise<KubeObject | undefined> {
  const lease = heldLease(ref, holder, clock.now(), live, manner);
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

function startTerm(
  written: KubeObject,
  askedAt: number,
  ref: Ref,
  ports: HoldPorts,
  { signal, holder, trouble, holds }: HoldOptions & Pick<Manner, 'holds'>,
): Term {
  const { clock, client } = ports;
  const lost = new AbortController();
  const ending = new AbortController();
  let live: KubeObject | undefined = written;
  let renewedAt = askedAt;

  const lose = (why: string): false => {
    live = undefined;
    trouble(lostText(holds, why));
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
        const renewed = await write(live, ref, ports, { holder, holds, timeoutMs });
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
      if (live !== undefined) await giveBack(live, ref, client);
    },
  };
}

/** While the engine has its own Lease there is nothing to do but to see that nobody takes this one, or deletes it. */
function startTermThrough(
  written: KubeObject,
  ref: Ref,
  ports: HoldPorts,
  {
    signal,
    holder,
    trouble,
    engine,
    engineLease,
  }: HoldOptions & { readonly engine: Term; readonly engineLease: EngineLease },
): Term {
  const { client, clock } = ports;
  const lost = new AbortController();
  const ending = new AbortController();
  const manner = { holder, holds: 'set', through: engineLease.ref, timeoutMs: WRITE_MS } as const;
  let live: KubeObject | undefined = written;
  /** The watch may lag behind our own write: what it does not show yet is not missing. */
  let wasSeen = false;
  let looking: Promise<void> | undefined;
  let isDoubtful = false;

  const isOurs = (object: KubeObject): boolean => {
    const through = heldThrough(object);
    const { namespace, name } = engineLease.ref;
    return readLease(object).holder === holder && through?.namespace === namespace && through.name === name;
  };
  const look = async (): Promise<void> => {
    while (isDoubtful && !ending.signal.aborted && !lost.signal.aborted) {
      isDoubtful = false;
      try {
        const now = await client.get(ref, { timeoutMs: WRITE_MS });
        if (isTaken(now, holder)) {
          live = undefined;
          const why = `${readLease(now).holder} holds it now`;
          trouble(lostText('set', why));
          lost.abort(new Error(why));
          return;
        }
        live = now !== undefined && isOurs(now) ? now : await write(now, ref, ports, manner);
        isDoubtful ||= live === undefined;
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        isDoubtful = true;
        await clock.sleep(RETRY_MS, ending.signal);
      }
    }
  };
  const leave = engineLease.leases.follow(ref, {
    seen(object) {
      const isLate = object === undefined ? !wasSeen : isOlder(object, written);
      if (isLate) return;
      wasSeen = true;
      if (object !== undefined && isOurs(object)) live = object;
      else {
        isDoubtful = true;
        looking ??= look().finally(() => (looking = undefined));
      }
    },
    trouble() {},
  });

  return {
    signal: AbortSignal.any([signal, engine.signal, lost.signal]),
    async end() {
      leave();
      ending.abort();
      await looking;
      const held = live;
      if (held === undefined) return;
      const give = (): Promise<void> => giveBack(held, ref, client);
      await (ports.limit === undefined ? give() : ports.limit.run(give));
    },
  };
}

async function giveBack({ metadata }: KubeObject, ref: Ref, client: Client): Promise<void> {
  const { uid = '', resourceVersion = '' } = metadata;
  try {
    await client.delete(ref, { timeoutMs: WRITE_MS, preconditions: { uid, resourceVersion } });
  } catch (error) {
    // Then the next engine waits for as long as the Lease says.
    if (!(error instanceof KubeError)) throw error;
  }
}

function isOlder(object: KubeObject, than: KubeObject): boolean {
  const [a, b] = [object, than].map(({ metadata }) => metadata.resourceVersion ?? '') as [string, string];
  return object.metadata.uid === than.metadata.uid && (a.length === b.length ? a < b : a.length < b.length);
}

function lostText(holds: Manner['holds'], why: string): string {
  return `the Lease of the ${holds} is lost: ${why}; nothing more is written until it is had again`;
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
