import { printHolder } from '@homeostat/apply';
import { printRef } from '@homeostat/kube';
import { printDifference } from '@homeostat/reconcile';
import type { Plan, PlanItem, PlannedChange, PlannedPrune } from '@homeostat/reconcile';
import { additionLines } from './print-additions.ts';
import { explainKeep, printFinding } from './print-report.ts';
import { printValue } from './print-value.ts';
import type { Paint } from './style.ts';

/** A plan for people: what would be done to which object, field by field, and why. */
export function printPlan(plan: Plan, paint: Paint): string {
  const lines = [
    ...plan.findings.map((finding) => printFinding(finding, paint)),
    ...plan.items.flatMap((item) => itemLines(item, paint)),
    ...plan.prunes.map((prune) => pruneLine(prune, paint)),
    summary(plan),
  ];
  return `${lines.join('\n')}\n`;
}

function pruneLine({ ref, decision, reason = '', detail }: PlannedPrune, paint: Paint): string {
  switch (decision) {
    case 'prune':
      return `${paint('magenta', 'prune    ')} ${printRef(ref)}  the source no longer names it`;
    case 'release':
      return `${paint('magenta', 'release  ')} ${printRef(ref)}  its annotation asks to leave it, without our marks`;
    case 'keep':
      return `${paint('cyan', 'keep     ')} ${printRef(ref)}  ${[explainKeep(reason), detail].filter((text) => text !== undefined).join(': ')}`;
    default:
      return decision satisfies never;
  }
}

function itemLines(item: PlanItem, paint: Paint): readonly string[] {
  const where = paint('dim', `${item.origin.path}:${item.origin.line}`);
  const line = (format: Parameters<Paint>[0], text = ''): string =>
    `${paint(format, item.action.padEnd(9))} ${printRef(item.ref)}  ${where}${text === '' ? '' : `  ${text}`}`;
  const additions = additionLines(item.additions, paint);
  switch (item.action) {
    case 'unchanged':
    case 'skip':
      return additions.length === 0 ? [] : [line('dim', 'others added to it'), ...additions];
    case 'drifted':
      return [line('yellow', printDifference(item)), ...additions];
    case 'refused':
      return [line('red', `[${item.code}] ${item.message}`), ...additions];
    case 'create':
    case 'update':
    case 'adopt':
    case 'replace': {
      const notes = [
        ...(item.owner === undefined ? [] : [`from ${item.owner}`]),
        ...(item.deferred === undefined ? [] : [`validated once its ${item.deferred} exists`]),
        ...(item.validated || item.deferred !== undefined ? [] : ['not validated']),
      ].join(', ');
      return [
        line(item.action === 'create' ? 'green' : 'yellow', notes),
        ...item.changes.map(changeLine),
        ...item.taken.map((conflict) => `            ${conflict.path} is taken from ${printHolder(conflict)}`),
        ...item.yielded.map((conflict) => `            ${conflict.path} is left to ${printHolder(conflict)}`),
        ...additions,
        ...item.warnings.map((warning) => `            warning: ${warning}`),
      ];
    }
    default:
      return item satisfies never;
  }
}

function changeLine({ path, kind, desired, live, heldBy }: PlannedChange): string {
  const by = heldBy === undefined ? '' : `  held by ${printHolder(heldBy)}`;
  switch (kind) {
    case 'add':
      return `          + ${path}: ${printValue(desired)}${by}`;
    case 'remove':
      return `          - ${path}: ${printValue(live)}${by}`;
    case 'change':
      return `          ~ ${path}: ${printValue(live)} → ${printValue(desired)}${by}`;
    case 'ownership':
      return `          ~ ${path}: becomes ours${by}`;
    case 'order':
      return `          ~ ${path}: another order${by}`;
    default:
      return kind satisfies never;
  }
}

function summary({ items, prunes }: Plan): string {
  const counts = new Map<string, number>();
  for (const { action } of items) counts.set(action, (counts.get(action) ?? 0) + 1);
  for (const { decision } of prunes) counts.set(decision, (counts.get(decision) ?? 0) + 1);
  const parts = [
    'create',
    'update',
    'adopt',
    'replace',
    'prune',
    'release',
    'keep',
    'refused',
    'drifted',
    'unchanged',
    'skip',
  ].flatMap((action) => {
    const count = counts.get(action) ?? 0;
    return count === 0 ? [] : [`${count} to ${action}`.replace(/to (refused|drifted|unchanged)$/, '$1')];
  });
  return `Plan: ${parts.length === 0 ? 'no objects' : parts.join(', ')}`;
}
