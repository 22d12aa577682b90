/** Coming from kubectl: what was applied by hand becomes a set, without a Pod less, and stays one. */
import { expect } from 'vitest';
import { stringifyJson } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import { configMap, deployment, eventually, service } from '../support/scenario.ts';
import { shellTest as story } from '../support/shell.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What somebody has applied for years, and its next version in Git: a key, a label and a port fewer. */
const before: readonly KubeObject[] = [
  configMap('settings', { color: 'blue', old: 'yes' }),
  { ...service('web', { app: 'web' }), metadata: { name: 'web', labels: { team: 'shop', old: 'yes' } } },
  deployment('web', { replicas: 2, revisionHistoryLimit: 3 }),
];
const after: readonly KubeObject[] = [
  configMap('settings', { color: 'blue' }),
  { ...service('web', { app: 'web' }), metadata: { name: 'web', labels: { team: 'shop' } } },
  deployment('web', { replicas: 2 }),
];

async function podsOf(client: Client, namespace: string): Promise<ReadonlySet<string>> {
  const uids: string[] = [];
  const pods = (await client.resources()).find({ group: '', kind: 'Pod' })!;
  for await (const { items } of client.list(pods, { namespace }))
    uids.push(...items.map(({ metadata }) => metadata.uid ?? ''));
  return new Set(uids);
}

const manifest = (objects: readonly KubeObject[]): string => objects.map((object) => stringifyJson(object)).join('\n');

for (const [how, flags, manager] of [
  ['client-side, as kubectl does by default', [], 'kubectl-client-side-apply'],
  ['server-side', ['--server-side'], 'kubectl'],
] as const) {
  story(
    `what kubectl applied ${how} is taken as it is: no Pod is replaced, and what Git drops is dropped`,
    async ({ shell, kubectl, client, live, expectLive, namespace }) => {
      const apply = (objects: readonly KubeObject[]) =>
        kubectl(['apply', ...flags, '-n', namespace, '-f', '-'], { stdin: manifest(objects) });
      expect(await apply(before)).toMatchObject({ code: 0 });
      await eventually(() => expectLive({ ...deployment('web', { replicas: 2 }), status: { readyReplicas: 2 } }));
      const pods = await podsOf(client, namespace);
      const found = await Promise.all(before.map((object) => live(object)));

      const site = await shell();
      await site.commit({ 'all.yaml': before });
      const plan = await site.plan();
      expect(plan).toMatchObject({ code: 2, stdout: expect.stringMatching(/^adopt .*Deployment/m) as string });
      const taken = await site.sync();
      expect(taken, taken.stdout).toMatchObject({ code: 0, stdout: expect.stringMatching(/: 3 adopted/) as string });
      for (const object of found) {
        const now = await live(object!);
        expect(now?.metadata.uid).toBe(object!.metadata.uid);
        expect(now?.metadata.annotations ?? {}).not.toHaveProperty([LAST_APPLIED]);
        expect(now?.metadata.managedFields?.map((entry) => entry.manager)).not.toContain(manager);
      }
      expect(await site.sync()).toMatchObject({ code: 0, stdout: expect.stringMatching(/: 3 unchanged/) as string });
      expect(await podsOf(client, namespace)).toEqual(pods);

      await site.commit({ 'all.yaml': after });
      expect(await site.sync()).toMatchObject({ code: 0, stdout: expect.stringMatching(/: 3 updated/) as string });
      expect((await live(after[0]!))?.['data']).toEqual({ color: 'blue' });
      expect((await live(after[1]!))?.metadata.labels).not.toHaveProperty('old');
      expect(await live(after[2]!)).toMatchObject({ spec: { revisionHistoryLimit: 10 } });
    },
  );
}

story(
  'somebody who goes on with kubectl apply is put right by the engine that stays, field by field, and told by name',
  async ({ shell, kubectl, live, expectLive, namespace }) => {
    const site = await shell();
    await site.commit({ 'all.yaml': configMap('settings', { color: 'blue' }) });
    const engine = site.stay();
    await eventually(() => expect(engine.said).toMatch(/^Ready /m));
    const apply = (flags: readonly string[], data: Readonly<Record<string, string>>) =>
      kubectl(['apply', ...flags, '-n', namespace, '-f', '-'], { stdin: manifest([configMap('settings', data)]) });

    expect(await apply([], { color: 'red', mine: '1' })).toMatchObject({ code: 0 });
    await eventually(() => expectLive(configMap('settings', { color: 'blue' })));
    await eventually(() =>
      expect(engine.said).toMatch(/^drift .*settings was changed: \.data\.color, by kubectl-client-side-apply/m),
    );
    // What they only put in becomes ours with their entry, so it goes as well: Git says what there is.
    await eventually(async () => expect((await live(configMap('settings')))?.['data']).toEqual({ color: 'blue' }));

    const refused = await apply(['--server-side'], { color: 'red' });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('conflict with "homeostat"') as string });
    await expectLive(configMap('settings', { color: 'blue' }));
  },
);
