/** A newer revision takes over at the next safe point, whatever the pass waits for: a broken one never holds its fix. */
import { expect, test } from 'vitest';
import type { KubeObject } from '@homeostat/kube';
import { annotated, configMap, deployment, eventually } from '../../../test/support/scenario.ts';
import { stage } from './loop-fixture.ts';
import type { Stage } from './loop-fixture.ts';

const after = annotated(configMap('after'), { 'homeostat.dev/depends-on': 'apps/namespaces/default/Deployment/web' });
const broken = deployment('web', { replicas: 1 }, { nodeSelector: { 'no-such-node': 'at-all' } });
const mended = deployment('web', { replicas: 1 });

function ref({ kind, metadata: { name } }: KubeObject) {
  return { group: kind === 'Deployment' ? 'apps' : '', kind, namespace: 'default', name };
}

/** The loop waits for something, as it says after a second. */
async function waiting(here: Stage): Promise<void> {
  await eventually(async () => {
    await here.clock.advance(1_000);
    const waits = [...here.told('apply'), ...here.told('prune')].filter(({ event }) => event.type === 'waiting');
    expect(waits.length).toBeGreaterThan(0);
  });
}

async function ready(here: Stage): Promise<void> {
  await eventually(() => expect(here.loop.report?.state).toBe('Ready'));
}

test('a revision whose Deployment never becomes ready does not hold the one that mends it', async () => {
  await using here = await stage({ server: { simulate: 'workloads' } });
  here.commit(broken, after);
  here.start();
  await waiting(here);
  const since = here.clock.now();
  here.commit(mended, after);
  await eventually(async () => expect(await here.client.get(ref(after))).toBeDefined());
  await ready(here);
  expect(here.clock.now()).toBe(since);
  expect(here.told('report')).toHaveLength(1);
});

test('nor does one that waits for a deletion', async () => {
  await using here = await stage();
  here.commit(configMap('a'), configMap('held'));
  here.start();
  await ready(here);
  await here.client.patch(ref(configMap('held')), {
    type: 'merge',
    value: { metadata: { finalizers: ['example.com/hold'] } },
  });
  here.commit(configMap('a'));
  await waiting(here);
  const since = here.clock.now();
  here.commit(configMap('a', { a: '2' }));
  await eventually(async () => expect(await here.client.get(ref(configMap('a')))).toMatchObject({ data: { a: '2' } }));
  expect(here.clock.now()).toBe(since);
});

test('with supersede: false a pass ends first, in its time', async () => {
  await using here = await stage({
    server: { simulate: 'workloads' },
    policy: { supersede: false, waitTimeout: 60_000 },
  });
  here.commit(broken, after);
  here.start();
  await waiting(here);
  here.commit(mended, after);
  await here.clock.advance(10_000);
  expect(await here.client.get(ref(broken))).toMatchObject({
    spec: { template: { spec: { nodeSelector: { 'no-such-node': 'at-all' } } } },
  });
  await here.clock.advance(60_000);
  await ready(here);
  expect(here.told('report').map(({ report }) => report.state)).toContain('Failed');
});
