import { createLoop, drive, reconcileOnce } from '@homeostat/reconcile';
import type { Metrics, Ports, Report, Sync } from '@homeostat/reconcile';
import { stringifyJson } from '@homeostat/kube';
import { connect, workOn } from '../connect.ts';
import { exitCode, UsageError } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Exposed } from '../expose.ts';
import type { Io } from '../io.ts';
import { openSource } from '../open-source.ts';
import { printReport, printSummary } from '../print-report.ts';
import { HeldByAnother, unlessHeld } from '../other-engine.ts';
import type { Progress } from '../progress.ts';
import { painter, usesColor } from '../style.ts';
import { requestedSyncs } from '../sync-options.ts';
import type { SyncOptions } from '../sync-options.ts';
import { engineIdentity } from '../who.ts';
import { exitOf } from './exit-of.ts';
import { syncAll } from './sync-all.ts';

/** Makes the cluster equal to the repository: once, or until it is stopped. */
export async function syncCommand(
  repository: string | undefined,
  options: SyncOptions & { readonly once?: boolean; readonly force?: boolean; readonly metrics?: string },
  io: Io,
): Promise<ExitCode> {
  await using exposed = await exposedAt(options, io);
  await using connection = await connected(options, io, exposed?.metrics);
  const requested = await requestedSyncs(repository, options, connection.config.namespace);
  const [only] = requested;
  if (only === undefined || requested.length > 1) return await syncAll(requested, options, connection, io, exposed);
  const { sync, source } = only;
  if (sync.suspend) {
    io.stderr.write(`${sync.namespace}/${sync.name} is suspended: nothing was looked at\n`);
    return exitCode.done;
  }
  await using work = await workOn(sync, connection, openSource(source, io), io);
  const { ports, progress } = work;
  const paint = painter(usesColor(io, io.stdout));
  let last: Report | undefined;
  const print = (report: Report): void => {
    progress.clear();
    const pretty = options.once === true ? 2 : undefined;
    // A loop reports a pass again when its objects have become ready or no longer are: what was done has been told.
    const isNews = report.startedAt !== last?.startedAt;
    last = report;
    if (options.output === 'json') io.stdout.write(`${stringifyJson(report, pretty)}\n`);
    else io.stdout.write(isNews ? printReport(report, paint) : `${printSummary(report, paint)}\n`);
  };
  try {
    if (options.once === true) {
      const approve = options.force === true ? {} : { approve: unlessHeld(sync, ports, io) };
      const report = await drive(reconcileOnce(sync, ports, { signal: io.signal, ...approve }), progress.show);
      print(report);
      return exitOf(report);
    }
    return await stay(sync, ports, io, progress, print, exposed);
  } catch (error) {
    if (error instanceof HeldByAnother) return exitCode.held;
    throw error;
  }
}

async function stay(
  sync: Sync,
  ports: Ports,
  io: Io,
  progress: Progress,
  print: (report: Report) => void,
  exposed: Exposed | undefined,
): Promise<ExitCode> {
  const loop = createLoop(sync, ports, { lease: { holder: engineIdentity() } });
  const events = loop.events();
  let told = false;
  exposed?.readyWhen(() => told);
  const running = loop.run({ signal: io.signal });
  for await (const event of events) {
    told ||= event.type === 'report' || event.type === 'standby';
    if (event.type === 'report') print(event.report);
    else progress.show(event);
  }
  progress.clear();
  await running;
  return exitCode.done;
}

/** Loaded only where it is asked for. */
async function exposedAt(
  { metrics: address, once }: { readonly metrics?: string; readonly once?: boolean },
  io: Io,
): Promise<Exposed | undefined> {
  if (address === undefined) return undefined;
  if (once === true) throw new UsageError('--metrics is for a sync that stays: leave out one of --once and --metrics');
  const { expose } = await import('../expose.ts');
  const exposed = await expose(address);
  io.stderr.write(`metrics at ${exposed.url}/metrics\n`);
  return exposed;
}

/** A connection that is closed at the end of the block. */
export async function connected(
  options: Parameters<typeof connect>[0],
  io: Io,
  metrics?: Metrics,
): Promise<Awaited<ReturnType<typeof connect>> & AsyncDisposable> {
  const connection = await connect(options, io, metrics);
  return { ...connection, [Symbol.asyncDispose]: () => connection.client.close() };
}
