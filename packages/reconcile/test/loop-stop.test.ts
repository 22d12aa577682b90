/** Stopped at any stage, a loop ends at the next request: it tells nothing half, and leaves nothing behind. */
import { expect, test, vi } from 'vitest';
import type { FaultRule } from '@homeostat/apiserver';
import { annotated, configMap, eventually } from '../../../test/support/scenario.ts';
import { stage } from './loop-fixture.ts';
import type { Stage } from './loop-fixture.ts';

const parent = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'site' };
const a = { ...parent, name: 'a' };
const hour = 3_600_000;

/** The answer to these requests does not come. */
function stuck(rule: Omit<FaultRule, 'fault' | 'ms'>): FaultRule {
  return { ...rule, fault: 'latency', ms: hour };
}

const held = { ...configMap('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } };
const after = annotated(configMap('after'), { 'homeostat.dev/depends-on': '/namespaces/default/ConfigMap/nowhere' });

const stages: readonly {
  readonly stage: string;
  readonly fault?: FaultRule;
  /** It is there. */
  readonly reached: (here: Stage) => boolean;
  /** Goes through the first pass undisturbed; then this is what is wanted. */
  readonly later?: readonly ReturnType<typeof configMap>[];
}[] = [
  {
    stage: 'looking for the parent',
    fault: stuck({ verb: 'get', resource: 'configmaps', name: 'site' }),
    reached: ({ watches }) => watches > 0,
  },
  {
    stage: 'listing',
    fault: stuck({ verb: 'list', resource: 'configmaps' }),
    reached: ({ told }) => told('rendered').length > 0,
  },
  {
    stage: 'validating',
    fault: stuck({ verb: 'apply', name: 'a', dryRun: true }),
    reached: ({ told }) => told('rendered').length > 0,
  },
  {
    stage: 'applying',
    fault: stuck({ verb: 'apply', name: 'a', dryRun: false }),
    reached: ({ told }) => told('planned').length > 0,
  },
  {
    stage: 'pausing before another attempt',
    fault: { fault: 'throttle', retryAfter: 30, verb: 'apply', name: 'a', dryRun: false },
    reached: ({ told }) => told('apply').some(({ event }) => event.type === 'waiting'),
  },
  {
    stage: 'waiting for a dependency',
    reached: ({ told }) => told('apply').some(({ event }) => event.type === 'waiting' && event.what === 'ready'),
    later: [configMap('a'), after],
  },
  {
    stage: 'waiting for a deletion',
    reached: ({ told }) => told('prune').some(({ event }) => event.type === 'waiting'),
    later: [],
  },
];

test.each(stages)('while $stage', async ({ fault, reached, later }) => {
  await using here = await stage({ policy: { allowEmpty: true } });
  const { clock, client, loop } = here;
  if (later === undefined) {
    if (fault !== undefined) here.server.faults.add(fault);
    here.commit(configMap('a'));
    here.start();
  } else {
    here.commit(configMap('a'), held);
    here.start();
    await eventually(() => expect(loop.report?.state).toBe('Ready'));
    await eventually(() => expect(here.ports.memory.parent?.report?.state).toBe('Ready'));
    here.commit(...later);
  }
  await eventually(async () => {
    await clock.advance(500);
    expect(reached(here)).toBe(true);
  });
  // What has been sent is with the server.
  await rounds();
  const before = { reports: here.told('report').length, parent: (await client.get(parent))?.metadata.resourceVersion };

  await here.stop();
  expect(here.told('report')).toHaveLength(before.reports);
  expect((await client.get(parent))?.metadata.resourceVersion).toBe(before.parent);

  // The view is its owner's to close; its watches wait for signs of life.
  await here.ports.live.close();
  expect(clock.sleeping).toBe(0);
  here.server.faults.clear();
  await rounds();
  expect(here.watches).toBe(0);
  expect([here.ports.turns.running, here.ports.turns.waiting, here.ports.limit.running]).toEqual([0, 0, 0]);
  if (fault !== undefined) expect(await client.get(a)).toBeUndefined();
});

test('while the source does not answer', async () => {
  const asked = Promise.withResolvers<void>();
  await using here = await stage();
  const resolving = vi.spyOn(here.ports.source, 'resolve').mockImplementation(({ signal } = {}) => {
    asked.resolve();
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  });
  here.start();
  await asked.promise;
  await here.stop();
  await rounds();
  expect(resolving).toHaveBeenCalled();
  expect(here.events.filter(({ type }) => type === 'report')).toEqual([]);
  expect([here.clock.sleeping, here.ports.turns.running]).toEqual([0, 0]);
});

test('while it sleeps, and before it has begun', async () => {
  await using here = await stage();
  here.commit(configMap('a'));
  here.start();
  await eventually(() => expect(here.ports.memory.parent?.report?.state).toBe('Ready'));
  await here.clock.advance(1_000);
  await here.stop();
  await here.ports.live.close();
  expect(here.clock.sleeping).toBe(0);
  await here.loop.run();

  await using other = await stage();
  await other.stop();
  other.start();
  await other.stop();
  expect(other.sent).toEqual([]);
});

async function rounds(): Promise<void> {
  for (let round = 0; round < 50; round += 1) await new Promise(setImmediate);
}
