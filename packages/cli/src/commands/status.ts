import { createMemorySource } from '@homeostat/git';
import { printRef, refKey, stringifyJson } from '@homeostat/kube';
import { inspectSet } from '@homeostat/reconcile';
import type { InspectedSet, Sync } from '@homeostat/reconcile';
import { workOn } from '../connect.ts';
import type { ClusterOptions } from '../connect.ts';
import { exitCode, UsageError } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { printHandled, printHeld } from '../print-request.ts';
import { painter, printDuration, usesColor } from '../style.ts';
import type { Paint } from '../style.ts';
import { requestedSync } from '../sync-options.ts';
import { connected } from './sync.ts';

/**
 * Shows the objects of a set and whether they are ready, what is not first. Reads only. A sync document names the set as well as
 * `--name` does, and its health rules are asked.
 *
 * @throws {UsageError} when neither is given. @throws {ReconcileError} `SYNC_INVALID`, `SET_UNKNOWN`.
 */
export async function statusCommand(
  options: ClusterOptions & { readonly name?: string; readonly namespace?: string; readonly file?: string },
  io: Io,
): Promise<ExitCode> {
  const { file, name } = options;
  if (file === undefined && name === undefined)
    throw new UsageError('--name is missing: name the set, or its sync document with -f');
  await using connection = await connected(options, io);
  const set = await askedSet(options, connection.config.namespace);
  await using work = await workOn(set, connection, createMemorySource(), io);
  const found = await inspectSet(set, work.ports, { signal: io.signal });
  if (options.output === 'json') {
    io.stdout.write(`${stringifyJson(found, 2)}\n`);
  } else {
    const paint = painter(usesColor(io, io.stdout));
    io.stdout.write(printObjects(found, work.ports.clock.now(), paint));
    const { source: from, report, health } = found;
    if (from !== undefined) io.stdout.write(`source: ${from.url}${from.path === '' ? '' : ` path ${from.path}`}\n`);
    if (report !== undefined)
      io.stdout.write(`last report: ${report.state}${report.revision === undefined ? '' : ` at ${report.revision}`}\n`);
    for (const drifted of report?.drifted ?? []) io.stdout.write(`${paint('yellow', 'drifted  ')} ${drifted}\n`);
    for (const request of report?.requests ?? []) io.stdout.write(`${printHandled(request)}\n`);
    if (report?.held !== undefined) io.stdout.write(`${printHeld(set, report.held)}\n`);
    if (found.rolledBack !== undefined) {
      const { commit, by, reason } = found.rolledBack;
      const why = reason === undefined ? '' : ` (${reason})`;
      io.stdout.write(`rolled back to ${commit} by ${by}${why}: nothing newer is applied until homeostat resume\n`);
    }
    if (found.suspendedBy !== undefined)
      io.stdout.write(`suspended by ${found.suspendedBy}: nothing is written until homeostat resume\n`);
    io.stdout.write(`${set.namespace}/${set.name}: ${found.objects.length} objects, ${health.state}\n`);
  }
  return found.health.state === 'Failed' ? exitCode.failed : exitCode.done;
}

async function askedSet(
  options: Parameters<typeof statusCommand>[0],
  contextNamespace: string | undefined,
): Promise<Pick<Sync, 'name' | 'namespace'> & Partial<Pick<Sync, 'policy'>>> {
  if (options.file !== undefined) {
    const { sync } = await requestedSync(undefined, options, contextNamespace);
    return { name: sync.name, namespace: sync.namespace, policy: sync.policy };
  }
  return { name: options.name ?? '', namespace: options.namespace ?? contextNamespace ?? 'default' };
}

/** What is not ready, worst first and with its age; then what is, by ref. */
function printObjects({ objects, health }: InspectedSet, now: number, paint: Paint): string {
  const width = Math.max(...objects.map(({ ref }) => printRef(ref).length), 0);
  const shown = new Set(health.notReady.map(({ ref }) => refKey(ref)));
  const known = new Map(objects.map((object) => [refKey(object.ref), object]));
  const unready = [...shown].flatMap((key) => known.get(key) ?? []);
  const rest = objects.filter(
    ({ ref, status, proven }) => !shown.has(refKey(ref)) && (!proven || status.state === 'Current'),
  );
  const lines = [...unready, ...rest].map(({ ref, status, since, proven }) => {
    const format = status.state === 'Current' ? 'green' : status.state === 'Failed' ? 'red' : 'yellow';
    const age = since === undefined ? '' : ` for ${printDuration(Math.max(0, now - Date.parse(since)))}`;
    const why = status.state === 'Current' ? '' : `${age}  ${status.message}`;
    const strange = proven ? '' : '  (carries our label, not proven ours)';
    return `${printRef(ref).padEnd(width)}  ${paint(format, status.state)}${why}${strange}\n`;
  });
  const hidden = objects.length - lines.length;
  if (hidden > 0) lines.splice(unready.length, 0, `and ${hidden} more that are not ready: see them all with -o json\n`);
  return lines.join('');
}
