import { expect, test } from 'vitest';
import { world } from '../controllers/world.ts';
import type { World } from '../controllers/world.ts';
import { job } from './manifests.ts';

async function status(story: World): Promise<unknown> {
  return (await story.get('Job', 'task'))?.['status'];
}

async function conditions(story: World): Promise<string[]> {
  const { conditions: all = [] } = (await status(story)) as { conditions?: Record<string, string>[] };
  return all.map(({ type = '', status: met = '', reason = '' }) => `${type}=${met}/${reason}`);
}

test('a Job runs its Pod to the end', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(job('task'));
  expect(await status(story)).toEqual({
    startTime: '2026-01-01T00:00:00Z',
    active: 1,
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
  });
  await story.server.elapse(1000);
  expect(await status(story)).toMatchObject({ active: 1, ready: 1 });
  await story.server.elapse(1000);
  expect(await status(story)).toEqual({
    startTime: '2026-01-01T00:00:00Z',
    completionTime: '2026-01-01T00:00:02Z',
    succeeded: 1,
    ready: 0,
    terminating: 0,
    uncountedTerminatedPods: {},
    conditions: ['SuccessCriteriaMet', 'Complete'].map((type) => ({
      type,
      status: 'True',
      reason: 'CompletionsReached',
      message: 'Reached expected number of succeeded pods',
      lastProbeTime: '2026-01-01T00:00:02Z',
      lastTransitionTime: '2026-01-01T00:00:02Z',
    })),
  });
  const [pod] = await story.list('Pod');
  expect(pod).toMatchObject({ status: { phase: 'Succeeded' } });
  expect(pod?.metadata.finalizers).toBeUndefined();
  expect(story.failures).toEqual([]);
});

test('completions are reached in parallel', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(job('task', { spec: { completions: 5, parallelism: 2, completionMode: 'Indexed' } }));
  expect(await story.list('Pod')).toHaveLength(2);
  await story.server.elapse(2000);
  expect(await status(story)).toMatchObject({ active: 2, succeeded: 2, completedIndexes: '0,1' });
  await story.server.elapse(4000);
  expect(await status(story)).toMatchObject({ succeeded: 5, completedIndexes: '0-4' });
  expect(await conditions(story)).toEqual([
    'SuccessCriteriaMet=True/CompletionsReached',
    'Complete=True/CompletionsReached',
  ]);
});

test('a Job that fails too often has failed', async () => {
  await using story = await world({ simulate: { rules: [{ fate: 'CrashLoopBackOff' }] } });
  await story.create(job('task', { spec: { backoffLimit: 2 } }));
  await story.server.elapse(1000);
  expect(await status(story)).toMatchObject({ failed: 1 });
  await story.server.elapse(10_000);
  expect(await status(story)).toMatchObject({ failed: 1, active: 1 });
  await story.server.elapse(60_000);
  expect(await status(story)).toMatchObject({ failed: 3 });
  expect(await conditions(story)).toEqual([
    'FailureTarget=True/BackoffLimitExceeded',
    'Failed=True/BackoffLimitExceeded',
  ]);
  expect(story.failures).toEqual([]);
});

test('a Job whose Pod is restarted too often has failed', async () => {
  await using story = await world({ simulate: { rules: [{ fate: 'CrashLoopBackOff' }] } });
  await story.create(job('task', { spec: { backoffLimit: 2 }, more: { restartPolicy: 'OnFailure' } }));
  await story.server.elapse(9000);
  expect(await conditions(story)).toEqual([]);
  await story.server.elapse(5000);
  expect(await conditions(story)).toEqual([
    'FailureTarget=True/BackoffLimitExceeded',
    'Failed=True/BackoffLimitExceeded',
  ]);
  expect(await story.list('Pod')).toEqual([]);
});

test('a Job past its deadline has failed, and its Pods go', async () => {
  await using story = await world({ simulate: { rules: [{ fate: 'NeverReady' }] } });
  await story.create(job('task', { spec: { activeDeadlineSeconds: 30 } }));
  await story.server.elapse(32_000);
  expect(await conditions(story)).toEqual(['FailureTarget=True/DeadlineExceeded', 'Failed=True/DeadlineExceeded']);
  expect(await story.list('Pod')).toEqual([]);
  expect(story.failures).toEqual([]);
});

test('a suspended Job waits', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(job('task', { spec: { suspend: true } }));
  await story.server.elapse(10_000);
  expect(await story.list('Pod')).toEqual([]);
  expect(await conditions(story)).toEqual(['Suspended=True/JobSuspended']);
  await story.patch('Job', 'task', { spec: { suspend: false } });
  await story.server.elapse(3000);
  expect(await conditions(story)).toEqual([
    'Suspended=False/JobResumed',
    'SuccessCriteriaMet=True/CompletionsReached',
    'Complete=True/CompletionsReached',
  ]);
});

test('a Job with a time to live is cleaned up, Pods and all', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(job('task', { spec: { ttlSecondsAfterFinished: 60 } }));
  await story.server.elapse(61_000);
  expect(await story.get('Job', 'task')).toBeDefined();
  await story.server.elapse(2000);
  expect(await story.get('Job', 'task')).toBeUndefined();
  expect(await story.list('Pod')).toEqual([]);
});

test('deleting a Job in the middle leaves nothing', async () => {
  await using story = await world({ simulate: 'workloads' });
  await story.create(job('task', { spec: { parallelism: 3, completions: 9 } }));
  await story.server.elapse(1500);
  await story.delete('Job', 'task', 'Background');
  await story.server.elapse(2000);
  expect(await story.list('Pod')).toEqual([]);
  expect(story.failures).toEqual([]);
});
