import { KubeError, printRef } from '@homeostat/kube';
import type { KubeObject, Ref } from '@homeostat/kube';
import type { ApplyPorts, Readiness } from './item.ts';
import { definedKinds, waitForKind } from './kinds.ts';
import { told } from './run.ts';
import type { Run } from './run.ts';
import type { Obstacle } from './schedule.ts';

export interface Awaited {
  readonly ref: Ref;
  readonly inSet: boolean;
  /** The server's last answer, where there is one. */
  readonly answer?: KubeObject;
  /** What was asked for, where it is an item. */
  readonly payload?: KubeObject;
}

/**
 * Waits until others may rely on the object: a Namespace that the server calls Active at once; everything else when `ready` says
 * Current, and a definition only when discovery serves its kinds too. `undefined` when it is so; otherwise what stands in the way.
 *
 * The deadline starts anew whenever the state that `ready` reports changes.
 */
export async function waitForReady(
  run: Run,
  ready: ApplyPorts['ready'],
  awaited: Awaited,
): Promise<Obstacle | undefined> {
  const { ref, answer, payload } = awaited;
  try {
    if (answer !== undefined && isActiveNamespace(answer)) return undefined;
    return (await waitForCurrent(run, ready, awaited)) ?? (await waitForKinds(run, ref, payload));
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return { by: ref, reason: `whether it is ready cannot be told: ${error.message}` };
  }
}

function isActiveNamespace(object: KubeObject): boolean {
  const status = object['status'] as { readonly phase?: string } | undefined;
  const active = object.kind === 'Namespace' && object.apiVersion === 'v1' && status?.phase === 'Active';
  return active && object.metadata.deletionTimestamp === undefined;
}

async function waitForCurrent(
  run: Run,
  ready: ApplyPorts['ready'],
  { ref, inSet, answer: written }: Awaited,
): Promise<Obstacle | undefined> {
  const resourceVersion = written?.metadata.resourceVersion;
  const ended = new AbortController();
  const signal = AbortSignal.any([run.signal, ended.signal]);
  let last: Readiness = { state: 'Unknown', reason: '', message: 'nothing is known about it yet' };
  let since = run.clock.now();
  const progress = (now: Readiness) => {
    if (now.state !== last.state || now.reason !== last.reason || now.message !== last.message) since = run.clock.now();
    last = now;
  };
  const timeUp = async (): Promise<undefined> => {
    for (;;) {
      const left = since + run.waitTimeoutMs - run.clock.now();
      if (left <= 0 || signal.aborted) return undefined;
      await run.clock.sleep(left, signal);
    }
  };
  const options = { inSet, signal, progress, ...(resourceVersion !== undefined && { resourceVersion }) };
  const current = ready(ref, options).catch((error: unknown) => {
    // Who is told to stop may say so in any way.
    if (signal.aborted) return undefined;
    throw error;
  });
  try {
    const wait = Promise.race([current, timeUp()]);
    const answer = await told(run, { ref, what: 'ready' }, () => last.detail ?? (last.message || print(last)), wait);
    if (answer?.state === 'Current') return undefined;
    if (answer !== undefined) return { by: ref, reason: `${printRef(ref)} is not ready: ${print(answer)}` };
    if (run.signal.aborted)
      return { by: ref, reason: `${printRef(ref)} was not ready yet when the run was cancelled: ${print(last)}` };
    const seconds = Math.round(run.waitTimeoutMs / 1000);
    return { by: ref, reason: `${printRef(ref)} did not become ready within ${seconds} s: ${print(last)}` };
  } finally {
    ended.abort();
  }
}

async function waitForKinds(run: Run, ref: Ref, payload: KubeObject | undefined): Promise<Obstacle | undefined> {
  for (const kind of payload === undefined ? [] : definedKinds(payload)) {
    const refusal = await waitForKind(run, ref, kind, () => true);
    if (refusal !== undefined) return { by: ref, reason: refusal.message };
  }
  return undefined;
}

function print({ state, reason, message, detail }: Readiness): string {
  const why = [reason, detail ?? message].filter((text) => text !== '').join(': ');
  return why === '' ? state : `${state} (${why})`;
}
