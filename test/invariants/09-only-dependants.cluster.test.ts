/** Invariant 9. One broken kind, webhook, object, repository or sync delays only those that depend on it. */
import { expect } from 'vitest';
import { createMemorySource, GitError } from '@homeostat/git';
import type { Source } from '@homeostat/git';
import { KubeError } from '@homeostat/kube';
import { createEngine, defineSync } from '@homeostat/reconcile';
import type { Report } from '@homeostat/reconcile';
import { toYaml } from '@homeostat/render';
import {
  annotated,
  configMap,
  deployment,
  eventually,
  randomName,
  scenarioTest as story,
  secret,
  told,
} from '../support/scenario.ts';
import type { World } from '../support/scenario.ts';
import { hasty, tap } from './tap.ts';

const needs = ({ namespace }: World, what: string): Record<string, string> => ({
  'homeostat.dev/depends-on': `/namespaces/${namespace}/${what}`,
});

story('9. a kind that cannot be listed hides its own orphans, and nothing else', async ({ scenario }) => {
  const world = await scenario({ policy: { wait: false } });
  await world.commit({
    'a.yaml': [configMap('a'), configMap('old')],
    'key.yaml': secret('key', { a: '1' }),
    'gone.yaml': secret('gone', { a: '1' }),
  });
  await world.reconcile();
  await world.commit({ 'a.yaml': [configMap('a', { a: '2' })], 'b.yaml': deployment('b'), 'gone.yaml': null });
  for (const code of ['FORBIDDEN', 'UNAVAILABLE'] as const) {
    const process = await world.process();
    const calls = tap(
      process,
      {
        before({ verb, kind }) {
          if ((verb === 'list' || verb === 'watch') && kind === 'Secret') throw new KubeError(code, `secrets: ${code}`);
        },
      },
      { clock: hasty },
    );
    const report = await process.reconcile();
    const lines = told(report);
    const about = `${code}: ${JSON.stringify([report.failure, report.findings, lines], undefined, 1)}`;
    // What is desired is asked about one by one; what may be an orphan is not known of.
    expect(lines, about).toContainEqual(expect.stringMatching(/^(updated|unchanged) ConfigMap a$/));
    expect(lines, about).toContainEqual(expect.stringMatching(/^(created|unchanged) Deployment b$/));
    expect(
      calls.filter(({ verb, kind }) => verb === 'delete' && kind === 'Secret'),
      about,
    ).toEqual([]);
    expect(JSON.stringify([report.findings, report.failure]), about).toContain('Secret');
    await world.expectLive({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'gone' } });
  }
  expect(told(await world.reconcile()), 'it is found again').toContain('pruned Secret gone');
});

story(
  '9. a webhook that is down delays the kind that it is asked about and what needs that',
  async ({ scenario, raw, onTestFinished }) => {
    const world = await scenario({ policy: { wait: false } });
    const name = randomName('down');
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const remove = async (): Promise<void> => void (await raw('DELETE', `${path}/${name}`));
    onTestFinished(remove);
    const hook = {
      name: `${name}.example.com`,
      clientConfig: { url: 'https://127.0.0.1:9/' },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': world.namespace } },
      rules: [{ apiGroups: [''], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['secrets'] }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      timeoutSeconds: 1,
    };
    expect((await raw('POST', path, { body: { metadata: { name }, webhooks: [hook] } })).status).toBe(201);
    const secrets = `/api/v1/namespaces/${world.namespace}/secrets?dryRun=All`;
    await eventually(async () => expect((await raw('POST', secrets, { body: secret('probe', {}) })).status).toBe(500));
    await world.commit({
      'a.yaml': configMap('a'),
      'web.yaml': deployment('web'),
      'key.yaml': secret('key', { a: '1' }),
      'needs.yaml': annotated(configMap('needs'), needs(world, 'Secret/key')),
      'needs-that.yaml': annotated(configMap('needs-that'), needs(world, 'ConfigMap/needs')),
    });
    const process = await world.process();
    tap(process, {}, { clock: hasty });
    const report = await process.reconcile();
    expect(told(report)).toEqual([
      'blocked ConfigMap needs',
      'blocked ConfigMap needs-that',
      'created ConfigMap a',
      'created Deployment web',
      'failed Secret key (webhook)',
    ]);
    expect(report.objects.find(({ action }) => action === 'failed')?.message).toContain(hook.name);
    await remove();
    await eventually(async () => expect((await process.reconcile()).counts).toMatchObject({ failed: 0, blocked: 0 }));
    for (const held of ['needs', 'needs-that']) await world.expectLive(configMap(held));
  },
);

story(
  '9. an object that never gets ready delays what waits for it, and is no reason to leave others for later',
  async ({ scenario }) => {
    const world = await scenario({ policy: { waitTimeout: 300, wait: false } });
    const on = `apps/namespaces/${world.namespace}/Deployment/stuck`;
    await world.commit({
      'stuck.yaml': deployment('stuck', { replicas: 1 }, { nodeSelector: { 'no-such-node': 'at-all' } }),
      'after.yaml': annotated(configMap('after'), { 'homeostat.dev/depends-on': on }),
      'others.yaml': Array.from({ length: 40 }, (_, i) => configMap(`other-${i}`)),
    });
    const process = await world.process();
    const order: string[] = [];
    tap(process, { after: ({ verb, name, dryRun }) => void (verb === 'apply' && !dryRun && order.push(name)) });
    const report = await process.reconcile();
    expect(report.counts).toMatchObject({ created: 41, blocked: 1, failed: 0 });
    expect(told(report)).toContain('blocked ConfigMap after');
    expect(report.objects.find(({ action }) => action === 'blocked')?.message).toMatch(/Deployment .*stuck/);
    expect(order.filter((name) => name.startsWith('other-'))).toHaveLength(40);
  },
);

/** A repository that answers whatever is asked in the same way. */
function sourceThat(name: string, answers: (signal?: AbortSignal) => Promise<never>): Source {
  return {
    ...createMemorySource(),
    location: `memory:${name}`,
    resolve: ({ signal } = {}) => answers(signal),
    fetch: (_, { signal } = {}) => answers(signal),
    async *changes({ signal } = {}) {
      yield await answers(signal);
    },
  };
}

function untilAborted(signal?: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(new GitError('CANCELLED', 'cancelled'));
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}

story(
  '9. a repository that does not answer, and one that is broken, hold up no other sync of the engine',
  async ({ connect, namespace, client, onTestFinished }) => {
    const shared = createMemorySource({ 'good/all.yaml': toYaml(configMap('well')), 'broken/all.yaml': 'a: [' });
    const engine = createEngine({ client: await connect() });
    const last = new Map<string, Report>();
    const listening = (async () => {
      for await (const { sync, event } of engine.events())
        if (event.type === 'report' && sync !== undefined) last.set(sync.name, event.report);
    })();
    const add = (name: string, source: Source, dependsOn: readonly string[] = []): void => {
      engine.add(
        defineSync({
          namespace,
          name,
          path: name,
          dependsOn: dependsOn.map((one) => ({ name: one })),
          policy: { poll: 50 },
        }),
        source,
      );
    };
    const gone = new GitError('REPOSITORY_NOT_FOUND', 'no such repository', { retry: 'backoff' });
    add(
      'silent',
      sourceThat('silent', (signal) => untilAborted(signal)),
    );
    add(
      'dead',
      sourceThat('dead', () => Promise.reject(gone)),
    );
    add('broken', shared);
    add('waits', createMemorySource({ 'waits/all.yaml': toYaml(configMap('held-up')) }), ['broken']);
    add('good', shared);
    add('after', createMemorySource({ 'after/all.yaml': toYaml(configMap('later')) }), ['good']);
    const running = engine.run();
    onTestFinished(async () => {
      await engine.stop();
      await Promise.all([running, listening]);
    });
    const state = (name: string) => last.get(name)?.state;
    await eventually(() => {
      expect([state('good'), state('after')]).toEqual(['Ready', 'Ready']);
      expect([state('dead'), state('broken')]).toEqual(['Failed', 'Failed']);
    });
    expect(last.get('dead')?.failure).toMatchObject({ stage: 'fetch', code: 'REPOSITORY_NOT_FOUND' });
    expect(last.get('silent')).toBeUndefined();
    // Whoever depends on one that is broken is delayed, and says by whom.
    await eventually(() => expect(last.get('waits')?.waits?.[0]?.message).toContain('broken'));
    expect(await client.get({ group: '', kind: 'ConfigMap', namespace, name: 'held-up' })).toBeUndefined();
    // And one that goes on being kept is repaired as ever.
    await client.apply(
      { ...configMap('well', { a: 'edited' }), metadata: { namespace, name: 'well' } },
      { manager: 'somebody', force: true },
    );
    await eventually(async () =>
      expect(await client.get({ group: '', kind: 'ConfigMap', namespace, name: 'well' })).toMatchObject({
        data: { a: '1' },
      }),
    );
  },
);
