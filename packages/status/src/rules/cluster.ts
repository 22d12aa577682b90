import { explain, isTrue } from '../conditions.ts';
import { text } from '../fields.ts';
import { current, failed, inProgress } from '../status.ts';
import type { Rule } from '../subject.ts';
import { conditionOf } from '../subject.ts';

export const customResourceDefinition: Rule = ({ conditions }) => {
  for (const condition of conditions) {
    if (condition.type === 'NamesAccepted' && condition.status === 'False') {
      return failed(condition.reason || 'NamesNotAccepted', condition.message || 'the names are taken');
    }
    if (condition.type !== 'Established') continue;
    if (isTrue(condition)) return current('Established', 'the kind is served');
    if (condition.status === 'False' && condition.reason !== 'Installing') {
      return failed(condition.reason || 'NotEstablished', condition.message || 'the kind is not served');
    }
  }
  return inProgress('Installing', 'the kind is not served yet');
};

/** Strict only. */
export const namespace: Rule = ({ object }) => {
  const phase = text(object, 'status', 'phase');
  return phase === 'Active'
    ? current('Active', 'the Namespace is active')
    : inProgress('NotActive', `the Namespace is ${phase === '' ? 'not observed yet' : phase}, not Active`);
};

/** Strict only. */
export const apiService: Rule = (subject) => {
  const available = conditionOf(subject, 'Available');
  if (isTrue(available)) return current('Available', 'the API is served');
  return available === undefined
    ? inProgress('NotObserved', 'the aggregator has not tried the API yet')
    : inProgress(available.reason || 'NotAvailable', explain(available, 'the API is not available'));
};

/** Reasons of ScalingActive=False that metrics cause: they are normal while the first metrics are on their way. */
const METRIC_REASONS: ReadonlySet<string> = new Set([
  'FailedGetResourceMetric',
  'FailedGetContainerResourceMetric',
  'FailedGetPodsMetric',
  'FailedGetObjectMetric',
  'FailedGetExternalMetric',
  'FailedComputeMetricsReplicas',
]);
/** Reasons that only another manifest mends. */
const SPEC_REASONS: ReadonlySet<string> = new Set(['InvalidSelector', 'InvalidMetricSourceType', 'FailedConvertHPA']);
/** The controller's own grace for a new Pod's CPU metrics (`--horizontal-pod-autoscaler-cpu-initialization-period`). */
const METRICS_GRACE_MS = 300_000;

/** Strict only. Healthy unless ScalingActive=False says that it cannot work; `ScalingDisabled` (0 replicas) is a choice. */
export const horizontalPodAutoscaler: Rule = (subject) => {
  const active = conditionOf(subject, 'ScalingActive');
  if (active?.status !== 'False') return current('Scaling', 'the autoscaler works');
  const message = explain(active, 'the autoscaler cannot compute a scale');
  if (SPEC_REASONS.has(active.reason)) return failed(active.reason, message);
  if (!METRIC_REASONS.has(active.reason)) return current(active.reason || 'Scaling', message);
  if (active.since === undefined) return inProgress(active.reason, message);
  const deadline = active.since + METRICS_GRACE_MS;
  return subject.now < deadline ? inProgress(active.reason, message, deadline) : failed(active.reason, message);
};
