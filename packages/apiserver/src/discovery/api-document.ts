import { createHash } from 'node:crypto';

/** A document about the API itself, ready to be sent. */
export interface ApiDocument {
  /** JSON. */
  readonly body: string;
  /** SHA-512 of the body in upper-case hex: in quotes its ETag, and the `hash` in URLs of OpenAPI documents. */
  readonly hash: string;
}

export function apiDocument(value: unknown): ApiDocument {
  const body = JSON.stringify(value);
  return { body, hash: createHash('sha512').update(body).digest('hex').toUpperCase() };
}
