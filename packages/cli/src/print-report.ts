import { printRevision } from '@homeostat/git';
import { printRef } from '@homeostat/kube';
import { printFindingOrigin } from '@homeostat/render';
import type { Finding } from '@homeostat/render';
import type { Failure, Report, ReportedObject, ReportedOrphan } from '@homeostat/reconcile';
import { printHandled, printHeld } from './print-request.ts';
import { printDuration } from './style.ts';
import { additionLines } from './print-additions.ts';
import type { Paint } from './style.ts';

type Format = Parameters<Paint>[0];

export const ACTION_FORMAT: Readonly<Record<ReportedObject['action'] | ReportedOrphan['action'], Format>> = {
  created: 'green',
  updated: 'yellow',
  adopted: 'yellow',
  replaced: 'yellow',
  unchanged: 'dim',
  drifted: 'yellow',
  skipped: 'dim',
  failed: 'red',
  blocked: 'red',
  pruned: 'magenta',
  released: 'magenta',
  kept: 'cyan',
};

/** A report for people: a line per object that changed or needs a look, findings, and one line that sums it up. */
export function printReport(report: Report, paint: Paint): string {
  const lines = [
    ...report.findings.map((finding) => printFinding(finding as Finding, paint)),
    ...report.objects.flatMap((object) => objectLines(object, paint)),
    ...report.orphans.map((orphan) => orphanLine(orphan, paint)),
    ...report.requests.filter(({ handledAt }) => handledAt === report.startedAt).map(printHandled),
    ...(report.waits ?? []).map(({ message }) => `${paint('cyan', 'waiting  ')} ${message}`),
    ...(report.held === undefined ? [] : [printHeld(report.sync, report.held)]),
    ...(report.failure === undefined ? [] : [failureLine(report.failure, paint)]),
    printSummary(report, paint),
  ];
  return `${lines.join('\n')}\n`;
}

export function printFinding(
  {
    severity,
    code,
    message,
    origin,
    hint,
  }: Pick<Finding, 'severity' | 'message' | 'origin' | 'hint'> & { readonly code: string },
  paint: Paint,
): string {
  const where = origin === undefined ? '' : `${printFindingOrigin(origin)}: `;
  const format = severity === 'error' ? 'red' : severity === 'warning' ? 'yellow' : 'dim';
  return `${paint(format, severity.padEnd(9))} ${where}${message} ${paint('dim', `[${code}]`)}${hint === undefined ? '' : `\n          ${hint}`}`;
}

function objectLines(object: ReportedObject, paint: Paint): readonly string[] {
  const { action, ref, origin, status, message, code } = object;
  const notReady = status !== undefined && status.state !== 'Current';
  const overridden = (object.overridden ?? []).map(
    ({ path }) => `          ${path} is not in effect: the server or another manager keeps another value`,
  );
  const warnings = (object.warnings ?? []).map((warning) => `          warning: ${warning}`);
  const additions = additionLines(object.additions, paint);
  const details = [...overridden, ...additions];
  if ((action === 'unchanged' || action === 'skipped') && !notReady && details.length === 0) return [];
  const why = [
    ...(code === undefined ? [] : [`[${code}]`]),
    ...(message === undefined ? [] : [message]),
    ...(notReady ? [`${status.state}: ${status.message}`] : []),
  ].join(' ');
  const where = paint('dim', `${origin.path}:${origin.line}`);
  return [
    `${paint(ACTION_FORMAT[action], action.padEnd(9))} ${printRef(ref)}  ${where}${why === '' ? '' : `  ${why}`}`,
    ...details,
    ...warnings,
  ];
}

function orphanLine({ action, ref, reason, message }: ReportedOrphan, paint: Paint): string {
  const why = [reason === undefined ? '' : explainKeep(reason), message ?? ''].filter((text) => text !== '').join(': ');
  return `${paint(ACTION_FORMAT[action], action.padEnd(9))} ${printRef(ref)}${why === '' ? '' : `  ${why}`}`;
}

/** Why an object that the source no longer names is still there, and what to do about it. */
export function explainKeep(reason: string): string {
  const known: Readonly<Record<string, string>> = {
    'prune-off': 'the policy prune: false keeps it',
    'not-allowed': 'a rule of the policy keeps such objects out of the set, so it is left alone',
    reserved: 'a set or an engine is kept in it, so it is left alone',
    'render-incomplete': 'an error in the input may hide it; mend the input',
    'apply-failed': 'something could not be applied; it goes when that is mended',
    annotated: 'its annotation asks to keep it',
    'protected-kind': 'deleting this kind deletes more than itself; name it in the policy pruneKinds',
    'protected-namespace': 'this namespace is never pruned',
    'namespace-in-use': 'it still holds objects',
    'definition-in-use': 'objects of its kind are still there',
    unproven: 'it carries our label, but nothing shows that we applied it',
    'other-set': 'it belongs to another set',
    controlled: 'a controller owns it',
    'applied-elsewhere': 'it was applied under another group',
    'dependents-remain': 'something that needs it is still there',
    'not-planned': 'the plan does not show that it goes; make a new one',
    claimed: 'another sync of this process desires it, and takes it over',
    'claim-unknown': 'another sync of this process has not read this revision yet, and may desire it',
    'empty-set': 'the source names no object any more; homeostat confirm, or pass --allow-empty, if that is meant',
    'over-budget': 'too many at once; homeostat confirm, or raise the policy pruneBudget, if that is meant',
    'not-reached': 'the pass ended before',
  };
  return known[reason] ?? reason;
}

function failureLine({ stage, code, message }: Failure, paint: Paint): string {
  return `${paint('red', 'error    ')} ${stage}: ${message} ${paint('dim', `[${code}]`)}`;
}

/** The line that sums a report up: state, set, revision, counts, duration. */
export function printSummary(report: Report, paint: Paint): string {
  const { state, revision, sync, counts, durationMs } = report;
  const parts = Object.entries(counts).flatMap(([action, count]) => (count > 0 ? [`${count} ${action}`] : []));
  const at =
    revision === undefined ? '' : ` at ${printRevision({ ...revision, commit: revision.commit.slice(0, 12) })}`;
  const format = state === 'Ready' ? 'green' : state === 'Failed' ? 'red' : 'yellow';
  return `${paint(format, state)} ${sync.namespace}/${sync.name}${at}: ${parts.length === 0 ? 'no objects' : parts.join(', ')} (${printDuration(durationMs)})`;
}
