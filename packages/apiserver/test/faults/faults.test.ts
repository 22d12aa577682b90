import type { Client, KubeObject, Resource, WatchEvent } from '@homeostat/kube';
import { createClient, loadKubeconfig } from '@homeostat/kube/http';
import { createApiServer, manualClock, seededRandom } from '@homeostat/apiserver';
import type { ApiServer, FaultRule, ServedRequest } from '@homeostat/apiserver';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const REF = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'web' };

function configMap(name: string, value = '1'): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { value } };
}

const ways: Readonly<Record<string, (server: ApiServer) => Promise<Client & AsyncDisposable>>> = {
  'in process': async (server) => server.client(),
  'over HTTP/2': (server) => connect(server, 'auto'),
  'over HTTP/1.1': (server) => connect(server, 'http1'),
};

async function connect(server: ApiServer, protocol: 'auto' | 'http1'): Promise<Client & AsyncDisposable> {
  return createClient(await loadKubeconfig({ path: 'memory', readFile: async () => server.kubeconfig }), { protocol });
}

for (const [way, open] of Object.entries(ways)) {
  describe(`a client ${way}`, () => {
    const clock = manualClock();
    let server: ApiServer;
    let client: Client & AsyncDisposable;
    let maps: Resource;
    beforeAll(async () => {
      server = await createApiServer({ clock, random: seededRandom(1), controllers: false });
      client = await open(server);
      maps = (await client.resources()).find({ group: '', kind: 'ConfigMap' })!;
    });
    afterAll(async () => {
      await client[Symbol.asyncDispose]();
      await server.close();
    });
    beforeEach(async () => {
      server.faults.clear();
      await client.apply(configMap('web'), { manager: 'setup', force: true });
    });

    const apply = (name = 'web') => client.apply(configMap(name), { manager: 'test', force: true });
    let begun = 0;
    const version = async (): Promise<string> => (await client.get(REF))?.metadata.resourceVersion ?? '';

    /** A watch of ConfigMaps from now on, with what it has said so far. */
    async function watching(): Promise<{
      readonly names: string[];
      readonly error: Promise<unknown>;
      readonly stop: () => void;
    }> {
      const stopping = new AbortController();
      const names: string[] = [];
      const { object } = await apply(`begin-${String(++begun)}`);
      const resourceVersion = object.metadata.resourceVersion ?? '';
      const events = client.watch(maps, { resourceVersion, signal: stopping.signal });
      const last = `begun-${String(begun)}`;
      let ready = (): void => undefined;
      const isReady = new Promise<void>((resolve) => (ready = resolve));
      const tell = (event: WatchEvent): void => {
        if (!('object' in event)) return;
        const { name } = event.object.metadata;
        if (name === last) ready();
        if (!name.startsWith('begun')) names.push(name);
      };
      const error = (async () => {
        for await (const event of events) tell(event);
        return undefined;
      })().catch((thrown: unknown) => thrown);
      // It has begun once it has told of something.
      await apply(last);
      await isReady;
      return { names, error, stop: () => stopping.abort() };
    }

    test('409: an update meets another writer, a create an object that is there', async () => {
      const before = await version();
      using fault = server.faults.add({ fault: 'conflict', resource: 'configmaps' });
      await expect(client.update(configMap('web'))).rejects.toMatchObject({
        code: 'STALE',
        status: 409,
        reason: 'Conflict',
        answer:
          'Operation cannot be fulfilled on configmaps "web": the object has been modified; please apply your changes to the latest version and try again',
      });
      await expect(client.create(configMap('fresh'))).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
        reason: 'AlreadyExists',
        answer: 'configmaps "fresh" already exists',
      });
      expect(fault.hits).toBe(2);
      expect(await version()).toBe(before);
    });

    test('410: a snapshot, a continue token and the beginning of a watch are forgotten', async () => {
      await apply('other');
      const list = async (limit: number, resourceVersion?: string): Promise<void> => {
        for await (const page of client.list(maps, {
          limit,
          ...(resourceVersion !== undefined && { resourceVersion }),
        }))
          if (page.continue !== undefined) server.faults.add({ fault: 'gone', verb: 'list' });
      };
      await expect(list(1)).rejects.toMatchObject({
        code: 'GONE',
        reason: 'Expired',
        answer: expect.stringContaining('The provided continue parameter is too old') as unknown,
      });
      await expect(list(1, await version())).rejects.toMatchObject({
        code: 'GONE',
        answer: 'The resourceVersion for the provided list is too old.',
      });
      server.faults.add({ fault: 'gone', verb: 'watch' });
      const events = client.watch(maps, { resourceVersion: await version() });
      await expect(
        (async () => {
          for await (const _ of events);
        })(),
      ).rejects.toMatchObject({ code: 'GONE' });
    });

    test('429 carries Retry-After, and says what priority and fairness says', async () => {
      server.faults.add({ fault: 'throttle', verb: 'apply', retryAfter: 7, times: 1 });
      await expect(apply()).rejects.toMatchObject({
        code: 'THROTTLED',
        status: 429,
        answer: 'Too many requests, please try again later.',
        retry: { afterMs: 7000 },
      });
      await apply();
    });

    test('500 and 503 say what a server in trouble says', async () => {
      using failing = server.faults.add({ fault: 'error' });
      const refused = { code: 'UNAVAILABLE', status: 500, answer: 'etcdserver: request timed out', retry: 'backoff' };
      await expect(client.get(REF)).rejects.toMatchObject(refused);
      failing.remove();
      server.faults.add({ fault: 'unavailable' });
      await expect(client.get(REF)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        status: 503,
        reason: 'ServiceUnavailable',
        answer: 'apiserver is shutting down',
        retry: { afterMs: 1000 },
      });
    });

    test('a 500 after the work is done leaves it done', async () => {
      server.faults.add({ fault: 'error', verb: 'create', when: 'after', times: 1 });
      await expect(client.create(configMap('done'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(await client.delete({ ...REF, name: 'done' })).toBe(true);
    });

    test('a connection that breaks is UNREACHABLE, before the work or after it', async () => {
      server.faults.add({ fault: 'reset', verb: 'create', name: 'never', times: 1 });
      await expect(client.create(configMap('never'))).rejects.toMatchObject({ code: 'UNREACHABLE', retry: 'backoff' });
      expect(await client.get({ ...REF, name: 'never' })).toBeUndefined();
      server.faults.add({ fault: 'reset', verb: 'create', when: 'after', times: 1 });
      await expect(client.create(configMap('made'))).rejects.toMatchObject({ code: 'UNREACHABLE' });
      expect(await client.delete({ ...REF, name: 'made' })).toBe(true);
    });

    test('an open watch can be cut, and a new one refused its connection', async () => {
      const watch = await watching();
      const fault = server.faults.add({ fault: 'reset', verb: 'watch' });
      expect(await watch.error).toMatchObject({ code: 'UNREACHABLE' });
      const events = client.watch(maps, { resourceVersion: await version() });
      await expect(
        (async () => {
          for await (const _ of events);
        })(),
      ).rejects.toMatchObject({ code: 'UNREACHABLE' });
      expect(fault.hits).toBe(2);
    });

    test('a half-open watch says nothing, and once the fault is gone says what it held back', async () => {
      const watch = await watching();
      using fault = server.faults.add({ fault: 'silence', resource: 'configmaps', times: 1 });
      expect(fault.hits).toBe(1);
      const other = await watching();
      await apply('a');
      await apply('b');
      await expect.poll(() => other.names.slice(-2)).toEqual(['a', 'b']);
      expect(watch.names).toEqual([]);
      fault.remove();
      await expect.poll(() => watch.names.slice(-2)).toEqual(['a', 'b']);
      other.stop();
      watch.stop();
      expect(await watch.error).toMatchObject({ code: 'CANCELLED' });
    });

    test('a watch with a gap loses events, then gets 410, and so does who asks for them again', async () => {
      const watch = await watching();
      const from = await version();
      server.faults.add({ fault: 'gap', events: 2, times: 1 });
      await apply('lost');
      await apply('lost-too');
      expect(await watch.error).toMatchObject({ code: 'GONE', reason: 'Expired' });
      expect(watch.names).toEqual([]);
      const again = client.watch(maps, { resourceVersion: from });
      await expect(
        (async () => {
          for await (const _ of again);
        })(),
      ).rejects.toMatchObject({ code: 'GONE' });
    });

    test('admission says no by itself, or as a webhook; dry runs are told too', async () => {
      using fault = server.faults.add({ fault: 'deny', message: 'no webs today', name: 'web' });
      await expect(apply()).rejects.toMatchObject({
        code: 'FORBIDDEN',
        reason: 'Forbidden',
        answer: 'configmaps "web" is forbidden: no webs today',
      });
      await expect(client.apply(configMap('web'), { manager: 'test', dryRun: true })).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
      await client.get(REF);
      fault.remove();
      server.faults.add({ fault: 'deny', message: 'no webs today', webhook: 'policy.example.com' });
      await expect(client.delete(REF)).rejects.toMatchObject({
        code: 'FORBIDDEN',
        answer: 'admission webhook "policy.example.com" denied the request: no webs today',
      });
    });

    test('latency passes on the clock of the server', async () => {
      const fault = server.faults.add({ fault: 'latency', ms: 3000, verb: 'get', times: 1 });
      let answered = false;
      const asked = client.get(REF).then(() => (answered = true));
      await expect.poll(() => fault.hits).toBe(1);
      clock.advance(2999);
      await client.apply(configMap('other'), { manager: 'test', force: true });
      expect(answered).toBe(false);
      clock.advance(1);
      expect(await asked).toBe(true);
    });
  });
}

describe('a rule', () => {
  const clock = manualClock();
  const served: ServedRequest[] = [];
  let server: ApiServer;
  let client: Client;
  beforeAll(async () => {
    server = await createApiServer({
      clock,
      random: seededRandom(7),
      controllers: false,
      users: [
        { name: 'admin', groups: ['system:masters'] },
        { name: 'robot', groups: ['system:masters'] },
      ],
      onRequest: (request) => served.push(request),
    });
    client = server.client();
    await client.resources();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.faults.clear();
    served.length = 0;
  });

  /** Which of `count` applies are refused. */
  async function refusals(rule: FaultRule, count: number): Promise<readonly number[]> {
    using _fault = server.faults.add(rule);
    const refused: number[] = [];
    for (let i = 1; i <= count; i++) {
      await client.apply(configMap('web'), { manager: 'test' }).catch(() => refused.push(i));
    }
    return refused;
  }

  test('strikes so often, or every n-th time, or both', async () => {
    expect(await refusals({ fault: 'error', verb: 'apply', times: 2 }, 5)).toEqual([1, 2]);
    expect(await refusals({ fault: 'error', verb: 'apply', every: 3 }, 7)).toEqual([3, 6]);
    expect(await refusals({ fault: 'error', verb: 'apply', every: 2, times: 1 }, 7)).toEqual([2]);
  });

  test('strikes with a probability, the same for the same seed', async () => {
    const runs = [1, 2].map(async () => {
      await using fresh = await createApiServer({ clock: manualClock(), random: seededRandom(7), controllers: false });
      fresh.faults.add({ fault: 'error', verb: 'apply', probability: 0.5 });
      const own = fresh.client();
      const outcomes: string[] = [];
      for (let i = 0; i < 30; i++) {
        outcomes.push(
          await own.apply(configMap('web'), { manager: 'test' }).then(
            () => '.',
            () => 'x',
          ),
        );
      }
      return outcomes.join('');
    });
    const [first, second] = await Promise.all(runs);
    expect(first).toBe(second);
    expect(first).toMatch(/x.*\..*x/);
  });

  test('chooses by user, namespace, name, subresource and dry run', async () => {
    const strikes = async (rule: Partial<FaultRule>, ask: () => Promise<unknown>): Promise<boolean> => {
      using fault = server.faults.add({ fault: 'unavailable', ...rule } as FaultRule);
      await ask().catch(() => undefined);
      return fault.hits > 0;
    };
    const robot = server.client({ user: 'robot' });
    await robot.resources();
    const apply = (): Promise<unknown> => client.apply(configMap('web'), { manager: 'test' });
    const create = (): Promise<unknown> => client.create(configMap('web'));
    const pods = '/api/v1/namespaces/default/pods/web';
    expect(await strikes({ user: 'robot' }, apply)).toBe(false);
    expect(await strikes({ user: 'robot' }, () => robot.get(REF))).toBe(true);
    expect(await strikes({ namespace: ['kube-system', 'default'] }, apply)).toBe(true);
    expect(await strikes({ namespace: 'kube-system' }, apply)).toBe(false);
    expect(await strikes({ verb: 'create', name: 'web' }, create)).toBe(true);
    expect(await strikes({ verb: 'create', name: 'other' }, create)).toBe(false);
    expect(
      await strikes({ resource: 'pods', subresource: 'status' }, () =>
        client.request({ method: 'GET', path: `${pods}/status` }),
      ),
    ).toBe(true);
    expect(
      await strikes({ resource: 'pods', subresource: '' }, () =>
        client.request({ method: 'GET', path: `${pods}/status` }),
      ),
    ).toBe(false);
    expect(await strikes({ verb: 'delete', dryRun: true }, () => client.delete(REF, { dryRun: true }))).toBe(true);
    expect(await strikes({ verb: 'delete', dryRun: true }, () => client.delete(REF))).toBe(false);
    expect(
      await strikes({ resource: 'deployments' }, () =>
        client.request({ method: 'GET', path: '/apis/apps/v1/deployments' }),
      ),
    ).toBe(true);
    expect(
      await strikes({ resource: 'deployments.apps' }, () =>
        client.request({ method: 'GET', path: '/apis/apps/v1/deployments' }),
      ),
    ).toBe(true);
    expect(
      await strikes({ resource: 'deployments.extensions' }, () =>
        client.request({ method: 'GET', path: '/apis/apps/v1/deployments' }),
      ),
    ).toBe(false);
    expect(await strikes({ verb: 'get' }, () => client.request({ method: 'GET', path: '/version' }))).toBe(false);
    expect(await strikes({ verb: 'discovery' }, () => client.request({ method: 'GET', path: '/version' }))).toBe(true);
  });

  test('lets probes through, and leaves other requests of its connection alone', async () => {
    server.faults.add({ fault: 'unavailable' });
    expect((await client.request({ method: 'GET', path: '/readyz' })).body).toBe('ok');
    server.faults.clear();
    await using other = await connect(server, 'auto');
    await other.resources();
    server.faults.add({ fault: 'reset', name: 'web', verb: 'get' });
    const others = Array.from({ length: 5 }, (_, i) => other.get({ ...REF, name: `other-${i}` }));
    await expect(other.get(REF)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(await Promise.all(others)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  test('adds latency to whatever strikes besides', async () => {
    const slow = server.faults.add({ fault: 'latency', ms: 1000 });
    const failing = server.faults.add({ fault: 'error' });
    const asked = client.get(REF);
    await expect.poll(() => slow.hits).toBe(1);
    expect(failing.hits).toBe(0);
    clock.advance(1000);
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(failing.hits).toBe(1);
  });

  test('is refused when it makes no sense', () => {
    expect(() => server.faults.add({ fault: 'silence', verb: ['watch', 'get'] })).toThrow(
      new TypeError('the fault "silence" is for watch; "get" cannot have it'),
    );
    for (const wrong of [{ times: 0 }, { every: 1.5 }, { probability: 0 }, { probability: 2 }, { ms: -1 }]) {
      expect(() => server.faults.add({ fault: 'latency', ms: 1, ...wrong })).toThrow(TypeError);
    }
  });

  test('shows in what the server tells of its requests', async () => {
    server.faults.add({ fault: 'throttle', verb: 'apply', times: 1 });
    server.faults.add({ fault: 'reset', verb: 'create' });
    await client.apply(configMap('told'), { manager: 'test' }).catch(() => undefined);
    await client.apply(configMap('told'), { manager: 'test', dryRun: true });
    await client.create(configMap('cut')).catch(() => undefined);
    const common = {
      resource: 'configmaps',
      namespace: 'default',
      subresource: '',
      user: 'admin',
      userAgent: 'homeostat',
    };
    expect(served).toMatchObject([
      { ...common, verb: 'apply', name: 'told', dryRun: false, status: 429 },
      { ...common, verb: 'apply', name: 'told', dryRun: true, status: 201 },
      { ...common, verb: 'create', name: 'cut', dryRun: false, status: 0 },
    ]);
  });
});
