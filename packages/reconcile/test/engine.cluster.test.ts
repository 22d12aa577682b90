/** How it must behave: many syncs in one process. */
import { expect } from 'vitest';
import { setIdentity } from '@homeostat/kube';
import { readParent } from '@homeostat/prune';
import { cluster } from '../../../test/support/cluster.ts';
import { configMap, deployment, eventually } from '../../../test/support/scenario.ts';
import { folderFiles, folders, syncOf, testedEngine } from './engine-world.ts';
import type { Tested } from './engine-world.ts';

const holder = 'host-a/1/x';
const story = cluster.needs('controllers');

async function ready(tested: Tested, names: readonly string[]): Promise<void> {
  await eventually(() => {
    const reports = names.map((name) => tested.report(name));
    const others = reports.filter((report) => report?.state !== 'Ready');
    expect(others.map((report) => report?.failure ?? report?.waits ?? report?.objects)).toEqual([]);
  });
}

story(
  'thirty syncs: idle they send nothing but one watch per kind, of parents and of Leases, and one renewal',
  async ({ client, connect, namespace }) => {
    const names = Array.from({ length: 30 }, (_, i) => `app-${String(i).padStart(2, '0')}`);
    const source = folders(
      Object.fromEntries(names.map((name) => [name, [configMap(`of-${name}`), deployment(name)]])),
    );
    await using tested = await testedEngine(connect, { lease: { holder, namespace } });
    const { engine } = tested;
    for (const name of names) engine.add(syncOf(namespace, name), source);
    tested.start();
    await ready(tested, names);
    // What follows a report is written to the parent.
    for (const name of names) {
      const set = setIdentity(namespace, name);
      await eventually(async () => expect((await readParent(client, set))?.report?.state).toBe('Ready'));
    }
    tested.requests();
    const before = tested.events.length;
    engine.syncNow();
    await eventually(() => {
      const told = tested.events.slice(before).filter(({ event }) => event.type === 'report');
      expect(new Set(told.map(({ sync }) => sync?.name)).size).toBe(30);
    });
    const idle = tested.requests();
    expect(idle.filter(({ verb }) => verb !== 'watch' && verb !== 'update')).toEqual([]);
    expect(idle.filter(({ verb }) => verb === 'update').length).toBeLessThanOrEqual(1);
    await engine.stop();
    // A watch is counted when it has ended.
    const watched = tested.requests().filter(({ verb }) => verb === 'watch');
    expect(watched.map(({ resource }) => resource).toSorted()).toEqual([
      '/configmaps', // the members
      '/configmaps', // the parents
      'apps/deployments',
      'coordination.k8s.io/leases',
    ]);
  },
);

story(
  'a chain: each is applied when the one before is ready, and a new revision goes the same way',
  async ({ connect, namespace }) => {
    const source = folders({ a: [configMap('of-a')], b: [configMap('of-b')], c: [configMap('of-c')] });
    await using tested = await testedEngine(connect);
    const { engine } = tested;
    // The last comes first, so that it is no accident.
    engine.add(syncOf(namespace, 'c', { dependsOn: [{ name: 'b' }] }), source);
    engine.add(syncOf(namespace, 'b', { dependsOn: [{ name: 'a' }] }), source);
    engine.add(syncOf(namespace, 'a'), source);
    tested.start();
    await ready(tested, ['a', 'b', 'c']);
    const first = tested.reports('c')[0];
    expect(first).toMatchObject({
      state: 'Progressing',
      waits: [
        {
          sync: { namespace, name: 'b' },
          message: expect.stringContaining(`waits for ${namespace}/b since `) as string,
        },
      ],
    });
    expect(engine.reports.map(({ sync }) => sync.name)).toEqual(['a', 'b', 'c']);

    const from = tested.events.length;
    source.write(
      folderFiles({
        a: [configMap('of-a', { v: '2' })],
        b: [configMap('of-b', { v: '2' })],
        c: [configMap('of-c', { v: '2' })],
      }),
    );
    await eventually(() => {
      const written = tested.events
        .slice(from)
        .flatMap(({ sync, event }) =>
          event.type === 'report' && event.report.counts.updated === 1 ? [sync?.name] : [],
        );
      expect(written).toEqual(['a', 'b', 'c']);
    });
  },
);

story(
  'a broken sync delays nobody but those that depend on it, and these still repair drift',
  async ({ client, connect, namespace }) => {
    const source = folders({ a: [configMap('of-a')], b: [configMap('of-b')], other: [configMap('of-other')] });
    await using tested = await testedEngine(connect);
    const { engine } = tested;
    engine.add(syncOf(namespace, 'a'), source);
    engine.add(syncOf(namespace, 'b', { dependsOn: [{ name: 'a' }] }), source);
    engine.add(syncOf(namespace, 'other'), source);
    tested.start();
    await ready(tested, ['a', 'b', 'other']);
    source.write(
      folderFiles({ a: '{ broken', b: [configMap('of-b', { v: '2' })], other: [configMap('of-other', { v: '2' })] }),
    );
    await eventually(() => {
      expect(tested.report('a')?.state).toBe('Failed');
      expect(tested.report('b')).toMatchObject({ state: 'Progressing', waits: [{ reason: 'not-ready' }] });
      expect(tested.report('other')).toMatchObject({ state: 'Ready', counts: { updated: 1 } });
    });
    const edited = { ...configMap('of-b', { a: 'edited' }), metadata: { name: 'of-b', namespace } };
    await client.apply(edited, { manager: 'somebody', force: true });
    const ref = { group: '', kind: 'ConfigMap', namespace, name: 'of-b' };
    await eventually(async () => expect((await client.get(ref))?.['data']).toEqual({ a: '1' }));

    source.write(folderFiles({ a: [configMap('of-a', { v: '3' })] }));
    await eventually(async () => expect((await client.get(ref))?.['data']).toEqual({ v: '2' }));
    await ready(tested, ['a', 'b', 'other']);
  },
);

story('a cycle is the error of its members alone', async ({ connect, namespace }) => {
  const source = folders({
    x: [configMap('of-x')],
    y: [configMap('of-y')],
    z: [configMap('of-z')],
    well: [configMap('of-well')],
  });
  await using tested = await testedEngine(connect);
  const { engine } = tested;
  engine.add(syncOf(namespace, 'x', { dependsOn: [{ name: 'y' }] }), source);
  engine.add(syncOf(namespace, 'y', { dependsOn: [{ name: 'x' }] }), source);
  engine.add(syncOf(namespace, 'z', { dependsOn: [{ name: 'y' }] }), source);
  engine.add(syncOf(namespace, 'well'), source);
  tested.start();
  await ready(tested, ['well']);
  await eventually(() => {
    for (const name of ['x', 'y']) {
      expect(tested.report(name)).toMatchObject({
        state: 'Failed',
        failure: { stage: 'depend', code: 'DEPENDENCY_CYCLE', message: expect.stringContaining(' → ') as string },
      });
    }
    expect(tested.report('z')).toMatchObject({ state: 'Progressing', waits: [{ sync: { name: 'y' } }] });
  });
});

story(
  'a missing dependency is named, and waited for without a request, until it is there',
  async ({ connect, namespace }) => {
    const source = folders({ a: [configMap('of-a')], b: [configMap('of-b')] });
    await using tested = await testedEngine(connect);
    const { engine } = tested;
    engine.add(syncOf(namespace, 'b', { dependsOn: [{ name: 'a' }] }), source);
    tested.start();
    await eventually(() => {
      expect(tested.report('b')?.waits).toMatchObject([
        { reason: 'missing', message: expect.stringContaining('no set of this name') as string },
      ]);
    });
    // Another process makes it.
    await using other = await testedEngine(connect);
    other.engine.add(syncOf(namespace, 'a'), source);
    other.start();
    await ready(other, ['a']);
    await ready(tested, ['b']);
  },
);

story(
  'once: reports come in the order of dependencies, and what depends on a failed one is not begun',
  async ({ client, connect, namespace }) => {
    const source = folders({ a: [configMap('of-a')], b: [configMap('of-b')], c: '{ broken', d: [configMap('of-d')] });
    await using tested = await testedEngine(connect);
    const { engine } = tested;
    engine.add(syncOf(namespace, 'a', { dependsOn: [{ name: 'b' }] }), source);
    engine.add(syncOf(namespace, 'b'), source);
    engine.add(syncOf(namespace, 'c'), source);
    engine.add(syncOf(namespace, 'd', { dependsOn: [{ name: 'c' }] }), source);
    const reports = await engine.reconcile();
    expect(reports.map(({ sync, state }) => `${sync.name} ${state}`)).toEqual([
      'b Ready',
      'c Failed',
      'a Ready',
      'd Failed',
    ]);
    expect(reports.at(-1)?.failure).toMatchObject({ code: 'DEPENDENCY_NOT_READY', stage: 'depend' });
    expect(await client.get({ group: '', kind: 'ConfigMap', namespace, name: 'of-d' })).toBeUndefined();
    expect(tested.requests().filter(({ verb }) => verb === 'watch')).toEqual([]);
  },
);

story('teardown goes the other way round, and a set that others need stays', async ({ connect, namespace }) => {
  const source = folders({ a: [configMap('of-a')], b: [configMap('of-b')], c: [configMap('of-c')] });
  await using tested = await testedEngine(connect);
  const { engine } = tested;
  engine.add(syncOf(namespace, 'a'), source);
  engine.add(syncOf(namespace, 'b', { dependsOn: [{ name: 'a' }] }), source);
  engine.add(syncOf(namespace, 'c', { dependsOn: [{ name: 'b' }] }), source);
  tested.start();
  await ready(tested, ['a', 'b', 'c']);
  const named = (names: readonly string[]) => names.map((name) => ({ namespace, name }));
  const [refused] = await engine.destroy(named(['b']), { mode: 'delete' });
  expect(refused).toMatchObject({
    state: 'Failed',
    failure: { code: 'SET_NEEDED', message: expect.stringContaining(`${namespace}/c depends on it`) as string },
  });

  // Another process knows it from the parents alone.
  await using other = await testedEngine(connect);
  other.engine.add(syncOf(namespace, 'a'), source);
  await eventually(async () => {
    expect(await other.engine.destroy(named(['a']), { mode: 'delete' })).toMatchObject([
      { failure: { code: 'SET_NEEDED' } },
    ]);
  });

  const reports = await engine.destroy(named(['a', 'b', 'c']), { mode: 'delete' });
  expect(reports.map(({ sync, state }) => `${sync.name} ${state}`)).toEqual(['c Ready', 'b Ready', 'a Ready']);
  expect(reports.every(({ counts }) => counts.pruned === 1)).toBe(true);
  expect(engine.reports).toEqual([]);
});

story(
  'an object that moves from a dependency to what depends on it is never deleted in between',
  async ({ client, connect, namespace }) => {
    const source = folders({ a: [configMap('of-a'), configMap('of-both')], b: [configMap('of-b')] });
    await using tested = await testedEngine(connect);
    const { engine } = tested;
    engine.add(syncOf(namespace, 'a'), source);
    engine.add(syncOf(namespace, 'b', { dependsOn: [{ name: 'a' }] }), source);
    tested.start();
    await ready(tested, ['a', 'b']);
    const ref = { group: '', kind: 'ConfigMap', namespace, name: 'of-both' };
    const before = await client.get(ref);
    source.write(folderFiles({ a: [configMap('of-a')], b: [configMap('of-b'), configMap('of-both')] }));
    await eventually(async () => {
      const annotations = (await client.get(ref))?.metadata.annotations ?? {};
      expect(annotations['homeostat.dev/managed']).toMatch(new RegExp(`^${namespace}/b:`));
    });
    expect((await client.get(ref))?.metadata.uid).toBe(before?.metadata.uid);
    await ready(tested, ['a', 'b']);
  },
);
