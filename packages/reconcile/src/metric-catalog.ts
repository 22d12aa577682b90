/**
 * A `counter` and a `histogram` are told of each event. A `gauge` and a `total` (a counter too) are read whenever somebody looks, so they
 * cost nothing in between.
 */
export type MetricKind = 'counter' | 'histogram' | 'gauge' | 'total';

/** What is known of a metric before anything is counted. */
export interface MetricDefinition<Kind extends MetricKind = MetricKind> {
  readonly kind: Kind;
  /** One sentence, as Prometheus' `HELP`. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in the unit of its name. */
  readonly buckets?: readonly number[];
}

export type CounterName =
  | 'homeostat_passes_total'
  | 'homeostat_pass_failures_total'
  | 'homeostat_applies_total'
  | 'homeostat_object_failures_total'
  | 'homeostat_prunes_total'
  | 'homeostat_drifts_total'
  | 'homeostat_repairs_total'
  | 'homeostat_requests_total';

export type HistogramName =
  | 'homeostat_pass_duration_seconds'
  | 'homeostat_stage_duration_seconds'
  | 'homeostat_repair_duration_seconds'
  | 'homeostat_turn_wait_seconds'
  | 'homeostat_request_duration_seconds';

export type GaugeName =
  | 'homeostat_prunes_held'
  | 'homeostat_objects_fought_over'
  | 'homeostat_sync_info'
  | 'homeostat_sync_state'
  | 'homeostat_sync_last_success_timestamp_seconds'
  | 'homeostat_objects'
  | 'homeostat_lease_held'
  | 'homeostat_turns_running'
  | 'homeostat_turns_waiting'
  | 'homeostat_limit_in_flight'
  | 'homeostat_limit_waiting'
  | 'homeostat_limit_size'
  | 'homeostat_cache_members'
  | 'homeostat_cache_bytes'
  | 'homeostat_cache_degraded';

export type TotalName =
  | 'homeostat_cache_lists_total'
  | 'homeostat_cache_watches_total'
  | 'homeostat_events_dropped_total';

export type MetricName = CounterName | HistogramName | GaugeName | TotalName;
/** A metric that is read when somebody looks. */
export type SampledName = GaugeName | TotalName;

export type MetricCatalog = Readonly<
  Record<CounterName, MetricDefinition<'counter'>> &
    Record<HistogramName, MetricDefinition<'histogram'>> &
    Record<GaugeName, MetricDefinition<'gauge'>> &
    Record<TotalName, MetricDefinition<'total'>>
>;

const SYNC: readonly string[] = ['sync_namespace', 'sync'];
const SHORT: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LONG: readonly number[] = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

/**
 * Every metric there is, by name, as Prometheus names them. Labels are of bounded sets: a sync, a stage, a code, a kind; never an object,
 * never a text that somebody else writes.
 */
export const metricCatalog: MetricCatalog = {
  homeostat_passes_total: {
    kind: 'counter',
    help: 'Passes that ended, by what they came to: the state of the report, or Cancelled.',
    labels: [...SYNC, 'result'],
  },
  homeostat_pass_failures_total: {
    kind: 'counter',
    help: 'Passes that could not come to their end, by the stage that they were at.',
    labels: [...SYNC, 'stage'],
  },
  homeostat_pass_duration_seconds: {
    kind: 'histogram',
    help: 'How long a pass took.',
    labels: SYNC,
    buckets: LONG,
  },
  homeostat_stage_duration_seconds: {
    kind: 'histogram',
    help: 'How long a stage of a pass took, over all syncs.',
    labels: ['stage'],
    buckets: LONG,
  },
  homeostat_applies_total: {
    kind: 'counter',
    help: 'Objects that passes and repairs dealt with, by what became of them; those that were as desired do not count.',
    labels: [...SYNC, 'action'],
  },
  homeostat_object_failures_total: {
    kind: 'counter',
    help: 'Objects that a pass could not make as desired, by the code of the outcome.',
    labels: [...SYNC, 'code'],
  },
  homeostat_prunes_total: {
    kind: 'counter',
    help: 'Orphans that were to go, by what became of them.',
    labels: [...SYNC, 'result'],
  },
  homeostat_prunes_held: {
    kind: 'gauge',
    help: 'Deletions that wait for somebody to confirm them.',
    labels: SYNC,
  },
  homeostat_drifts_total: {
    kind: 'counter',
    help: 'Objects that somebody else was found to have changed.',
    labels: SYNC,
  },
  homeostat_repairs_total: {
    kind: 'counter',
    help: 'Repairs that ended, by what they came to: repaired, reported, failed, unneeded.',
    labels: [...SYNC, 'result'],
  },
  homeostat_repair_duration_seconds: {
    kind: 'histogram',
    help: 'From the event that told of drift to its repair, over all syncs.',
    labels: [],
    buckets: SHORT,
  },
  homeostat_objects_fought_over: {
    kind: 'gauge',
    help: 'Objects that somebody changes again and again, so that their repair pauses.',
    labels: SYNC,
  },
  homeostat_sync_info: {
    kind: 'gauge',
    help: 'The revision of the last report; always 1.',
    labels: [...SYNC, 'ref', 'commit'],
  },
  homeostat_sync_state: {
    kind: 'gauge',
    help: 'Which state a sync is in: 1 for that one, 0 for all others.',
    labels: [...SYNC, 'state'],
  },
  homeostat_sync_last_success_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the last pass ended that did not fail, in seconds since 1970.',
    labels: SYNC,
  },
  homeostat_objects: {
    kind: 'gauge',
    help: 'Desired objects by status.',
    labels: [...SYNC, 'state'],
  },
  homeostat_lease_held: {
    kind: 'gauge',
    help: 'Whether this engine holds the Lease of the set.',
    labels: SYNC,
  },
  homeostat_turns_running: {
    kind: 'gauge',
    help: 'Syncs at work.',
    labels: [],
  },
  homeostat_turns_waiting: {
    kind: 'gauge',
    help: 'Syncs that have something to do and wait for their turn.',
    labels: [],
  },
  homeostat_turn_wait_seconds: {
    kind: 'histogram',
    help: 'How long a sync waited for its turn, by what it has to do.',
    labels: ['urgency'],
    buckets: SHORT,
  },
  homeostat_requests_total: {
    kind: 'counter',
    help: 'Requests to the API server that ended, by verb and HTTP status; 0 where there was no answer, 429 where it throttles.',
    labels: ['verb', 'code', 'dry_run'],
  },
  homeostat_request_duration_seconds: {
    kind: 'histogram',
    help: 'How long requests to the API server took, but for watches.',
    labels: ['verb'],
    buckets: SHORT,
  },
  homeostat_limit_in_flight: {
    kind: 'gauge',
    help: 'Requests of passes and repairs in flight.',
    labels: [],
  },
  homeostat_limit_waiting: {
    kind: 'gauge',
    help: 'Requests that wait for room.',
    labels: [],
  },
  homeostat_limit_size: {
    kind: 'gauge',
    help: 'Requests that may be in flight at present, as learnt from the server.',
    labels: [],
  },
  homeostat_cache_members: {
    kind: 'gauge',
    help: 'Objects in the live view.',
    labels: [],
  },
  homeostat_cache_bytes: {
    kind: 'gauge',
    help: 'What the objects in the live view take at rest.',
    labels: [],
  },
  homeostat_cache_lists_total: {
    kind: 'total',
    help: 'Lists that the live view began.',
    labels: [],
  },
  homeostat_cache_watches_total: {
    kind: 'total',
    help: 'Watches that the live view began or began again.',
    labels: [],
  },
  homeostat_cache_degraded: {
    kind: 'gauge',
    help: 'Kinds that cannot be listed or watched at present: 1, or how many of their namespaces.',
    labels: ['resource'],
  },
  homeostat_events_dropped_total: {
    kind: 'total',
    help: 'Events that slow readers lost.',
    labels: [],
  },
};
