import { randomBytes } from 'node:crypto';
import { stringifyJson } from '@homeostat/kube';
import { awaitRequest, requestSync, systemClock } from '@homeostat/reconcile';
import type { ReportState } from '@homeostat/reconcile';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { printRequest } from '../print-request.ts';
import { setOf } from '../set-options.ts';
import type { SetOptions } from '../set-options.ts';
import { painter, usesColor } from '../style.ts';
import { whoAsks } from '../who.ts';
import { exitOf } from './exit-of.ts';
import { connected } from './sync.ts';

/** Asks for a pass now, and waits for the report of that pass. */
export async function syncNowCommand(
  options: SetOptions & { readonly wait: boolean; readonly timeout: number },
  io: Io,
): Promise<ExitCode> {
  await using connection = await connected(options, io);
  const set = setOf(options, connection);
  const { client } = connection;
  const { signal, stdout } = io;
  const token = `${new Date(systemClock.now()).toISOString()}-${randomBytes(2).toString('hex')}`;
  const request = await requestSync(set, { client }, { token, by: whoAsks(), signal });
  if (!options.wait) {
    stdout.write(printRequest(set, request, 'an engine that stays looks at everything now', options.output));
    return exitCode.done;
  }
  const ports = { client, clock: systemClock, random: Math.random };
  const report = await awaitRequest(set, ports, request, { timeoutMs: options.timeout, signal });
  if (options.output === 'json') {
    stdout.write(`${stringifyJson({ kind: 'StoredReport', version: 1, sync: set, ...report }, 2)}\n`);
  } else {
    const paint = painter(usesColor(io, stdout));
    for (const problem of report.problems) stdout.write(`${problem}\n`);
    const at = report.revision === undefined ? '' : ` at ${report.revision}`;
    const format = report.state === 'Ready' ? 'green' : report.state === 'Failed' ? 'red' : 'yellow';
    stdout.write(`${paint(format, report.state)} ${set.namespace}/${set.name}${at}: ${report.objects} objects\n`);
  }
  return isState(report.state) ? exitOf({ state: report.state }) : exitCode.failed;
}

const STATES: ReadonlySet<string> = new Set<ReportState>(['Ready', 'Progressing', 'Held', 'Failed', 'Suspended']);

/** Another version of the engine may have written it. */
function isState(state: string): state is ReportState {
  return STATES.has(state);
}
