import { refKey } from '@homeostat/kube';
import { statusIn } from './health.ts';
import type { Ports } from './ports.ts';
import { withStatuses } from './report.ts';
import type { Report } from './report.ts';

/**
 * The same report, in which workloads that are not ready name the Pod that is to blame; the same one, at no cost, where there
 * is no such workload. A ReplicaSet or StatefulSet is Failed then if a Pod of its wanted revision is.
 */
export async function explainReport(
  report: Report,
  { live, health, redactor }: Pick<Ports, 'live' | 'health' | 'redactor'>,
  { signal }: { readonly signal: AbortSignal },
): Promise<Report> {
  const unready = report.objects.filter(({ status }) => status !== undefined && status.state !== 'Current');
  const entries = unready.flatMap(({ ref }) => live.get(ref) ?? []);
  const reasons = await health.explain(entries, { signal });
  if (reasons.size === 0) return report;
  return withStatuses(report, (ref) => {
    const reason = reasons.get(refKey(ref));
    if (reason === undefined) return statusIn({ live, health, redactor }, ref);
    return { ...reason, message: redactor.text(reason.message) };
  });
}
