import type { Revision } from '@homeostat/git';
import type { OrphanDecision } from '@homeostat/prune';
import { contentOf } from './exactly.ts';
import type { PassFinding } from './finding.ts';
import type { View } from './look.ts';
import { decisiveOptions } from './made.ts';
import { planDigest } from './plan.ts';
import type { Plan, PlannedPrune } from './plan.ts';
import type { Ports } from './ports.ts';
import type { Wanted } from './render-snapshot.ts';
import { suspensions } from './requests.ts';
import type { Settled } from './settle.ts';
import type { Sync } from './sync.ts';

/** What a plan is made of. */
export interface PlanParts {
  readonly revision: Revision;
  readonly wanted: Wanted;
  readonly view: View;
  readonly settled: readonly Settled[];
  readonly decisions: readonly OrphanDecision[];
  /** What there is to say besides. */
  readonly told: readonly PassFinding[];
}

/** The plan as data, for people and for whoever carries it out. Pure. */
export function planOf(
  sync: Sync,
  { source }: Pick<Ports, 'source'>,
  { revision, wanted, view, settled, decisions, told }: PlanParts,
): Plan {
  const plan: Omit<Plan, 'digest'> = {
    kind: 'Plan',
    version: 1,
    sync: { namespace: sync.namespace, name: sync.name },
    source: { description: source.description, ...revision },
    options: decisiveOptions(sync),
    complete: wanted.complete,
    items: settled.map((item) => item.plan),
    prunes: decisions.map(plannedPrune),
    findings: [...wanted.findings, ...told, ...suspensionFindings(sync, view), ...viewFindings(sync, view)],
  };
  return { ...plan, digest: planDigest(plan) };
}

function plannedPrune(decision: OrphanDecision): PlannedPrune {
  const { ref, uid } = decision.member;
  const about = { ref, uid, decision: decision.decision };
  if (decision.decision !== 'keep') return { ...about, ...contentOf(decision.member.object()) };
  const { reason, detail } = decision;
  return { ...about, reason, ...(detail !== undefined && { detail }) };
}

function suspensionFindings(sync: Sync, { parent }: View): readonly PassFinding[] {
  return suspensions(sync, parent).map((message) => ({
    severity: 'warning',
    code: 'SET_SUSPENDED',
    message: `${message}: no engine carries this out, and neither does apply`,
    hint: 'homeostat resume, or suspend: false in the document',
  }));
}

/** What could not be seen, or not understood, of the cluster. */
function viewFindings({ namespace, name }: Sync, { blind, parentHidden, parent }: View): readonly PassFinding[] {
  return [
    ...blind.map((message): PassFinding => ({
      severity: 'warning',
      code: 'KIND_NOT_VISIBLE',
      message: `objects of this kind cannot be seen, so none of them is pruned: ${message}`,
      hint: 'allow list and watch on it',
    })),
    ...(parentHidden === undefined ? [] : [parentNotVisible(`${namespace}/${name}`, parentHidden)]),
    ...(parent?.ignored ?? []).map((message): PassFinding => ({
      severity: 'warning',
      code: 'REQUEST_IGNORED',
      message,
      hint: 'homeostat confirm, suspend, resume, rollback and sync-now write what is understood',
    })),
  ];
}

function parentNotVisible(name: string, why: string): PassFinding {
  return {
    severity: 'warning',
    code: 'PARENT_NOT_VISIBLE',
    message: `the parent of the set cannot be read, so members of kinds and in namespaces that the source no longer names are not in this plan, and nothing tells whether the set belongs to this source: ${why}`,
    hint: `allow get on the ConfigMap ${name}`,
  };
}
