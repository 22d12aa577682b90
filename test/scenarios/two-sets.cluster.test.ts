/** Two engines that know nothing of each other, and one object in both repositories. */
import { expect } from 'vitest';
import { configMap, eventually } from '../support/scenario.ts';
import { shellTest as story } from '../support/shell.ts';

const web = configMap('web', { a: '1' });

story(
  'two sets that want one object: who has it keeps it, the other says whose it is and goes on with the rest',
  async ({ shell, expectLive }) => {
    const one = await shell({ name: 'one' });
    await one.commit({ 'web.yaml': web, 'rest.yaml': configMap('rest-1') });
    const first = one.stay();
    await eventually(() => expect(first.said).toMatch(/^Ready .*2 created/m));
    const before = await expectLive(web);

    const two = await shell({ name: 'two' });
    await two.commit({ 'web.yaml': configMap('web', { a: '2' }), 'rest.yaml': configMap('rest-2') });
    const second = two.stay();
    await eventually(() =>
      expect(second.said).toMatch(/^failed {4}ConfigMap \S+\/web .*\[conflict\] .*the set \S+\/one/m),
    );
    await expectLive(configMap('rest-2'));
    await two.commit({ 'rest.yaml': configMap('rest-2', { a: '2' }) });
    await eventually(() => expectLive(configMap('rest-2', { a: '2' })));
    expect((await expectLive(web)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect(first.said).not.toMatch(/^(drift|fight)/m);

    // One of them drops it: its set deletes it, because it is its own, and then the other makes it.
    await one.commit({ 'web.yaml': null });
    await eventually(() => expectLive(configMap('web', { a: '2' })));
    await eventually(() => expect(second.said.trimEnd().split('\n').at(-1)).toMatch(/^Ready /));
  },
);

story(
  'an object goes over to another engine’s set by its name, is the same one all the time, and its former set lets it go',
  async ({ shell, expectLive, namespace }) => {
    const one = await shell({ name: 'one' });
    await one.commit({ 'web.yaml': configMap('web', { a: '1', dropped: '1' }), 'rest.yaml': configMap('rest-1') });
    const first = one.stay();
    await eventually(() => expect(first.said).toMatch(/^Ready .*2 created/m));
    const { uid } = (await expectLive(web)).metadata;

    const two = await shell({ name: 'two', policy: { adoptFrom: [`set/${namespace}/one`] } });
    await two.commit({ 'web.yaml': web });
    const second = two.stay();
    await eventually(() => expect(second.said).toMatch(/^adopted {3}ConfigMap \S+\/web .*the set \S+\/one/m));
    await eventually(async () => {
      const now = await expectLive(web);
      expect(now['data']).toEqual({ a: '1' });
    });
    await eventually(() => expect(first.said).toMatch(/ConfigMap \S+\/web .*the set \S+\/two/m));

    await one.commit({ 'web.yaml': null, 'rest.yaml': configMap('rest-1', { a: '2' }) });
    await eventually(() => expectLive(configMap('rest-1', { a: '2' })));
    await eventually(() => expect(first.said.trimEnd().split('\n').at(-1)).toMatch(/^Ready /));
    expect((await expectLive(web)).metadata.uid).toBe(uid);
    await two.commit({ 'web.yaml': configMap('web', { a: '3' }) });
    await eventually(() => expectLive(configMap('web', { a: '3' })));
    expect((await expectLive(configMap('web', { a: '3' }))).metadata.uid).toBe(uid);
    expect(first.said + second.said).not.toMatch(/^fight/m);
  },
);
