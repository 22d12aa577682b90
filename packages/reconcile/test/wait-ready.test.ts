/** The wait at the end of a single pass has an end too, however much moves. */
import { expect, test } from 'vitest';
import { drive, reconcileOnce } from '@homeostat/reconcile';
import type { PassEvent } from '@homeostat/reconcile';
import { KubeError, stringifyJson } from '@homeostat/kube';
import { deployment, eventually } from '../../../test/support/scenario.ts';
import { stage } from './loop-fixture.ts';
import type { Stage } from './loop-fixture.ts';

const second = 1_000;
const path = '/apis/apps/v1/namespaces/default/deployments/web/status';

async function status(here: Stage, updatedReplicas: number): Promise<void> {
  await here.client.request({
    method: 'PATCH',
    path,
    headers: { 'content-type': 'application/merge-patch+json' },
    body: stringifyJson({ status: { observedGeneration: 1, replicas: 3, updatedReplicas } }),
  });
}

/** One pass over a Deployment that nobody runs, and its events; `ended` when it is over. */
function once(here: Stage) {
  here.commit(deployment('web', { replicas: 3 }));
  const events: PassEvent[] = [];
  const state = { ended: false };
  const running = drive(reconcileOnce(here.sync, here.ports), (event) => events.push(event)).finally(() => {
    state.ended = true;
  });
  return { running, events, state };
}

test('an object that goes to and fro and never becomes ready ends the wait with the deadline', async () => {
  await using here = await stage({ policy: { waitTimeout: 60 * second, deadline: 300 * second } });
  const { running, events, state } = once(here);
  await eventually(() => expect(events.some(({ type }) => type === 'waiting')).toBe(true));
  const since = here.clock.now();
  for (let round = 1; !state.ended && round < 100; round += 1) {
    await status(here, round % 3);
    await here.clock.advance(20 * second);
  }
  expect((await running).failure).toMatchObject({
    stage: 'wait',
    code: 'NOT_READY',
    message: expect.stringMatching(
      /^1 objects are not ready after the policy deadline of 5 min: apps\/Deployment default\/web: /,
    ) as string,
  });
  expect(here.clock.now() - since).toBeLessThanOrEqual(320 * second);
});

test('one that does not move ends it after waitTimeout', async () => {
  await using here = await stage({ policy: { waitTimeout: 60 * second } });
  const { running, events } = once(here);
  await eventually(() => expect(events.some(({ type }) => type === 'waiting')).toBe(true));
  await here.clock.advance(60 * second);
  expect((await running).failure?.message).toMatch(/^1 objects made no progress for 60 s: /);
});

test('a server that says no more what kinds it has is a failure of the report, which still tells what was written', async () => {
  for (const stopped of [false, true]) {
    await using here = await stage({ policy: { waitTimeout: 60 * second } });
    here.commit(deployment('web', { replicas: 3 }));
    const stop = new AbortController();
    const { client } = here.ports;
    const resources = client.resources.bind(client);
    const report = await drive(reconcileOnce(here.sync, here.ports, { signal: stop.signal }), ({ type, ...step }) => {
      if (type !== 'apply' || !('event' in step) || step.event.type !== 'outcome') return;
      if (stopped) stop.abort();
      client.resources = () => Promise.reject(new KubeError('UNAVAILABLE', 'discovery is down', { retry: 'backoff' }));
    });
    client.resources = resources;
    expect(report).toMatchObject({ counts: { created: 1 } });
    if (!stopped) expect(report).toMatchObject({ state: 'Failed', failure: { stage: 'wait', code: 'UNAVAILABLE' } });
  }
});
