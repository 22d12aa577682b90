import { canonicalJson, groupKindOf, KubeError, printGroupKind, printRef, setIdentity } from '@homeostat/kube';
import type { GroupKind, SetHints, SetIdentity } from '@homeostat/kube';
import { narrow, readParent, storeReport } from '@homeostat/prune';
import type { Parent, StoredReport } from '@homeostat/prune';
import { failureOf } from './failure.ts';
import { managersOf } from './look.ts';
import { isAllMade } from './made.ts';
import type { Ports } from './ports.ts';
import type { Failure, Report } from './report.ts';
import { revisionText } from './revision-text.ts';
import type { Sync } from './sync.ts';
import { syncKey } from './sync-graph.ts';

/**
 * Keeps the report at the parent, with the requests that were dealt with, and takes kinds and namespaces out of its hints that hold no
 * member any more, now or since an engine was killed before it could (not with `narrows: false`: the report is older than what is in
 * view). Nothing is written when nothing but the revision has changed, nor without a parent: then nothing was ever applied.
 *
 * Returns what went wrong; the cluster is as the report says all the same.
 */
export async function recordReport(
  report: Report,
  { namespace, name, policy, dependsOn }: Sync,
  ports: Ports,
  { signal, narrows = true }: { readonly signal: AbortSignal; readonly narrows?: boolean },
): Promise<Failure | undefined> {
  const { client, memory, redactor } = ports;
  if (memory.parent === undefined || signal.aborted) return undefined;
  // A pass that did not get to its source has nothing to tell but to whoever asked for it.
  const isIdle = report.state === 'Suspended' || report.waits !== undefined;
  if (report.revision === undefined && !isIdle && !hasAnswers(report, memory.parent.report)) return undefined;
  const set = setIdentity(namespace, name);
  const options = { manager: managersOf(policy).current, signal };
  try {
    memory.parent = await storeReport(
      client,
      memory.parent,
      storedReport(report, memory.parent.report, dependsOn, madeOf(report, policy, memory)),
      options,
    );
    if (!narrows || !sawEverything(report)) return undefined;
    memory.parent = await narrow(client, memory.parent, await hintsNow(memory.parent, set, ports, signal), options);
    return undefined;
  } catch (error) {
    const failure = failureOf('record', error, redactor);
    // The server did not take it now: nothing says that the parent is another than it was.
    if (error instanceof KubeError && error.retry !== 'never' && error.code !== 'STALE') return failure;
    // Somebody else wrote the parent: what it says now counts at the next pass.
    memory.parent = undefined;
    if (failure.code !== 'STALE') return failure;
    const parent = await readParent(client, set, { signal }).catch(() => undefined);
    if (parent !== undefined) memory.parent = parent;
    return undefined;
  }
}

/** Only after a pass that looked at everything is what is not in the view known to be nowhere. */
function sawEverything({ revision, state, waits, failure, findings }: Report): boolean {
  const looked = revision !== undefined && state !== 'Suspended' && waits === undefined && failure === undefined;
  return looked && !findings.some(({ code }) => code === 'KIND_NOT_VISIBLE');
}

/**
 * What the hints have to say: where members are, and where the source wants some, which may be refused today and written tomorrow.
 * A kind that discovery cannot tell of at the moment may have members too.
 */
async function hintsNow(
  { hints }: Parent,
  set: SetIdentity,
  { client, live, memory }: Ports,
  signal: AbortSignal,
): Promise<SetHints> {
  const resources = await client.resources({ signal });
  const members = live.members(set.id).map(({ ref }) => ref);
  const wanted = [...memory.desired.values()].map(({ ref }) => ref);
  const [kinds, namespaces] = [new Set(wanted.map(printGroupKind)), new Set(wanted.map((ref) => ref.namespace))];
  const isOpen = (kind: GroupKind): boolean =>
    kinds.has(printGroupKind(kind)) || (resources.degraded.length > 0 && resources.find(kind) === undefined);
  const outside = members.map((ref) => ref.namespace).filter((one) => one !== '' && one !== set.namespace);
  return {
    groupKinds: [...members.map(groupKindOf), ...hints.groupKinds.filter(isOpen)],
    namespaces: [...outside, ...hints.namespaces.filter((one) => namespaces.has(one))],
  };
}

/**
 * For an engine that takes over: the whole set has been made of this revision, so what differs then was changed by somebody. What nobody has
 * looked at stays as it was said.
 */
function madeOf(
  { findings }: Report,
  { drift }: Sync['policy'],
  { made, desired, parent }: Ports['memory'],
): string | undefined {
  if (drift !== 'report') return undefined;
  if (made === undefined) return parent?.report?.made;
  return isAllMade(made, desired) && findings.every(({ severity }) => severity !== 'error') ? made.as : undefined;
}

function hasAnswers(report: Report, before: StoredReport | undefined): boolean {
  return canonicalJson(report.requests) !== canonicalJson(before?.requests ?? []);
}

/** Short, without secrets, and the same as long as nothing but the revision changes. */
function storedReport(
  report: Report,
  before: StoredReport | undefined,
  dependsOn: Sync['dependsOn'],
  made: string | undefined,
): StoredReport {
  // As long as it is not all done, the list of it is what a confirmation refers to.
  const left = isUnfinished(report) ? [before?.held, before?.confirmed] : [];
  const honoured = report.requests.find(({ request, outcome }) => request === 'confirm' && outcome === 'honoured');
  const confirmed = left.find((list) => list !== undefined && list.digest === honoured?.argument);
  const held = report.held ?? (left[0] === confirmed ? undefined : left[0]);
  const common = {
    state: report.state,
    ...(held !== undefined && { held }),
    ...(confirmed !== undefined && { confirmed }),
    ...(report.requests.length > 0 && { requests: report.requests }),
    ...(dependsOn.length > 0 && { dependsOn: dependsOn.map(syncKey) }),
    ...(made !== undefined && { made }),
  };
  // Nothing was looked at: what was there before is there still.
  const waits = (report.waits ?? []).map(({ message }) => message);
  if (report.state === 'Suspended' || (report.waits !== undefined && report.revision === undefined)) {
    const { revision, objects = 0, problems = [], drifted } = before ?? {};
    const told = report.waits === undefined ? problems : waits;
    return {
      ...common,
      ...(drifted !== undefined && { drifted }),
      objects,
      problems: told,
      ...(revision !== undefined && { revision }),
    };
  }
  const problems = [
    ...waits,
    ...report.objects.flatMap(({ ref, action, code, message, status }) => {
      if (action === 'failed' || action === 'blocked') return [`${printRef(ref)}: ${code ?? action}: ${message ?? ''}`];
      return status !== undefined && status.state !== 'Current'
        ? [`${printRef(ref)}: ${status.state}: ${status.message}`]
        : [];
    }),
    ...report.orphans.flatMap(({ ref, action, reason }) =>
      action === 'pruned' || action === 'released' ? [] : [`${printRef(ref)}: ${action}: ${reason ?? ''}`],
    ),
    ...(report.failure === undefined ? [] : [`${report.failure.stage}: ${report.failure.message}`]),
  ];
  const drifted = report.objects.flatMap(({ ref, action, message = '' }) =>
    action === 'drifted' ? [`${printRef(ref)} ${message}`] : [],
  );
  return {
    ...common,
    ...(drifted.length > 0 && { drifted: short(drifted) }),
    ...(report.revision !== undefined && { revision: revisionText(report.revision) }),
    objects: report.revision === undefined ? (before?.objects ?? 0) : report.objects.length,
    problems: short(problems),
  };
}

function short(lines: readonly string[]): readonly string[] {
  return lines.slice(0, 20).map((line) => line.slice(0, 500));
}

/** Whether the pass left deletions undone, or did not get to know of all. */
function isUnfinished({ state, failure, orphans, waits, revision }: Report): boolean {
  return (
    state === 'Suspended' ||
    failure !== undefined ||
    (waits !== undefined && revision === undefined) ||
    orphans.some(
      ({ action, reason }) =>
        action === 'failed' ||
        reason === 'not-reached' ||
        reason === 'render-incomplete' ||
        reason === 'apply-failed' ||
        reason === 'dependents-remain',
    )
  );
}
