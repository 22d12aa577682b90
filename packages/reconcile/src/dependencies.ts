import type { Revision } from '@homeostat/git';
import { setIdentity } from '@homeostat/kube';
import type { KubeError, KubeObject } from '@homeostat/kube';
import { parentRef, parseParent, PruneError } from '@homeostat/prune';
import type { StoredReport } from '@homeostat/prune';
import { ReconcileError } from './error.ts';
import { followObject } from './follow-object.ts';
import type { Ports } from './ports.ts';
import type { ReportState } from './report.ts';
import { cycleOf, syncKey } from './sync-graph.ts';
import type { SetName } from './claims.ts';
import type { Sync } from './sync.ts';
import { untilAborted } from './until-aborted.ts';

/** Another sync that keeps this one from moving on. */
export interface AwaitedSync {
  readonly sync: SetName;
  /**
   * `missing`: there is no such sync or set. `not-ready`: its report says something else. `behind`: it is ready, but not at this revision of the
   * source that both share. `unseen`: what it says could not be read yet. `over`: the only pass that it has here has ended, and it is not ready.
   */
  readonly reason: 'missing' | 'not-ready' | 'behind' | 'unseen' | 'over';
  /** One sentence that names it, and since when it is waited for. */
  readonly message: string;
  /** ISO 8601. */
  readonly since: string;
}

/**
 * The syncs that one sync depends on.
 *
 * 1. One of the same process is ready when its last report says `Ready`, at this revision or a newer one where both share a source.
 * 2. One of another process is ready when the report that is stored at its parent says so.
 * 3. Nothing is asked for periodically: each change leads to another look.
 */
export interface Dependencies {
  /**
   * Who keeps the sync from moving on to this revision; nobody: `[]`.
   *
   * @throws {ReconcileError} `DEPENDENCY_CYCLE` when it depends on itself.
   */
  waitsFor(revision: Revision): readonly AwaitedSync[];
  /** Follows them until the signal; `changed` is called when the sync was kept, and one of them may say something else since. */
  run(signal: AbortSignal, changed: () => void): Promise<void>;
}

/** What the process itself knows of a sync that runs in it. */
export interface Peer {
  /** Its last report; `undefined` before the first. */
  readonly state: ReportState | undefined;
  /** Whether what it has applied has what came with the revision; `undefined` when it has another source. */
  readonly hasReached: (revision: Revision) => boolean | undefined;
  /** It has done all that it will do here. */
  readonly isOver: boolean;
}

/** The syncs of the process. */
export interface Peers {
  /** `undefined` when it is none of the process, or another engine holds its set. */
  get(sync: SetName): Peer | undefined;
  dependenciesOf(sync: SetName): readonly SetName[] | undefined;
  /** Until the function that it returns is called. */
  follow(sync: SetName, changed: () => void): () => void;
}

type Stored =
  | { readonly at: 'unseen'; readonly why?: string }
  | { readonly at: 'missing' }
  | { readonly at: 'parent'; readonly report: StoredReport | undefined };

type DependencyPorts = Pick<Ports, 'client' | 'clock' | 'random' | 'parents'>;

const noPeers: Peers = { get: () => undefined, dependenciesOf: () => undefined, follow: () => () => {} };

export function createDependencies(
  sync: SetName & Pick<Sync, 'dependsOn'>,
  ports: DependencyPorts,
  peers: Peers = noPeers,
): Dependencies {
  const { clock } = ports;
  const stored = new Map<string, Stored>();
  const since = new Map<string, number>();
  /** Whether the last answer kept the sync: if not, nothing that changes matters. */
  let isWaiting = false;

  const storedOf = (other: SetName): Stored => stored.get(syncKey(other)) ?? { at: 'unseen' };
  const dependenciesOf = (other: SetName): readonly SetName[] => {
    if (syncKey(other) === syncKey(sync)) return sync.dependsOn;
    const known = storedOf(other);
    const told = known.at === 'parent' ? (known.report?.dependsOn ?? []) : [];
    return peers.dependenciesOf(other) ?? told.flatMap(parseName);
  };
  const verdictOf = (
    other: SetName,
    revision: Revision,
  ): { reason: AwaitedSync['reason']; what: string } | undefined => {
    const peer = peers.get(other);
    if (peer !== undefined) {
      if (peer.state !== 'Ready') {
        const what = peer.state === undefined ? 'it has not been looked at yet' : `it is ${peer.state}`;
        return { reason: peer.isOver ? 'over' : 'not-ready', what };
      }
      if (peer.hasReached(revision) !== false) return undefined;
      return { reason: peer.isOver ? 'over' : 'behind', what: `it is not yet at ${revision.commit.slice(0, 12)}` };
    }
    const known = storedOf(other);
    switch (known.at) {
      case 'unseen':
        return { reason: 'unseen', what: known.why ?? 'its parent has not been read yet' };
      case 'missing':
        return {
          reason: 'missing',
          what: 'there is no sync of this name here, and no set of this name in the cluster',
        };
      case 'parent': {
        if (known.report?.state === 'Ready') return undefined;
        const what = known.report === undefined ? 'it has no report yet' : `it is ${known.report.state}`;
        return { reason: 'not-ready', what };
      }
      default:
        return known satisfies never;
    }
  };

  return {
    waitsFor(revision) {
      const cycle = cycleOf(sync, dependenciesOf);
      isWaiting = cycle !== undefined;
      if (cycle !== undefined) throw cycleError(cycle);
      const waits = sync.dependsOn.flatMap((other): readonly AwaitedSync[] => {
        const key = syncKey(other);
        const verdict = verdictOf(other, revision);
        if (verdict === undefined) {
          since.delete(key);
          return [];
        }
        const begun = since.get(key) ?? clock.now();
        since.set(key, begun);
        const time = new Date(begun).toISOString();
        const message = `waits for ${key} since ${time}: ${verdict.what}`;
        return [
          { sync: { namespace: other.namespace, name: other.name }, reason: verdict.reason, message, since: time },
        ];
      });
      isWaiting = waits.length > 0;
      return waits;
    },
    async run(signal, told) {
      const changed = (): void => {
        if (isWaiting) told();
      };
      const learn = (key: string, now: Stored): void => {
        const before = stored.get(key);
        stored.set(key, now);
        if (JSON.stringify(facts(before)) !== JSON.stringify(facts(now))) changed();
      };
      const leaving = sync.dependsOn.map((other) => peers.follow(other, changed));
      const following = sync.dependsOn.map(async (other) => {
        const set = setIdentity(other.namespace, other.name);
        const key = syncKey(other);
        const watcher = {
          seen: (object: KubeObject | undefined) => learn(key, storedAt(object, other)),
          trouble: ({ message }: KubeError) =>
            learn(key, { at: 'unseen', why: `its parent cannot be read: ${message}` }),
        };
        if (ports.parents === undefined) {
          await followObject(parentRef(set), ports, { signal, ...watcher });
          return;
        }
        leaving.push(ports.parents.follow(parentRef(set), watcher));
        await untilAborted(signal);
      });
      await Promise.all(following);
      for (const leave of leaving) leave();
    },
  };
}

/** What counts of it here. */
function facts(known: Stored | undefined): unknown {
  if (known?.at !== 'parent') return known;
  return { at: known.at, state: known.report?.state, dependsOn: known.report?.dependsOn };
}

function storedAt(object: KubeObject | undefined, { namespace, name }: SetName): Stored {
  if (object === undefined) return { at: 'missing' };
  try {
    return { at: 'parent', report: parseParent(object, setIdentity(namespace, name)).report };
  } catch (error) {
    if (!(error instanceof PruneError)) throw error;
    return { at: 'missing' };
  }
}

function parseName(text: string): readonly SetName[] {
  const [, namespace, name] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  return namespace === undefined || name === undefined ? [] : [{ namespace, name }];
}

function cycleError(cycle: readonly SetName[]): ReconcileError {
  const [first] = cycle;
  const alone = cycle.length === 2;
  return new ReconcileError(
    'DEPENDENCY_CYCLE',
    `${first === undefined ? '' : syncKey(first)} depends on itself${alone ? '' : `: ${cycle.map(syncKey).join(' → ')}`}; take one of these dependsOn away`,
  );
}
