import type { AnswerStream } from '../http/exchange.ts';
import type { KindTable } from '../table/table.ts';
import type { Status } from '../status.ts';
import type { ServedResource } from './served-resource.ts';
import type { View } from './view.ts';

/** What a verb has to say, before it is written in the form that the client wants. */
export type VerbAnswer = (ObjectAnswer | ListAnswer | StatusAnswer | PlainAnswer | WatchAnswer) & {
  /** Texts of `Warning` headers. */
  readonly warnings?: readonly string[];
};

export interface ObjectAnswer {
  readonly type: 'object';
  readonly code: 200 | 201;
  readonly resource: ServedResource;
  readonly view: View;
}

export interface ListAnswer {
  readonly type: 'list';
  readonly resource: ServedResource;
  readonly views: readonly View[];
  readonly metadata: ListMeta;
}

export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface StatusAnswer {
  readonly type: 'status';
  readonly code: number;
  readonly status: Status;
}

/** An object that has no place in the store (Scale, reviews): as it stands. */
export interface PlainAnswer {
  readonly type: 'plain';
  readonly code: number;
  readonly object: Readonly<Record<string, unknown>>;
  /** How it is shown as a Table, where it can be. */
  readonly table?: KindTable;
}

export interface WatchAnswer {
  readonly type: 'watch';
  readonly stream: AnswerStream;
}
