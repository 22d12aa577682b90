import { expect, test } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer } from '@homeostat/apiserver';
import { setIdentity } from '@homeostat/kube';
import type { Client } from '@homeostat/kube';
import { eventually } from '../../../test/support/eventually.ts';
import { holdLease } from '../src/hold-lease.ts';
import type { Term } from '../src/hold-lease.ts';
import { heldLease, holderAt, leaseRef, readLease } from '../src/lease.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

const set = setIdentity('default', 'site');
const ref = leaseRef(set);

/** An engine that wants the set, and what became of that. */
interface Engine {
  readonly standbys: string[];
  readonly troubles: string[];
  term: Term | undefined;
  /** As if it were killed: it does nothing any more. */
  stop(): void;
}

interface Ground extends AsyncDisposable {
  readonly server: ApiServer;
  readonly client: Client;
  readonly clock: FakeClock;
  /** What was asked of Leases since the last look, in order. */
  requests(): readonly string[];
  engine(holder: string): Engine;
  holder(): Promise<string | undefined>;
}

async function ground(): Promise<Ground> {
  const requests: string[] = [];
  const server = await createApiServer({
    onRequest: ({ verb, resource }) => {
      if (resource.startsWith('leases')) requests.push(verb);
    },
  });
  const client = server.client();
  const clock = fakeClock();
  const stops: AbortController[] = [];
  return {
    server,
    client,
    clock,
    requests: () => requests.splice(0),
    engine(holder) {
      const stop = new AbortController();
      stops.push(stop);
      // Its own clock is the others', so that killing it is to take that away.
      let dead = false;
      const mortal = {
        now: () => clock.now(),
        sleep: (ms: number, signal?: AbortSignal) =>
          clock.sleep(ms, signal).then(() => (dead ? new Promise<void>(() => {}) : undefined)),
      };
      const engine: Engine = { standbys: [], troubles: [], term: undefined, stop: () => void (dead = true) };
      const wanting = holdLease(
        set,
        { client: server.client({ userAgent: holder }), clock: mortal, random: () => 0.5 },
        {
          holder,
          signal: stop.signal,
          standby: (other) => engine.standbys.push(other),
          trouble: (message) => engine.troubles.push(message),
        },
      );
      void wanting.then((term) => (engine.term = term));
      return engine;
    },
    async holder() {
      const live = await client.get(ref);
      return live && readLease(live).holder;
    },
    async [Symbol.asyncDispose]() {
      for (const stop of stops) stop.abort();
      await server.close();
    },
  };
}

async function holding(engine: Engine): Promise<Term> {
  await eventually(() => expect(engine.term).toBeDefined());
  return engine.term!;
}

test('it is named after the set, and never as another program’s of the same name', () => {
  expect(ref).toEqual({ group: 'coordination.k8s.io', kind: 'Lease', namespace: 'default', name: 'homeostat-site' });
  const [a, b] = ['a', 'b'].map((end) => leaseRef({ namespace: 'default', name: `${'x'.repeat(250)}${end}` }).name);
  expect(a).not.toBe(b);
  expect(a).toHaveLength(253);
});

test('what one look tells: held as long as its holder says, and by nobody without one', () => {
  const now = Date.UTC(2026, 0, 1);
  const lease = heldLease(ref, 'host-a/1/x', now);
  expect(holderAt(lease, now + 14_999)).toBe('host-a/1/x');
  expect(holderAt(lease, now + 15_000)).toBeUndefined();
  expect(holderAt(undefined, now)).toBeUndefined();
  expect(holderAt({ ...lease, spec: {} }, now)).toBeUndefined();
  expect(holderAt({ ...lease, spec: 'broken' }, now)).toBeUndefined();
});

test('a free Lease is taken at once, renewed every 10 s, and given back without a trace', async () => {
  await using world = await ground();
  const term = await holding(world.engine('host-a/1/x'));
  expect(world.requests()).toEqual(['get', 'create']);
  expect(await world.client.get(ref)).toMatchObject({
    spec: { holderIdentity: 'host-a/1/x', leaseDurationSeconds: 15, leaseTransitions: 0 },
  });
  world.requests();
  await world.clock.advance(60_000);
  expect(world.requests()).toEqual(Array.from({ length: 6 }, () => 'update'));
  const renewed = readLease((await world.client.get(ref))!).renewedAt;
  expect(renewed).toBe(world.clock.now());
  expect(term.signal.aborted).toBe(false);
  await term.end();
  expect(await world.holder()).toBeUndefined();
});

test('a second engine waits with one watch, and takes over at once when the first stops', async () => {
  await using world = await ground();
  const first = await holding(world.engine('host-a/1/x'));
  const second = world.engine('host-b/2/y');
  await eventually(() => expect(second.standbys).toEqual(['host-a/1/x']));
  world.requests();
  await world.clock.advance(120_000);
  expect(second.term).toBeUndefined();
  expect(second.standbys).toEqual(['host-a/1/x']);
  expect(new Set(world.requests().filter((verb) => verb !== 'watch'))).toEqual(new Set(['update']));
  await first.end();
  await holding(second);
  expect(await world.holder()).toBe('host-b/2/y');
});

test('an engine that is gone is waited for as long as its Lease lasts, and no longer', async () => {
  await using world = await ground();
  const first = world.engine('host-a/1/x');
  await holding(first);
  const second = world.engine('host-b/2/y');
  await eventually(() => expect(second.standbys).toHaveLength(1));
  first.stop();
  await world.clock.advance(14_000);
  expect(second.term).toBeUndefined();
  await world.clock.advance(1_500);
  await holding(second);
  expect((await world.client.get(ref))?.['spec']).toMatchObject({ holderIdentity: 'host-b/2/y', leaseTransitions: 1 });
});

test('an engine that starts over the Lease of a dead one does not trust its times', async () => {
  await using world = await ground();
  // By its clock it has been over for hours, but that may be a slow clock.
  await world.client.create(heldLease(ref, 'host-a/1/x', world.clock.now() - 3_600_000));
  const engine = world.engine('host-b/2/y');
  await eventually(() => expect(engine.standbys).toHaveLength(1));
  await world.clock.advance(14_000);
  expect(engine.term).toBeUndefined();
  await world.clock.advance(1_500);
  await holding(engine);
});

test('an engine that cannot renew stops writing before anybody else can take over', async () => {
  await using world = await ground();
  const engine = world.engine('host-a/1/x');
  const term = await holding(engine);
  const outage = world.server.faults.add({ fault: 'reset', resource: 'leases' });
  await world.clock.advance(12_500);
  expect(term.signal.aborted).toBe(false);
  await world.clock.advance(1_000);
  expect(term.signal.aborted).toBe(true);
  expect(engine.troubles).toEqual([expect.stringContaining('could not be renewed in time')]);
  outage.remove();
});

test('a short outage loses nothing', async () => {
  await using world = await ground();
  const engine = world.engine('host-a/1/x');
  const term = await holding(engine);
  await world.clock.advance(9_000);
  const outage = world.server.faults.add({ fault: 'reset', resource: 'leases' });
  await world.clock.advance(2_500);
  outage.remove();
  await world.clock.advance(30_000);
  expect(term.signal.aborted).toBe(false);
  expect(engine.troubles).toEqual([]);
});

test('touched by a person, it is kept; taken by another, it is lost', async () => {
  await using world = await ground();
  const engine = world.engine('host-a/1/x');
  const term = await holding(engine);
  await world.client.patch(ref, { type: 'merge', value: { metadata: { annotations: { note: 'hello' } } } });
  await world.clock.advance(10_500);
  expect(term.signal.aborted).toBe(false);
  expect((await world.client.get(ref))?.metadata.annotations).toEqual({ note: 'hello' });

  await world.client.patch(ref, { type: 'merge', value: { spec: { holderIdentity: 'host-b/2/y' } } });
  await world.clock.advance(10_500);
  expect(term.signal.aborted).toBe(true);
  expect(engine.troubles).toEqual([expect.stringContaining('host-b/2/y holds it now')]);
  await term.end();
  expect(await world.holder()).toBe('host-b/2/y');
});

test('of many that want it one gets it', async () => {
  await using world = await ground();
  const engines = Array.from({ length: 8 }, (_, i) => world.engine(`host-${i}/1/x`));
  await eventually(() => expect(engines.filter(({ term }) => term !== undefined)).toHaveLength(1));
  await world.clock.advance(60_000);
  expect(engines.filter(({ term }) => term !== undefined)).toHaveLength(1);
});

test('an outage at the start is waited for', async () => {
  await using world = await ground();
  const outage = world.server.faults.add({ fault: 'unavailable', resource: 'leases' });
  const engine = world.engine('host-a/1/x');
  await eventually(() => expect(engine.troubles).toHaveLength(1));
  outage.remove();
  await world.clock.advance(2_500);
  expect((await holding(engine)).without).toBeUndefined();
});

test('where it may not be had, the engine goes on without one and says so', async () => {
  await using world = await ground();
  world.server.faults.add({ fault: 'deny', resource: 'leases', message: 'no Leases here' });
  const term = await holding(world.engine('host-a/1/x'));
  expect(term.without).toMatchObject({ code: 'FORBIDDEN' });
  expect(term.signal.aborted).toBe(false);
  await term.end();
});

test('the namespace of the set is made when it is missing', async () => {
  await using world = await ground();
  const stop = new AbortController();
  const elsewhere = setIdentity('elsewhere', 'site');
  const term = await holdLease(
    elsewhere,
    { client: world.client, clock: world.clock, random: () => 0.5 },
    { holder: 'host-a/1/x', signal: stop.signal, standby: () => {}, trouble: () => {} },
  );
  expect(await world.client.get(leaseRef(elsewhere))).toBeDefined();
  await term?.end();
});
