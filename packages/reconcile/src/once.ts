import type { PassEvent } from './events.ts';
import { pass } from './pass.ts';
import type { PassOptions } from './pass.ts';
import type { Ports } from './ports.ts';
import { recordReport } from './record.ts';
import type { Report } from './report.ts';
import type { Sync } from './sync.ts';
import { waitReady } from './wait-ready.ts';

/**
 * One pass to its end: written, pruned, ready (if the policy waits), and recorded at the parent.
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
  const written = yield* pass(sync, ports, options);
  const report = yield* waitReady(written, sync, ports, { signal });
  const failure = await recordReport(report, sync, ports, { signal });
  return failure === undefined || report.failure !== undefined ? report : { ...report, state: 'Failed', failure };
}
