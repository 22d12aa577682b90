import type { Claimant } from '@homeostat/apply';
import type { LiveEntry } from '@homeostat/cache';
import type { Revision, Snapshot } from '@homeostat/git';
import type { KubeObject, RefKey } from '@homeostat/kube';
import type { Parent } from '@homeostat/prune';
import { createRenderMemo } from '@homeostat/render';
import type { RenderMemo } from '@homeostat/render';
import type { Status } from '@homeostat/status';
import type { AnsweredAdditions } from './find-additions.ts';
import type { View } from './look.ts';
import type { Made } from './made.ts';
import type { Planned } from './make-plan.ts';
import type { Prepared } from './prepare.ts';
import { createRecall } from './recall.ts';
import type { Recall } from './recall.ts';
import type { Wanted } from './render-snapshot.ts';

/**
 * What one sync remembers between passes.
 *
 * Only ever a shortcut: with an empty memory a pass comes to the same plan and merely asks more. So it is never written
 * down, and a crash loses nothing.
 */
export interface Memory {
  readonly render: RenderMemo;
  /** The last snapshot, so that an unchanged revision is not fetched again. */
  snapshot: Snapshot | undefined;
  /** Of a sync that depends on others: the revision that these let it move on to. */
  admitted: Revision | undefined;
  /** The parent as last read or written. */
  parent: Parent | undefined;
  /** That there is none is known, for the pass that is about to begin or under way: it need not be asked for again. */
  noParent: boolean;
  /** Prepared objects by rendered instance: the renderer hands out the same instance for the same bytes. */
  readonly prepared: WeakMap<KubeObject, Prepared>;
  /** Whether a live entry is proven ours, by entry: an entry never changes, a newer version is another entry. */
  readonly proofs: WeakMap<LiveEntry<Status>, Proof>;
  /** What a complete render came to. */
  readonly wanted: Recall<Wanted>;
  /** The members of the set, told from look-alikes. */
  readonly members: Recall<Pick<View, 'members' | 'lookalikes' | 'rivals'>>;
  /** The last plan that nobody had to be asked for. */
  readonly planned: Recall<Planned>;
  /** Objects known to be as desired in exactly this version. */
  readonly verified: Map<RefKey, Verified>;
  /** What the server said about the additions of others to an object, by a digest of what it was asked. */
  readonly additions: Map<RefKey, { readonly question: string; readonly answer: AnsweredAdditions }>;
  /** Where differences are told only: what the last pass has made. */
  made: Made | undefined;
  /** The desired objects of the last pass: what drift is compared with. */
  desired: ReadonlyMap<RefKey, Prepared>;
}

/** What is told of a live entry once. */
export interface Proof {
  readonly proven: boolean;
  /** Another tool that marks it as its own. */
  readonly claimant?: Claimant;
}

export interface Verified {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Digest of the desired object. */
  readonly desired: string;
  /** Digest of what the server made of it, where that differs textually and the server said it is the same. */
  readonly normalized?: string;
}

export function createMemory(): Memory {
  return {
    snapshot: undefined,
    admitted: undefined,
    parent: undefined,
    noParent: false,
    render: createRenderMemo(),
    prepared: new WeakMap(),
    proofs: new WeakMap(),
    wanted: createRecall(),
    members: createRecall(),
    planned: createRecall(),
    verified: new Map(),
    additions: new Map(),
    made: undefined,
    desired: new Map(),
  };
}
