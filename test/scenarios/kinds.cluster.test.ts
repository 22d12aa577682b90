/** Kinds that come with the commit, or with an operator of it, or that somebody installs later. */
import { expect } from 'vitest';
import type { Client, KubeObject } from '@homeostat/kube';
import { refOf } from '@homeostat/kube';
import { configMap, definition, deployment, eventually, inNamespace, randomName, widget } from '../support/scenario.ts';
import { shellTest } from '../support/shell.ts';

/** With a group of its own, whose definition is gone after the test. */
const story = shellTest.extend('group', ({ raw }, { onCleanup }): string => {
  const group = `${randomName('g')}.example.com`;
  onCleanup(
    async () => void (await raw('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`)),
  );
  return group;
});

/** What an operator does: once its Deployment is there it defines its kind. */
async function operate(client: Client, namespace: string, group: string): Promise<void> {
  const operator = { ...refOf(deployment('operator')), namespace };
  await eventually(async () => {
    const found = await client.get(operator);
    expect(found?.['status']).toMatchObject({ readyReplicas: 1 });
  });
  await client.create(definition(group));
}

const operator = (): KubeObject => deployment('operator', { replicas: 1 });

story(
  'a definition and its objects are one commit, in whatever order the files are; taken away in one they go in order',
  async ({ shell, group, live, expectLive }) => {
    const site = await shell({ policy: { pruneKinds: ['CustomResourceDefinition.apiextensions.k8s.io'] } });
    const both = [widget(group, 'one', { size: 1 }), widget(group, 'two', { size: 2 })];
    await site.commit({ 'a.yaml': both, 'z.yaml': definition(group), 'stays.yaml': configMap('stays') });
    expect((await site.plan()).stdout).toMatch(/^\+?\s*create .*Widget/m);
    const first = await site.sync();
    expect(first, first.stdout).toMatchObject({ code: 0, stdout: expect.stringMatching(/: 4 created /) as string });
    await expectLive(both[1]!);
    expect(await site.plan()).toMatchObject({ code: 0 });

    await site.commit({ 'a.yaml': null, 'z.yaml': null });
    const last = await site.sync();
    expect(last.stdout).toMatch(/^pruned {4}\S+\/Widget \S+\/one/m);
    expect(last, last.stdout).toMatchObject({ code: 0, stdout: expect.stringMatching(/3 pruned/) as string });
    expect(await live(definition(group))).toBeUndefined();
  },
);

story(
  'objects of a kind that an operator of the same commit defines are applied in the pass that brings the operator, in the namespace of the sync',
  async ({ shell, client, group, namespace, expectLive }) => {
    const site = await shell();
    await site.commit({ 'a.yaml': widget(group, 'one', { size: 1 }), 'operator.yaml': operator() });
    const [said] = await Promise.all([site.sync(), operate(client, namespace, group)]);
    expect(said, said.stdout).toMatchObject({ code: 0, stdout: expect.stringMatching(/: 2 created /) as string });
    await expectLive(widget(group, 'one', { size: 1 }));
  },
);

story(
  'a kind that nobody brings in time is named with what to do; the others are there, and nothing is pruned',
  async ({ shell, client, group, namespace, expectLive, live }) => {
    const site = await shell({ policy: { waitTimeout: '1500ms' } });
    await site.commit({ 'old.yaml': configMap('old') });
    expect(await site.sync()).toMatchObject({ code: 0 });
    await site.commit({ 'old.yaml': null, 'a.yaml': widget(group, 'one'), 'operator.yaml': operator() });
    const said = await site.sync();
    expect(said.code).toBe(1);
    expect(said.stdout).toMatch(/^failed {4}\S+\/Widget one .*\[not-found-kind\] .*install what defines/m);
    expect(said.stdout).toMatch(/^kept {6}ConfigMap \S+\/old/m);
    await expectLive(operator());

    await operate(client, namespace, group);
    await eventually(async () => expect((await site.sync()).code).toBe(0));
    await expectLive(widget(group, 'one'));
    expect(await live(configMap('old'))).toBeUndefined();
  },
);

story(
  'what a set needs and does not have itself is awaited: it starts when somebody else makes it',
  async ({ shell, client, namespace, expectLive, live }) => {
    const site = await shell({ policy: { waitTimeout: '1m' } });
    const on = (name: string) => ({ 'homeostat.dev/depends-on': `/namespaces/${namespace}/Secret/${name}` });
    const needs = (name: string, secret: string): KubeObject => {
      const object = configMap(name);
      return { ...object, metadata: { ...object.metadata, annotations: on(secret) } };
    };
    await site.commit({ 'needs.yaml': needs('needs', 'made-by-others'), 'a.yaml': configMap('a') });
    const engine = site.stay();
    await eventually(() =>
      expect(engine.said).toMatch(/^waiting .*for Secret \S+\/made-by-others: .*(not there|does not exist|absent)/m),
    );
    await expectLive(configMap('a'));
    expect(await live(configMap('needs'))).toBeUndefined();
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'made-by-others' } };
    await client.create(inNamespace(secret, namespace));
    await eventually(() => expect(engine.said).toMatch(/^Ready .*2 created/m));
    await engine.stop();

    const late = await shell({ name: 'later', policy: { waitTimeout: '1s' } });
    await late.commit({ 'needs.yaml': needs('late', 'never-made') });
    const said = await late.sync();
    expect(said.code).toBe(1);
    expect(said.stdout).toMatch(
      /^blocked {3}ConfigMap \S+\/late .*Secret \S+\/never-made did not become ready within 1 s: NotFound/m,
    );
  },
);
