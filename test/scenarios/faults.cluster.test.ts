/** What happens to a set from outside while an engine keeps it: rights that come and go, objects that are too large. */
import { describe, expect } from 'vitest';
import type { KubeObject } from '@homeostat/kube';
import { stringifyJson } from '@homeostat/kube';
import { ALL_VERBS, rightsOf } from '../support/rights.ts';
import { annotated, configMap, eventually, scenarioTest, service } from '../support/scenario.ts';
import { shellTest } from '../support/shell.ts';

scenarioTest(
  'rights that are withdrawn while a loop keeps a set delay what needs them; given back, all goes on by itself',
  async ({ scenario, raw, namespace }) => {
    const world = await scenario({
      impersonate: { serviceAccount: 'deployer' },
      policy: { wait: false, waitTimeout: 2_000 },
    });
    const rights = rightsOf(raw, namespace, `system:serviceaccount:${namespace}:deployer`);
    await rights.grant('configmaps', ALL_VERBS);
    await rights.grant('services', ALL_VERBS);
    const needs = annotated(configMap('needs'), {
      'homeostat.dev/depends-on': `/namespaces/${namespace}/Service/web`,
    });
    await world.commit({ 'a.yaml': configMap('a'), 'web.yaml': service('web', { app: 'web' }), 'needs.yaml': needs });
    const process = await world.process();
    process.loop();
    const last = () => process.events.findLast((event) => event.type === 'report')?.report;
    await eventually(() => expect(last()).toMatchObject({ counts: { created: 3 } }));

    await rights.revoke('services');
    await world.commit({
      'a.yaml': configMap('a', { a: '2' }),
      'web.yaml': service('web', { app: 'other' }),
      'needs.yaml': { ...needs, data: { a: '2' } },
    });
    await eventually(() => world.expectLive(configMap('a', { a: '2' })));
    await eventually(() => {
      const refused = last()?.objects.find(({ action }) => action === 'failed');
      expect(refused).toMatchObject({ ref: { kind: 'Service' }, code: 'forbidden' });
      expect(refused?.message).toMatch(/cannot \w+ resource "services"/);
      expect(last()?.objects.find(({ ref }) => ref.name === 'needs')).toMatchObject({ action: 'blocked' });
    });
    // What needs none of it is kept as it should be all the while.
    await world.applyAs('somebody', configMap('a', { a: 'edited' }));
    await eventually(() => world.expectLive(configMap('a', { a: '2' })));
    await world.expectLive(service('web', { app: 'web' }));

    await rights.grant('services', ALL_VERBS);
    await eventually(() => world.expectLive(service('web', { app: 'other' })));
    await eventually(() => world.expectLive({ ...configMap('needs'), data: { a: '2' } }));
    await eventually(() => expect(last()?.state).toMatch(/Ready|Progressing/));
  },
);

shellTest(
  'a Job that has ended stays ended; one that removes itself runs again, as the warning with its line says from the first plan on',
  async ({ shell, live }) => {
    const site = await shell();
    const job = (name: string, more: object): KubeObject => {
      const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: 'migrate:1' }] } };
      return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template, ...more } };
    };
    await site.commit({ 'kept.yaml': job('kept', {}), 'gone.yaml': job('gone', { ttlSecondsAfterFinished: 1 }) });
    const warning =
      /^warning {3}gone\.yaml:1: \S+Job \S+\/gone is removed 1 s after it has ended .*\[JOB_RUNS_AGAIN\]/m;
    expect((await site.plan()).stdout).toMatch(warning);
    const engine = site.stay();
    await eventually(() => expect(engine.said).toMatch(warning));
    const first = async (name: string) => (await live(job(name, {})))?.metadata.uid;
    const [kept, gone] = await eventually(async () => {
      const uids = [await first('kept'), await first('gone')];
      expect(uids).not.toContain(undefined);
      return uids;
    });
    await eventually(async () => {
      const again = await first('gone');
      expect(again).toBeDefined();
      expect(again).not.toBe(gone);
    });
    expect(engine.said).not.toMatch(/^\S+ .*Job \S+\/kept is removed/m);
    expect(await first('kept')).toBe(kept);
    expect(engine.said).not.toMatch(/^failed/m);
  },
);

describe('an object near the limits of the server', () => {
  const mebibyte = 1024 * 1024;
  const sized = (name: string, length: number): KubeObject => configMap(name, { a: 'x'.repeat(length) });
  const asJson = (object: KubeObject): string => stringifyJson(object);

  shellTest(
    'is applied up to them, and costs nothing later; beyond them it is refused by name, and the others go on',
    async ({ shell, live }) => {
      const site = await shell();
      await site.commit({ 'large.json': asJson(sized('large', mebibyte - 1024)), 'a.yaml': configMap('a') });
      const first = await site.sync();
      expect(first.stdout).toMatch(/^Ready .*: 2 created/m);
      expect((await site.sync()).stdout).toMatch(/^Ready .*: 2 unchanged/m);

      await site.commit({
        'a.yaml': configMap('a', { a: '2' }),
        'larger.json': asJson(sized('larger', mebibyte + 1)),
        'request.json': asJson(sized('request', 4 * mebibyte)),
        'notes.json': asJson(annotated(configMap('notes'), { notes: 'x'.repeat(300 * 1024) })),
      });
      const said = await site.sync();
      expect(said.code).toBe(1);
      expect(said.stdout).toMatch(/^updated {3}ConfigMap \S+\/a /m);
      expect(said.stdout).toMatch(/^failed {4}ConfigMap \S+\/larger .*\[invalid\] .*1048576/m);
      expect(said.stdout).toMatch(/^failed {4}ConfigMap \S+\/notes .*\[invalid\] .*262144/m);
      expect(said.stdout).toMatch(/^failed {4}ConfigMap \S+\/request .*\[invalid\] .*large/m);
      // A message is not the object.
      expect(said.stdout.length).toBeLessThan(8 * 1024);
      expect(await live(configMap('larger'))).toBeUndefined();
    },
  );
});
