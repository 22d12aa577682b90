/**
 * How it must behave when the cluster around a set fails: an admission hook that says no, that changes, or that is not there; an
 * API service that is down; a kind that is removed. Only what depends on it is delayed, and the message says what to do.
 */
import { describe, expect } from 'vitest';
import { systemClock } from '@homeostat/reconcile';
import type { Report } from '@homeostat/reconcile';
import {
  annotated,
  configMap,
  definition,
  deployment,
  eventually,
  randomName,
  scenarioTest as story,
  secret,
  told,
  widget,
} from '../../../test/support/scenario.ts';
import type { Process, World } from '../../../test/support/scenario.ts';
import type { Raw } from '../../../test/support/cluster.ts';

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';

/** The pauses between attempts are not worth waiting for; the deadlines of a pass are as ever. */
function impatient(process: Process): Process {
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    systemClock.sleep(ms > 10_000 ? ms : Math.min(ms, 5), signal);
  Object.assign(process.ports, { clock: { ...systemClock, sleep } });
  return process;
}

const inNamespaceOf = ({ namespace }: World) => ({ matchLabels: { 'kubernetes.io/metadata.name': namespace } });

/** A validating webhook for these resources of the world's namespace that nobody answers. */
async function deadWebhook(
  raw: Raw,
  world: World,
  resource: string,
): Promise<{ readonly name: string; repair(): Promise<void> }> {
  const name = randomName('down');
  const path = `${REGISTRATION}/validatingwebhookconfigurations`;
  const [plural = '', ...group] = resource.split('.');
  const rules = [
    { apiGroups: [group.join('.')], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: [plural] },
  ];
  const body = {
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        clientConfig: { url: 'https://127.0.0.1:9/' },
        namespaceSelector: inNamespaceOf(world),
        rules,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 1,
      },
    ],
  };
  expect((await raw('POST', path, { body })).status).toBe(201);
  return { name: `${name}.example.com`, repair: async () => void (await raw('DELETE', `${path}/${name}`)) };
}

describe('an admission webhook that cannot be called', () => {
  story(
    'delays what it is asked about and what needs that; it is named, and once it is gone all goes on',
    async ({ scenario, raw }) => {
      const world = await scenario({ policy: { wait: false } });
      const hook = await deadWebhook(raw, world, 'secrets');
      try {
        await eventually(async () => {
          const body = secret(randomName('probe'), {});
          expect((await raw('POST', `/api/v1/namespaces/${world.namespace}/secrets?dryRun=All`, { body })).status).toBe(
            500,
          );
        });
        await world.commit({
          'a.yaml': configMap('a'),
          'key.yaml': secret('key', { a: '1' }),
          'needs.yaml': annotated(configMap('needs'), {
            'homeostat.dev/depends-on': `/namespaces/${world.namespace}/Secret/key`,
          }),
        });
        const process = impatient(await world.process());
        const report = await process.reconcile();
        expect(told(report)).toEqual(['blocked ConfigMap needs', 'created ConfigMap a', 'failed Secret key (webhook)']);
        const failed = report.objects.find(({ action }) => action === 'failed');
        expect(failed).toMatchObject({ retry: 'backoff', message: expect.stringContaining(hook.name) as string });
        expect(failed?.message).toContain('see that the service behind the webhook runs');
        await hook.repair();
        await eventually(async () => {
          expect(told(await process.reconcile())).toEqual([
            expect.stringMatching(/^(created|unchanged) ConfigMap needs$/),
            expect.stringMatching(/^(created|unchanged) Secret key$/),
            'unchanged ConfigMap a',
          ]);
        });
      } finally {
        await hook.repair();
      }
    },
  );

  story(
    'and is asked about the parent holds the whole set, writes nothing, and is named',
    async ({ scenario, raw }) => {
      const world = await scenario({ policy: { wait: false } });
      const hook = await deadWebhook(raw, world, 'configmaps');
      try {
        await eventually(async () => {
          const body = configMap(randomName('probe'));
          expect(
            (await raw('POST', `/api/v1/namespaces/${world.namespace}/configmaps?dryRun=All`, { body })).status,
          ).toBe(500);
        });
        await world.commit({ 'key.yaml': secret('key', { a: '1' }) });
        const report = await impatient(await world.process()).reconcile();
        expect(report).toMatchObject({
          state: 'Failed',
          failure: { stage: 'apply', code: 'WEBHOOK', retry: 'backoff' },
        });
        expect(report.failure?.message).toContain(`repair or remove the webhook "${hook.name}"`);
        await world.expectGone(secret('key', {}));
        await hook.repair();
        await eventually(async () =>
          expect(told(await world.reconcile())).toEqual([expect.stringMatching(/Secret key$/)]),
        );
      } finally {
        await hook.repair();
      }
    },
  );
});

describe('an admission policy', () => {
  story(
    'that says no to one object is named with its words; the others go on, and nothing is pruned',
    async ({ scenario, raw }) => {
      const world = await scenario({ policy: { wait: false, replace: 'on-immutable' } });
      await world.commit({ 'a.yaml': configMap('a'), 'old.yaml': configMap('old') });
      await world.reconcile();
      const name = randomName('no-b');
      const rules = [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
      ];
      await raw('POST', `${REGISTRATION}/validatingadmissionpolicies`, {
        body: {
          metadata: { name },
          spec: {
            failurePolicy: 'Fail',
            matchConstraints: { resourceRules: rules },
            validations: [
              { expression: "object.metadata.name != 'b'", message: 'b is immutable, ask the platform team' },
            ],
          },
        },
      });
      await raw('POST', `${REGISTRATION}/validatingadmissionpolicybindings`, {
        body: {
          metadata: { name },
          spec: {
            policyName: name,
            validationActions: ['Deny'],
            matchResources: { namespaceSelector: inNamespaceOf(world) },
          },
        },
      });
      try {
        await eventually(async () => {
          const answer = await raw('POST', `/api/v1/namespaces/${world.namespace}/configmaps?dryRun=All`, {
            body: configMap('b'),
          });
          expect(answer.status).toBe(422);
        });
        await world.commit({ 'a.yaml': configMap('a', { a: '2' }), 'b.yaml': configMap('b'), 'old.yaml': null });
        const report = await world.reconcile();
        expect(told(report)).toEqual([
          'failed ConfigMap b (denied)',
          'kept ConfigMap old (apply-failed)',
          'updated ConfigMap a',
        ]);
        const [failed] = report.objects;
        expect(failed?.message).toContain(`ValidatingAdmissionPolicy '${name}'`);
        expect(failed?.message).toContain('ask the platform team');
        expect(failed?.message).toContain(
          'change the manifest so that admission accepts it, or the rule that refused it',
        );
      } finally {
        await raw('DELETE', `${REGISTRATION}/validatingadmissionpolicybindings/${name}`);
        await raw('DELETE', `${REGISTRATION}/validatingadmissionpolicies/${name}`);
      }
    },
  );

  story(
    'that changes what we write is told once, with both values, and nobody fights it',
    async ({ scenario, raw }) => {
      const world = await scenario({ policy: { wait: false } });
      const name = randomName('mutate');
      const rules = [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['secrets'] },
      ];
      const expression = 'Object{metadata: Object.metadata{labels: {"team": "platform"}}}';
      await raw('POST', `${REGISTRATION}/mutatingadmissionpolicies`, {
        body: {
          metadata: { name },
          spec: {
            failurePolicy: 'Fail',
            reinvocationPolicy: 'Never',
            matchConstraints: { resourceRules: rules },
            mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
          },
        },
      });
      await raw('POST', `${REGISTRATION}/mutatingadmissionpolicybindings`, {
        body: {
          metadata: { name },
          spec: { policyName: name, matchResources: { namespaceSelector: inNamespaceOf(world) } },
        },
      });
      try {
        await eventually(async () => {
          const { body } = await raw('POST', `/api/v1/namespaces/${world.namespace}/secrets?dryRun=All`, {
            body: secret('probe', {}),
          });
          expect(body).toMatchObject({ metadata: { labels: { team: 'platform' } } });
        });
        const labelled = secret('key', { a: '1' });
        await world.commit({
          'key.yaml': { ...labelled, metadata: { ...labelled.metadata, labels: { team: 'shop' } } },
        });
        const process = await world.process();
        const report = await process.reconcile();
        expect(told(report)).toEqual(['created Secret key']);
        expect(report.objects[0]?.overridden).toMatchObject([{ path: '.metadata.labels.team' }]);
        process.requests();
        expect(told(await process.reconcile())).toEqual(['unchanged Secret key']);
        const { 'dry-run': asked = 0, apply = 0 } = process.requests();
        expect({ asked, apply }).toEqual({ asked: 0, apply: 0 });
      } finally {
        await raw('DELETE', `${REGISTRATION}/mutatingadmissionpolicybindings/${name}`);
        await raw('DELETE', `${REGISTRATION}/mutatingadmissionpolicies/${name}`);
      }
    },
  );
});

describe('a kind that is removed under our feet', () => {
  story('fails its objects alone, says what to install, and comes back with it', async ({ scenario, client }) => {
    const group = `${randomName('g')}.example.com`;
    const kind = definition(group);
    const world = await scenario({ policy: { wait: false, waitTimeout: 300 } });
    await client.create(kind);
    const { name } = kind.metadata;
    const crd = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', namespace: '', name };
    try {
      await eventually(async () =>
        expect((await client.resources({ refresh: true })).find({ group, kind: 'Widget' })).toBeDefined(),
      );
      await world.commit({ 'a.yaml': configMap('a'), 'w.yaml': widget(group, 'w'), 'old.yaml': configMap('old') });
      const process = await world.process();
      await eventually(async () => expect((await process.reconcile()).state).not.toBe('Failed'));

      await client.delete(crd);
      await eventually(async () =>
        expect((await client.resources({ refresh: true })).find({ group, kind: 'Widget' })).toBeUndefined(),
      );
      await world.commit({ 'a.yaml': configMap('a', { a: '2' }), 'old.yaml': null });
      for (const one of [process, await world.process()]) {
        await one.ports.client.resources({ refresh: true });
        const report = await one.reconcile();
        expect(told(report).filter((line) => !line.includes('ConfigMap a'))).toEqual([
          'failed Widget w (not-found-kind)',
          'kept ConfigMap old (apply-failed)',
        ]);
        const failed = report.objects.find(({ action }) => action === 'failed');
        expect(failed?.message).toMatch(
          /serves no Widget of .*; correct apiVersion and kind, or install what defines them/,
        );
        expect(failed?.retry).toBe('backoff');
      }
      await world.expectLive(configMap('a', { a: '2' }));

      await client.create(kind);
      await eventually(async () =>
        expect((await client.resources({ refresh: true })).find({ group, kind: 'Widget' })).toBeDefined(),
      );
      await eventually(async () => expect((await world.reconcile()).state).not.toBe('Failed'));
      await world.expectLive(widget(group, 'w'));
      await world.expectGone(configMap('old'));
    } finally {
      await client.delete(crd);
    }
  });

  story(
    'is told by a loop, which goes on repairing the rest, and comes back by itself',
    async ({ scenario, client }) => {
      const group = `${randomName('g')}.example.com`;
      const kind = definition(group);
      const world = await scenario({ policy: { wait: false, waitTimeout: 300 } });
      await client.create(kind);
      const { name } = kind.metadata;
      const crd = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', namespace: '', name };
      const served = async (): Promise<boolean> =>
        (await client.resources({ refresh: true })).find({ group, kind: 'Widget' }) !== undefined;
      try {
        await eventually(async () => expect(await served()).toBe(true));
        await world.commit({ 'a.yaml': configMap('a'), 'w.yaml': widget(group, 'w') });
        const process = await world.process();
        const loop = process.loop();
        const last = (): Report | undefined => process.events.findLast((event) => event.type === 'report')?.report;
        await eventually(() => expect(last()?.state).toMatch(/Ready|Progressing/));

        await client.delete(crd);
        await eventually(async () => expect(await served()).toBe(false));
        loop.syncNow();
        await eventually(() => expect(last()?.objects[0]).toMatchObject({ ref: { kind: 'Widget' }, action: 'failed' }));
        await world.applyAs('somebody', configMap('a', { a: 'edited' }));
        await eventually(async () => void (await world.expectLive(configMap('a', { a: '1' }))));

        await client.create(kind);
        await eventually(async () => void (await world.expectLive(widget(group, 'w'))));
        await eventually(() => expect(last()?.state).toMatch(/Ready|Progressing/));
      } finally {
        await client.delete(crd);
      }
    },
  );
});

story(
  'an API service that is down delays the objects of its group alone, and is named',
  async ({ scenario, client }) => {
    const world = await scenario({ policy: { wait: false, waitTimeout: 300 } });
    const group = `${world.namespace}.example`;
    const name = `v1.${group}`;
    await client.create({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name },
      spec: {
        group,
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { namespace: world.namespace, name: 'nobody' },
      },
    });
    try {
      await eventually(async () =>
        expect((await client.resources({ refresh: true })).degraded).toContain(`${group}/v1`),
      );
      await world.commit({
        'a.yaml': configMap('a'),
        'web.yaml': deployment('web'),
        'thing.yaml': { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 't', namespace: world.namespace } },
      });
      const report = await impatient(await world.process()).reconcile();
      expect(told(report)).toEqual([
        'created ConfigMap a',
        'created Deployment web',
        expect.stringMatching(/^failed Thing t \((unavailable|not-found-kind)\)$/),
      ]);
      const failed = report.objects.find(({ action }) => action === 'failed');
      expect(failed?.message).toContain(`discovery of group "${group}" fails; repair the API service behind it`);
    } finally {
      await client.delete({ group: 'apiregistration.k8s.io', kind: 'APIService', namespace: '', name });
    }
  },
);
