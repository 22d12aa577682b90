import type { ApiAnswer } from './exchange.ts';
import { BASE_HEADERS } from './write-answer.ts';

/** What Kubernetes answers for a path that is nobody's. */
export function notFoundPage(): ApiAnswer {
  return plainText(404, '404 page not found\n', 'text/plain; charset=utf-8');
}

/** An answer that is no object. */
export function plainText(status: number, body: string, type: string): ApiAnswer {
  const headers = { ...BASE_HEADERS, 'content-type': type, 'x-content-type-options': 'nosniff' };
  return { status, headers, body };
}
