import { expect, test } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import { createMemorySource } from '@homeostat/git';
import { setIdentity } from '@homeostat/kube';
import type { Client } from '@homeostat/kube';
import { announce, parentRef, readParent, storeReport } from '@homeostat/prune';
import type { Parent } from '@homeostat/prune';
import { createMemory, resumeSet, suspendSet } from '@homeostat/reconcile';
import type { Memory } from '@homeostat/reconcile';
import { eventually } from '../../../test/support/eventually.ts';
import { createDependencies } from '../src/dependencies.ts';
import { createParentFollower } from '../src/parent-follower.ts';
import type { ParentFollower } from '../src/parent-follower.ts';
import { handledRequests } from '../src/requests.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

const set = setIdentity('default', 'site');
const sync = { namespace: 'default', name: 'site', suspend: false };
const manager = { manager: 'homeostat' };
const source = { url: 'https://git.example.com/shop.git', path: '' };

interface World extends AsyncDisposable {
  readonly client: Client;
  readonly clock: FakeClock;
  readonly memory: Memory;
  readonly follower: ParentFollower;
  readonly asked: string[];
  readonly troubles: string[];
  readonly breaks: () => { remove(): void };
  wasSuspended: boolean | undefined;
  parent(): Promise<Parent>;
}

async function world(): Promise<World> {
  const server = await createApiServer();
  const client = server.client();
  const clock = fakeClock();
  const memory = createMemory();
  memory.parent = await announce(
    client,
    set,
    undefined,
    { hints: { groupKinds: [], namespaces: [] }, source },
    manager,
  );
  const dependencies = createDependencies({ ...sync, dependsOn: [] }, { client, clock, random: () => 1 });
  const stop = new AbortController();
  const asked: string[] = [];
  const troubles: string[] = [];
  const follower = createParentFollower(
    sync,
    { client, clock, random: () => 1, memory, dependencies, source: createMemorySource() },
    {
      wasSuspended: () => made.wasSuspended,
      asked: (what) => asked.push(what),
      wake: () => asked.push('wake'),
      trouble: (message) => troubles.push(message),
    },
  );
  const running = follower.run(stop.signal);
  const made: World = {
    client,
    clock,
    memory,
    follower,
    asked,
    troubles,
    breaks: () => server.faults.add({ fault: 'reset', verb: ['list', 'watch'], resource: 'configmaps' }),
    wasSuspended: false,
    parent: async () => (await readParent(client, set))!,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await server.close();
    },
  };
  return made;
}

test('a request leads to a pass, and to no second one for as long as nothing new is asked for', async () => {
  await using ground = await world();
  const { asked, client, memory, follower } = ground;
  await suspendSet(set, { client }, { by: 'alice' });
  await eventually(() => expect(asked).toEqual(['stop']));
  follower.adopt();
  expect(memory.parent?.requests).toMatchObject([{ request: 'suspend', by: 'alice' }]);

  // The pass reports, and the parent that holds the report is written.
  ground.wasSuspended = true;
  const requests = handledRequests(memory.parent, { suspended: true, now: 0 });
  memory.parent = await storeReport(
    client,
    memory.parent!,
    { state: 'Suspended', objects: 0, problems: [], requests },
    manager,
  );
  await client.patch(parentRef(set), { type: 'merge', value: { metadata: { labels: { note: 'x' } } } });
  await resumeSet(set, { client }, { by: 'bob' });
  await eventually(() => expect(asked).toEqual(['stop', 'pass']));
});

test('a request that no pass could deal with yet asks once', async () => {
  await using ground = await world();
  const { asked, client, memory } = ground;
  const annotations = { 'homeostat.dev/request-confirm': 'default/site:0123456789ab' };
  await client.patch(parentRef(set), { type: 'merge', value: { metadata: { annotations } } });
  await eventually(() => expect(asked).toEqual(['pass']));
  let state = 0;
  for (; state < 3; state += 1) {
    const report = { state: 'Failed', objects: state, problems: [] };
    memory.parent = await storeReport(client, await ground.parent(), report, manager);
  }
  await client.delete(parentRef(set));
  await eventually(() => expect(asked).toEqual(['pass', 'wake']));
});

test('the memory takes what is newer than what was written, and nothing older', async () => {
  await using ground = await world();
  const { client, memory, follower } = ground;
  const before = memory.parent;
  follower.adopt();
  expect(memory.parent).toBe(before);
  await suspendSet(set, { client });
  await eventually(() => {
    follower.adopt();
    expect(memory.parent?.requests).toHaveLength(1);
  });
  const ahead = { ...memory.parent!, resourceVersion: `${memory.parent!.resourceVersion}0` };
  memory.parent = ahead;
  follower.adopt();
  expect(memory.parent).toBe(ahead);
});

test('while the parent cannot be watched it is told once, and each pass reads it anew', async () => {
  await using ground = await world();
  const { clock, memory, follower, troubles } = ground;
  await eventually(async () => {
    await clock.advance(0);
    follower.adopt();
    expect(memory.parent).toBeDefined();
  });
  const outage = ground.breaks();
  await eventually(() => expect(troubles).toHaveLength(1));
  await clock.advance(60_000);
  expect(troubles).toHaveLength(1);
  follower.adopt();
  expect(memory.parent).toBeUndefined();
  outage.remove();
  await clock.advance(31_000);
  await eventually(() => {
    follower.adopt();
    expect(memory.parent?.set).toEqual(set);
  });
});
