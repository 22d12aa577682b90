import { readFile } from 'node:fs/promises';
import { parseJson, stringifyJson } from '@homeostat/kube';
import { defineSync, drive, parsePlan, ReconcileError, reconcileOnce } from '@homeostat/reconcile';
import type { SourceDocument } from '@homeostat/reconcile/schema';
import { workOn } from '../connect.ts';
import type { ClusterOptions } from '../connect.ts';
import { exitCode, UsageError } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { openSource } from '../open-source.ts';
import { printReport } from '../print-report.ts';
import { isHeldByAnother } from '../other-engine.ts';
import { painter, usesColor } from '../style.ts';
import { exitOf } from './exit-of.ts';
import { connected } from './sync.ts';

/** Carries out a plan exactly as it was shown, or refuses with `PLAN_STALE` what moved since. */
export async function applyCommand(
  file: string,
  options: ClusterOptions & { readonly gitTokenFile?: string; readonly force?: boolean },
  io: Io,
): Promise<ExitCode> {
  const { open, ...stored } = await readPlan(file);
  const plan = parsePlan(stored);
  await using connection = await connected(options, io);
  const sync = defineSync({ ...plan.sync, ...plan.options });
  const { gitTokenFile } = options;
  const source = openSource({ ...open, ...(gitTokenFile !== undefined && { tokenFile: gitTokenFile }) }, io);
  if (source.description !== plan.source.description) {
    await source.close();
    throw new ReconcileError(
      'PLAN_INVALID',
      `the plan ${file} was made from ${plan.source.description}, and names ${source.description} as its source by now; make a new one`,
    );
  }
  await using work = await workOn(sync, connection, source, io);
  const { ports, progress } = work;
  if (options.force !== true && (await isHeldByAnother(sync, ports, io))) return exitCode.held;
  const report = await drive(
    reconcileOnce(sync, ports, {
      signal: io.signal,
      exactly: plan,
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

async function readPlan(file: string): Promise<{ readonly open: SourceDocument } & Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the plan ${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    const value = parseJson(text) as ({ readonly open?: SourceDocument } & Record<string, unknown>) | null;
    if (typeof value?.open?.url === 'string')
      return value as { readonly open: SourceDocument } & Record<string, unknown>;
  } catch {
    // Said below: whatever is wrong with it, it is no plan.
  }
  throw new UsageError(`${file} is not a plan: homeostat plan --out ${file} writes one`);
}
