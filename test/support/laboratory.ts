import { randomBytes } from 'node:crypto';
import { createLimit } from '@homeostat/apply';
import { createApiServer, seededRandom } from '@homeostat/apiserver';
import type { AdmitHook, ApiServer, Fault, FaultRule, ServedRequest, SimulationOptions } from '@homeostat/apiserver';
import type { Source } from '@homeostat/git';
import type { Client, RequestRecord } from '@homeostat/kube';
import { defineSync } from '@homeostat/reconcile';
import type { Policy } from '@homeostat/reconcile';
import { labClock } from './lab-clock.ts';
import type { LabClock } from './lab-clock.ts';
import { createWorld, filesInMemory } from './world.ts';
import type { World } from './world.ts';

export interface LaboratoryOptions {
  /** Of uids, of names and of all that is left to chance. The same seed, the same run. Default 1. */
  readonly seed?: number;
  readonly simulate?: 'workloads' | SimulationOptions;
  /** Asked before every write, whoever writes. */
  readonly admit?: AdmitHook;
  /** Told of every request that an engine has got an answer to, or none. */
  readonly onRequest?: (request: ServedRequest) => void;
  /** All that an engine gets from outside goes through it: for looking on. */
  readonly tap?: (engine: Engine) => Pick<Engine, 'client' | 'source'>;
}

/** An engine, that is a process of a set, and what it has of the outside. */
export interface Engine {
  /** The set's name and a number: `site-1`. It is the user agent too. */
  readonly name: string;
  readonly set: string;
  readonly client: Client;
  readonly source: Source;
}

/**
 * A cluster of one's own, in this process, in which everything can go wrong and no time passes by itself: for scenarios that
 * need faults, kills and hours. Engines are `engine` to it (every one with a user agent of its own), hands are `hands`.
 */
export interface Laboratory extends AsyncDisposable {
  readonly server: ApiServer;
  readonly clock: LabClock;
  readonly random: () => number;
  /** No fault strikes it. */
  readonly admin: Client;
  /** What engines asked, in the order of the answers. */
  readonly requests: readonly ServedRequest[];
  /** A source, a set, and this cluster under it. */
  world(options?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly policy?: Partial<Policy>;
  }): Promise<World>;
  /** From now on, for engines alone: see "Faults" in the README of `@homeostat/apiserver`. Over when it is removed. */
  outage(rule: FaultRule): Fault;
  /** Nothing but renewals of the Lease is sent within the time, and watches that are opened anew. */
  expectQuiet(ms: number): Promise<void>;
}

const HANDS = 'hands';
const ENGINE = 'engine';

export async function createLaboratory(options: LaboratoryOptions = {}): Promise<Laboratory> {
  const { seed = 1, simulate, admit, onRequest, tap = (engine) => engine } = options;
  const clock = labClock();
  // Two, so that what one side leaves to chance does not depend on how often the other does.
  const [chance, random] = [seededRandom(seed), seededRandom(seed + 0.5)];
  const requests: ServedRequest[] = [];
  const recordsOf = new Map<string, RequestRecord[]>();
  const token = (): string => randomBytes(16).toString('hex');
  const server = await createApiServer({
    clock,
    random: chance,
    users: [
      { name: ENGINE, groups: ['system:masters'], token: token() },
      { name: HANDS, groups: ['system:masters'], token: token(), spared: true },
    ],
    ...(simulate !== undefined && { simulate }),
    ...(admit !== undefined && { admit }),
    onRequest(request) {
      clock.stir();
      if (request.user !== ENGINE) return;
      requests.push(request);
      recordsOf.get(request.userAgent)?.push(recordOf(request));
      onRequest?.(request);
    },
  });
  const admin = server.client({ user: HANDS, userAgent: HANDS });
  const cleanups: (() => Promise<unknown>)[] = [];
  let engines = 0;

  const close = async (): Promise<void> => {
    server.faults.clear();
    for (const cleanup of cleanups.toReversed()) await cleanup();
    await server.close();
  };
  return {
    server,
    clock,
    random,
    admin,
    requests,
    async world({ name = 'site', namespace = 'demo', policy = {} } = {}) {
      const sync = defineSync({ name, namespace, policy });
      const found = await admin.get({ group: '', kind: 'Namespace', namespace: '', name: namespace });
      if (found === undefined) {
        await admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
        await server.settled();
      }
      const files = filesInMemory(clock);
      const connect = (user: string) => {
        engines += 1;
        const userAgent = `${name}-${String(engines)}`;
        const records: RequestRecord[] = [];
        recordsOf.set(userAgent, records);
        const client = server.client({ user, userAgent });
        const { client: tapped, source } = tap({ name: userAgent, set: name, client, source: files.open() });
        return Promise.resolve({ client: tapped, source, records });
      };
      const given = () => ({ clock, random, limit: createLimit({ now: () => clock.now() }) });
      return createWorld({ sync, files, admin, connect, cleanups, given }, ENGINE);
    },
    outage: (rule) => server.faults.add({ user: ENGINE, ...rule }),
    async expectQuiet(ms) {
      await clock.settle();
      const before = requests.length;
      await clock.elapse(ms);
      const loud = requests
        .slice(before)
        .filter(({ verb, resource }) => verb !== 'watch' && !resource.startsWith('leases.'));
      if (loud.length === 0) return;
      const told = loud.slice(0, 10).map(({ verb, path, status }) => `${verb} ${path} (${String(status)})`);
      throw new Error(`${String(loud.length)} requests were sent although there was nothing to do: ${told.join(', ')}`);
    },
    [Symbol.asyncDispose]: close,
  };
}

function recordOf({ verb, resource, status, dryRun }: ServedRequest): RequestRecord {
  const known = resource === '' ? 'discovery' : (verb as RequestRecord['verb']);
  return { verb: known, resource, status, dryRun, durationMs: 0 };
}
