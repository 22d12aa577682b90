/** How it must behave: what people ask for at the parent. */
import { describe, expect } from 'vitest';
import { awaitRequest, confirmPrunes, heldPrunes, requestSync, resumeSet, suspendSet } from '@homeostat/reconcile';
import type { Loop } from '@homeostat/reconcile';
import { setIdentity } from '@homeostat/kube';
import type { Client } from '@homeostat/kube';
import { parentRef } from '@homeostat/prune';
import {
  annotated,
  configMap,
  deployment,
  eventually,
  scenarioTest as story,
  told,
} from '../../../test/support/scenario.ts';
import type { Process, World } from '../../../test/support/scenario.ts';

const names = (count: number, from = 0): readonly string[] => Array.from({ length: count }, (_, i) => `c-${i + from}`);
const files = (list: readonly string[]) => ({ 'all.yaml': list.map((name) => configMap(name)) });
const alice = { by: 'alice@laptop' };

/** Twelve of fourteen objects are to go, which is more than the budget allows. */
async function withHeldPrunes(world: World): Promise<string> {
  await world.commit(files(names(14)));
  await world.reconcile();
  await world.commit(files(names(2)));
  const report = await world.reconcile();
  expect(report).toMatchObject({ state: 'Held', held: { count: 12, reason: 'over-budget' } });
  return report.held!.digest;
}

/** As kubectl annotate does it. */
async function annotate(client: Client, { namespace, sync }: World, annotations: Record<string, string | null>) {
  const patch = { type: 'merge', value: { metadata: { annotations } } } as const;
  await client.patch(parentRef(setIdentity(namespace, sync.name)), patch, { manager: 'kubectl-annotate' });
}

async function settled(process: Process, loop: Loop): Promise<void> {
  await eventually(() => {
    expect(loop.report?.state).toBe('Ready');
    expect(process.ports.memory.parent?.report?.state).toBe('Ready');
  });
}

async function suspended(process: Process, loop: Loop): Promise<void> {
  await eventually(() => {
    expect(loop.report?.state).toBe('Suspended');
    expect(process.ports.memory.parent?.report?.state).toBe('Suspended');
  });
}

describe('confirm', () => {
  story(
    'what is held goes when it is confirmed by its digest, and the report says who did',
    async ({ scenario, client }) => {
      const world = await scenario();
      const digest = await withHeldPrunes(world);
      const held = await heldPrunes(world.sync, { client });
      expect(held).toMatchObject({ digest, count: 12 });
      expect(held?.objects).toHaveLength(12);
      await world.expectLive(configMap('c-13'));

      await confirmPrunes(world.sync, { client }, { digest, ...alice });
      const report = await world.reconcile();
      expect(report).toMatchObject({
        state: 'Ready',
        counts: { pruned: 12 },
        requests: [{ request: 'confirm', by: 'alice@laptop', outcome: 'honoured' }],
      });
      await world.expectGone(configMap('c-13'));
      expect(await heldPrunes(world.sync, { client })).toBeUndefined();
    },
  );

  story('only what is held can be confirmed', async ({ scenario, client }) => {
    const world = await scenario();
    await withHeldPrunes(world);
    await expect(confirmPrunes(world.sync, { client }, { digest: 'something' })).rejects.toMatchObject({
      code: 'NOT_HELD',
    });
  });

  story('what became an orphan since is held, and what was shown goes', async ({ scenario, client }) => {
    const world = await scenario();
    const digest = await withHeldPrunes(world);
    await confirmPrunes(world.sync, { client }, { digest, ...alice });
    await world.commit(files(names(1)));
    const report = await world.reconcile();
    expect(report).toMatchObject({ state: 'Held', held: { count: 1 }, counts: { pruned: 12, kept: 1 } });
    await world.expectLive(configMap('c-1'));
  });

  story('a process that dies in the middle leaves nothing to be confirmed again', async ({ scenario, client }) => {
    const world = await scenario({ policy: { pruneBudget: { percent: 0, count: 0 } } });
    await world.commit(files(names(14)));
    await world.reconcile();
    await world.commit(files(names(2)));
    const { held } = await world.reconcile();
    await confirmPrunes(world.sync, { client }, { digest: held!.digest, ...alice });

    const dying = await world.process();
    const kill = new AbortController();
    // Three deletions are answered; it dies before it sends another.
    const answered: Promise<boolean>[] = [];
    const deleteSome =
      (whole: Client): Client['delete'] =>
      (...call) => {
        if (answered.length < 3) {
          const answer = whole.delete(...call);
          answered.push(answer);
          return answer;
        }
        return Promise.all(answered).then(() => {
          kill.abort();
          return whole.delete(...call);
        });
      };
    Object.assign(dying.ports, {
      actor: new Proxy(dying.ports.actor, {
        get: (target, key, receiver) => {
          if (key === 'delete') return deleteSome(target);
          const value: unknown = Reflect.get(target, key, receiver);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      }),
    });
    await dying.reconcile({ signal: kill.signal });
    await dying.close();
    const left = (await Promise.all(names(12, 2).map((name) => world.live(configMap(name))))).filter(Boolean);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(12);

    const report = await world.reconcile();
    expect(report).toMatchObject({ state: 'Ready', requests: [{ outcome: 'honoured' }] });
    for (const name of names(12, 2)) await world.expectGone(configMap(name));
  });

  story(
    'a confirmation counts once: the same objects are held when they are orphans again',
    async ({ scenario, client }) => {
      const world = await scenario();
      const digest = await withHeldPrunes(world);
      await confirmPrunes(world.sync, { client }, { digest, ...alice });
      // Before anybody looks, the commit is taken back.
      await world.commit(files(names(14)));
      expect(await world.reconcile()).toMatchObject({ state: 'Ready', requests: [{ outcome: 'not-held' }] });
      await world.commit(files(names(2)));
      expect(await world.reconcile()).toMatchObject({ state: 'Held', held: { digest } });
      for (const name of names(14)) await world.expectLive(configMap(name));
    },
  );

  story('a loop prunes within moments of the confirmation', async ({ scenario, client }) => {
    const world = await scenario();
    const digest = await withHeldPrunes(world);
    const process = await world.process();
    const loop = process.loop();
    await eventually(() => {
      expect(loop.report?.state).toBe('Held');
    });
    await confirmPrunes(world.sync, { client }, { digest, ...alice });
    await settled(process, loop);
    await world.expectGone(configMap('c-13'));
  });
});

describe('suspend and resume', () => {
  story('a suspended loop writes nothing, and makes up for it when it is resumed', async ({ scenario, client }) => {
    const world = await scenario();
    await world.commit(files(names(2)));
    const process = await world.process();
    const loop = process.loop();
    await settled(process, loop);

    const since = performance.now();
    await suspendSet(world.sync, { client }, alice);
    await suspended(process, loop);
    console.log(`suspend, asked to done: ${(performance.now() - since).toFixed(0)} ms`);
    expect(loop.report?.requests).toMatchObject([{ request: 'suspend', by: 'alice@laptop', outcome: 'honoured' }]);

    process.requests();
    await world.applyAs('somebody', configMap('c-0', { a: 'edited' }));
    await world.commit(files(names(3)));
    await eventually(() => {
      const snapshotSeen = process.events.filter((event) => event.type === 'report').length;
      expect(snapshotSeen).toBeGreaterThan(2);
    });
    await world.expectLive(configMap('c-0', { a: 'edited' }));
    await world.expectGone(configMap('c-2'));
    const { watch: _watch, ...others } = process.requests();
    expect(others).toEqual({});

    await resumeSet(world.sync, { client }, { by: 'bob@desk' });
    await settled(process, loop);
    await world.expectLive(configMap('c-0', { a: '1' }));
    await world.expectLive(configMap('c-2'));
    expect(loop.report?.requests).toMatchObject([{ request: 'resume', by: 'bob@desk' }]);
  });

  story(
    'it holds for a process that starts later, whoever wrote the annotation, and ends with it',
    async ({ scenario, client }) => {
      const world = await scenario();
      await world.commit(files(names(2)));
      await world.reconcile();
      const suspend = (value: string | null) => annotate(client, world, { 'homeostat.dev/request-suspend': value });
      await suspend(`${world.namespace}/${world.sync.name}:true`);
      await world.commit(files(names(3)));
      expect(await world.reconcile()).toMatchObject({
        state: 'Suspended',
        requests: [{ request: 'suspend', by: 'kubectl-annotate' }],
      });
      await world.expectGone(configMap('c-2'));
      const process = await world.process();
      expect((await process.reconcile()).state).toBe('Suspended');
      expect(Object.keys(process.requests()).toSorted()).toEqual(['discovery', 'get']);

      // Taken away by hand, it is over as well, and a loop that stays sees that.
      const staying = await world.process();
      const loop = staying.loop();
      await suspended(staying, loop);
      await suspend(null);
      await settled(staying, loop);
      await world.expectLive(configMap('c-2'));
    },
  );

  story('it ends a pass that waits in the middle', async ({ scenario, client }) => {
    const world = await scenario();
    await world.commit(files(names(1)));
    await world.reconcile();
    const waiting = annotated(configMap('later'), { 'homeostat.dev/depends-on': 'apps/namespaces/NS/Deployment/slow' });
    const text = JSON.stringify(waiting).replace('NS', world.namespace);
    const slow = deployment('slow', { replicas: 1 }, { nodeSelector: { 'no-such-node': 'at-all' } });
    await world.commit({ 'slow.yaml': slow, 'later.yaml': text });
    const process = await world.process();
    const loop = process.loop();
    await eventually(() => world.expectLive(deployment('slow', { replicas: 1 })));
    await suspendSet(world.sync, { client }, alice);
    await suspended(process, loop);
    await world.expectGone(configMap('later'));
  });
});

describe('sync-now', () => {
  story('a loop looks at once, and whoever asked gets the report of that pass', async ({ scenario, client }) => {
    const world = await scenario({ policy: { poll: 3_600_000 } });
    await world.commit(files(names(1)));
    const process = await world.process();
    const loop = process.loop();
    await settled(process, loop);
    const { clock, random } = process.ports;
    const times: number[] = [];
    for (let token = 0; token < 5; token += 1) {
      const since = performance.now();
      const request = await requestSync(world.sync, { client }, { token: String(token), ...alice });
      const report = await awaitRequest(world.sync, { client, clock, random }, request, { timeoutMs: 20_000 });
      times.push(performance.now() - since);
      expect(report).toMatchObject({ state: 'Ready', requests: [{ request: 'sync-now', value: request.value }] });
    }
    console.log(`sync-now, asked to answered: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    // One request is one pass.
    const passes = process.events.filter(({ type }) => type === 'planned').length;
    expect(passes).toBeLessThanOrEqual(1 + 2 * times.length);
  });

  story('a failure is told to whoever asked', async ({ scenario, client }) => {
    const world = await scenario({ git: true, policy: { poll: 3_600_000 } });
    await world.commit(files(names(1)));
    const process = await world.process();
    await settled(process, process.loop());
    world.git.intercept((_request, response) => {
      response.writeHead(503).end();
      return true;
    });
    const request = await requestSync(world.sync, { client }, { token: 'one', ...alice });
    const { clock, random } = process.ports;
    const report = await awaitRequest(world.sync, { client, clock, random }, request, { timeoutMs: 20_000 });
    expect(report).toMatchObject({ state: 'Failed', objects: 1 });
    expect(report.problems[0]).toContain('fetch');
  });

  story(
    'without an engine the wait ends, the request stays, and the next pass deals with it',
    async ({ scenario, client }) => {
      const world = await scenario();
      await world.commit(files(names(1)));
      await world.reconcile();
      const request = await requestSync(world.sync, { client }, { token: 'one', ...alice });
      const { clock, random } = (await world.process()).ports;
      const waiting = awaitRequest(world.sync, { client, clock, random }, request, { timeoutMs: 50 });
      await expect(waiting).rejects.toMatchObject({ code: 'NOT_ANSWERED' });
      expect(await world.reconcile()).toMatchObject({ requests: [{ request: 'sync-now', by: 'alice@laptop' }] });
    },
  );
});

describe('the parent', () => {
  story('a request that was copied from another set asks for nothing, and is told', async ({ scenario, client }) => {
    const world = await scenario();
    const other = await scenario({ name: 'other' });
    await world.commit(files(names(1)));
    await world.reconcile();
    await other.commit({ 'other.yaml': configMap('theirs') });
    await other.reconcile();
    const { value } = await suspendSet(world.sync, { client }, alice);
    await annotate(client, other, { 'homeostat.dev/request-suspend': value });
    const report = await other.reconcile();
    expect(report.state).toBe('Ready');
    expect(report.findings).toMatchObject([{ code: 'REQUEST_IGNORED', severity: 'warning' }]);
  });

  story('that somebody deletes comes back', async ({ scenario, client }) => {
    const world = await scenario();
    await world.commit(files(names(1)));
    const process = await world.process();
    const loop = process.loop();
    await settled(process, loop);
    await client.delete(parentRef(setIdentity(world.namespace, world.sync.name)));
    await eventually(() =>
      world.expectLive({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: world.sync.name } }),
    );
    await settled(process, loop);
    expect(told(loop.report!)).toEqual(['unchanged ConfigMap c-0']);
  });
});
