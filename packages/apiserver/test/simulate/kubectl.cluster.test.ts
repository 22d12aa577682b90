import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiServer } from '@homeostat/apiserver';
import { expect } from 'vitest';
import { cluster } from '../../../../test/support/cluster.ts';
import type { CommandResult } from '../../../../test/support/cluster.ts';
import { deployment, job, statefulSet } from './manifests.ts';

/** The control plane's kubectl, on a server of ours with the simulation. Fails the test where kubectl fails. */
const test = cluster.test.extend('run', async ({ kubectl }, { onCleanup }) => {
  const rules = [{ image: '*:broken', fate: 'ImagePullBackOff' }] as const;
  const server = await createApiServer({ simulate: { startMs: 100, runMs: 100, stopMs: 100, rules } });
  const directory = await mkdtemp(join(tmpdir(), 'homeostat-kubectl-'));
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig, { mode: 0o600 });
  onCleanup(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });
  const flags = ['--kubeconfig', kubeconfig, '--cache-dir', directory];
  const call = (args: string, stdin?: object): Promise<CommandResult> =>
    kubectl([...flags, ...args.split(' ')], { ...(stdin !== undefined && { stdin: JSON.stringify(stdin) }) });
  return {
    call,
    ok: async (args: string, stdin?: object): Promise<string> => {
      const { code, stdout, stderr } = await call(args, stdin);
      expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
      return stdout;
    },
  };
});

test('kubectl rolls out, scales, goes back and deletes', async ({ run }) => {
  const { ok } = run;
  await ok('apply -f -', deployment('web', { replicas: 2 }));
  expect(await ok('rollout status deployment/web')).toContain('deployment "web" successfully rolled out');
  await ok('scale deployment/web --replicas=3');
  await ok('rollout status deployment/web');
  await ok('set image deployment/web main=nginx:2');
  await ok('rollout status deployment/web');
  expect(await ok('get deployment web --no-headers')).toMatch(/^web +3\/3 +3 +3 /);
  await ok('rollout undo deployment/web');
  await ok('rollout restart deployment/web');
  await ok('rollout status deployment/web');
  expect(await ok('rollout history deployment/web')).toMatch(/\n2 .*\n3 .*\n4 /);
  await ok('wait --for=condition=Available deployment/web --timeout=10s');
  await ok('delete deployment web --cascade=foreground');
  expect(await ok('get pods,replicasets -o name')).toBe('');
});

test('kubectl shows what went wrong', async ({ run }) => {
  const { call, ok } = run;
  await ok('apply -f -', deployment('web', { image: 'web:broken' }));
  const status = await call('rollout status deployment/web --timeout=1s');
  expect(status.code).toBe(1);
  expect(await ok('get pods --no-headers')).toMatch(/^web-[a-z0-9]+-[a-z0-9]+ +0\/1 +ImagePullBackOff +0 /);
  expect(await ok('describe pods')).toContain('Back-off pulling image "web:broken"');
  expect(await ok('events')).toContain('Failed to pull image "web:broken": not found');
});

test('kubectl waits for StatefulSets, Jobs and namespaces', async ({ run }) => {
  const { ok } = run;
  await ok('apply -f -', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
  await ok('apply -n demo -f -', statefulSet('db', { replicas: 2 }));
  expect(await ok('rollout status -n demo statefulset/db')).toContain('partitioned roll out complete');
  await ok('rollout restart -n demo statefulset/db');
  await ok('rollout status -n demo statefulset/db');
  expect(await ok('rollout history -n demo statefulset/db')).toMatch(/\n1 .*\n2 /);
  await ok('apply -n demo -f -', job('task'));
  await ok('wait -n demo --for=condition=Complete job/task --timeout=10s');
  await ok('delete namespace demo');
  expect(await ok('get namespaces -o name')).not.toContain('demo');
});
