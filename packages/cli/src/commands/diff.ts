import { textDiff } from '@homeostat/diff';
import { printRef, stringifyJson } from '@homeostat/kube';
import { drive, hasDifferences, makePlan } from '@homeostat/reconcile';
import type { Settled } from '@homeostat/reconcile';
import { workOn } from '../connect.ts';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { openSource } from '../open-source.ts';
import { additionLines } from '../print-additions.ts';
import { explainKeep, printFinding } from '../print-report.ts';
import { painter, usesColor } from '../style.ts';
import { requestedSync } from '../sync-options.ts';
import type { SyncOptions } from '../sync-options.ts';
import { connected } from './sync.ts';

/** Shows, as text, how the objects in the cluster would change. Exit code 2 when they would. */
export async function diffCommand(repository: string | undefined, options: SyncOptions, io: Io): Promise<ExitCode> {
  await using connection = await connected(options, io);
  const { sync, source } = await requestedSync(repository, options, connection.config.namespace);
  await using work = await workOn(sync, connection, openSource(source, io), io);
  const { ports, progress } = work;
  const color = usesColor(io, io.stdout);
  const paint = painter(color);
  const { plan, settled } = await drive(makePlan(sync, ports, { signal: io.signal, lookOnly: true }), progress.show);
  progress.clear();
  if (options.output === 'json') {
    io.stdout.write(`${stringifyJson(plan, 2)}\n`);
  } else {
    for (const finding of plan.findings) io.stderr.write(`${printFinding(finding, paint)}\n`);
    for (const one of settled) {
      const { plan: item } = one;
      if (item.action === 'refused') io.stderr.write(`${printRef(item.ref)}: ${item.message} [${item.code}]\n`);
      const left = additionLines(
        item.additions?.filter(({ action }) => action !== 'remove'),
        paint,
      );
      if (left.length > 0) io.stderr.write(`${printRef(item.ref)}: others added to it\n${left.join('\n')}\n`);
      io.stdout.write(ports.redactor.text(itemDiff(one, color)));
    }
    for (const { ref, decision, reason } of plan.prunes) {
      io.stdout.write(
        decision === 'keep'
          ? `keep ${printRef(ref)}: ${explainKeep(reason ?? '')}\n`
          : `${paint('red', `${decision} ${printRef(ref)}`)}\n`,
      );
    }
  }
  if (plan.items.some(({ action }) => action === 'refused') || !plan.complete) return exitCode.failed;
  return hasDifferences(plan) ? exitCode.differences : exitCode.done;
}

/** First what is applied, then what is taken away of what others added. */
function itemDiff({ plan: item, live, after, prepared, removal }: Settled, color: boolean): string {
  if (!('changes' in item)) return '';
  const note = item.validated || item.deferred !== undefined ? '' : ' (not validated)';
  const title = `${item.action} ${printRef(item.ref)}${note}`;
  const applied =
    removal !== undefined && item.changes.length === 0
      ? ''
      : textDiff(live, after ?? prepared.object, { color, title });
  return removal === undefined
    ? applied
    : `${applied}${textDiff(removal.live, removal.after, { color, title: `take away from ${printRef(item.ref)}${note}` })}`;
}
