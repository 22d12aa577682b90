import type { AwaitedSync } from './dependencies.ts';
import type { PassEvent } from './events.ts';
import { pass } from './pass.ts';
import type { PassOptions } from './pass.ts';
import type { Ports } from './ports.ts';
import { recordReport } from './record.ts';
import type { Report } from './report.ts';
import type { Sync } from './sync.ts';
import { waitReady } from './wait-ready.ts';

/**
 * One pass to its end: after what it depends on (within the policy `deadline`), written, pruned, ready (if the policy waits), and recorded at the parent.
 *
 * On a settled set it sends discovery, the parent and one list page per 500 members of each kind, opens no watch and writes
 * nothing.
 */
export async function* reconcileOnce(
  sync: Sync,
  ports: Ports,
  options: PassOptions = {},
): AsyncGenerator<PassEvent, Report> {
  const { signal = new AbortController().signal } = options;
  const written = yield* passWhenAdmitted(sync, ports, { ...options, signal });
  const report = yield* waitReady(written, sync, ports, { signal });
  const failure = await recordReport(report, sync, ports, { signal });
  return failure === undefined || report.failure !== undefined ? report : { ...report, state: 'Failed', failure };
}

/** A pass, and another one whenever the syncs that keep it from the revision say something else. */
async function* passWhenAdmitted(
  sync: Sync,
  ports: Ports,
  options: PassOptions & { readonly signal: AbortSignal },
): AsyncGenerator<PassEvent, Report> {
  if (sync.dependsOn.length === 0) return yield* pass(sync, ports, options);
  const { clock, dependencies } = ports;
  const over = new AbortController();
  const end = AbortSignal.any([options.signal, over.signal]);
  const until = clock.now() + sync.policy.deadline;
  let change = Promise.withResolvers<void>();
  const following = dependencies.run(end, () => change.resolve());
  try {
    for (;;) {
      // What changes while the pass looks leads to another one.
      change = Promise.withResolvers();
      const report = yield* pass(sync, ports, options);
      if (report.waits === undefined || report.failure !== undefined || options.signal.aborted) return report;
      const left = until - clock.now();
      if (left <= 0 || report.waits.some(({ reason }) => reason === 'over')) return notAdmitted(report, report.waits);
      const waking = new AbortController();
      await Promise.race([change.promise, following, clock.sleep(left, AbortSignal.any([end, waking.signal]))]);
      waking.abort();
    }
  } finally {
    over.abort();
    await following;
  }
}

function notAdmitted(report: Report, waits: readonly AwaitedSync[]): Report {
  return {
    ...report,
    state: 'Failed',
    failure: {
      stage: 'depend',
      code: 'DEPENDENCY_NOT_READY',
      message: `${waits.map(({ message }) => message).join('; ')}; nothing was done`,
      retry: 'backoff',
    },
  };
}
