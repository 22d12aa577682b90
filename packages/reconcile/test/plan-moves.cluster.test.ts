/**
 * How it must behave: between a plan and its apply, and while it is being applied, others write. Either exactly what was shown
 * happens, or the report says `PLAN_STALE` and names everything that moved.
 */
import { describe, expect } from 'vitest';
import { parseJson, stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import { parsePlan, rollBack, suspendSet } from '@homeostat/reconcile';
import type { PassOptions, Plan, Policy, Report } from '@homeostat/reconcile';
import {
  annotated,
  configMap,
  deployment,
  scenarioTest as story,
  secret,
  told,
} from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';
import type { Raw } from '../../../test/support/cluster.ts';
import { before } from './intercept.ts';

async function planned(world: World, policy: Partial<Policy> = {}): Promise<Plan> {
  const process = await world.process({ policy });
  return parsePlan(parseJson(stringifyJson(await process.plan())));
}

async function apply(world: World, plan: Plan, options: PassOptions = {}): Promise<Report> {
  const process = await world.process({ policy: plan.options.policy });
  return process.reconcile({ ...options, exactly: plan });
}

/** Two members, `a` and `b`, and a commit that changes `a`. */
async function withChange(world: World): Promise<Plan> {
  await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  await world.reconcile();
  await world.commit({ 'a.yaml': configMap('a', { a: '2' }) });
  return planned(world);
}

function merge(raw: Raw, { namespace }: World, path: string, body: unknown, manager = 'somebody') {
  return raw('PATCH', `/api/v1/namespaces/${namespace}/${path}?fieldManager=${manager}`, {
    body,
    contentType: 'application/merge-patch+json',
  });
}

/** Nothing was written, and the one reason is this. */
function expectStale(report: Report, reason: RegExp): void {
  expect(report.failure).toMatchObject({ code: 'PLAN_STALE', retry: 'never' });
  expect(report.failure?.reasons).toEqual([expect.stringMatching(reason)]);
  expect(report.counts).toMatchObject({ created: 0, updated: 0, adopted: 0, replaced: 0, pruned: 0 });
}

describe('between plan and apply', () => {
  story(
    'a write to a field that the plan changes makes it stale, and names object, field and manager',
    async ({ scenario }) => {
      const world = await scenario();
      const plan = await withChange(world);
      await world.applyAs('somebody', configMap('a', { a: 'edited' }));
      expectStale(await apply(world, plan), /^ConfigMap t-\w+\/a: moved: \.data\.a \(somebody\)$/);
      await world.expectLive(configMap('a', { a: 'edited' }));
    },
  );

  story(
    'what nobody of us touches may move: a status, an annotation, a field of their own',
    async ({ scenario, raw }) => {
      const world = await scenario({ policy: { wait: false } });
      await world.commit({ 'web.yaml': deployment('web'), 'a.yaml': configMap('a') });
      await world.reconcile();
      await world.commit({
        'web.yaml': deployment('web', { minReadySeconds: 3 }),
        'a.yaml': configMap('a', { a: '2' }),
      });
      const plan = await planned(world);
      await merge(raw, world, 'configmaps/a', {
        metadata: { annotations: { 'example.com/note': 'x' } },
        data: { theirs: '1' },
      });
      await raw('PATCH', `/apis/apps/v1/namespaces/${world.namespace}/deployments/web/status`, {
        body: { status: { conditions: [{ type: 'Odd', status: 'True' }] } },
        contentType: 'application/merge-patch+json',
      });
      expect(told(await apply(world, plan))).toEqual(['updated ConfigMap a', 'updated Deployment web']);
      await world.expectLive(annotated(configMap('a', { a: '2', theirs: '1' }), { 'example.com/note': 'x' }));
    },
  );

  story('an object that was deleted, or deleted and made anew, makes it stale', async ({ scenario, raw }) => {
    const world = await scenario();
    const plan = await withChange(world);
    const path = `/api/v1/namespaces/${world.namespace}/configmaps/a`;
    const old = (await world.live(configMap('a'))) as KubeObject;
    await raw('DELETE', path);
    expectStale(await apply(world, plan), /a: was deleted$/);
    await world.expectGone(configMap('a'));
    // With all our marks, so that only the uid tells.
    const { uid: _uid, resourceVersion: _version, ...metadata } = old.metadata;
    await raw('POST', `/api/v1/namespaces/${world.namespace}/configmaps`, { body: { ...old, metadata } });
    expectStale(await apply(world, plan), /a: was deleted and made anew by somebody$/);
  });

  story('an object that appeared makes it stale, and so does one that another set took', async ({ scenario }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a') });
    const plan = await planned(world);
    await world.applyAs('somebody', configMap('a', { a: 'theirs' }));
    expectStale(await apply(world, plan), /a: was create, would be adopt: .*\.data\.a \(somebody\)/);
    await world.expectLive(configMap('a', { a: 'theirs' }));

    const adopting = await planned(world);
    expect(adopting.items).toMatchObject([{ action: 'adopt' }]);
    const other = await scenario({ name: 'other' });
    await other.commit({ 'a.yaml': configMap('a', { a: 'other' }) });
    await other.reconcile();
    expectStale(await apply(world, adopting), /a: was adopt, would be refused: .*the set t-\w+\/other/);
    await world.expectLive(configMap('a', { a: 'other' }));
  });

  story('an edit of what is to be adopted makes it stale', async ({ scenario }) => {
    const world = await scenario();
    await world.applyAs('somebody', configMap('a', { a: 'theirs' }));
    await world.commit({ 'a.yaml': configMap('a') });
    const plan = await planned(world);
    expect(plan.items).toMatchObject([{ action: 'adopt' }]);
    await world.applyAs('somebody', configMap('a', { a: 'theirs, later' }));
    expectStale(await apply(world, plan), /a: moved: \.data\.a \(somebody\)$/);
  });

  story(
    'a Secret that moved in any way makes it stale, also one that is to go or is as desired',
    async ({ scenario, raw }) => {
      const world = await scenario();
      await world.commit({
        'same.yaml': secret('same', { a: '1' }),
        'old.yaml': secret('old', { a: '1' }),
        'b.yaml': configMap('b'),
      });
      await world.reconcile();
      await world.commit({ 'old.yaml': null });
      for (const name of ['same', 'old']) {
        const plan = await planned(world);
        await merge(raw, world, `secrets/${name}`, { metadata: { annotations: { 'example.com/seen': name } } });
        expectStale(await apply(world, plan), new RegExp(`Secret t-\\w+/${name}: `));
      }
      expect(told(await apply(world, await planned(world)))).toContain('pruned Secret old');
    },
  );

  story(
    'somebody who carried it out meanwhile makes it stale: nothing is left of what was approved',
    async ({ scenario }) => {
      const world = await scenario();
      const plan = await withChange(world);
      expect(told(await apply(world, plan))).toEqual(['unchanged ConfigMap b', 'updated ConfigMap a']);
      expectStale(await apply(world, plan), /a: was update, would be unchanged: it is as desired already$/);
    },
  );

  story('an orphan more, one less, and one that changed make it stale', async ({ scenario, raw }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b'), 'c.yaml': configMap('c') });
    await world.reconcile();
    await world.commit({ 'b.yaml': null });

    const plan = await planned(world);
    expect(plan.prunes).toMatchObject([{ ref: { name: 'b' }, decision: 'prune' }]);
    await merge(raw, world, 'configmaps/b', { metadata: { annotations: { 'homeostat.dev/prune': 'false' } } });
    expectStale(await apply(world, plan), /b: was prune, would be keep \(annotated\)$/);
    await merge(raw, world, 'configmaps/b', { metadata: { annotations: { 'homeostat.dev/prune': null } } });
    await merge(raw, world, 'configmaps/b', { data: { more: 'important' } });
    expectStale(await apply(world, plan), /b: is to go, and was changed$/);
    await world.expectLive(configMap('b'));

    const again = await planned(world);
    await raw('DELETE', `/api/v1/namespaces/${world.namespace}/configmaps/b`);
    expectStale(await apply(world, again), /b: was prune, would be no orphan$/);
  });

  story('a policy that is not the plan’s makes it stale', async ({ scenario }) => {
    const world = await scenario();
    const plan = await withChange(world);
    const process = await world.process({ policy: { conflicts: 'force' } });
    expectStale(await process.reconcile({ exactly: plan }), /^the policy differs: conflicts$/);
  });

  story('somebody who suspended the set makes it stale, and a new plan says so', async ({ scenario }) => {
    const world = await scenario();
    const plan = await withChange(world);
    await suspendSet(world.sync, (await world.process()).ports, { by: 'alice' });
    expectStale(await apply(world, plan), /is suspended \(asked by alice\)$/);
    expect((await planned(world)).findings).toMatchObject([
      {
        code: 'SET_SUSPENDED',
        message: expect.stringContaining('asked by alice') as string,
        hint: expect.stringContaining('resume') as string,
      },
    ]);
    const asleep = await (await world.process({ suspend: true })).plan();
    expect(asleep.findings.map(({ code }) => code)).toEqual(['SET_SUSPENDED', 'SET_SUSPENDED']);
  });

  story('a set that was rolled back to another commit makes it stale', async ({ scenario }) => {
    const world = await scenario();
    const plan = await withChange(world);
    const { ports } = await world.process();
    await rollBack(world.sync, ports, { to: 'a'.repeat(40), by: 'alice' });
    expectStale(await apply(world, plan), /^the set is rolled back to a{40} \(asked by alice\)$/);
  });

  story('a take-over that was approved is carried out', async ({ scenario }) => {
    const world = await scenario();
    await withChange(world);
    const other = await scenario({ path: 'deploy', takeOver: true });
    await other.commit({ 'deploy/a.yaml': configMap('a', { a: '3' }), 'deploy/b.yaml': configMap('b') });
    const plan = await planned(other);
    expect(plan.options.takeOver).toBe(true);
    expect(told(await apply(other, plan))).toEqual(['unchanged ConfigMap b', 'updated ConfigMap a']);
  });
});

/** Once, for this object. */
function once(name: string, act: () => Promise<unknown>): (about: string) => Promise<void> {
  let done = false;
  return async (about) => {
    if (done || about !== name) return;
    done = true;
    await act();
  };
}

describe('while it is being carried out', () => {
  story(
    'a write to a field that it changes is not overwritten; the rest is done, and the report names both',
    async ({ scenario }) => {
      const world = await scenario();
      await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b'), 'old.yaml': configMap('old') });
      await world.reconcile();
      await world.commit({
        'a.yaml': configMap('a', { a: '2' }),
        'b.yaml': configMap('b', { a: '2' }),
        'old.yaml': null,
      });
      const plan = await planned(world);
      const process = await world.process();
      before(
        process,
        ['apply'],
        once('a', () => world.applyAs('somebody', configMap('a', { a: 'edited' }))),
      );
      const report = await process.reconcile({ exactly: plan });
      expect(told(report)).toEqual([
        'failed ConfigMap a (stale)',
        'kept ConfigMap old (apply-failed)',
        'updated ConfigMap b',
      ]);
      expect(report.failure).toMatchObject({ stage: 'prune', code: 'PLAN_STALE' });
      expect(report.failure?.reasons).toEqual([
        expect.stringMatching(/a moved in \.data\.a \(somebody\) after the plan was approved/),
      ]);
      await world.expectLive(configMap('a', { a: 'edited' }));
      await world.expectLive(configMap('old'));
    },
  );

  story('a write to what nobody of us touches is kept, and the change made beside it', async ({ scenario, raw }) => {
    const world = await scenario();
    const plan = await withChange(world);
    const process = await world.process();
    before(
      process,
      ['apply'],
      once('a', () => merge(raw, world, 'configmaps/a', { data: { theirs: '1' } })),
    );
    const report = await process.reconcile({ exactly: plan });
    expect(report).toMatchObject({ state: 'Ready', counts: { updated: 1 } });
    await world.expectLive(configMap('a', { a: '2', theirs: '1' }));
  });

  story(
    'an object that appears is not adopted, and one that is deleted is not made anew',
    async ({ scenario, raw }) => {
      const world = await scenario();
      await withChange(world);
      await world.commit({ 'new.yaml': configMap('new') });
      const plan = await planned(world);
      const process = await world.process();
      const acts: Readonly<Record<string, () => Promise<unknown>>> = {
        new: once('new', () => world.applyAs('somebody', configMap('new', { a: 'theirs' }))).bind(undefined, 'new'),
        a: once('a', () => raw('DELETE', `/api/v1/namespaces/${world.namespace}/configmaps/a`)).bind(undefined, 'a'),
      };
      before(process, ['apply'], (name) => acts[name]?.());
      const report = await process.reconcile({ exactly: plan });
      expect(told(report)).toEqual([
        'failed ConfigMap a (stale)',
        'failed ConfigMap new (stale)',
        'unchanged ConfigMap b',
      ]);
      expect([...(report.failure?.reasons ?? [])].toSorted()).toEqual([
        expect.stringMatching(/a was deleted after the plan was approved/),
        expect.stringMatching(/new appeared after the plan was approved/),
      ]);
      await world.expectLive(configMap('new', { a: 'theirs' }));
      await world.expectGone(configMap('a'));
    },
  );

  story('a Secret that moves, and what is to go and is changed, are left', async ({ scenario, raw }) => {
    const world = await scenario();
    await world.commit({
      'key.yaml': secret('key', { a: '1' }),
      'old.yaml': configMap('old'),
      'b.yaml': configMap('b'),
    });
    await world.reconcile();
    await world.commit({ 'key.yaml': secret('key', { a: '2' }) });
    const changing = await planned(world);
    const first = await world.process();
    before(
      first,
      ['apply'],
      once('key', () => merge(raw, world, 'secrets/key', { metadata: { annotations: { 'example.com/x': '1' } } })),
    );
    const moved = await first.reconcile({ exactly: changing });
    expect(told(moved)).toContain('failed Secret key (stale)');
    expect(moved.failure?.reasons).toEqual([expect.stringMatching(/Secret t-\w+\/key moved after/)]);

    await world.reconcile();
    await world.commit({ 'old.yaml': null });
    const pruning = await planned(world);
    const second = await world.process();
    before(
      second,
      ['delete'],
      once('old', () => merge(raw, world, 'configmaps/old', { data: { more: 'important' } })),
    );
    const left = await second.reconcile({ exactly: pruning });
    expect(told(left)).toContain('failed ConfigMap old (stale)');
    expect(left.failure?.reasons).toEqual([
      expect.stringMatching(/old is to go, and it was changed after the plan was approved/),
    ]);
    await world.expectLive(configMap('old', { more: 'important' }));
  });

  story('what was to be taken away and has another value by now is left', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'remove' } });
    await world.commit({ 'a.yaml': configMap('a') });
    await world.reconcile();
    await merge(raw, world, 'configmaps/a', { data: { extra: 'seen' } }, 'kubectl-edit');
    const plan = await planned(world);
    expect(plan.items).toMatchObject([{ action: 'update', additions: [{ action: 'remove', value: 'seen' }] }]);
    const process = await world.process();
    before(
      process,
      ['patch'],
      once('a', () => merge(raw, world, 'configmaps/a', { data: { extra: 'not seen' } }, 'kubectl-edit')),
    );
    const report = await process.reconcile({ exactly: plan });
    expect(report.failure).toMatchObject({ code: 'PLAN_STALE' });
    expect(report.failure?.reasons).toEqual([
      expect.stringMatching(/a: what was added at \.data\.extra was to go, and moved/),
    ]);
    await world.expectLive(configMap('a', { a: '1', extra: 'not seen' }));
  });

  story('a replacement deletes only what was looked at', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { replace: 'on-immutable' } });
    const frozen = (a: string): KubeObject => ({ ...configMap('a', { a }), immutable: true });
    await world.commit({ 'a.yaml': frozen('1') });
    await world.reconcile();
    await world.commit({ 'a.yaml': frozen('2') });
    const plan = await planned(world);
    expect(plan.items).toMatchObject([{ action: 'replace' }]);
    const process = await world.process();
    before(
      process,
      ['delete'],
      once('a', () =>
        merge(raw, world, 'configmaps/a', { metadata: { labels: { 'applyset.kubernetes.io/part-of': 'another' } } }),
      ),
    );
    const report = await process.reconcile({ exactly: plan });
    expect(told(report)).toEqual([expect.stringMatching(/^failed ConfigMap a/)]);
    await world.expectLive(configMap('a', { a: '1' }));
  });
});
