/** Many loops behind one gate: nobody holds a turn while it waits. */
import { expect, test } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import { createMemorySource } from '@homeostat/git';
import { stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { createLoop, createPorts, createTurns, defineSync } from '@homeostat/reconcile';
import type { LoopEvent } from '@homeostat/reconcile';
import { annotated, configMap, deployment, eventually } from '../../../test/support/scenario.ts';

function files(objects: readonly KubeObject[]): Record<string, string> {
  return Object.fromEntries(objects.map((object) => [`${object.metadata.name}.json`, stringifyJson(object)]));
}

test('of two loops that share one turn, one waits for a Deployment and the other goes on', async () => {
  // Nobody runs Deployments here: it never becomes ready.
  await using server = await createApiServer();
  const turns = createTurns({ atOnce: 1 });
  const start = (name: string, objects: readonly KubeObject[]) => {
    const sync = defineSync({ name, namespace: 'demo' });
    const source = createMemorySource(files(objects));
    const ports = createPorts(sync, { client: server.client(), source, turns });
    const loop = createLoop(sync, ports);
    const events: LoopEvent[] = [];
    const listening = (async () => {
      for await (const event of loop.events()) events.push(event);
    })();
    const running = loop.run();
    const stop = async (): Promise<void> => {
      await loop.stop();
      await Promise.all([running, listening]);
      await ports.live.close();
      await source.close();
    };
    return { loop, events, source, stop };
  };
  const waiting = start('waits', [
    deployment('web', { replicas: 1 }),
    annotated(configMap('after'), { 'homeostat.dev/depends-on': 'apps/namespaces/demo/Deployment/web' }),
  ]);
  try {
    await eventually(() => expect(waiting.events.some(isWaiting)).toBe(true));
    expect([turns.running, turns.waiting]).toEqual([0, 0]);
    const other = start('goes-on', [configMap('other')]);
    try {
      await eventually(() => expect(other.loop.report).toMatchObject({ state: 'Ready' }));
    } finally {
      await other.stop();
    }
    expect(waiting.loop.report).toBeUndefined();
  } finally {
    await waiting.stop();
  }
  await new Promise(setImmediate);
  expect([turns.running, turns.waiting]).toEqual([0, 0]);
});

function isWaiting(event: LoopEvent): boolean {
  return event.type === 'apply' && event.event.type === 'waiting';
}
