/** The end of a set that has a Namespace of its own: what goes, in which order, what holds it, and what stays. */
import { expect } from 'vitest';
import type { Client, KubeObject } from '@homeostat/kube';
import { refOf } from '@homeostat/kube';
import {
  configMap,
  deployment,
  eventually,
  inNamespace,
  namespaceObject,
  randomName,
  secret,
} from '../support/scenario.ts';
import { shellTest } from '../support/shell.ts';

/** With a name for a Namespace, which is gone after the test. */
const story = shellTest.extend('home', ({ raw }, { onCleanup }): string => {
  const name = randomName('home');
  onCleanup(async () => void (await raw('DELETE', `/api/v1/namespaces/${name}`)));
  return name;
});

const all = (home: string): readonly KubeObject[] => [
  namespaceObject(home),
  ...[configMap('settings'), secret('key', { a: '1' }), deployment('web', { replicas: 1 })].map((object) =>
    inNamespace(object, home),
  ),
];

const finalizers = (client: Client, object: KubeObject, list: readonly string[]): Promise<unknown> =>
  client.patch(refOf(object), { type: 'merge', value: { metadata: { finalizers: list } } });

story(
  'a set is destroyed with its Namespace: contents first, and nothing of it is left',
  async ({ shell, home, live }) => {
    const site = await shell();
    await site.commit({ 'all.yaml': all(home) });
    expect(await site.sync()).toMatchObject({ code: 0 });

    const kept = await site.destroy();
    expect(kept.stdout).toMatch(new RegExp(`^kept {6}Namespace ${home} .*name it in the policy pruneKinds`, 'm'));
    expect(await live(namespaceObject(home))).toMatchObject({ status: { phase: 'Active' } });
    expect(await live(inNamespace(configMap('settings'), home))).toBeUndefined();

    const gone = await site.destroy('--prune-kinds', 'Namespace');
    expect(gone).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Ready .*1 pruned/m) as string });
    expect(await live(namespaceObject(home))).toBeUndefined();
    expect(await live(configMap('site'))).toBeUndefined();
  },
);

story(
  'a Namespace that still holds what is somebody else’s stays with it, and so does the record of the set',
  async ({ shell, home, client, live, expectLive }) => {
    const site = await shell();
    await site.commit({ 'all.yaml': all(home) });
    expect(await site.sync()).toMatchObject({ code: 0 });
    const foreign = inNamespace(configMap('foreign'), home);
    await client.create(foreign);

    const kept = await site.destroy('--prune-kinds', 'Namespace');
    expect(kept.stdout).toMatch(new RegExp(`^kept {6}Namespace ${home} .*ConfigMap ${home}/foreign`, 'm'));
    await expectLive(foreign);
    expect(await live(inNamespace(secret('key', {}), home))).toBeUndefined();
    await expectLive(configMap('site', {}));

    await client.delete(refOf(foreign));
    expect(await site.destroy('--prune-kinds', 'Namespace')).toMatchObject({ code: 0 });
    expect(await live(namespaceObject(home))).toBeUndefined();
    expect(await live(configMap('site'))).toBeUndefined();
  },
);

story(
  'a finalizer that hangs is named; a newer revision does not wait for it, and who wants the object again gets it when it is gone',
  async ({ shell, client, namespace, expectLive, onTestFinished }) => {
    const held = inNamespace(configMap('held'), namespace);
    const site = await shell({ policy: { waitTimeout: '1m' } });
    await site.commit({ 'held.yaml': held, 'a.yaml': configMap('a') });
    const engine = site.stay();
    await eventually(() => expect(engine.said).toMatch(/^Ready /m));
    onTestFinished(async () => void (await finalizers(client, held, []).catch(() => {})));
    await finalizers(client, held, ['example.com/hold']);

    await site.commit({ 'held.yaml': null });
    await eventually(() => expect(engine.said).toMatch(/^waiting .*for ConfigMap \S+\/held: .*example\.com\/hold/m));
    await site.commit({ 'a.yaml': configMap('a', { a: '2' }) });
    await eventually(() => expectLive(configMap('a', { a: '2' })));

    // It is wanted again while it is still on its way out: it is waited for, and made anew.
    const { uid } = (await expectLive(held)).metadata;
    const before = engine.said.length;
    await site.commit({ 'held.yaml': configMap('held', { a: 'again' }) });
    await eventually(() =>
      expect(engine.said.slice(before)).toMatch(/^waiting .*ConfigMap \S+\/held: .*example\.com\/hold/m),
    );
    await finalizers(client, held, []);
    await eventually(async () => {
      const again = await expectLive(configMap('held', { a: 'again' }));
      expect(again.metadata.uid).not.toBe(uid);
    });
    await eventually(() => expect(engine.said.trimEnd().split('\n').at(-1)).toMatch(/^Ready /));
  },
);

story(
  'a Namespace that somebody deletes under 300 objects: waited for by name, then made anew with all of them',
  async ({ shell, home, client, live }) => {
    const site = await shell({ policy: { waitTimeout: '1m' } });
    const contents = Array.from({ length: 300 }, (_, i) => inNamespace(configMap(`c-${i}`), home));
    await site.commit({ 'home.yaml': namespaceObject(home), 'all.yaml': contents, 'beside.yaml': configMap('beside') });
    const engine = site.stay();
    await eventually(() => expect(engine.said).toMatch(/^Ready .*302 created/m));
    const before = (await live(namespaceObject(home)))?.metadata.uid;

    const hold = inNamespace(configMap('hold'), home);
    await client.create({ ...hold, metadata: { ...hold.metadata, finalizers: ['example.com/hold'] } });
    await client.delete(refOf(namespaceObject(home)));
    await eventually(() =>
      expect(engine.said).toMatch(new RegExp(`^waiting .*for Namespace ${home}: .*finalizers`, 'm')),
    );
    await site.commit({ 'beside.yaml': configMap('beside', { a: '2' }) });
    await eventually(async () => expect(await live(configMap('beside'))).toMatchObject({ data: { a: '2' } }));
    await finalizers(client, hold, []);
    await eventually(async () => {
      const now = await live(namespaceObject(home));
      expect(now?.metadata.uid).toBeDefined();
      expect(now?.metadata.uid).not.toBe(before);
      expect(await live(contents[299]!)).toMatchObject({ data: { a: '1' } });
    });
    await eventually(async () => expect(await site.plan()).toMatchObject({ code: 0 }));
    expect(engine.said).not.toMatch(/^failed /m);
  },
);
