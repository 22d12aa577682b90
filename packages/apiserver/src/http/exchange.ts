/** One request, whichever way it came. */
export interface ApiRequest {
  readonly method: string;
  /** As it was sent: with its query, percent-encoded. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: RequestHeaders;
  readonly body: Uint8Array;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface ApiAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: string | Uint8Array | AnswerStream;
}

export type AnswerHeaders = Readonly<Record<string, string | readonly string[]>>;

/** A body without a foreseeable end. It is pulled: what nobody asks for is not made. */
export interface AnswerStream {
  /** The next piece of text; `undefined` at the end. One call at a time. */
  next(): Promise<string | undefined>;
  /** Called by {@link AnswerStream.next}'s caller when it gives up, and by the stream's owner to end it at once. */
  close(): void;
  /** Called once, when the stream ends while nobody is asking: the connection is to be cut. */
  onAbandoned(cut: () => void): void;
}

export function isStream(body: ApiAnswer['body']): body is AnswerStream {
  return typeof body === 'object' && 'next' in body;
}

/** A header that can stand only once. */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** A header that may be repeated. */
export function headersOf(headers: RequestHeaders, name: string): readonly string[] {
  const value = headers[name];
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
