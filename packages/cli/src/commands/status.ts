import { createMemorySource } from '@homeostat/git';
import { printRef, stringifyJson } from '@homeostat/kube';
import { inspectSet } from '@homeostat/reconcile';
import { workOn } from '../connect.ts';
import type { ClusterOptions } from '../connect.ts';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { printHandled, printHeld } from '../print-request.ts';
import { painter, usesColor } from '../style.ts';
import { connected } from './sync.ts';

/** Shows the objects of a set and whether they are ready. Reads only. */
export async function statusCommand(
  options: ClusterOptions & { readonly name: string; readonly namespace?: string },
  io: Io,
): Promise<ExitCode> {
  await using connection = await connected(options, io);
  const set = { name: options.name, namespace: options.namespace ?? connection.config.namespace ?? 'default' };
  await using work = workOn(set, connection, createMemorySource(), io);
  const found = await inspectSet(set, work.ports, { signal: io.signal });
  if (options.output === 'json') {
    io.stdout.write(`${stringifyJson(found, 2)}\n`);
  } else {
    const paint = painter(usesColor(io, io.stdout));
    const width = Math.max(...found.objects.map(({ ref }) => printRef(ref).length), 0);
    for (const { ref, status, proven } of found.objects) {
      const format = status.state === 'Current' ? 'green' : status.state === 'Failed' ? 'red' : 'yellow';
      const why = status.state === 'Current' ? '' : `  ${status.message}`;
      io.stdout.write(
        `${printRef(ref).padEnd(width)}  ${paint(format, status.state)}${why}${proven ? '' : '  (carries our label, not proven ours)'}\n`,
      );
    }
    const { source: from, report, health } = found;
    if (from !== undefined) io.stdout.write(`source: ${from.url}${from.path === '' ? '' : ` path ${from.path}`}\n`);
    if (report !== undefined)
      io.stdout.write(`last report: ${report.state}${report.revision === undefined ? '' : ` at ${report.revision}`}\n`);
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
