import { expect, test } from 'vitest';
import { createApiServer } from '@homeostat/apiserver';
import type { ApiServer } from '@homeostat/apiserver';
import type { Client, KubeObject } from '@homeostat/kube';
import { eventually } from '../../../test/support/eventually.ts';
import { followObject } from '../src/follow-object.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'followed' };

function configMap(n: number, name = ref.name): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: ref.namespace }, data: { n: String(n) } };
}

interface Following extends AsyncDisposable {
  readonly server: ApiServer;
  readonly client: Client;
  readonly clock: FakeClock;
  /** The number in the object, each time that it was seen; `undefined`: there was none. */
  readonly seen: (string | undefined)[];
  /** Codes of failures; those that were not new in brackets. */
  readonly troubles: string[];
  requests(): readonly string[];
  readonly write: (n: number) => Promise<unknown>;
}

async function following(): Promise<Following> {
  const requests: string[] = [];
  const server = await createApiServer({
    onRequest: ({ verb, resource, userAgent }) => {
      if (resource === 'configmaps' && userAgent === 'follower') requests.push(verb);
    },
  });
  const client = server.client({ userAgent: 'writer' });
  const clock = fakeClock();
  const seen: (string | undefined)[] = [];
  const troubles: string[] = [];
  const stop = new AbortController();
  const running = followObject(
    ref,
    { client: server.client({ userAgent: 'follower' }), clock, random: () => 1 },
    {
      signal: stop.signal,
      seen: (object) => void seen.push((object?.['data'] as { n: string } | undefined)?.n),
      trouble: (error, isNew) => troubles.push(isNew ? error.code : `(${error.code})`),
    },
  );
  return {
    server,
    client,
    clock,
    seen,
    troubles,
    requests: () => requests.splice(0),
    write: (n) => client.apply(configMap(n), { manager: 'writer' }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await server.close();
    },
  };
}

test('the object is told as it is, and as it becomes, by one list and one watch; others of its kind are not', async () => {
  await using world = await following();
  const { client, seen, write } = world;
  await eventually(() => expect(seen).toEqual([undefined]));
  await write(1);
  await client.apply(configMap(7, 'another'), { manager: 'writer' });
  await write(2);
  await client.delete(ref);
  await write(3);
  await eventually(() => expect(seen).toEqual([undefined, '1', '2', undefined, '3']));
  expect(world.requests()).toEqual(['list', 'watch']);
});

test('after a failure it is read anew, so nothing that happened meanwhile is missed', async () => {
  await using world = await following();
  const { clock, seen, server, troubles, write } = world;
  await write(1);
  await eventually(() => expect(seen.at(-1)).toBe('1'));
  const outage = server.faults.add({ fault: 'reset', verb: ['list', 'watch'], resource: 'configmaps' });
  await eventually(() => expect(troubles).toEqual(['UNREACHABLE']));
  await write(2);
  // Pauses of 1 s, 2 s, 4 s, … up to 30 s: no more than a handful of attempts in a minute.
  world.requests();
  await clock.advance(60_000);
  expect(world.requests().length).toBeLessThanOrEqual(7);
  expect(new Set(troubles.slice(1))).toEqual(new Set(['(UNREACHABLE)']));
  outage.remove();
  await clock.advance(31_000);
  await eventually(() => expect(seen.at(-1)).toBe('2'));
  await write(3);
  await eventually(() => expect(seen.at(-1)).toBe('3'));
});

test('where the server has forgotten, it is read anew without a word', async () => {
  await using world = await following();
  const { clock, seen, server, troubles, write } = world;
  await write(1);
  await eventually(() => expect(seen.at(-1)).toBe('1'));
  server.faults.add({ fault: 'gap', verb: 'watch', resource: 'configmaps', times: 1 });
  await write(2);
  await eventually(async () => {
    await clock.advance(2_000);
    expect(seen.at(-1)).toBe('2');
  });
  expect(troubles).toEqual([]);
});
