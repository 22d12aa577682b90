import type { AnswerStream } from '../http/exchange.ts';
import type { FaultSubject } from '../http/faults.ts';
import { goneLine, tooOld } from './answers.ts';

export interface FaultyWatchParts {
  readonly subject: FaultSubject;
  readonly stream: AnswerStream;
  /** The version of the latest write. */
  readonly version: () => number;
  readonly onClose: (watch: FaultyWatch) => void;
}

/**
 * A watch that something can happen to while it is open.
 *
 * 1. Silenced, it says nothing and does not end, whatever the server does with it; it holds one piece, and the rest waits in
 *    the server's log. When the last silence is lifted, it goes on where it was.
 * 2. With a gap it loses the next events, tells of 410 when enough are lost, and ends.
 * 3. Cut, it ends at once without an end that its client could take for one.
 */
export class FaultyWatch implements AnswerStream {
  readonly subject: FaultSubject;
  readonly #stream: AnswerStream;
  readonly #version: () => number;
  readonly #onClose: (watch: FaultyWatch) => void;
  readonly #silences = new Set<unknown>();
  #gap: { left: number; readonly lost: (version: number) => void } | undefined;
  #held: { readonly piece: string | undefined } | undefined;
  #cut: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #over = false;

  constructor({ subject, stream, version, onClose }: FaultyWatchParts) {
    this.subject = subject;
    this.#stream = stream;
    this.#version = version;
    this.#onClose = onClose;
  }

  silence(by: unknown): void {
    this.#silences.add(by);
  }

  unsilence(by: unknown): void {
    if (this.#silences.delete(by)) this.#wake?.();
  }

  /** `lost` is told the version of each event that is lost. */
  lose(events: number, lost: (version: number) => void): void {
    this.#gap = { left: events, lost };
  }

  cut(): void {
    const cut = this.#cut;
    this.close();
    cut?.();
  }

  async next(): Promise<string | undefined> {
    for (;;) {
      if (this.#over) return undefined;
      if (this.#silences.size > 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const { piece } = this.#held ?? { piece: await this.#stream.next() };
      this.#held = undefined;
      if (this.#silences.size > 0) {
        this.#held = { piece };
        continue;
      }
      if (this.#gap === undefined || piece === undefined) {
        if (piece === undefined) this.close();
        return piece;
      }
      const gone = this.#swallow(piece, this.#gap);
      if (gone === undefined) continue;
      this.close();
      return gone;
    }
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stream.close();
    this.#onClose(this);
    this.#wake?.();
  }

  onAbandoned(cut: () => void): void {
    this.#cut = cut;
    this.#stream.onAbandoned(() => {
      if (this.#silences.size === 0) this.cut();
    });
  }

  /** The line to end with, once enough is lost. Bookmarks are lost as well, and do not count. */
  #swallow(piece: string, gap: { left: number; readonly lost: (version: number) => void }): string | undefined {
    for (const line of piece.split('\n')) {
      if (line === '') continue;
      const { type, object } = JSON.parse(line) as {
        readonly type: string;
        readonly object: { readonly metadata?: { readonly resourceVersion?: string } };
      };
      if (type === 'BOOKMARK' || type === 'ERROR') continue;
      const version = Number(object.metadata?.resourceVersion ?? 0);
      gap.lost(version);
      if (--gap.left === 0) return goneLine(tooOld(version - 1, this.#version()));
    }
    return undefined;
  }
}
