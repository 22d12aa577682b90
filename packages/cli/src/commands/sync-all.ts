import type { Source } from '@homeostat/git';
import { canonicalJson, stringifyJson } from '@homeostat/kube';
import { createEngine, systemClock } from '@homeostat/reconcile';
import type { Engine, EngineEvent, Report, SetName, Sync } from '@homeostat/reconcile';
import type { Connection } from '../connect.ts';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Exposed } from '../expose.ts';
import type { Io } from '../io.ts';
import { openSource } from '../open-source.ts';
import { HeldByAnother, unlessHeld } from '../other-engine.ts';
import { printReport, printSummary } from '../print-report.ts';
import { createProgress } from '../progress.ts';
import type { Progress } from '../progress.ts';
import { painter, usesColor } from '../style.ts';
import type { Paint } from '../style.ts';
import type { Requested, SyncOptions } from '../sync-options.ts';
import { engineIdentity } from '../who.ts';
import { exitOf } from './exit-of.ts';

/** Several syncs in one engine: once, or until it is stopped. Each line of text begins with the sync that it is about. */
export async function syncAll(
  requested: readonly Requested[],
  options: SyncOptions & { readonly once?: boolean; readonly force?: boolean },
  { client, limit, metrics }: Connection,
  io: Io,
  exposed?: Exposed,
): Promise<ExitCode> {
  const sources = new Map<string, Source>();
  const [first] = requested;
  const lease = { holder: engineIdentity(), namespace: first?.sync.namespace ?? 'default' };
  const engine = createEngine({
    client,
    limit,
    ...(options.once !== true && { lease }),
    ...(metrics !== undefined && { metrics }),
  });
  try {
    for (const { sync, source } of requested) {
      // What the documents of one repository want is fetched once.
      const key = canonicalJson(source);
      const open = sources.get(key) ?? openSource(source, io);
      sources.set(key, open);
      engine.add(sync, open);
    }
    if (options.once !== true) {
      const waiting = new Set(requested.map(({ sync }) => tagOf(sync)));
      exposed?.readyWhen(() => waiting.size === 0);
      return await stay(engine, options, io, waiting);
    }
    return await once(engine, options, { client, clock: systemClock }, io);
  } finally {
    await engine.stop();
    await Promise.all([...sources.values()].map((source) => source.close()));
  }
}

async function once(
  engine: Engine,
  options: SyncOptions & { readonly force?: boolean },
  looking: Parameters<typeof unlessHeld>[1],
  io: Io,
): Promise<ExitCode> {
  const over = new AbortController();
  const events = engine.events({ signal: over.signal });
  const showing = showAll(events, io, () => {});
  const approve = (sync: Sync, ...args: Parameters<ReturnType<typeof unlessHeld>>): Promise<void> =>
    unlessHeld(sync, looking, io)(...args);
  let isHeld = false;
  try {
    await engine.reconcile({ signal: io.signal, ...(options.force !== true && { approve }) });
  } catch (error) {
    // The others have come to their end.
    if (!(error instanceof HeldByAnother)) throw error;
    isHeld = true;
  } finally {
    over.abort();
    await showing;
  }
  const { reports } = engine;
  const paint = painter(usesColor(io, io.stdout));
  if (options.output === 'json') io.stdout.write(`${stringifyJson(reports, 2)}\n`);
  else for (const report of reports) io.stdout.write(tagged(report.sync, printReport(report, paint)));
  return worst([...reports.map(exitOf), ...(isHeld ? [exitCode.held] : [])]);
}

/** `waiting`: those that have told nothing yet, as their tags. */
async function stay(engine: Engine, { output }: SyncOptions, io: Io, waiting: Set<string>): Promise<ExitCode> {
  const paint = painter(usesColor(io, io.stdout));
  const told = new Map<string, string>();
  const showing = showAll(crossOff(engine.events(), waiting), io, (report) => {
    io.stdout.write(output === 'json' ? `${stringifyJson(report)}\n` : printNews(report, told, paint));
  });
  await Promise.all([engine.run({ signal: io.signal }), showing]);
  return exitCode.done;
}

/** The same events; who has told a report, or that another engine has its set, is waited for no longer. */
async function* crossOff(events: AsyncIterable<EngineEvent>, waiting: Set<string>): AsyncGenerator<EngineEvent> {
  for await (const one of events) {
    const { sync, event } = one;
    if (sync !== undefined && (event.type === 'report' || event.type === 'standby')) waiting.delete(tagOf(sync));
    yield one;
  }
}

async function showAll(events: AsyncIterable<EngineEvent>, io: Io, print: (report: Report) => void): Promise<void> {
  const lines = new Map<string, Progress>();
  for await (const { sync, event } of events) {
    if (event.type === 'report') {
      print(event.report);
      continue;
    }
    const tag = sync === undefined ? '' : tagOf(sync);
    const progress = lines.get(tag) ?? createProgress(taggedIo(io, sync), systemClock);
    lines.set(tag, progress);
    progress.show(event);
  }
}

/** A loop reports a pass again when its objects have become ready or no longer are: what was done has been told. */
function printNews(report: Report, told: Map<string, string>, paint: Paint): string {
  const tag = tagOf(report.sync);
  const isNews = told.get(tag) !== report.startedAt;
  told.set(tag, report.startedAt);
  return tagged(report.sync, isNews ? printReport(report, paint) : `${printSummary(report, paint)}\n`);
}

function tagOf({ namespace, name }: SetName): string {
  return `[${namespace}/${name}] `;
}

function tagged(sync: SetName | undefined, lines: string): string {
  return sync === undefined ? lines : lines.replaceAll(/^(?=.)/gm, tagOf(sync));
}

/** Lasting lines alone: one that is rewritten cannot be about several. */
function taggedIo(io: Io, sync: SetName | undefined): Io {
  return { ...io, stderr: { isTTY: false, write: (lines) => io.stderr.write(tagged(sync, lines)) } };
}

/** A failure, then what waits for consent, then what is done. */
function worst(codes: readonly ExitCode[]): ExitCode {
  return [exitCode.failed, exitCode.held].find((code) => codes.includes(code)) ?? exitCode.done;
}
