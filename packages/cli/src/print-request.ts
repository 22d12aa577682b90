import { stringifyJson } from '@homeostat/kube';
import type { Report } from '@homeostat/reconcile';

type Held = NonNullable<Report['held']>;
type Handled = Report['requests'][number];

/** What was asked for, and what comes of it. */
export function printRequest(
  set: Report['sync'],
  { request, value, by, reason }: Pick<Handled, 'request' | 'value' | 'by' | 'reason'>,
  consequence: string,
  output: 'text' | 'json',
): string {
  if (output === 'json') {
    const why = reason === undefined ? {} : { reason };
    return `${stringifyJson({ kind: 'Request', version: 1, sync: set, request, value, by, ...why }, 2)}\n`;
  }
  return `${request} ${set.namespace}/${set.name}: ${consequence}\n`;
}

/** One line about a request that was dealt with: what, who, when. */
export function printHandled({ request, argument, by, reason, at, handledAt, outcome }: Handled): string {
  const where = request === 'rollback' ? ` to ${argument}` : '';
  const what = outcome === 'not-held' ? `${request} (nothing of that digest is held)` : `${request}${where}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  return `asked for: ${what}, by ${by}${why}${at === undefined ? '' : ` at ${at}`}, seen at ${handledAt}`;
}

/** One line about the prunes that wait for consent, and how it is given. */
export function printHeld({ namespace, name }: Report['sync'], { digest, count }: Held): string {
  return `held: ${count} objects wait for consent: homeostat confirm --name ${name} --namespace ${namespace} --digest ${digest} --yes`;
}
