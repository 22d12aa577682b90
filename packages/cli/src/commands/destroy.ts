import { createMemorySource } from '@homeostat/git';
import { printRef, stringifyJson } from '@homeostat/kube';
import { defineSync, destroySet, drive, inspectSet } from '@homeostat/reconcile';
import { workOn } from '../connect.ts';
import type { ClusterOptions } from '../connect.ts';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { printReport } from '../print-report.ts';
import { isHeldByAnother } from '../other-engine.ts';
import { painter, usesColor } from '../style.ts';
import { exitOf } from './exit-of.ts';
import { connected } from './sync.ts';

/**
 * Ends a set: deletes its members (or with `--orphan` sets them free) and then its parent. Without `--yes` it only says what
 * would go, and ends with exit code 3.
 */
export async function destroyCommand(
  options: ClusterOptions & {
    readonly name: string;
    readonly namespace?: string;
    readonly orphan?: boolean;
    readonly pruneKinds?: string;
    readonly yes?: boolean;
    readonly force?: boolean;
  },
  io: Io,
): Promise<ExitCode> {
  await using connection = await connected(options, io);
  const sync = defineSync({
    name: options.name,
    namespace: options.namespace ?? connection.config.namespace ?? 'default',
    policy: { pruneKinds: options.pruneKinds?.split(',') ?? [] },
  });
  await using work = await workOn(sync, connection, createMemorySource(), io);
  const { ports, progress } = work;
  if (options.yes !== true) {
    const { objects } = await inspectSet(sync, ports, { signal: io.signal });
    const verb = options.orphan === true ? 'release' : 'delete';
    for (const { ref, proven } of objects) io.stdout.write(`${proven ? verb : 'keep'} ${printRef(ref)}\n`);
    io.stdout.write(
      `nothing was done; pass --yes to ${verb} these ${objects.filter(({ proven }) => proven).length} objects\n`,
    );
    return exitCode.held;
  }
  if (options.force !== true && (await isHeldByAnother(sync, ports, io))) return exitCode.held;
  const report = await drive(
    destroySet(sync, ports, {
      mode: options.orphan === true ? 'orphan' : 'delete',
      force: options.force === true,
      signal: io.signal,
    }),
    progress.show,
  );
  progress.clear();
  io.stdout.write(
    options.output === 'json'
      ? `${stringifyJson(report, 2)}\n`
      : printReport(report, painter(usesColor(io, io.stdout))),
  );
  return exitOf(report);
}
