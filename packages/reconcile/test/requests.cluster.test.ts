/** How it must behave: what a pass costs. */
import { describe, expect } from 'vitest';
import { configMap, deployment, scenarioTest as story, secret, service, told } from '../../../test/support/scenario.ts';

const mixed = {
  'web.yaml': deployment('web', {}, { nodeSelector: { disk: 'ssd' } }),
  'service.yaml': service('web', { app: 'web' }),
  'config.yaml': [configMap('a'), configMap('b')],
  'secret.yaml': secret('key', { password: 'open sesame' }),
};

describe('a second pass over a settled set', () => {
  story('sends no request warm', async ({ scenario }) => {
    const world = await scenario();
    await world.commit(mixed);
    const process = await world.process();
    expect((await process.reconcile()).state).toBe('Ready');
    process.requests();

    const report = await process.reconcile();
    expect(report.counts).toMatchObject({ unchanged: 5, created: 0, updated: 0, failed: 0 });
    expect(process.requests()).toEqual({});
  });

  story(
    'from a fresh process sends at most 3 requests and a list page per kind, opens no watch and writes nothing',
    async ({ scenario }) => {
      const world = await scenario();
      await world.commit(mixed);
      expect(told(await world.reconcile())).toEqual([
        'created ConfigMap a',
        'created ConfigMap b',
        'created Deployment web',
        'created Secret key',
        'created Service web',
      ]);

      const process = await world.process();
      const report = await process.reconcile();
      expect(report).toMatchObject({ state: 'Ready', counts: { unchanged: 5 } });
      const { list = 0, ...others } = process.requests();
      expect(list).toBe(4);
      expect(Object.keys(others).toSorted()).toEqual(['discovery', 'get']);
      expect((others['discovery'] ?? 0) + (others['get'] ?? 0)).toBeLessThanOrEqual(3);
    },
  );

  story('lists a kind in pages of 500', async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'many.yaml': Array.from({ length: 501 }, (_, i) => configMap(`c-${i}`)) });
    await world.reconcile();
    const process = await world.process();
    expect((await process.reconcile()).counts).toMatchObject({ unchanged: 501 });
    expect(process.requests()).toMatchObject({ list: 2, get: 1 });
  });

  story('the source too is asked once only', async ({ scenario }) => {
    const world = await scenario({ git: true });
    await world.commit(mixed);
    const process = await world.process();
    await process.reconcile();
    process.requests();
    world.git.forget();
    await process.reconcile();
    expect(process.requests()).toEqual({});
    expect(world.git.requests.length).toBeLessThanOrEqual(1);
  });
});

describe('create, change', () => {
  story('what the source names is created, and a change to it arrives', async ({ scenario }) => {
    const world = await scenario({ git: true });
    await world.commit(mixed);
    expect((await world.reconcile()).state).toBe('Ready');
    await world.expectLive(configMap('a', { a: '1' }));

    await world.commit({ 'config.yaml': [configMap('a', { a: '2' }), configMap('b')] });
    expect((await world.reconcile()).counts).toMatchObject({ updated: 1, unchanged: 4 });
    await world.expectLive(configMap('a', { a: '2' }));
  });

  story('a new object costs one dry run and one PATCH', async ({ scenario }) => {
    const world = await scenario();
    await world.commit(mixed);
    const process = await world.process();
    await process.reconcile();
    process.requests();
    await world.commit({ 'new.yaml': configMap('new') });
    expect((await process.reconcile()).counts).toMatchObject({ created: 1, unchanged: 5 });
    // The report at the parent changes with the number of objects.
    expect(process.requests()).toEqual({ 'dry-run': 1, apply: 2 });
  });
});

story(
  'one changed file of 5,000 costs at most two Git requests, one parse, one dry run and one PATCH',
  async ({ scenario }) => {
    const world = await scenario({ git: true, policy: { wait: false } });
    const file = (i: number) => `apps/${Math.floor(i / 100)}/c-${i}.yaml`;
    const count = 5_000;
    // Most files hold nothing for the cluster: what is measured is the cost of files, not that of objects.
    const files = Array.from({ length: count }, (_, i) => [
      file(i),
      i % 50 === 0 ? configMap(`c-${i}`) : `# note ${i}\n`,
    ]);
    await world.commit(Object.fromEntries(files) as Record<string, string>);
    const process = await world.process();
    expect((await process.reconcile()).counts).toMatchObject({ created: 100, failed: 0 });
    process.requests();
    world.git.forget();
    const before = new Set([...process.ports.memory.desired.values()].map(({ object }) => object));

    await world.commit({ [file(2_500)]: configMap('c-2500', { a: 'changed' }) });
    const report = await process.reconcile();
    expect(report.counts).toMatchObject({ updated: 1, unchanged: 99 });
    expect(process.requests()).toEqual({ 'dry-run': 1, apply: 1 });
    expect(world.git.requests.length).toBeLessThanOrEqual(2);
    const parsed = [...process.ports.memory.desired.values()].filter(({ object }) => !before.has(object));
    expect(parsed.map(({ ref }) => ref.name)).toEqual(['c-2500']);
    await world.expectLive(configMap('c-2500', { a: 'changed' }));
  },
);
