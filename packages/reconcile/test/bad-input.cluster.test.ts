/** How it must behave: bad input. Each has its own code, says where it stands and what to do, and nothing is lost. */
import { describe, expect } from 'vitest';
import { createGitSource } from '@homeostat/git';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createPorts, reconcileOnce } from '@homeostat/reconcile';
import type { PassEvent, Report } from '@homeostat/reconcile';
import {
  configMap,
  deployment,
  inNamespace,
  randomName,
  scenarioTest as story,
  told,
} from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';
import { startGitServer } from '../../../test/support/git-server.ts';

const broken = `apiVersion: v1
kind: ConfigMap
metadata:
  name: broken
data:
	a: tab
`;

async function finish(running: AsyncGenerator<PassEvent, Report>): Promise<Report> {
  let step = await running.next();
  while (step.done !== true) step = await running.next();
  return step.value;
}

story(
  'a YAML error gives file, line, column and a hint; the others are applied, and nothing is pruned',
  async ({ scenario }) => {
    const world = await scenario({ git: true });
    await world.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
    await world.reconcile();

    await world.commit({ 'apps/broken.yaml': broken, 'b.yaml': null, 'c.yaml': configMap('c') });
    const report = await world.reconcile();
    expect(report.state).toBe('Failed');
    expect(told(report)).toEqual([
      'created ConfigMap c',
      'kept ConfigMap b (render-incomplete)',
      'unchanged ConfigMap a',
    ]);
    expect(report.findings).toMatchObject([
      { severity: 'error', origin: { path: 'apps/broken.yaml', line: 6, column: 1 }, hint: expect.any(String) },
    ]);
    await world.expectLive(configMap('b'));

    await world.commit({ 'apps/broken.yaml': null });
    expect(told(await world.reconcile())).toContain('pruned ConfigMap b');
  },
);

describe('one bad object: the others go on, nothing is pruned, and the message says what to do', () => {
  const rows: readonly {
    readonly title: string;
    readonly files: (world: World) => Parameters<World['commit']>[0];
    readonly code: string;
    readonly says: RegExp;
  }[] = [
    {
      title: 'a rejected object',
      files: () => ({ 'bad.yaml': deployment('bad', { replicas: -1 }) }),
      code: 'invalid',
      says: /spec\.replicas/,
    },
    {
      title: 'a field that does not exist',
      files: () => ({ 'bad.yaml': deployment('bad', { replica: 1 }) }),
      code: 'invalid',
      says: /replica/,
    },
    {
      title: 'an unknown kind',
      files: () => ({ 'bad.yaml': { apiVersion: 'example.com/v1', kind: 'Wodget', metadata: { name: 'bad' } } }),
      code: 'not-found-kind',
      says: /Wodget.*(install|correct)/s,
    },
    {
      title: 'a missing namespace',
      files: () => ({ 'bad.yaml': inNamespace(configMap('bad'), 'no-such-namespace') }),
      code: 'missing-namespace',
      says: /no-such-namespace.*create/s,
    },
  ];
  for (const { title, files, code, says } of rows) {
    story(title, async ({ scenario }) => {
      const world = await scenario();
      await world.commit({ 'a.yaml': configMap('a'), 'old.yaml': configMap('old') });
      await world.reconcile();
      await world.commit({ ...files(world), 'b.yaml': configMap('b'), 'old.yaml': null });
      const report = await world.reconcile();
      expect(report.state).toBe('Failed');
      expect(told(report)).toEqual([
        'created ConfigMap b',
        expect.stringMatching(new RegExp(`^failed \\w+ bad \\(${code}\\)$`)),
        'kept ConfigMap old (apply-failed)',
        'unchanged ConfigMap a',
      ]);
      expect(report.objects[0]).toMatchObject({
        code,
        message: expect.stringMatching(says),
        origin: { path: 'bad.yaml', document: 1, line: 1 },
      });
      await world.expectLive(configMap('old'));
    });
  }

  story('an immutable field, and the consent that replaces it', async ({ scenario }) => {
    const world = await scenario();
    const selecting = (app: string) => ({
      ...deployment('web'),
      spec: {
        replicas: 0,
        selector: { matchLabels: { app } },
        template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      },
    });
    await world.commit({ 'web.yaml': selecting('one') });
    await world.reconcile();
    const { uid } = (await world.expectLive(selecting('one'))).metadata;
    await world.commit({ 'web.yaml': selecting('two') });
    const refused = await world.reconcile();
    expect(told(refused)).toEqual(['failed Deployment web (immutable)']);
    expect(refused.objects[0]?.message).toContain('homeostat.dev/replace: on-immutable');
    expect((await world.expectLive(selecting('one'))).metadata.uid).toBe(uid);

    expect(told(await world.reconcile({ replace: 'on-immutable' }))).toEqual(['replaced Deployment web']);
    expect((await world.expectLive(selecting('two'))).metadata.uid).not.toBe(uid);
  });

  story('with onError: stop nothing at all is written', async ({ scenario }) => {
    const world = await scenario({ policy: { onError: 'stop' } });
    await world.commit({ 'bad.yaml': deployment('bad', { replicas: -1 }), 'b.yaml': configMap('b') });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['failed Deployment bad (invalid)', 'skipped ConfigMap b']);
    await world.expectGone(configMap('b'));
    await world.expectGone(configMap('site'));
  });
});

describe('no rights', () => {
  story('a forbidden verb names the verb, and the rest is done', async ({ scenario, kubectl }) => {
    const world = await scenario({ user: 'someone' });
    const { namespace } = world;
    const rights = ['create', 'role', 'some', '-n', namespace, '--resource=configmaps'];
    await kubectl([...rights, '--verb=get,list,watch,create,patch,delete']);
    await kubectl(['create', 'rolebinding', 'some', '-n', namespace, '--role=some', '--user=someone']);
    await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': deployment('web') });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['created ConfigMap a', 'failed Deployment web (forbidden)']);
    expect(report.objects[0]?.message).toMatch(/someone.*cannot (create|patch).*deployments/s);
    await world.expectLive(configMap('a'));
  });

  story('none at all: the pass says so and stops', async ({ scenario }) => {
    const world = await scenario({ user: 'someone' });
    await world.commit({ 'a.yaml': configMap('a') });
    const report = await world.reconcile();
    expect(report).toMatchObject({ state: 'Failed', failure: { code: 'FORBIDDEN' } });
    expect(report.failure?.message).toMatch(/configmaps.*(rights|allowed)/s);
  });

  story('a kind that may not be listed is named, and none of it is pruned', async ({ scenario, kubectl }) => {
    const world = await scenario();
    await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': deployment('web') });
    await world.reconcile();
    const { namespace } = world;
    const rights = ['create', 'role', 'some', '-n', namespace, '--resource=configmaps'];
    await kubectl([...rights, '--verb=get,list,watch,create,patch,delete']);
    await kubectl(['create', 'rolebinding', 'some', '-n', namespace, '--role=some', '--user=someone']);
    await world.commit({ 'web.yaml': null });
    const poor = await world.asUser('someone').reconcile();
    expect(poor.findings).toMatchObject([{ code: 'KIND_NOT_VISIBLE', hint: expect.any(String) }]);
    expect(told(poor)).toEqual(['unchanged ConfigMap a']);
    await world.expectLive(deployment('web'));
    // The parent still names the kind: whoever may look finds the orphan.
    expect(told(await world.reconcile())).toContain('pruned Deployment web');
  });
});

story('an unreachable API server', async ({ scenario, kubeconfig }) => {
  const world = await scenario();
  await world.commit({ 'a.yaml': configMap('a') });
  const config = await loadKubeconfig({ path: kubeconfig });
  const client = createClient({ ...config, server: 'https://127.0.0.1:9' });
  const { ports } = await world.process();
  const report = await finish(reconcileOnce(world.sync, createPorts(world.sync, { client, source: ports.source })));
  await client.close();
  expect(report).toMatchObject({ state: 'Failed', failure: { code: 'UNREACHABLE', retry: 'backoff' } });
  expect(report.failure?.message).toMatch(/127\.0\.0\.1:9/);
});

describe('a repository', () => {
  async function reconcileFrom(world: World, url: string): Promise<Report> {
    const { ports } = await world.process();
    const source = createGitSource({ url });
    const report = await finish(reconcileOnce(world.sync, createPorts(world.sync, { client: ports.client, source })));
    await source.close();
    return report;
  }

  story('that is missing, that is empty, that needs credentials: each its own code', async ({ scenario }) => {
    const world = await scenario();
    await using git = await startGitServer();
    const empty = await git.createRepository();
    const missing = await reconcileFrom(world, `${git.url}/no-such.git`);
    const nothing = await reconcileFrom(world, empty.url);
    git.protect({ basic: { username: 'ada', password: 'correct horse' } });
    const closed = await reconcileFrom(world, empty.url);
    const wrong = await reconcileFrom(world, empty.url.replace('://', '://ada:wrong-password@'));

    const failures = [missing, nothing, closed, wrong].map(({ state, failure }) => ({ state, ...failure }));
    expect(failures).toMatchObject([
      { state: 'Failed', stage: 'fetch', code: 'REPOSITORY_NOT_FOUND' },
      { state: 'Failed', stage: 'fetch', code: 'EMPTY_REPOSITORY' },
      { state: 'Failed', stage: 'fetch', code: 'AUTH_REQUIRED' },
      { state: 'Failed', stage: 'fetch', code: 'ACCESS_DENIED' },
    ]);

    for (const { message } of failures) {
      expect(message).toContain(git.url.slice('http://'.length));
      expect(message).not.toContain('wrong-password');
    }
  });

  story('that goes away takes nothing with it', async ({ scenario }) => {
    const world = await scenario({ git: true });
    await world.commit({ 'a.yaml': configMap('a') });
    await world.reconcile();
    world.git.intercept((_request, response) => {
      response.writeHead(404).end('not found\n');
      return true;
    });
    const report = await world.reconcile();
    expect(report.state).toBe('Failed');
    await world.expectLive(configMap('a'));
  });

  story('whose folder is gone takes nothing with it', async ({ scenario }) => {
    const world = await scenario({ path: 'apps' });
    await world.commit({ 'apps/a.yaml': configMap('a') });
    await world.reconcile();
    await world.commit({ 'apps/a.yaml': null, 'elsewhere/a.yaml': configMap('a') });
    const report = await world.reconcile({ allowEmpty: true });
    expect(report.state).toBe('Failed');
    expect(report.findings[0]?.message ?? report.failure?.message).toContain('apps');
    await world.expectLive(configMap('a'));
  });
});

story('destroying a set that is not there names what is missing', async ({ scenario }) => {
  const world = await scenario({ name: randomName('none') });
  const process = await world.process();
  await expect(process.destroy('delete')).rejects.toMatchObject({ code: 'SET_UNKNOWN' });
});
