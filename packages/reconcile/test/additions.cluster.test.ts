/** What others put into our objects at places that Git leaves open. */
import { describe, expect } from 'vitest';
import type { JsonPatchOperation, KubeObject } from '@homeostat/kube';
import type { Report } from '@homeostat/reconcile';
import { hasDifferences } from '@homeostat/reconcile';
import {
  annotated,
  configMap,
  deployment,
  eventually,
  scenarioTest as story,
  secret,
  service,
  told,
} from '../../../test/support/scenario.ts';
import type { World } from '../../../test/support/scenario.ts';

type Raw = (
  method: string,
  path: string,
  options: { body: unknown; contentType: string },
) => Promise<{ status: number }>;

const PATHS: Readonly<Record<string, string>> = {
  ConfigMap: 'api/v1/namespaces/NS/configmaps',
  Deployment: 'apis/apps/v1/namespaces/NS/deployments',
  Secret: 'api/v1/namespaces/NS/secrets',
  Service: 'api/v1/namespaces/NS/services',
};

/** Edits an object as somebody with kubectl does. */
async function edit(
  raw: Raw,
  { namespace }: World,
  { kind, metadata }: KubeObject,
  operations: readonly JsonPatchOperation[],
  manager = 'kubectl-edit',
): Promise<void> {
  const path = `/${(PATHS[kind] ?? '').replace('NS', namespace)}/${metadata.name}?fieldManager=${manager}`;
  const { status } = await raw('PATCH', path, { body: operations, contentType: 'application/json-patch+json' });
  expect(status).toBe(200);
}

function lines({ objects }: Report): readonly string[] {
  return objects.flatMap(({ ref, additions = [] }) =>
    additions.map(
      ({ action, path, security, heldBy, reason }) =>
        `${ref.name}: ${action} ${path} of ${heldBy[0].manager}${security ? ', security' : ''}${reason === undefined ? '' : ` (${reason})`}`,
    ),
  );
}

const SIDECAR = { name: 'sidecar', image: 'evil:1' };
const EDITS: readonly JsonPatchOperation[] = [
  { op: 'add', path: '/spec/minReadySeconds', value: 5 },
  { op: 'add', path: '/spec/template/spec/containers/-', value: SIDECAR },
  { op: 'add', path: '/spec/template/spec/containers/0/env', value: [{ name: 'X', value: 'x' }] },
  { op: 'add', path: '/spec/template/spec/containers/0/securityContext', value: { privileged: true } },
  { op: 'add', path: '/spec/template/spec/hostNetwork', value: true },
  { op: 'add', path: '/metadata/finalizers', value: ['example.com/keep'] },
  { op: 'add', path: '/metadata/labels/team', value: 'red' },
];
const FOUND = [
  '.metadata.finalizers[="example.com/keep"]',
  '.spec.template.spec.containers[name="sidecar"]',
  '.spec.template.spec.containers[name="web"].env',
  '.spec.template.spec.containers[name="web"].securityContext',
  '.spec.template.spec.hostNetwork',
];
const HARMLESS = ['.metadata.labels.team', '.spec.minReadySeconds'];

describe('additions of others', () => {
  story('are nobody’s business by default', async ({ scenario, raw }) => {
    const world = await scenario();
    await world.commit({ 'web.yaml': deployment('web') });
    await world.reconcile();
    await edit(raw, world, deployment('web'), EDITS.slice(0, 5));
    const report = await world.reconcile();
    expect(told(report)).toEqual(['unchanged Deployment web']);
    expect(report.objects[0]?.additions).toBeUndefined();
  });

  story('are told with manager and time, those that decide about security first', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'report', wait: false } });
    await world.commit({ 'web.yaml': deployment('web') });
    await world.reconcile();
    await edit(raw, world, deployment('web'), EDITS);

    const process = await world.process();
    const plan = await process.plan();
    expect(hasDifferences(plan)).toBe(false);
    expect(plan.items).toMatchObject([{ action: 'unchanged' }]);
    const planned = plan.items[0]?.additions ?? [];
    expect(planned.map(({ path }) => path)).toEqual([...FOUND, ...HARMLESS]);
    expect(planned[1]).toMatchObject({
      action: 'report',
      value: SIDECAR,
      security: true,
      heldBy: [{ manager: 'kubectl-edit', operation: 'Update', time: expect.any(String) as string }],
    });

    process.requests();
    const report = await process.reconcile();
    expect(told(report)).toEqual(['unchanged Deployment web']);
    expect(lines(report)).toEqual([
      ...FOUND.map((path) => `web: reported ${path} of kubectl-edit, security`),
      ...HARMLESS.map((path) => `web: reported ${path} of kubectl-edit`),
    ]);
    // The server was asked once, for the plan.
    expect(process.requests()['dry-run']).toBeUndefined();
    await edit(raw, world, deployment('web'), [{ op: 'remove', path: '/metadata/finalizers' }]);
  });

  story('are taken away as the plan showed, but for what somebody counts on', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'remove' } });
    await world.commit({ 'web.yaml': deployment('web') });
    await world.reconcile();
    const before = await world.live(deployment('web'));
    await edit(raw, world, deployment('web'), EDITS);

    const plan = await (await world.process()).plan();
    expect(plan.items).toMatchObject([{ action: 'update', changes: [], validated: true }]);
    const planned = plan.items[0]?.additions ?? [];
    expect(planned.map(({ action, path }) => `${action} ${path}`)).toEqual(
      [...FOUND, ...HARMLESS].map((path) => `${path.includes('finalizers') ? 'keep' : 'remove'} ${path}`),
    );

    const report = await world.reconcile();
    expect(told(report)).toEqual(['updated Deployment web']);
    expect(lines(report)).toContain(
      'web: kept .metadata.finalizers[="example.com/keep"] of kubectl-edit, security (lifecycle)',
    );
    expect(lines(report).filter((line) => line.includes('removed'))).toHaveLength(6);
    const after = await world.live(deployment('web'));
    expect(after?.['spec']).toEqual(before?.['spec']);
    expect(after?.metadata.labels).toEqual(before?.metadata.labels);

    const process = await world.process();
    expect(told(await process.reconcile())).toEqual(['unchanged Deployment web']);
    const { patch, apply } = process.requests();
    expect([patch, apply]).toEqual([undefined, undefined]);
    await edit(raw, world, deployment('web'), [{ op: 'remove', path: '/metadata/finalizers' }]);
  });

  story('go in the same pass as a change of Git, after it', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'remove' } });
    await world.commit({ 'web.yaml': configMap('web', { a: '1' }) });
    await world.reconcile();
    await edit(raw, world, configMap('web'), [{ op: 'add', path: '/data/extra', value: 'x' }]);
    await world.commit({ 'web.yaml': configMap('web', { a: '2' }) });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['updated ConfigMap web']);
    expect(lines(report)).toEqual(['web: removed .data.extra of kubectl-edit']);
    expect((await world.live(configMap('web')))?.['data']).toEqual({ a: '2' });
  });

  story(
    'by server-side apply go too, and the report says so whichever request took them',
    async ({ scenario, kubectl }) => {
      const world = await scenario({ policy: { additions: 'remove' } });
      const objects = [configMap('same'), configMap('other')];
      await world.commit({ 'all.yaml': objects });
      await world.reconcile();
      for (const object of objects) {
        const more = { ...object, metadata: { ...object.metadata, namespace: world.namespace }, data: { extra: 'x' } };
        const args = ['apply', '--server-side', '-f', '-'];
        expect((await kubectl(args, { stdin: JSON.stringify(more) })).code).toBe(0);
        await world.applyAs('some-operator', configMap(object.metadata.name, { operated: 'x' }));
      }
      await world.commit({ 'all.yaml': [configMap('same'), configMap('other', { a: '2' })] });
      const report = await world.reconcile();
      expect(told(report)).toEqual(['updated ConfigMap other', 'updated ConfigMap same']);
      expect(lines(report)).toEqual([
        'other: removed .data.extra of kubectl',
        'other: removed .data.operated of some-operator',
        'same: removed .data.extra of kubectl',
        'same: removed .data.operated of some-operator',
      ]);
      expect((await world.live(configMap('other')))?.['data']).toEqual({ a: '2' });
      expect((await world.live(configMap('same')))?.['data']).toEqual({ a: '1' });
      expect(told(await world.reconcile())).toEqual(['unchanged ConfigMap other', 'unchanged ConfigMap same']);
    },
  );

  story('of a Service: its type, another port, and the target of our own port', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'remove' } });
    const web = service('web', { app: 'web' });
    await world.commit({ 'web.yaml': web });
    await world.reconcile();
    const before = await world.live(web);
    await edit(raw, world, web, [
      { op: 'add', path: '/spec/ports/0/name', value: 'http' },
      { op: 'add', path: '/spec/ports/-', value: { name: 'debug', port: 9229 } },
      { op: 'replace', path: '/spec/ports/0/targetPort', value: 9999 },
      { op: 'replace', path: '/spec/type', value: 'NodePort' },
      { op: 'add', path: '/spec/externalIPs', value: ['192.0.2.1'] },
    ]);
    const report = await world.reconcile();
    expect(told(report)).toEqual(['updated Service web']);
    expect(lines(report).map((line) => line.split(' of ')[0])).toEqual([
      'web: removed .spec.externalIPs',
      'web: removed .spec.ports[port=80,protocol="TCP"].name',
      'web: removed .spec.ports[port=80,protocol="TCP"].targetPort',
      'web: removed .spec.ports[port=9229,protocol="TCP"]',
      'web: removed .spec.type',
      // It came with the type, and goes with it.
      'web: removed .spec.externalTrafficPolicy',
    ]);
    expect((await world.live(web))?.['spec']).toEqual(before?.['spec']);
    expect(told(await world.reconcile())).toEqual(['unchanged Service web']);
  });

  story('are no server defaults, whoever made the object', async ({ scenario, kubectl }) => {
    const world = await scenario({ policy: { additions: 'remove', wait: false } });
    const web = deployment('web');
    await kubectl(['create', '-n', world.namespace, '-f', '-'], { stdin: JSON.stringify(web) });
    await kubectl(['create', 'configmap', 'cfg', '-n', world.namespace, '--from-literal=a=1', '--from-literal=b=2']);
    await world.commit({ 'web.yaml': web, 'cfg.yaml': configMap('cfg') });
    expect(told(await world.reconcile())).toEqual(['adopted ConfigMap cfg', 'adopted Deployment web']);

    const report = await world.reconcile();
    expect(told(report)).toEqual(['unchanged Deployment web', 'updated ConfigMap cfg']);
    expect(lines(report)).toEqual(['cfg: removed .data.b of kubectl-create']);
  });

  story('that a rule, an annotation or another tool holds stay', async ({ scenario, raw }) => {
    const world = await scenario({
      policy: { additions: 'remove', ignore: [{ pointers: ['/data/left'], select: { kind: 'ConfigMap' } }] },
    });
    const objects = [
      configMap('web'),
      annotated(configMap('told'), { 'homeostat.dev/additions': 'report' }),
      annotated(configMap('open'), { 'homeostat.dev/additions': 'ignore' }),
    ];
    await world.commit({ 'all.yaml': objects });
    await world.reconcile();
    for (const object of objects) {
      await edit(raw, world, object, [
        { op: 'add', path: '/data/left', value: 'x' },
        { op: 'add', path: '/data/extra', value: 'x' },
        { op: 'add', path: '/metadata/annotations/homeostat.dev~1prune', value: 'false' },
      ]);
    }
    await world.applyAs('argocd-controller', configMap('web', { argo: '1' }));
    const report = await world.reconcile();
    expect(lines(report)).toEqual([
      'told: reported .data.extra of kubectl-edit',
      'web: kept .data.argo of argocd-controller (held)',
      'web: removed .data.extra of kubectl-edit',
    ]);
    const live = await world.live(configMap('web'));
    expect(live?.['data']).toEqual({ a: '1', left: 'x', argo: '1' });
    expect(live?.metadata.annotations).toMatchObject({ 'homeostat.dev/prune': 'false' });
  });

  story('that a controller or an autoscaler owns are theirs', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'report', wait: false } });
    const spec = { ...(deployment('web')['spec'] as Record<string, unknown>) };
    delete spec['replicas'];
    const web = { ...deployment('web'), spec };
    await world.commit({ 'web.yaml': web });
    await world.reconcile();
    await raw('PATCH', `/apis/apps/v1/namespaces/${world.namespace}/deployments/web/scale?fieldManager=autoscaler`, {
      body: { spec: { replicas: 0 } },
      contentType: 'application/merge-patch+json',
    });
    await eventually(async () => {
      const live = await world.live(web);
      expect(live?.metadata.annotations).toHaveProperty(['deployment.kubernetes.io/revision']);
      expect(live?.['spec']).toMatchObject({ replicas: 0 });
    });
    expect(lines(await world.reconcile())).toEqual([]);
  });

  story('of a Secret are named, and no value of them is in plan or report', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'remove' } });
    await world.commit({ 'key.yaml': secret('key', { password: 'known-value' }), 'web.yaml': configMap('web') });
    await world.reconcile();
    const hidden = Buffer.from('hunter2-hidden').toString('base64');
    await edit(raw, world, secret('key', {}), [{ op: 'add', path: '/data/extra', value: hidden }]);
    await edit(raw, world, configMap('web'), [{ op: 'add', path: '/data/copy', value: 'is known-value' }]);
    const plan = await (await world.process()).plan();
    const report = await world.reconcile();
    expect(lines(report)).toEqual([
      'web: removed .data.copy of kubectl-edit',
      'key: removed .data.extra of kubectl-edit',
    ]);
    for (const text of [JSON.stringify(plan), JSON.stringify(report)]) {
      expect(text).not.toMatch(/hunter2|known-value/);
      expect(text).not.toContain(hidden);
    }
  });

  story('are never taken from an object that is no longer proven ours', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'remove', adopt: 'never' } });
    await world.commit({ 'web.yaml': configMap('web') });
    await world.reconcile();
    await edit(raw, world, configMap('web'), [
      { op: 'add', path: '/data/extra', value: 'x' },
      { op: 'replace', path: '/metadata/annotations/homeostat.dev~1managed', value: 'other/set:/ConfigMap:x/web' },
    ]);
    const report = await world.reconcile();
    expect(lines(report)).toEqual([]);
    expect((await world.live(configMap('web')))?.['data']).toMatchObject({ extra: 'x' });
  });

  story('stay where the policy stops at the first refusal', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'remove', onError: 'stop' } });
    await world.commit({ 'web.yaml': configMap('web') });
    await world.reconcile();
    await edit(raw, world, configMap('web'), [{ op: 'add', path: '/data/extra', value: 'x' }]);
    await world.commit({ 'bad.yaml': deployment('bad', { replicas: 'three' }) });
    const report = await world.reconcile();
    expect(told(report)).toEqual(['failed Deployment bad (invalid)', 'skipped ConfigMap web']);
    expect(lines(report)).toEqual(['web: kept .data.extra of kubectl-edit (not-reached)']);
    await world.expectLive(configMap('web', { extra: 'x' }));
  });

  story('cost one question and one patch per object that has them', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'remove' } });
    const objects = Array.from({ length: 30 }, (_, i) => configMap(`cfg-${i}`));
    await world.commit({ 'all.yaml': objects });
    await world.reconcile();
    for (const object of objects.slice(0, 5))
      await edit(raw, world, object, [{ op: 'add', path: '/data/extra', value: 'x' }]);
    const fresh = await world.process();
    const report = await fresh.reconcile();
    expect(report.counts).toMatchObject({ updated: 5, unchanged: 25 });
    expect(fresh.requests()).toMatchObject({ 'dry-run': 5, patch: 5 });
    const settled = await world.process();
    expect((await settled.reconcile()).counts).toMatchObject({ unchanged: 30 });
    expect(settled.requests()).not.toHaveProperty('dry-run');
  });

  story('whose writer was wiped out of managedFields are told, and stay', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'remove' } });
    await world.commit({ 'web.yaml': deployment('web') });
    await world.reconcile();
    await edit(raw, world, deployment('web'), [
      { op: 'add', path: '/spec/template/spec/hostNetwork', value: true },
      { op: 'add', path: '/metadata/managedFields', value: [{}] },
    ]);
    // The proof went with it: the next pass renews that.
    expect(told(await world.reconcile())).toEqual([expect.stringMatching(/^(adopted|updated) Deployment web$/)]);
    const report = await world.reconcile();
    expect(lines(report)).toContain(
      'web: kept .spec.template.spec.hostNetwork of before-first-apply, security (unknown-writer)',
    );
    expect(lines(report).filter((line) => !line.includes('unknown-writer'))).toEqual([]);
    expect(await world.live(deployment('web'))).toMatchObject({ spec: { template: { spec: { hostNetwork: true } } } });
  });

  story(
    'that the server does not let go are kept, with its words, and hold nothing else',
    async ({ scenario, raw }) => {
      const world = await scenario({ policy: { additions: 'remove', wait: false } });
      const claim: KubeObject = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'fixed' },
        data: { a: '1' },
      };
      await world.commit({ 'fixed.yaml': claim });
      await world.reconcile();
      await edit(raw, world, claim, [
        { op: 'add', path: '/data/extra', value: 'x' },
        { op: 'add', path: '/metadata/labels/team', value: 'red' },
        { op: 'add', path: '/immutable', value: true },
      ]);
      const report = await world.reconcile();
      expect(lines(report)).toEqual([
        expect.stringMatching(/^fixed: kept \.data\.extra .*immutable/) as string,
        expect.stringMatching(/^fixed: kept \.immutable .*immutable/) as string,
        'fixed: removed .metadata.labels.team of kubectl-edit',
      ]);
    },
  );
});

describe('in a loop', () => {
  story('they go as they come, and who keeps adding is given way to ever longer', async ({ scenario, raw }) => {
    const world = await scenario({ policy: { additions: 'remove' } });
    await world.commit({ 'web.yaml': configMap('web') });
    const process = await world.process();
    const loop = process.loop();
    await eventually(() => expect(loop.report?.state).toBe('Ready'));
    const isClean = async (): Promise<void> => {
      expect((await world.live(configMap('web')))?.['data']).toEqual({ a: '1' });
    };
    for (let i = 0; i < 7; i++) {
      await edit(raw, world, configMap('web'), [{ op: 'add', path: '/data/extra', value: String(i) }]);
      await eventually(isClean);
    }
    await eventually(() => expect(process.events).toContainEqual(expect.objectContaining({ type: 'fight' })));
  });
});
