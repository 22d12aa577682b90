/** A pass may be stopped at any time: it ends with a report, and the next one goes on from what it finds. */
import { expect } from 'vitest';
import { configMap, deployment, scenarioTest as story, told } from '../../../test/support/scenario.ts';

const many = Array.from({ length: 200 }, (_, i) => configMap(`c-${i}`));

story('stopped before it began: a report, and nothing is written', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a') });
  const process = await world.process();
  const report = await process.reconcile({ signal: AbortSignal.abort() });
  expect(report).toMatchObject({ state: 'Failed', failure: { stage: 'look' } });
  await world.expectGone(configMap('a'));
  expect((await process.reconcile()).state).toBe('Ready');
});

story('stopped in the middle of writing: what is written stays, what is left follows', async ({ scenario }) => {
  const world = await scenario();
  await world.commit({ 'many.yaml': many });
  const process = await world.process();
  const stop = new AbortController();
  const running = process.reconcile({ signal: stop.signal });
  while (!process.events.some((event) => event.type === 'apply')) await new Promise(setImmediate);
  stop.abort();
  const report = await running;
  expect(report.state).toBe('Failed');
  expect(report.counts.created + report.counts.failed).toBe(many.length);
  expect(report.counts.created).toBeGreaterThan(0);
  expect(report.counts.created).toBeLessThan(many.length);
  for (const { action, code } of report.objects) if (action === 'failed') expect(code).toBe('cancelled');

  const rest = await world.reconcile();
  expect(rest).toMatchObject({ state: 'Ready', counts: { failed: 0 } });
  expect(rest.counts.created + rest.counts.unchanged).toBe(many.length);
});

story('a deadline that passes is named at whatever stage, and another attempt is made', async ({ scenario }) => {
  for (const deadline of [1, 150]) {
    const world = await scenario({ name: `site-${deadline}`, policy: { deadline } });
    await world.commit({
      'many.yaml': many.map((one) => ({ ...one, metadata: { name: `${one.metadata.name}-${deadline}` } })),
    });
    const report = await world.reconcile();
    expect(report).toMatchObject({ state: 'Failed', failure: { code: 'TIMEOUT', retry: 'backoff' } });
  }
});

story('an object that never becomes ready ends the wait, and is named', async ({ scenario }) => {
  const world = await scenario({ policy: { waitTimeout: 700 } });
  const selector = { nodeSelector: { 'no-such-node': 'at-all' } };
  await world.commit({ 'web.yaml': deployment('web', { replicas: 1 }, selector), 'a.yaml': configMap('a') });
  const report = await world.reconcile();
  expect(told(report)).toEqual(['created ConfigMap a', 'created Deployment web']);
  expect(report).toMatchObject({ state: 'Failed', failure: { stage: 'wait', code: 'NOT_READY' } });
  expect(report.failure?.message).toMatch(/Deployment .*web/);
});
