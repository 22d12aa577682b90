import { expect, test } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import { createMemorySource } from '@homeostat/git';
import { stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { createLoop, createPorts, defineSync } from '@homeostat/reconcile';
import type { LoopEvent } from '@homeostat/reconcile';
import { leaseRef } from '../src/lease.ts';
import { fakeClock } from './fake-clock.ts';
import { eventually } from '../../../test/support/eventually.ts';

const sync = defineSync({ name: 'site', namespace: 'default', policy: { validate: 'none' } });
const OBJECTS = 200;

function files(): Readonly<Record<string, string>> {
  const objects = Array.from({ length: OBJECTS }, (_, i): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `c-${i}` },
    data: { a: '1' },
  }));
  return Object.fromEntries(objects.map((object) => [`${object.metadata.name}.json`, stringifyJson(object)]));
}

test('a pass whose Lease is lost in the middle stops writing, and the loop goes on when it has it again', async () => {
  const gate = Promise.withResolvers<void>();
  let written = 0;
  let waiting = 0;
  await using server = await createApiServer({
    async admit({ name }) {
      if (!/^c-\d+$/.test(name)) return undefined;
      if (written >= 20) {
        waiting += 1;
        await gate.promise;
      }
      written += 1;
      return undefined;
    },
  });
  const client = server.client();
  const clock = fakeClock();
  const source = createMemorySource();
  source.write(files());
  const ports = createPorts(sync, { client: server.client(), source, clock });
  const loop = createLoop(sync, ports, { lease: { holder: 'host-a/1/x' } });
  const events: LoopEvent[] = [];
  const listening = (async () => {
    for await (const event of loop.events()) events.push(event);
  })();
  const running = loop.run();
  try {
    await eventually(() => expect(waiting).toBeGreaterThan(0));
    const taken = { spec: { holderIdentity: 'host-b/2/y' } };
    await client.patch(leaseRef(sync), { type: 'merge', value: taken });
    await clock.advance(10_000);
    await eventually(() => expect(events.some(({ type }) => type === 'standby')).toBe(true));
    gate.resolve();
    await clock.advance(1_000);
    expect(written).toBeLessThan(OBJECTS / 2);
    expect(events.filter(({ type }) => type === 'report')).toEqual([]);

    // The other engine stops.
    await client.delete(leaseRef(sync));
    await eventually(() => expect(loop.report).toMatchObject({ state: 'Ready', objects: { length: OBJECTS } }));
    await eventually(() => expect(ports.memory.parent?.report?.state).toBe('Ready'));
  } finally {
    gate.resolve();
    await loop.stop();
    await Promise.all([running, listening]);
    await ports.live.close();
    await source.close();
  }
  expect(await client.get(leaseRef(sync))).toBeUndefined();
});
