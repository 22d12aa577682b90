import { setIdentity } from '@homeostat/kube';
import type { KubeError } from '@homeostat/kube';
import { deleteParent, selectTeardown } from '@homeostat/prune';
import type { PruneOutcome } from '@homeostat/prune';
import { claimsOn, memberOf } from './decide-orphans.ts';
import { dependantsOf, setNeeded } from './dependants.ts';
import { ReconcileError } from './error.ts';
import type { PassEvent } from './events.ts';
import { failureOf } from './failure.ts';
import type { PassFinding } from './finding.ts';
import { look } from './look.ts';
import type { Ports } from './ports.ts';
import { prunePlan } from './prune-plan.ts';
import { report, withFindings } from './report.ts';
import type { Failure, Report } from './report.ts';
import type { Sync } from './sync.ts';

export interface DestroyOptions {
  /** `delete`: the members go. `orphan`: they stay, without our marks. */
  readonly mode: 'delete' | 'orphan';
  /** Although other sets depend on this one. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Ends a set: through the same proofs as any prune, with the consent that calling it is. The parent goes last, and only
 * when every kind could be looked at and no member is left. May be stopped and called again. One that other sets depend on stays; where their
 * parents may not be looked at, the report says so.
 *
 * @throws {ReconcileError} `SET_UNKNOWN`, `SET_NEEDED`. @throws {KubeError} {@link PruneError} before anything was done.
 */
export async function* destroySet(
  sync: Sync,
  ports: Ports,
  { mode, force = false, signal = new AbortController().signal }: DestroyOptions,
): AsyncGenerator<PassEvent, Report> {
  const startedAt = ports.clock.now();
  const set = setIdentity(sync.namespace, sync.name);
  const resources = await ports.client.resources({ signal });
  const { parent, members, lookalikes, blind } = await look(set, [], resources, sync.policy, ports, { signal });
  if (parent === undefined) {
    throw new ReconcileError(
      'SET_UNKNOWN',
      `there is no set ${sync.namespace}/${sync.name}: no ConfigMap of this name is the parent of one; see --name and --namespace`,
    );
  }
  const { sets: needing, unseen } = force ? { sets: [] } : await dependantsOf(sync, ports, { signal });
  if (needing.length > 0) throw setNeeded(sync, needing);
  const decisions = selectTeardown(
    [...[...members.values()].map(memberOf(true)), ...lookalikes.map(memberOf(false))],
    mode,
    { ...sync.policy, claimed: claimsOn({ byKey: new Map() }, { members, lookalikes }, sync, ports).claimed },
  );
  let pruned: readonly PruneOutcome[] = [];
  let failure: Failure | undefined;
  let left = true;
  try {
    pruned = yield* prunePlan(decisions, set, sync.policy, ports, { signal });
    const kept = decisions.some((one) => one.decision === 'keep' && one.reason !== 'unproven');
    left = kept || pruned.some(({ action }) => action === 'kept' || action === 'failed');
    if (blind.length > 0) {
      failure = {
        stage: 'prune',
        code: 'KIND_NOT_VISIBLE',
        message: `the parent stays, because it names kinds that cannot be listed: ${blind.join('; ')}`,
        retry: 'backoff',
      };
    } else if (!left) {
      await deleteParent(ports.client, parent, { signal });
      ports.memory.parent = undefined;
    }
  } catch (error) {
    failure = failureOf('prune', error, ports.redactor);
  }
  const ended = report(
    sync,
    {
      decisions,
      pruned,
      ...(failure !== undefined && { failure }),
      statusOf: () => undefined,
      startedAt,
      endedAt: ports.clock.now(),
    },
    ports.redactor,
  );
  const told = withFindings(ended, unseen === undefined ? [] : [dependantsNotVisible(sync, unseen)]);
  // What is kept waits for consent (`pruneKinds`), and the set has not ended before.
  return left && told.state === 'Ready' ? { ...told, state: 'Held' } : told;
}

function dependantsNotVisible(sync: Sync, { message }: KubeError): PassFinding {
  return {
    severity: 'warning',
    code: 'DEPENDANTS_NOT_VISIBLE',
    message: `whether other sets depend on ${sync.namespace}/${sync.name} could not be looked at everywhere: ${message}`,
    hint: 'allow list on configmaps in all namespaces',
  };
}
