import { randomBytes } from 'node:crypto';
import { compareForApply, printRef, refOf } from '@homeostat/kube';
import type { Client, KubeObject } from '@homeostat/kube';
import { createApiServer } from '../create-api-server.ts';
import type { ApiServer, ApiServerOptions } from '../create-api-server.ts';
import type { FaultInjector } from '../faults/faults.ts';
import { seededRandom } from '../random.ts';
import { eventually } from './eventually.ts';
import type { EventuallyOptions } from './eventually.ts';
import { parseRef } from './parse-ref.ts';
import { readObjectFiles, readObjects } from './read-objects.ts';
import type { TestObjects } from './read-objects.ts';
import { requestLog } from './request-log.ts';
import type { RequestLog } from './request-log.ts';
import { testClock } from './test-clock.ts';
import type { TestClock } from './test-clock.ts';

export interface TestServerOptions extends Omit<ApiServerOptions, 'clock' | 'random' | 'onRequest'> {
  /** What is there before the test begins: CustomResourceDefinitions, namespaces, anything. */
  readonly objects?: TestObjects;
  /** Files, or directories of them, with more of it. */
  readonly files?: readonly (string | URL)[];
  /** Of uids, generated names and faults with a probability. Default 1: every run is the same. */
  readonly seed?: number;
}

export interface WriteOptions {
  /** As whom, for field ownership. Default `test`. It takes what others own. */
  readonly manager?: string;
  /** For namespaced objects that name none. Default `default`. */
  readonly namespace?: string;
}

/**
 * A Kubernetes API server of one test or test file, and the test's own hands on it: what `apply`, `get`, `list` and `delete`
 * do is not in `requests`, and no fault strikes it.
 */
export interface TestServer extends AsyncDisposable {
  readonly server: ApiServer;
  /** For the code under test. */
  readonly client: Client;
  readonly clock: TestClock;
  readonly faults: FaultInjector;
  readonly requests: RequestLog;
  /** Writes objects by server-side apply, in an order that works. Returns them as stored, in the order of their text. */
  apply(objects: TestObjects, options?: WriteOptions): Promise<readonly KubeObject[]>;
  /** `undefined` when it is not there. By name: `apps/Deployment demo/web`, `Namespace demo`. */
  get(ref: string): Promise<KubeObject | undefined>;
  /** All of a kind (`apps/Deployment`), of one namespace or of all. */
  list(kind: string, namespace?: string): Promise<readonly KubeObject[]>;
  /** Whether there was anything to delete. */
  delete(ref: string): Promise<boolean>;
  /** Makes a namespace that no other test has, and returns its name. */
  namespace(): Promise<string>;
  /** Moves time on, from one thing that is due to the next, and lets the server's controllers settle. */
  elapse(ms: number): Promise<void>;
  /** Tries `check` until it neither throws nor returns `false`; throws what it threw last when five seconds of real time are up. */
  eventually<T>(check: () => T | Promise<T>, options?: EventuallyOptions): Promise<T>;
}

const HANDS = 'homeostat:test';

/** Starts one in some 20 ms. Time stands still until {@link TestServer.elapse}, and every run is the same. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { objects = [], files = [], seed = 1, users, ...rest } = options;
  const clock = testClock();
  const requests = requestLog();
  const server = await createApiServer({
    ...rest,
    clock,
    random: seededRandom(seed),
    users: [
      // Repeatable runs have no need of tokens that can be foreseen.
      ...(users ?? [{ name: 'admin', uid: 'admin', groups: ['system:masters'] }]).map((user) => ({
        token: randomBytes(16).toString('hex'),
        ...user,
      })),
      { name: HANDS, groups: ['system:masters'], token: randomBytes(16).toString('hex'), spared: true },
    ],
    onRequest: (request) => {
      if (request.user !== HANDS) requests.record(request);
    },
  });
  const hands = server.client({ user: HANDS, userAgent: HANDS });
  const world = worldOf(server, hands, { clock, requests });
  try {
    const read = await Promise.all(files.map(readObjectFiles));
    await world.apply([...read.flat(), ...readObjects(objects)]);
  } catch (error) {
    await server.close();
    throw error;
  }
  return world;
}

function worldOf(
  server: ApiServer,
  hands: Client,
  { clock, requests }: Pick<TestServer, 'clock' | 'requests'>,
): TestServer {
  let namespaces = 0;

  const write = async (
    object: KubeObject,
    { manager = 'test', namespace = 'default' }: WriteOptions,
  ): Promise<KubeObject> => {
    const { group, kind } = refOf(object);
    const resource = (await hands.resources()).find({ group, kind });
    const { metadata } = object;
    const placed =
      resource?.namespaced === true && metadata.namespace === undefined
        ? { ...object, metadata: { ...metadata, namespace } }
        : object;
    const { object: stored } = await hands.apply(placed, { manager, force: true, fieldValidation: 'Strict' });
    // A definition serves its kind once the server has looked at it.
    if (kind === 'CustomResourceDefinition') await server.settled();
    return stored;
  };

  return {
    server,
    client: server.client({ userAgent: 'test' }),
    clock,
    faults: server.faults,
    requests,
    async apply(objects, writeOptions = {}) {
      const read = readObjects(objects);
      const stored = new Map<KubeObject, KubeObject>();
      for (const object of read.toSorted((a, b) => compareForApply(refOf(a), refOf(b)))) {
        stored.set(object, await write(object, writeOptions));
      }
      await server.settled();
      return read.flatMap((object) => stored.get(object) ?? []);
    },
    get: async (ref) => hands.get(parseRef(ref)),
    async list(kind, namespace) {
      const ref = parseRef(`${kind} any`);
      const resource = (await hands.resources()).find({ group: ref.group, kind: ref.kind });
      if (resource === undefined) throw new TypeError(`the server serves no ${kind}`);
      const items: KubeObject[] = [];
      for await (const page of hands.list(resource, namespace === undefined ? {} : { namespace })) {
        items.push(...page.items);
      }
      return items.toSorted((a, b) => (printRef(refOf(a)) < printRef(refOf(b)) ? -1 : 1));
    },
    async delete(ref) {
      const deleted = await hands.delete(parseRef(ref));
      await server.settled();
      return deleted;
    },
    async namespace() {
      const name = `test-${String(++namespaces)}`;
      await hands.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await server.settled();
      return name;
    },
    elapse: (ms) => server.elapse(ms),
    eventually,
    [Symbol.asyncDispose]: () => server.close(),
  };
}
