import { gvkOf, printRef, refOf } from '@homeostat/kube';
import type { Gvk, KubeObject, Ref } from '@homeostat/kube';
import type { Refusal } from './outcome.ts';
import { cancelled, send, told } from './run.ts';
import type { Run } from './run.ts';

const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 2_000;

/**
 * Waits until discovery knows the kind in this version, as long as `possible` says that something may still bring it. Callers
 * that wait at the same time share one discovery: the client keeps it single-flight.
 *
 * @returns `undefined` when it is served; otherwise why not.
 * @throws {KubeError} when discovery fails, or the run is cancelled.
 */
export async function waitForKind(
  run: Run,
  ref: Ref,
  kind: Gvk,
  possible: () => boolean,
): Promise<Refusal | undefined> {
  const deadline = run.clock.now() + run.waitTimeoutMs;
  const look = async (): Promise<Refusal | undefined> => {
    for (let delay = FIRST_LOOK_MS; ; delay = Math.min(LONGEST_LOOK_MS, delay * 1.5)) {
      const served = await send(run, ref, (options) => run.client.resources({ ...options, refresh: true }));
      if (served.find(kind) !== undefined) return undefined;
      if (!possible() || run.clock.now() >= deadline) return notServed(ref, kind);
      await run.clock.sleep(delay, run.signal);
      if (run.signal.aborted) throw cancelled(ref);
    }
  };
  return await told(run, { ref, what: 'kind' }, () => `the server does not serve ${printKind(kind)} yet`, look());
}

function notServed(ref: Ref, kind: Gvk): Refusal {
  return {
    code: 'not-found-kind',
    retry: 'backoff',
    message: `${printRef(ref)}: the server does not serve ${printKind(kind)}; install its CustomResourceDefinition, or correct apiVersion and kind`,
  };
}

function printKind({ group, version, kind }: Gvk): string {
  return group === '' ? `${kind} in ${version}` : `${kind} in ${group}/${version}`;
}

/** The kinds that a CustomResourceDefinition makes the server serve. */
export function definedKinds(object: KubeObject): readonly Gvk[] {
  if (!isDefinition(refOf(object))) return [];
  const spec = object['spec'] as
    | {
        readonly group?: string;
        readonly names?: { readonly kind?: string };
        readonly versions?: readonly { readonly name?: string; readonly served?: boolean }[];
      }
    | undefined;
  const { group = '', names, versions = [] } = spec ?? {};
  return versions.flatMap(({ name, served }) =>
    served === true && name !== undefined ? [{ group, version: name, kind: names?.kind ?? '' }] : [],
  );
}

export function isDefinition({ group, kind }: Ref): boolean {
  return group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition';
}

/** Workloads may run an operator that installs definitions. */
const WORKLOADS = ['DaemonSet', 'Deployment', 'Job', 'Pod', 'ReplicaSet', 'StatefulSet'];

/**
 * Whether writing this object may make the server serve further kinds: a definition, an APIService, a workload (an operator), or a
 * custom resource that an operator turns into one.
 */
export function mayBringKinds(object: KubeObject): boolean {
  const ref = refOf(object);
  const { group } = gvkOf(object);
  const builtIn = !group.includes('.') || group.endsWith('.k8s.io');
  return isDefinition(ref) || ref.kind === 'APIService' || WORKLOADS.includes(ref.kind) || !builtIn;
}
