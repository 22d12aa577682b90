import type { Limit } from '@homeostat/apply';
import type { LiveCache } from '@homeostat/cache';
import type { State } from '@homeostat/status';
import type { SetName } from './claims.ts';
import type { Metrics, Sample } from './metrics.ts';
import { labelsOf } from './observe.ts';
import type { Report, ReportState } from './report.ts';
import type { Turns } from './turns.ts';

/** How a sync is. */
export interface Standing {
  /** `undefined` before the first report. */
  readonly report: Report | undefined;
  readonly objects: Readonly<Partial<Record<State, number>>>;
  /** When a pass ended that did not fail; milliseconds since 1970. */
  readonly succeededAt: number | undefined;
  readonly isStandby: boolean;
  /** `undefined` where it needs none. */
  readonly holdsLease: boolean | undefined;
  readonly fights: number;
}

const STATES: readonly (ReportState | 'Standby' | 'Unknown')[] = [
  'Ready',
  'Progressing',
  'Held',
  'Failed',
  'Suspended',
  'Standby',
  'Unknown',
];

/** Lets the gauges of one sync be read, until the function that this returns is called. */
export function sampleSync(sync: SetName, metrics: Metrics, look: () => Standing): () => void {
  const own = labelsOf(sync);
  const one = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{ labels: own, value }]);
  const ends = [
    metrics.sample('homeostat_sync_state', () => {
      const { report, isStandby } = look();
      const now = isStandby ? 'Standby' : (report?.state ?? 'Unknown');
      return STATES.map((state) => ({ labels: { ...own, state }, value: state === now ? 1 : 0 }));
    }),
    metrics.sample('homeostat_sync_info', () => {
      const { revision } = look().report ?? {};
      if (revision === undefined) return [];
      return [{ labels: { ...own, ref: revision.ref ?? '', commit: revision.commit }, value: 1 }];
    }),
    metrics.sample('homeostat_sync_last_success_timestamp_seconds', () => {
      const { succeededAt } = look();
      return one(succeededAt === undefined ? undefined : succeededAt / 1000);
    }),
    metrics.sample('homeostat_objects', () =>
      Object.entries(look().objects).map(([state, value]) => ({ labels: { ...own, state }, value })),
    ),
    metrics.sample('homeostat_prunes_held', () => {
      const { report } = look();
      return one(report === undefined ? undefined : (report.held?.count ?? 0));
    }),
    metrics.sample('homeostat_objects_fought_over', () => one(look().fights)),
    metrics.sample('homeostat_lease_held', () => {
      const { holdsLease } = look();
      return one(holdsLease === undefined ? undefined : Number(holdsLease));
    }),
  ];
  return () => ends.forEach((end) => end());
}

/** The same of what syncs share. */
export function sampleShared(
  metrics: Metrics,
  { limit, turns, live }: { readonly limit?: Limit; readonly turns?: Turns; readonly live?: LiveCache<unknown> },
): () => void {
  const one = (value: number): readonly Sample[] => [{ labels: {}, value }];
  const usage = live && atOnce(() => live.usage());
  const ends = [
    ...(limit === undefined
      ? []
      : [
          metrics.sample('homeostat_limit_in_flight', () => one(limit.running)),
          metrics.sample('homeostat_limit_waiting', () => one(limit.waiting)),
          metrics.sample('homeostat_limit_size', () => one(limit.concurrency)),
        ]),
    ...(turns === undefined
      ? []
      : [
          metrics.sample('homeostat_turns_running', () => one(turns.running)),
          metrics.sample('homeostat_turns_waiting', () => one(turns.waiting)),
        ]),
    ...(usage === undefined
      ? []
      : [
          metrics.sample('homeostat_cache_members', () => one(usage().members)),
          metrics.sample('homeostat_cache_bytes', () => one(usage().bytes)),
          metrics.sample('homeostat_cache_lists_total', () => one(usage().lists)),
          metrics.sample('homeostat_cache_watches_total', () => one(usage().watches)),
          metrics.sample('homeostat_cache_degraded', () =>
            usage().degraded.map(({ resource: { group, plural } }) => ({
              labels: { resource: group === '' ? plural : `${plural}.${group}` },
              value: 1,
            })),
          ),
        ]),
  ];
  return () => ends.forEach((end) => end());
}

/** One look for all that is read in one go. */
function atOnce<T>(look: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    if (known === undefined) setImmediate(() => (known = undefined));
    known ??= { value: look() };
    return known.value;
  };
}
