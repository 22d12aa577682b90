/** How it must behave: a sync that depends on one of another process. */
import { expect } from 'vitest';
import { configMap, eventually, scenarioTest as story } from '../../../test/support/scenario.ts';
import { destroySet, drive } from '@homeostat/reconcile';

story('a single pass waits until what it depends on is ready, and says for whom and why', async ({ scenario }) => {
  const [base, web] = [await scenario({ name: 'base' }), await scenario({ name: 'web' })];
  await base.commit({ 'a.yaml': configMap('of-base') });
  await web.commit({ 'a.yaml': configMap('of-web') });
  const { namespace } = web;
  const waiting = await web.process({ dependsOn: [{ namespace, name: 'base' }] });
  const reconciling = waiting.reconcile();
  await eventually(() => {
    expect(waiting.events.filter(({ type }) => type === 'awaiting')).toContainEqual(
      expect.objectContaining({ waits: [expect.objectContaining({ reason: 'missing' })] }),
    );
  });
  await web.expectGone(configMap('of-web'));
  expect((await base.reconcile()).state).toBe('Ready');
  expect(await reconciling).toMatchObject({ state: 'Ready', counts: { created: 1 } });
});

story('it gives up with the deadline, and has done nothing', async ({ scenario }) => {
  const web = await scenario({ name: 'web', policy: { deadline: 1_000 } });
  await web.commit({ 'a.yaml': configMap('of-web') });
  const process = await web.process({ dependsOn: [{ namespace: web.namespace, name: 'base' }] });
  expect(await process.reconcile()).toMatchObject({
    state: 'Failed',
    failure: {
      stage: 'depend',
      code: 'DEPENDENCY_NOT_READY',
      message: expect.stringContaining(`waits for ${web.namespace}/base since`) as string,
    },
  });
  await web.expectGone(configMap('of-web'));
});

story(
  'a loop on its own waits too, and a broken dependency holds back its next revision alone',
  async ({ scenario }) => {
    const [base, web] = [await scenario({ name: 'base' }), await scenario({ name: 'web' })];
    await base.commit({ 'a.yaml': configMap('of-base') });
    await web.commit({ 'a.yaml': configMap('of-web') });
    const process = await web.process({ dependsOn: [{ namespace: web.namespace, name: 'base' }] });
    const loop = process.loop();
    await eventually(() => expect(loop.report).toMatchObject({ state: 'Progressing', waits: [{ reason: 'missing' }] }));
    await base.reconcile();
    await eventually(() => expect(loop.report?.state).toBe('Ready'));

    await base.commit({ 'a.yaml': '{ broken' });
    expect((await base.reconcile()).state).toBe('Failed');
    // Between processes it is a watch that tells.
    await eventually(() => expect(process.ports.dependencies.waitsFor({ commit: 'another' })).toHaveLength(1));
    await web.commit({ 'a.yaml': configMap('of-web', { a: '2' }) });
    await eventually(() =>
      expect(loop.report).toMatchObject({ state: 'Progressing', waits: [{ reason: 'not-ready' }] }),
    );
    await web.applyAs('somebody', configMap('of-web', { a: 'edited' }));
    await eventually(() => web.expectLive(configMap('of-web', { a: '1' })));

    await base.commit({ 'a.yaml': configMap('of-base', { a: '2' }) });
    await base.reconcile();
    await eventually(() => web.expectLive(configMap('of-web', { a: '2' })));
    await eventually(() => expect(loop.report?.state).toBe('Ready'));
  },
);

story('a set that another one depends on is destroyed after that one, or by force', async ({ scenario }) => {
  const [base, web] = [await scenario({ name: 'base' }), await scenario({ name: 'web' })];
  await base.commit({ 'a.yaml': configMap('of-base') });
  await web.commit({ 'a.yaml': configMap('of-web') });
  await base.reconcile();
  await (await web.process({ dependsOn: [{ namespace: web.namespace, name: 'base' }] })).reconcile();
  const process = await base.process();
  await expect(process.destroy('delete')).rejects.toMatchObject({
    code: 'SET_NEEDED',
    message: expect.stringContaining(`${web.namespace}/web depends on it`) as string,
  });
  await base.expectLive(configMap('of-base'));
  const forced = destroySet(process.sync, process.ports, { mode: 'delete', force: true });
  expect(await drive(forced)).toMatchObject({ state: 'Ready', counts: { pruned: 1 } });
});
