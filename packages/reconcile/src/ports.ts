import { createLimit } from '@homeostat/apply';
import type { Limit } from '@homeostat/apply';
import { createLiveCache } from '@homeostat/cache';
import type { LiveCache } from '@homeostat/cache';
import type { Source } from '@homeostat/git';
import { canonicalJson, createRedactor, setIdentity } from '@homeostat/kube';
import type { Client, Clock, Redactor } from '@homeostat/kube';
import type { CustomRules, Status } from '@homeostat/status';
import { ReconcileError } from './error.ts';
import { createDependencies } from './dependencies.ts';
import type { Dependencies } from './dependencies.ts';
import type { EngineLease } from './engine-lease.ts';
import { createHealth, createSummarizer } from './health.ts';
import type { Health } from './health.ts';
import { createPauses, heedPauses } from './heed-pauses.ts';
import type { Pauses } from './heed-pauses.ts';
import type { Informer } from './informer.ts';
import type { Claims, Standing } from './claims.ts';
import type { Metrics } from './metrics.ts';
import { createMemory } from './memory.ts';
import type { Memory } from './memory.ts';
import { steadyClock } from './steady-clock.ts';
import { defaultPolicy } from './sync.ts';
import type { Sync } from './sync.ts';
import { createTurns } from './turns.ts';
import type { Turns } from './turns.ts';

/** Everything outside a pass. One client, live view and limit per cluster; one gate per process; one source and memory per sync. */
export interface Ports {
  /** As the engine itself: the parent, the Lease, discovery. It sends nothing again before the server wants to see it again. */
  readonly client: Client;
  /** As whom the sync acts on its objects: the client again, unless the sync impersonates somebody. */
  readonly actor: Client;
  /** What the server does not want to see again yet. */
  readonly pauses: Pick<Pauses, 'forget'>;
  readonly source: Source;
  readonly live: LiveCache<Status>;
  /** How far objects are, by the rules of this sync. */
  readonly health: Health;
  /** What a pass may forget: losing it costs requests, never correctness. */
  readonly memory: Memory;
  /** One budget of requests in flight for the whole process. */
  readonly limit: Limit;
  /** Who may work: one gate for all loops of the process. */
  readonly turns: Turns;
  /** Knows the secret values that were seen, and takes them out of every text that leaves. */
  readonly redactor: Redactor;
  /** The parents of many sets, by one watch. Without it a loop watches the one of its own. */
  readonly parents?: Informer;
  /** What the syncs of this process desire, where there is more than one: else an object that moves between them may go in between. */
  readonly claims?: Claims;
  /** The syncs that this one depends on. */
  readonly dependencies: Dependencies;
  /** The Lease of the process, through which those of its sets are held. Without it each is held by itself. */
  readonly engineLease?: EngineLease;
  /** Where figures of passes and loops go. Default: nowhere, at no cost. */
  readonly metrics?: Metrics;
  readonly clock: Clock;
  /** For jitter: a number in [0, 1). */
  readonly random: () => number;
}

export interface GivenRules {
  /** What `loadHealthRules` has made of the policy's rules and of functions: needed where the policy has rules. */
  readonly healthRules?: CustomRules;
}

/** Where the set of a sync belongs among those of the process. */
export function standingOf(
  { impersonate }: Pick<Sync, 'impersonate'>,
  { location }: Pick<Source, 'location'>,
): Standing {
  return { place: location, identity: canonicalJson(impersonate ?? null) };
}

/**
 * The ports of one sync, with a live view, memory, limit, gate, redactor and clock of its own where none is given. With `claims`, make the
 * ports of all syncs of a process before the first of them runs: from then on they wait for each other. A sync that impersonates
 * somebody has a live view of its own, which holds what that user may see.
 *
 * @throws {ReconcileError} `SYNC_INVALID` when the policy has health rules and `healthRules` are not given.
 * @throws {ReconcileError} `IDENTITY_REFUSED` when a sync that impersonates somebody is given a live view: it may hold more.
 * @throws {KubeError} `INVALID` when the client acts as somebody already, and the sync is to act as somebody else.
 */
export function createPorts(
  sync: Pick<Sync, 'namespace' | 'name' | 'impersonate'> & Partial<Pick<Sync, 'dependsOn' | 'policy'>>,
  { healthRules, ...given }: Pick<Ports, 'client' | 'source'> & Partial<Omit<Ports, 'actor' | 'pauses'>> & GivenRules,
): Ports {
  const { clock = steadyClock(), random = Math.random } = given;
  const pauses = createPauses(clock);
  const client = heedPauses(given.client, pauses);
  const { policy = defaultPolicy } = sync;
  if (policy.health.length > 0 && healthRules === undefined && given.health === undefined) {
    throw new ReconcileError(
      'SYNC_INVALID',
      `the policy of ${sync.namespace}/${sync.name} has health rules: give what loadHealthRules(policy.health) makes of them as healthRules`,
    );
  }
  if (sync.impersonate !== undefined && given.live !== undefined) {
    throw new ReconcileError(
      'IDENTITY_REFUSED',
      `${sync.namespace}/${sync.name} acts as user "${sync.impersonate.user}" and cannot share a live view, which may hold what that user may not see; leave live out`,
    );
  }
  const actor = sync.impersonate === undefined ? client : client.as(sync.impersonate);
  given.claims?.expect(sync, standingOf(sync, given.source));
  return {
    limit: createLimit(),
    turns: createTurns(),
    memory: createMemory(),
    redactor: createRedactor(),
    dependencies: createDependencies({ dependsOn: [], ...sync }, { ...given, client, clock, random }),
    live:
      given.live ??
      createLiveCache({
        client: actor,
        set: setIdentity(sync.namespace, sync.name),
        clock,
        random,
        summarize: createSummarizer(clock),
      }),
    health: createHealth(
      { unknownKind: policy.unknownKind, ...(healthRules !== undefined && { custom: healthRules }) },
      { client: actor, clock },
    ),
    ...given,
    client,
    actor,
    pauses,
    clock,
    random,
  };
}
