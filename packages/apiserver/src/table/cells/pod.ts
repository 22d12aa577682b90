import { mapAt, mapsAt, textAt } from '../../draft.ts';
import type { DraftMap } from '../../draft.ts';
import { since } from '../human-duration.ts';
import { ageOf, conditionOf, count, flag, isDeleted, nameOf, specOf, statusOf, textOr } from './format.ts';
import type { Cell } from './format.ts';

/** What the containers of a Pod say together. */
interface Summary {
  readonly reason: string;
  readonly ready: number;
  readonly restarts: number;
  /** When a container ended that was started again, the last time. RFC 3339. */
  readonly restarted: string;
}

export function podCells(pod: DraftMap, now: number): readonly Cell[] {
  const [spec, status] = [specOf(pod), statusOf(pod)];
  const summary = summarize(pod);
  const total = mapsAt(spec, 'containers').length + mapsAt(spec, 'initContainers').filter(isSidecar).length;
  const { restarts, restarted } = summary;
  const ago = restarts !== 0 && restarted !== '' ? ` (${since(restarted, now)} ago)` : '';
  return [
    nameOf(pod),
    `${String(summary.ready)}/${String(total)}`,
    deletionReason(pod) ?? summary.reason,
    `${String(restarts)}${ago}`,
    ageOf(pod, now),
    textOr(mapsAt(status, 'podIPs')[0], 'ip', '<none>'),
    textOr(spec, 'nodeName', '<none>'),
    textOr(status, 'nominatedNodeName', '<none>'),
    readinessGates(pod),
  ];
}

/** Kubernetes marks rows of Pods that have ended, so that clients can leave them out. */
export function podConditions(pod: DraftMap): readonly object[] | undefined {
  const phase = textAt(statusOf(pod), 'phase');
  if (phase !== 'Succeeded' && phase !== 'Failed') return undefined;
  const message = phase === 'Failed' ? 'The pod failed.' : 'The pod has completed successfully.';
  return [{ type: 'Completed', status: 'True', reason: phase, message }];
}

function deletionReason(pod: DraftMap): string | undefined {
  const status = statusOf(pod);
  if (!isDeleted(pod)) return undefined;
  if (textAt(status, 'reason') === 'NodeLost') return 'Unknown';
  return ['Succeeded', 'Failed'].includes(textAt(status, 'phase')) ? undefined : 'Terminating';
}

function isSidecar(container: DraftMap | undefined): boolean {
  return container?.['restartPolicy'] === 'Always';
}

function summarize(pod: DraftMap): Summary {
  const status = statusOf(pod);
  const init = summarizeInit(pod);
  if (init.initializing && conditionOf(pod, 'Initialized')?.['status'] !== 'True') return init;
  let { ready, reason, sidecarRestarts: restarts, sidecarRestarted: restarted } = init;
  let running = false;
  let failure = '';
  for (const container of mapsAt(status, 'containerStatuses').toReversed()) {
    restarts += count(container, 'restartCount');
    restarted = later(restarted, lastEnd(container));
    const state = mapAt(container, 'state');
    const [waiting, terminated] = [mapAt(state, 'waiting'), mapAt(state, 'terminated')];
    if (textAt(waiting, 'reason') !== '') reason = textAt(waiting, 'reason');
    else if (terminated !== undefined) {
      reason = endOf(terminated);
      if (count(terminated, 'exitCode') !== 0) failure = reason;
    } else if (flag(container, 'ready') && mapAt(state, 'running') !== undefined) {
      running = true;
      ready += 1;
    }
  }
  if (reason === 'Completed') {
    if (running && conditionOf(pod, 'Ready')?.['status'] === 'True') reason = 'Running';
    else if (failure !== '') reason = failure;
    else if (running) reason = 'NotReady';
  }
  return { reason, ready, restarts, restarted };
}

interface InitSummary extends Summary {
  /** An init container has not done its work. */
  readonly initializing: boolean;
  readonly sidecarRestarts: number;
  readonly sidecarRestarted: string;
}

function summarizeInit(pod: DraftMap): InitSummary {
  const [spec, status] = [specOf(pod), statusOf(pod)];
  const declared = mapsAt(spec, 'initContainers');
  const summary = {
    reason: phaseOf(pod),
    ready: 0,
    restarts: 0,
    restarted: '',
    sidecarRestarts: 0,
    sidecarRestarted: '',
  };
  for (const [position, container] of mapsAt(status, 'initContainerStatuses').entries()) {
    const sidecar = isSidecar(declared.find(({ name }) => name === container['name']));
    summary.restarts += count(container, 'restartCount');
    summary.restarted = later(summary.restarted, lastEnd(container));
    if (sidecar) {
      summary.sidecarRestarts += count(container, 'restartCount');
      summary.sidecarRestarted = later(summary.sidecarRestarted, lastEnd(container));
    }
    const state = mapAt(container, 'state');
    const [waiting, terminated] = [textAt(mapAt(state, 'waiting'), 'reason'), mapAt(state, 'terminated')];
    if (terminated !== undefined && count(terminated, 'exitCode') === 0) continue;
    if (sidecar && flag(container, 'started')) {
      if (flag(container, 'ready')) summary.ready += 1;
      continue;
    }
    const progress = `${String(position)}/${String(declared.length)}`;
    const waits = waiting !== '' && waiting !== 'PodInitializing' ? waiting : progress;
    return { ...summary, reason: `Init:${terminated === undefined ? waits : endOf(terminated)}`, initializing: true };
  }
  return { ...summary, initializing: false };
}

function phaseOf(pod: DraftMap): string {
  const status = statusOf(pod);
  const gated = mapsAt(status, 'conditions').some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  return gated ? 'SchedulingGated' : textOr(status, 'reason', textAt(status, 'phase'));
}

function endOf(terminated: DraftMap): string {
  const reason = textAt(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = count(terminated, 'signal');
  return signal === 0 ? `ExitCode:${String(count(terminated, 'exitCode'))}` : `Signal:${String(signal)}`;
}

function lastEnd(container: DraftMap): string {
  return textAt(mapAt(mapAt(container, 'lastState'), 'terminated'), 'finishedAt');
}

/** Times of one format and zone are ordered as text. */
function later(a: string, b: string): string {
  return a < b ? b : a;
}

function readinessGates(pod: DraftMap): string {
  const gates = mapsAt(specOf(pod), 'readinessGates');
  if (gates.length === 0) return '<none>';
  const open = gates.filter((gate) => conditionOf(pod, textAt(gate, 'conditionType'))?.['status'] === 'True');
  return `${String(open.length)}/${String(gates.length)}`;
}
