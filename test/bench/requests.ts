import { request } from 'node:https';
import type { ControlPlane } from '../support/control-plane/start.ts';

/** Requests by verb, as the API server counts them: `GET`, `LIST`, `WATCH`, `APPLY`, `PATCH`, `DELETE`… */
export type Requests = ReadonlyMap<string, number>;

/** What the API server and its own loops ask for at any time, whoever else is there. */
const background =
  /^(apiservices|flowschemas|prioritylevelconfigurations|endpointslices|endpoints|servicecidrs|ipaddresses)$/;

/**
 * The counters as of now; the difference of two readings is what was asked in between. Discovery counts as `GET`;
 * probes, the reading of metrics, and what the server asks itself do not count. A watch counts when it ends. With `leases` those count
 * too, the server's own renewal (one per 10 s) among them.
 */
export async function readRequests(
  plane: ControlPlane,
  { leases = false }: { readonly leases?: boolean } = {},
): Promise<Requests> {
  const totals = new Map<string, number>();
  for (const [, labels = '', value] of (await metrics(plane)).matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const resource = label('resource');
    if (resource === 'leases' && !leases) continue;
    if (background.test(resource) || /^\/(metrics|readyz|livez|healthz)/.test(label('subresource'))) continue;
    const verb = label('verb');
    totals.set(verb, (totals.get(verb) ?? 0) + Number(value));
  }
  return totals;
}

export function requestsSince(before: Requests, after: Requests): Requests {
  const counts = [...after].map(([verb, count]): [string, number] => [verb, count - (before.get(verb) ?? 0)]);
  return new Map(counts.filter(([, count]) => count > 0).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** `1,000 APPLY, 3 GET`; `0` for none. */
export function printRequests(requests: Requests): string {
  return [...requests].map(([verb, count]) => `${count.toLocaleString('en')} ${verb}`).join(', ') || '0';
}

function metrics(plane: ControlPlane): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${plane.adminToken}` };
    const url = new URL('/metrics', plane.server);
    const sent = request(url, { headers, rejectUnauthorized: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.once('end', () => resolve(text)).once('error', reject);
    });
    sent.once('error', reject).end();
  });
}
