/** How it must behave: an object that moves from one set to another, and two sets that both want one. */
import { describe, expect } from 'vitest';
import { createMemorySource } from '@homeostat/git';
import { createClaims } from '@homeostat/reconcile';
import type { Policy } from '@homeostat/reconcile';
import { isMember, setIdentity } from '@homeostat/kube';
import { configMap, eventually, scenarioTest as story, told } from '../../../test/support/scenario.ts';
import { folderFiles, syncOf, testedEngine } from './engine-world.ts';
import type { Process, World } from '../../../test/support/scenario.ts';

const managers = { current: 'homeostat', former: [] };

/** Two syncs of one process and one repository, one per folder. */
async function twoSyncs(world: World): Promise<readonly [Process, Process]> {
  const claims = createClaims();
  const sync = (name: string) => world.process({ name, render: { kind: 'auto', path: name } }, { claims });
  return [await sync('one'), await sync('two')];
}

async function settled(world: World): Promise<{ readonly one: Process; readonly two: Process; readonly uid: string }> {
  await world.commit({
    'one/web.yaml': configMap('web', { a: '1' }),
    'one/rest.yaml': configMap('rest-1'),
    'two/rest.yaml': configMap('rest-2'),
  });
  const [one, two] = await twoSyncs(world);
  expect((await one.reconcile()).state).toBe('Ready');
  expect((await two.reconcile()).state).toBe('Ready');
  for (const { ports } of [one, two]) ports.live.follow();
  return { one, two, uid: await uidOf(world) };
}

async function uidOf(world: World): Promise<string> {
  return (await world.expectLive(configMap('web', { a: '1' }))).metadata.uid ?? '';
}

/** From the folder of the first to that of the second, in one commit. */
const move = { 'one/web.yaml': null, 'two/web.yaml': configMap('web', { a: '1' }) };

async function expectMoved(world: World, uid: string): Promise<void> {
  const live = await world.expectLive(configMap('web', { a: '1' }));
  expect(live.metadata.uid).toBe(uid);
  expect(isMember(live, setIdentity(world.namespace, 'two'), managers)).toBe(true);
}

describe('an object that moves between two syncs of one process in one commit is neither deleted nor made anew', () => {
  story('when the one that loses it goes first', async ({ scenario }) => {
    const world = await scenario();
    const { one, two, uid } = await settled(world);
    await world.commit(move);
    const waiting = await one.reconcile();
    expect(told(waiting)).toEqual(['kept ConfigMap web (claim-unknown)', 'unchanged ConfigMap rest-1']);
    expect(waiting.orphans[0]?.message).toBe(`the set ${world.namespace}/two`);
    const taking = await two.reconcile();
    expect(told(taking)).toEqual(['adopted ConfigMap web', 'unchanged ConfigMap rest-2']);
    expect(taking.objects.find(({ action }) => action === 'adopted')?.message).toContain(
      `from the set ${world.namespace}/one`,
    );
    // As soon as its watch has told that the object is another's.
    await eventually(async () => expect(told(await one.reconcile())).toEqual(['unchanged ConfigMap rest-1']));
    await expectMoved(world, uid);
  });

  story('when the one that gets it goes first', async ({ scenario }) => {
    const world = await scenario();
    const { one, two, uid } = await settled(world);
    await world.commit(move);
    const early = await two.reconcile();
    expect(told(early)).toEqual(['failed ConfigMap web (conflict)', 'unchanged ConfigMap rest-2']);
    expect(early.objects[0]).toMatchObject({ retry: 'backoff' });
    const letting = await one.reconcile();
    expect(told(letting)).toEqual(['kept ConfigMap web (claimed)', 'unchanged ConfigMap rest-1']);
    expect(letting.orphans[0]?.message).toBe(`the set ${world.namespace}/two`);
    expect(told(await two.reconcile())).toEqual(['adopted ConfigMap web', 'unchanged ConfigMap rest-2']);
    await expectMoved(world, uid);
  });

  story('when the process starts anew in the middle', async ({ scenario }) => {
    const world = await scenario();
    const { uid } = await settled(world);
    await world.commit(move);
    const [one, two] = await twoSyncs(world);
    expect(told(await one.reconcile())).toContain('kept ConfigMap web (claim-unknown)');
    expect(told(await two.reconcile())).toContain('adopted ConfigMap web');
    await expectMoved(world, uid);
  });

  story('when both run by themselves: at once, without a pause for a retry', async ({ scenario }) => {
    const world = await scenario();
    const { uid } = await settled(world);
    const [one, two] = await twoSyncs(world);
    const loops = [one.loop(), two.loop()];
    await eventually(() => expect(loops.map(({ report }) => report?.state)).toEqual(['Ready', 'Ready']));
    await world.commit(move);
    await eventually(() => expectMoved(world, uid));
    await eventually(() => {
      expect(told(loops[0]!.report!)).toEqual(['unchanged ConfigMap rest-1']);
      expect(loops.map(({ report }) => report?.state)).toEqual(['Ready', 'Ready']);
    });
    const deleted = [one, two].flatMap(({ events }) =>
      events.filter((event) => event.type === 'prune' && event.event.type === 'outcome'),
    );
    expect(deleted).toEqual([]);
  });
});

story('what nobody names any more goes once every sync of the repository has read the commit', async ({ scenario }) => {
  const world = await scenario();
  const { one, two } = await settled(world);
  await world.commit({ 'one/web.yaml': null });
  expect(told(await one.reconcile())).toContain('kept ConfigMap web (claim-unknown)');
  await two.reconcile();
  expect(told(await one.reconcile())).toContain('pruned ConfigMap web');
});

story('a sync that never gets there is not waited for without end', async ({ scenario }) => {
  const world = await scenario({ policy: { waitTimeout: 1 } });
  const { one } = await settled(world);
  await world.commit({ 'one/web.yaml': null });
  await one.reconcile();
  await eventually(async () => expect(told(await one.reconcile())).not.toContain('kept ConfigMap web (claim-unknown)'));
  await world.expectGone(configMap('web'));
});

story('a sync that is suspended is not waited for', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'one/web.yaml': configMap('web'), 'one/rest.yaml': configMap('rest') });
  const claims = createClaims();
  const open = (name: string, suspend: boolean) =>
    world.process({ name, suspend, render: { kind: 'auto', path: name } }, { claims });
  const [one, two] = [await open('one', false), await open('two', true)];
  await one.reconcile();
  await world.commit({ 'one/web.yaml': null });
  expect((await two.reconcile()).state).toBe('Suspended');
  expect(told(await one.reconcile())).toContain('pruned ConfigMap web');
});

describe('two sets of one process that desire one object', () => {
  story('the later one is refused whatever its policy, and nothing moves', async ({ scenario }) => {
    const world = await scenario({ policy: { adopt: 'always' } });
    const { one, two } = await settled(world);
    await world.commit({ 'two/web.yaml': configMap('web', { a: 'two' }) });
    await one.reconcile();
    const { metadata } = await world.expectLive(configMap('web', { a: '1' }));
    for (let pass = 0; pass < 3; pass += 1) {
      const refused = await two.reconcile();
      expect(told(refused)).toEqual(['failed ConfigMap web (conflict)', 'unchanged ConfigMap rest-2']);
      expect(refused.objects[0]?.message).toContain(`belongs to the set ${world.namespace}/one, which desires it too`);
      expect((await one.reconcile()).counts).toMatchObject({ unchanged: 2, updated: 0 });
    }
    const { metadata: after } = await world.expectLive(configMap('web', { a: '1' }));
    expect(after.resourceVersion).toBe(metadata.resourceVersion);
  });

  story('both reports say so, until one of the sources drops it', async ({ scenario }) => {
    const world = await scenario();
    const { one, two } = await settled(world);
    await world.commit({ 'two/web.yaml': configMap('web', { a: 'two' }) });
    await one.reconcile();
    expect((await two.reconcile()).objects[0]?.message).toContain(`the set ${world.namespace}/one`);
    const owning = await one.reconcile();
    expect(owning.state).toBe('Ready');
    expect(owning.findings).toMatchObject([{ code: 'DESIRED_TWICE', origin: { path: 'one/web.yaml' } }]);
    expect(owning.findings[0]?.message).toContain(`the set ${world.namespace}/two desires ConfigMap`);
    await world.commit({ 'two/web.yaml': null });
    expect((await two.reconcile()).state).toBe('Ready');
    expect((await one.reconcile()).findings).toEqual([]);
  });

  story('in loops the one that has it tells of it by itself', async ({ scenario }) => {
    const world = await scenario();
    const { one, two } = await settled(world);
    const loops = [one.loop(), two.loop()];
    await eventually(() => expect(loops.map(({ report }) => report?.state)).toEqual(['Ready', 'Ready']));
    await world.commit({ 'two/web.yaml': configMap('web', { a: 'two' }) });
    await eventually(() => expect(loops[0]!.report?.findings).toMatchObject([{ code: 'DESIRED_TWICE' }]));
    await eventually(() => expect(loops[1]!.report?.state).toBe('Failed'));
    await world.expectLive(configMap('web', { a: '1' }));
  });
});

describe('between processes, where neither knows of the other', () => {
  const policy = { manager: 'homeostat-two' } as const;

  story('consent is given by the name of the set; fields and membership go over together', async ({ scenario }) => {
    const world = await scenario();
    await world.commit({
      'one/web.yaml': configMap('web', { a: '1', dropped: 'x' }),
      'one/rest.yaml': configMap('rest'),
      'two/web.yaml': configMap('web', { a: '1' }),
    });
    const open = (name: string, more: Partial<Policy> = {}) =>
      world.process({ name, render: { kind: 'auto', path: name }, policy: more });
    const one = await open('one');
    await one.reconcile();
    const uid = await uidOf(world);

    const refused = await (await open('two', policy)).reconcile();
    expect(told(refused)).toEqual(['failed ConfigMap web (conflict)']);
    expect(refused.objects[0]?.message).toContain(`adoptFrom: [set/${world.namespace}/one]`);

    const two = await open('two', { ...policy, adoptFrom: [`set/${world.namespace}/one`] });
    const taking = await two.reconcile();
    expect(told(taking)).toEqual(['adopted ConfigMap web']);
    expect(taking.findings).toMatchObject([{ code: 'TAKE_OVER' }]);
    const live = await world.expectLive(configMap('web', { a: '1' }));
    expect(live['data']).toEqual({ a: '1' });
    expect(live.metadata.uid).toBe(uid);
    expect(live.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['homeostat-two']);

    // The set that had it neither takes it back nor deletes it, and says who has it.
    const after = await (await open('one')).reconcile();
    expect(told(after)).toEqual(['failed ConfigMap web (conflict)', 'unchanged ConfigMap rest']);
    expect(after.objects[0]?.message).toContain(`belongs to the set ${world.namespace}/two`);
    await world.commit({ 'one/web.yaml': null });
    expect(told(await (await open('one')).reconcile())).toEqual(['unchanged ConfigMap rest']);
    expect(told(await (await open('two', policy)).reconcile())).toEqual(['unchanged ConfigMap web']);
    expect(await uidOf(world)).toBe(uid);
  });

  story('two that may take everything do not take it in turn for ever', async ({ scenario }) => {
    const world = await scenario({ policy: { adopt: 'always' } });
    await world.commit({ 'one/web.yaml': configMap('web', { a: '1' }), 'two/web.yaml': configMap('web', { a: '1' }) });
    const open = (name: string) => world.process({ name, render: { kind: 'auto', path: name } });
    const [one, two] = [await open('one'), await open('two')];
    await one.reconcile();
    for (const { ports } of [one, two]) ports.live.follow();
    expect(told(await two.reconcile())).toEqual(['adopted ConfigMap web']);
    await eventually(async () => expect(told(await one.reconcile())).toEqual(['failed ConfigMap web (conflict)']));
    expect((await one.reconcile()).objects[0]?.message).toContain(
      `the set ${world.namespace}/two, which took it from this one`,
    );
    expect(told(await two.reconcile())).toEqual(['unchanged ConfigMap web']);
  });
});

story(
  'two processes that may take everything take it in turn, once per run, and each report names the other',
  async ({ scenario }) => {
    const names = ['one', 'other'];
    const worlds = await Promise.all(names.map((name) => scenario({ name, policy: { adopt: 'always' } })));
    for (const world of worlds) await world.commit({ 'web.yaml': configMap('web', { a: '1' }) });
    const [one, other] = worlds as [World, World];
    expect(told(await one.reconcile())).toEqual(['created ConfigMap web']);
    const uid = await uidOf(one);
    for (const [taker, loser] of [
      [other, one],
      [one, other],
      [other, one],
    ] as const) {
      const report = await taker.reconcile();
      const owner = `the set ${loser.namespace}/${loser.sync.name}`;
      expect(told(report)).toEqual(['adopted ConfigMap web']);
      expect(report.objects[0]?.message).toBe(`from ${owner}`);
      expect(report.findings).toMatchObject([
        { severity: 'warning', code: 'TAKE_OVER', message: expect.stringContaining(`taken over from ${owner}`) },
      ]);
      expect(await uidOf(taker)).toBe(uid);
    }
  },
);

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

story(
  `in an engine an object wanders from sync to sync, and is the same one all the time (SEED=${SEED})`,
  async ({ client, connect, namespace }) => {
    const names = ['one', 'two', 'three'] as const;
    const files = (at: string) =>
      folderFiles(
        Object.fromEntries(
          names.map((name) => [
            name,
            [configMap(`rest-${name}`), ...(name === at ? [configMap('web', { at: '1' })] : [])],
          ]),
        ),
      );
    const source = createMemorySource();
    source.write(files('one'));
    await using tested = await testedEngine(connect);
    for (const name of names) tested.engine.add(syncOf(namespace, name), source);
    tested.start();
    const ref = { group: '', kind: 'ConfigMap', namespace, name: 'web' };
    const isAt = async (name: string) => {
      const live = await client.get(ref);
      expect(live && isMember(live, setIdentity(namespace, name), managers), `${name} is to have it`).toBe(true);
      return live?.metadata.uid;
    };
    const uid = await eventually(() => isAt('one'));
    let at = 'one';
    for (let round = 0, random = SEED; round < 8; round += 1) {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      at = names.filter((name) => name !== at)[(random >>> 16) % 2]!;
      source.write(files(at));
      const home = at;
      // Now and then the next commit comes before this one has gone through.
      if (random % 3 > 0) expect(await eventually(() => isAt(home))).toBe(uid);
    }
    expect(await eventually(() => isAt(at))).toBe(uid);
    await eventually(() =>
      expect(names.map((name) => tested.report(name)?.state)).toEqual(['Ready', 'Ready', 'Ready']),
    );
    const pruned = tested.events.filter(
      ({ event }) =>
        event.type === 'prune' && event.event.type === 'outcome' && event.event.outcome.action === 'pruned',
    );
    expect(pruned).toEqual([]);
  },
);
