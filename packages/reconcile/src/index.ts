/**
 * The GitOps pass and loop, composed from pure plans: source → desired objects → plan → apply → prune → report.
 *
 * Sources and clients come in through {@link Ports}, and are imported here as types only.
 *
 * @packageDocumentation
 */
export { drive } from './drive.ts';
export { reconcileOnce } from './once.ts';
export { makePlan } from './make-plan.ts';
export type { Planned, PlanOptions } from './make-plan.ts';
export { pass } from './pass.ts';
export type { PassOptions } from './pass.ts';
export type { Settled } from './settle.ts';
export { createEngine } from './engine.ts';
export type { Engine, EngineEvent, EngineOnceOptions, EngineOptions } from './engine.ts';
export type { AwaitedSync, Dependencies } from './dependencies.ts';
export { createLoop } from './loop.ts';
export type { Loop, LoopOptions } from './loop.ts';
export { awaitRequest, confirmPrunes, heldPrunes, requestSync, resumeSet, rollBack, suspendSet } from './ask.ts';
export type { AskOptions } from './ask.ts';
export { leaseHolder, noLease } from './hold-lease.ts';
export { destroySet } from './destroy.ts';
export type { DestroyOptions } from './destroy.ts';
export { inspectSet } from './inspect.ts';
export type { InspectedObject, InspectedSet } from './inspect.ts';
export { createClaims } from './claims.ts';
export type { Claims, Contest, Declaration, SetName, Standing } from './claims.ts';
export { conditionsOf } from './conditions.ts';
export type { Condition, ConditionReason } from './conditions.ts';
export { countRequests } from './observe.ts';
export { createReaders } from './metrics.ts';
export type { Labels, Metrics, Readers, Sample } from './metrics.ts';
export { metricCatalog } from './metric-catalog.ts';
export type {
  CounterName,
  GaugeName,
  HistogramName,
  MetricCatalog,
  MetricDefinition,
  MetricKind,
  MetricName,
  SampledName,
  TotalName,
} from './metric-catalog.ts';
export type {
  ChannelMessages,
  PassResult,
  PassTrace,
  RepairResult,
  RepairTrace,
  StageTrace,
  TracingMessages,
} from './channels.ts';
export { createPorts } from './ports.ts';
export type { GivenRules, Ports } from './ports.ts';
export { steadyClock } from './steady-clock.ts';
export { systemClock } from '@homeostat/kube';
export type { Clock } from '@homeostat/kube';
export { loadHealthRules } from './health-rules.ts';
export type { HealthRule } from './health-rules.ts';
export type { Health } from './health.ts';
export { createTurns } from './turns.ts';
export type { Turn, TurnOptions, Turns, Urgency } from './turns.ts';
export { createMemory } from './memory.ts';
export type { Memory } from './memory.ts';
export { lockDown } from './identity.ts';
export type { Identity, Lockdown } from './identity.ts';
export type { AllowRules, DenyRules } from './allowance.ts';
export { defaultPolicy, defineSync } from './sync.ts';
export type { AdoptSource, Policy, Sync } from './sync.ts';
export { assertFresh } from './fresh.ts';
export { hasDifferences, parsePlan } from './plan.ts';
export type {
  Plan,
  PlanItem,
  PlannedAddition,
  PlannedChange,
  PlannedDrift,
  PlannedNothing,
  PlannedPrune,
  PlannedRefusal,
  PlannedSkip,
  PlannedWrite,
} from './plan.ts';
export type { Failure, Report, ReportedAddition, ReportedObject, ReportedOrphan, ReportState } from './report.ts';
export type { PassFinding } from './finding.ts';
export { printDifference, printPlaces } from './difference.ts';
export type { Difference, LoopEvent, PassEvent } from './events.ts';
export type { ApplyStep, ValidateStep } from './step.ts';
export { ReconcileError } from './error.ts';
export type { ReconcileErrorCode } from './error.ts';
