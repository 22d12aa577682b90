/** Verdicts that time alone changes: no event tells of them. */
import { expect, test } from 'vitest';
import { manualClock } from '@homeostat/apiserver';
import { stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { eventually } from '../../../test/support/scenario.ts';
import { stage } from './loop-fixture.ts';

const ref = { group: '', kind: 'Pod', namespace: 'default', name: 'p' };
const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default' },
  spec: { containers: [{ name: 'app', image: 'app' }] },
};

test('a Pod that no node takes is Failed after its grace, although nothing happens', async () => {
  await using here = await stage({ server: { clock: manualClock() } });
  here.commit(pod);
  here.start();
  await eventually(() => expect(here.loop.report?.state).toBe('Progressing'));
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: '0/3 nodes are available',
    lastTransitionTime: new Date(here.clock.now()).toISOString(),
  };
  const status = { phase: 'Pending', conditions: [condition] };
  await here.server.client().request({
    method: 'PATCH',
    path: '/api/v1/namespaces/default/pods/p/status',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: stringifyJson({ status }),
  });
  const version = (await here.client.get(ref))?.metadata.resourceVersion;
  await eventually(() => expect(here.ports.live.get(ref)?.resourceVersion).toBe(version));
  await here.clock.advance(14_000);
  expect(here.loop.report?.state).toBe('Progressing');
  const sent = here.sent.length;
  await here.clock.advance(1_000);
  await eventually(() =>
    expect(here.loop.report).toMatchObject({ state: 'Failed', objects: [{ status: { state: 'Failed' } }] }),
  );
  await eventually(() => expect(here.ports.memory.parent?.report?.state).toBe('Failed'));
  // The report is kept at the parent; nothing else is asked.
  expect(here.sent.slice(sent).map(({ verb, name }) => `${verb} ${name}`)).toEqual(['apply site']);
});
