import { afterEach, expect, test } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer } from '@homeostat/apiserver';
import { setIdentity } from '@homeostat/kube';
import type { Client, SetIdentity } from '@homeostat/kube';
import { leaseHolder } from '@homeostat/reconcile';
import { eventually } from '../../../test/support/eventually.ts';
import { createEngineLease } from '../src/engine-lease.ts';
import type { EngineLease } from '../src/engine-lease.ts';
import { holdLease } from '../src/hold-lease.ts';
import type { Term } from '../src/hold-lease.ts';
import { heldLease, leaseRef, THROUGH_ANNOTATION } from '../src/lease.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

const [shop, blog] = [setIdentity('default', 'shop'), setIdentity('default', 'blog')];

/** A process that wants sets. */
interface Process {
  readonly lease: EngineLease;
  readonly troubles: string[];
  /** Whom its sets wait for. */
  readonly standbys: string[];
  want(set: SetIdentity): { term: Term | undefined };
  /** As if it were killed: it does nothing any more. */
  kill(): void;
  stop(): Promise<void>;
}

interface Ground extends AsyncDisposable {
  readonly server: ApiServer;
  readonly client: Client;
  readonly clock: FakeClock;
  /** What was asked of Leases since the last look, in order. */
  requests(): readonly string[];
  process(holder: string): Process;
  holder(set: SetIdentity): Promise<string | undefined>;
}

const open: Ground[] = [];
afterEach(async () => {
  for (const ground of open.splice(0)) await ground[Symbol.asyncDispose]();
});

async function world(): Promise<Ground> {
  const requests: string[] = [];
  const server = await createApiServer({
    users: [
      { name: 'admin', groups: ['system:masters'] },
      { name: 'robot', groups: [] },
    ],
    onRequest: ({ verb, resource }) => {
      if (resource.startsWith('leases')) requests.push(verb);
    },
  });
  const client = server.client();
  const clock = fakeClock();
  const processes: Process[] = [];
  const ground: Ground = {
    server,
    client,
    clock,
    requests: () => requests.splice(0),
    process(holder) {
      let dead = false;
      const mortal = {
        now: () => clock.now(),
        sleep: (ms: number, signal?: AbortSignal) =>
          clock.sleep(ms, signal).then(() => (dead ? new Promise<void>(() => {}) : undefined)),
      };
      const troubles: string[] = [];
      const standbys: string[] = [];
      const ports = { client: server.client({ userAgent: holder }), clock: mortal, random: () => 0.5 };
      const lease = createEngineLease(ports, { holder, namespace: 'default', trouble: (text) => troubles.push(text) });
      const [waiting, living] = [new AbortController(), new AbortController()];
      const running = lease.run(living.signal);
      const wanted: { term: Term | undefined }[] = [];
      const process: Process = {
        lease,
        troubles,
        standbys,
        want(set) {
          const want: { term: Term | undefined } = { term: undefined };
          wanted.push(want);
          void holdLease(
            set,
            { ...ports, engineLease: lease },
            {
              holder,
              signal: waiting.signal,
              standby: (other) => standbys.push(other),
              trouble: (text) => troubles.push(text),
            },
          ).then((term) => (want.term = term));
          return want;
        },
        kill: () => void (dead = true),
        async stop() {
          waiting.abort();
          if (!dead) for (const { term } of wanted) await term?.end();
          living.abort();
          if (!dead) await running;
        },
      };
      processes.push(process);
      return process;
    },
    holder: (set) => leaseHolder(set, { client, clock }),
    async [Symbol.asyncDispose]() {
      for (const process of processes) await process.stop();
      await server.close();
    },
  };
  open.push(ground);
  return ground;
}

async function had(want: { term: Term | undefined }): Promise<Term> {
  await eventually(() => expect(want.term).toBeDefined());
  return want.term!;
}

test('two sets of one process are written once each, and one Lease is renewed for both', async () => {
  const ground = await world();
  const process = ground.process('host-a/1/x');
  await Promise.all([shop, blog].map((set) => had(process.want(set))));
  expect(await ground.client.get(leaseRef(shop))).toMatchObject({
    metadata: { annotations: { [THROUGH_ANNOTATION]: `default/${process.lease.ref.name}` } },
    spec: { holderIdentity: 'host-a/1/x' },
  });
  ground.requests();
  await ground.clock.advance(60_000);
  expect(ground.requests()).toEqual(Array.from({ length: 6 }, () => 'update'));
  expect(await ground.holder(shop)).toBe('host-a/1/x');
  await process.stop();
  expect(await ground.holder(shop)).toBeUndefined();
  expect(ground.requests().filter((verb) => verb === 'delete')).toHaveLength(3);
});

test('the Lease of the set says nothing by itself: it holds as long as the other one does', async () => {
  const ground = await world();
  const process = ground.process('host-a/1/x');
  await had(process.want(shop));
  process.kill();
  await ground.clock.advance(14_000);
  expect(await ground.holder(shop)).toBe('host-a/1/x');
  await ground.clock.advance(2_000);
  expect(await ground.holder(shop)).toBeUndefined();
  // Nor does one that refers to nothing.
  await ground.client.delete(process.lease.ref);
  expect(await ground.holder(shop)).toBeUndefined();
});

test('when a process dies another has all its sets 15 s later, and cleans up behind it', async () => {
  const ground = await world();
  const first = ground.process('host-a/1/x');
  await Promise.all([shop, blog].map((set) => had(first.want(set))));
  const second = ground.process('host-b/2/y');
  const wanted = [shop, blog].map((set) => second.want(set));
  await eventually(() => expect(second.standbys).toEqual(['host-a/1/x', 'host-a/1/x']));
  await ground.clock.advance(60_000);
  expect(wanted.some(({ term }) => term !== undefined)).toBe(false);
  first.kill();
  await ground.clock.advance(12_000);
  expect(wanted.some(({ term }) => term !== undefined)).toBe(false);
  await ground.clock.advance(14_000);
  await Promise.all(wanted.map(had));
  expect(await ground.holder(blog)).toBe('host-b/2/y');
  expect(await ground.client.get(first.lease.ref)).toBeUndefined();
});

test('a process that stops gives its sets to the one that waits, at once', async () => {
  const ground = await world();
  const first = ground.process('host-a/1/x');
  await had(first.want(shop));
  const second = ground.process('host-b/2/y');
  const wanted = second.want(shop);
  await eventually(() => expect(second.standbys).toEqual(['host-a/1/x']));
  await first.stop();
  await had(wanted);
  expect(await ground.holder(shop)).toBe('host-b/2/y');
});

test('two processes with overlapping sets: each has its own, and the set of both has one', async () => {
  const ground = await world();
  const [first, second] = [ground.process('host-a/1/x'), ground.process('host-b/2/y')];
  const both = [first.want(shop), second.want(shop)];
  await had(second.want(blog));
  await eventually(() => expect(both.filter(({ term }) => term !== undefined)).toHaveLength(1));
  await ground.clock.advance(60_000);
  expect(both.filter(({ term }) => term !== undefined)).toHaveLength(1);
});

test('a loop on its own and a process of many keep away from each other', async () => {
  const ground = await world();
  const lone = new AbortController();
  const standbys: string[] = [];
  const ports = { client: ground.client, clock: ground.clock, random: () => 0.5 };
  const options = { signal: lone.signal, standby: (one: string) => standbys.push(one), trouble: () => {} };
  const process = ground.process('host-a/1/x');
  await had(process.want(shop));
  const waiting = holdLease(shop, ports, { ...options, holder: 'host-c/3/z' });
  await eventually(() => expect(standbys).toEqual(['host-a/1/x']));
  await ground.clock.advance(120_000);
  process.kill();
  await ground.clock.advance(30_000);
  const term = await waiting;
  expect(await ground.holder(shop)).toBe('host-c/3/z');
  expect((await ground.client.get(leaseRef(shop)))?.metadata.annotations?.[THROUGH_ANNOTATION]).toBeUndefined();

  const next = ground.process('host-d/4/u');
  const wanted = next.want(shop);
  await eventually(() => expect(next.standbys).toEqual(['host-c/3/z']));
  await ground.clock.advance(60_000);
  expect(wanted.term).toBeUndefined();
  await term?.end();
  await had(wanted);
  lone.abort();
});

test('whoever knows nothing of references still takes it for held', async () => {
  const now = Date.UTC(2026, 0, 1);
  const through = { ...leaseRef(shop), name: 'homeostat-engine-x' };
  const { spec } = heldLease(leaseRef(shop), 'host-a/1/x', now, undefined, { through });
  expect(spec).toMatchObject({ leaseDurationSeconds: 1_728_000, renewTime: '2026-01-01T00:00:00.000000Z' });
});

test('the process loses its Lease: all its sets end before anybody else can have them, and are taken anew', async () => {
  const ground = await world();
  const process = ground.process('host-a/1/x');
  const terms = await Promise.all([shop, blog].map((set) => had(process.want(set))));
  const outage = ground.server.faults.add({ fault: 'reset', resource: 'leases' });
  await ground.clock.advance(12_500);
  expect(terms.some(({ signal }) => signal.aborted)).toBe(false);
  await ground.clock.advance(1_000);
  expect(terms.every(({ signal }) => signal.aborted)).toBe(true);
  expect(process.troubles[0]).toContain('the Lease of the engine is lost');
  outage.remove();
  await Promise.all(terms.map((term) => term.end()));
  const again = process.want(shop);
  await ground.clock.advance(60_000);
  await had(again);
  expect(await ground.holder(shop)).toBe('host-a/1/x');
});

test('deleted by a person it is made again; taken by another it is lost, and no other set with it', async () => {
  const ground = await world();
  const process = ground.process('host-a/1/x');
  const [one, other] = await Promise.all([shop, blog].map((set) => had(process.want(set))));
  await ground.clock.advance(0);
  await ground.client.delete(leaseRef(shop));
  await eventually(async () => expect(await ground.holder(shop)).toBe('host-a/1/x'));
  expect(one?.signal.aborted).toBe(false);
  await ground.client.patch(leaseRef(shop), { type: 'merge', value: { spec: { holderIdentity: 'host-b/2/y' } } });
  await eventually(() => expect(one?.signal.aborted).toBe(true));
  expect(process.troubles).toEqual([expect.stringContaining('host-b/2/y holds it now')]);
  expect(other?.signal.aborted).toBe(false);
});

test('where the Lease that it is held through may not be seen, the set counts as held', async () => {
  const ground = await world();
  const process = ground.process('host-a/1/x');
  await had(process.want(shop));
  process.kill();
  await ground.clock.advance(60_000);
  expect(await ground.holder(shop)).toBeUndefined();

  const apiGroup = 'rbac.authorization.k8s.io';
  const metadata = { name: 'reader', namespace: 'default' };
  const rules = [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['homeostat-shop'], verbs: ['get'] },
  ];
  await ground.client.create({ apiVersion: `${apiGroup}/v1`, kind: 'Role', metadata, rules });
  await ground.client.create({
    apiVersion: `${apiGroup}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup, kind: 'Role', name: 'reader' },
    subjects: [{ apiGroup, kind: 'User', name: 'robot' }],
  });
  const robot = ground.server.client({ user: 'robot' });
  expect(await leaseHolder(shop, { client: robot, clock: ground.clock })).toBe('host-a/1/x');
});
