import type { ApiAnswer } from './exchange.ts';
import { plainText } from './plain-answer.ts';

const PROBE = /^\/(healthz|livez|readyz)(?:\/(?:ping|log|etcd))?$/;

/** Whether a path asks how the server is. */
export function isHealthPath(path: string): boolean {
  return PROBE.test(path);
}

/**
 * How the server is. It lives as soon as it answers; it is healthy, and ready, once what every cluster has is there
 * (namespaces, roles, flow schemas).
 *
 * @returns `undefined` for a path that asks something else.
 */
export function health(path: string, query: URLSearchParams, isReady: boolean): ApiAnswer | undefined {
  const name = PROBE.exec(path)?.[1];
  if (name === undefined) return undefined;
  const checks = ['[+]ping ok', '[+]log ok'];
  const isWell = isReady || name === 'livez';
  if (name !== 'livez') checks.push(isReady ? '[+]bootstrap ok' : '[-]bootstrap failed: reason withheld');
  const verbose = `${checks.join('\n')}\n${name} check ${isWell ? 'passed' : 'failed'}\n`;
  const body = isWell && query.get('verbose') === null ? 'ok' : verbose;
  return plainText(isWell ? 200 : 500, body, 'text/plain; charset=utf-8');
}
