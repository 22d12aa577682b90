import { expect, test } from 'vitest';
import { world } from './world.ts';
import type { World } from './world.ts';

const ref = {
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  namespace: '',
  name: 'things.example.com',
} as const;

async function define({ client, server }: World): Promise<void> {
  await client.create({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: ref.kind,
    metadata: { name: ref.name },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  });
  await server.settled();
  await client.resources({ refresh: true });
}

async function conditions({ client }: World): Promise<string[]> {
  const status = (await client.get(ref))?.['status'] as { conditions: Record<string, string>[] } | undefined;
  return (status?.conditions ?? []).map(({ type = '', status: met = '', reason = '' }) => `${type}=${met}/${reason}`);
}

const thing = (name: string, finalizers: readonly string[] = []): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name, finalizers },
});

// Without controllers, too: definitions are the API server's own business.
for (const controllers of [true, false]) {
  test(`a definition is established, and goes with its objects (controllers: ${String(controllers)})`, async () => {
    await using story = await world({ controllers });
    await define(story);
    expect(await conditions(story)).toEqual([
      'NamesAccepted=True/NoConflicts',
      'Established=True/InitialNamesAccepted',
    ]);
    await story.create(thing('free'));
    await story.create(thing('held', ['a.b/c']));
    await story.client.delete(ref);
    await story.server.settled();
    expect(await conditions(story)).toContain('Terminating=True/InstanceDeletionInProgress');
    const held = { group: 'example.com', kind: 'Thing', namespace: 'demo', name: 'held' };
    expect(await story.client.get({ ...held, name: 'free' })).toBeUndefined();
    expect((await story.client.get(held))?.metadata.deletionTimestamp).toBeDefined();

    await story.client.patch(held, { type: 'merge', value: { metadata: { finalizers: null } } });
    await story.server.settled();
    expect(await story.client.get(ref)).toBeUndefined();
  });
}

test('a definition whose objects somebody refuses to delete waits, and asks again', async () => {
  let kept = true;
  const failures: unknown[] = [];
  await using story = await world({
    controllers: { onError: (error) => failures.push(error) },
    admit: ({ operation, kind }) =>
      operation === 'DELETE' && kind === 'Thing' && kept ? { deny: 'not now' } : undefined,
  });
  await define(story);
  await story.create(thing('dear'));
  await story.client.delete(ref);
  await story.server.settled();
  expect(await conditions(story)).toContain('Terminating=True/InstanceDeletionInProgress');
  expect(String(failures[0])).toContain('not now');
  kept = false;
  await story.server.elapse(1000);
  expect(await story.client.get(ref)).toBeUndefined();
});
