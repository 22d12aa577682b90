import { writeFile } from 'node:fs/promises';
import { stringifyJson } from '@homeostat/kube';
import { drive, hasDifferences, makePlan } from '@homeostat/reconcile';
import { workOn } from '../connect.ts';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { openSource } from '../open-source.ts';
import { printPlan } from '../print-plan.ts';
import { painter, usesColor } from '../style.ts';
import { requestedSync } from '../sync-options.ts';
import type { SyncOptions } from '../sync-options.ts';
import { connected } from './sync.ts';

/** Says what `sync` would do, and writes nothing to the cluster. Exit code 2 when there is something to do. */
export async function planCommand(
  repository: string | undefined,
  options: SyncOptions & { readonly out?: string },
  io: Io,
): Promise<ExitCode> {
  await using connection = await connected(options, io);
  const { sync, source } = await requestedSync(repository, options, connection.config.namespace);
  await using work = await workOn(sync, connection, openSource(source, io), io);
  const { ports, progress } = work;
  const { plan } = await drive(makePlan(sync, ports, { signal: io.signal, lookOnly: true }), progress.show);
  progress.clear();
  if (options.out !== undefined)
    await writeFile(options.out, `${stringifyJson({ ...plan, open: source }, 2)}\n`, { mode: 0o600 });
  io.stdout.write(
    options.output === 'json' ? `${stringifyJson(plan, 2)}\n` : printPlan(plan, painter(usesColor(io, io.stdout))),
  );
  if (plan.items.some(({ action }) => action === 'refused') || !plan.complete) return exitCode.failed;
  return hasDifferences(plan) ? exitCode.differences : exitCode.done;
}
