/** A rollout, from the commit to the last Pod: what waits for it, what it says when it fails, and how it is mended. */
import { expect } from 'vitest';
import { annotated, configMap, deployment, eventually } from '../support/scenario.ts';
import { shellTest as story } from '../support/shell.ts';

const after = (namespace: string, name: string) =>
  annotated(configMap(name), { 'homeostat.dev/depends-on': `apps/namespaces/${namespace}/Deployment/web` });

story('a Deployment is rolled out, and what depends on it comes then', async ({ shell, expectLive, namespace }) => {
  const site = await shell();
  await site.commit({
    'web.yaml': deployment('web', { replicas: 2 }),
    'after.yaml': after(namespace, 'after'),
    'beside.yaml': configMap('beside'),
  });
  const first = await site.sync();
  expect(first.stdout).toMatch(/^Ready .*: 3 created /m);
  expect(first.code).toBe(0);
  const web = await expectLive({ ...deployment('web', { replicas: 2 }), status: { readyReplicas: 2 } });
  const dependant = await expectLive(configMap('after'));
  const ready = (
    web['status'] as { conditions: readonly { type: string; lastTransitionTime: string }[] }
  ).conditions.find(({ type }) => type === 'Available')!.lastTransitionTime;
  expect(Date.parse(dependant.metadata.creationTimestamp!)).toBeGreaterThanOrEqual(Date.parse(ready));
  expect(await site.plan()).toMatchObject({ code: 0 });
});

story(
  'a rollout that cannot succeed names the Pod and why, holds its dependants alone, and is mended by the next commit',
  async ({ shell, live, expectLive, namespace }) => {
    const site = await shell({ policy: { waitTimeout: '1500ms' } });
    const broken = deployment('web', { replicas: 1 }, { nodeSelector: { disk: 'of-unobtainium' } });
    await site.commit({
      'web.yaml': broken,
      'after.yaml': after(namespace, 'after'),
      'beside.yaml': configMap('beside'),
    });
    const failed = await site.sync();
    expect(failed.code).toBe(1);
    // The Deployment may still get there, and says what it waits for; what needs it has nothing to start from.
    expect(failed.stdout).toMatch(
      /^blocked {3}ConfigMap \S+\/after .*apps\/Deployment \S+\/web did not become ready within/m,
    );
    expect(failed.stdout).toMatch(/^created {3}apps\/Deployment \S+\/web .*pod web-\S+: .*nodes are available/m);
    expect(failed.stdout).toMatch(/^created {3}ConfigMap \S+\/beside/m);
    expect(await live(configMap('after'))).toBeUndefined();

    await site.commit({ 'web.yaml': deployment('web', { replicas: 1 }) });
    expect(await site.sync()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Ready /m) as string });
    await expectLive(configMap('after'));
  },
);

story(
  'an engine that stays leaves a rollout that hangs for the commit that mends it, and says that all is well again',
  async ({ shell, expectLive, live, namespace }) => {
    const site = await shell({ policy: { waitTimeout: '1m' } });
    await site.commit({ 'web.yaml': deployment('web', { replicas: 1 }), 'after.yaml': after(namespace, 'after') });
    const engine = site.stay();
    await eventually(() => expect(engine.said).toMatch(/^Ready .*2 created/m));

    const hangs = deployment('web', { replicas: 1 }, { nodeSelector: { disk: 'none' } });
    await site.commit({
      'web.yaml': hangs,
      'after.yaml': annotated(configMap('after', { a: '2' }), after(namespace, 'after').metadata.annotations!),
    });
    await eventually(() => expect(engine.said).toMatch(/^waiting .*for apps\/Deployment \S+\/web: /m));
    expect(await live(configMap('after'))).toMatchObject({ data: { a: '1' } });

    await site.commit({ 'web.yaml': deployment('web', { replicas: 1 }) });
    await eventually(() => expectLive(configMap('after', { a: '2' })));
    await eventually(() => expect(engine.said.trimEnd().split('\n').at(-1)).toMatch(/^Ready /));
    expect(await engine.stop()).toMatchObject({ code: 0 });
  },
);

story(
  'a Job that has done its work and removed itself is nothing to wait for, while something else still is',
  async ({ shell, live }) => {
    const site = await shell({ policy: { waitTimeout: '10s' } });
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: 'migrate:1' }] } };
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'migrate' },
      spec: { template, ttlSecondsAfterFinished: 1 },
    };
    await site.commit({ 'job.yaml': job, 'web.yaml': deployment('web', { replicas: 1, minReadySeconds: 5 }) });
    const said = await site.sync();
    expect(said, said.stdout).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Ready /m) as string });
    await eventually(async () => expect(await live(job)).toBeUndefined());
  },
);
