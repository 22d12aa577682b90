import { stringifyJson } from '@homeostat/kube';
import type { KubeObject } from '@homeostat/kube';
import type { AnswerStream } from '../http/exchange.ts';
import { expired, plainFailure } from '../status.ts';
import type { Status } from '../status.ts';
import type { Cursor, StoreEvent } from '../store/store.ts';
import { withVersion } from '../store/stored.ts';
import type { ListOptions } from './options.ts';
import type { Registry } from './registry.ts';
import { parseFailure, reachVersion, readVersion } from './resource-version.ts';
import { selection } from './select.ts';
import type { Selection } from './select.ts';
import type { ServedResource } from './served-resource.ts';
import { plainView, viewOf } from './view.ts';
import type { View } from './view.ts';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface WatchRequest {
  readonly namespace: string;
  /** Only this one (`/watch/…/name`). */
  readonly name: string;
  readonly options: ListOptions;
  /** Writes the object of an event in the form that the client wants; each watch has one of its own. */
  readonly write: (view: View) => string;
  readonly signal: AbortSignal;
}

/** How much text goes out at once. */
const PIECE = 64 * 1024;
const BOOKMARK_EVERY_MS = 60_000;
const BOOKMARK_BEFORE_END_MS = 2_000;
/** What a watch without `timeoutSeconds` lasts, and up to twice as long, so that not all end at once. */
const LASTS_MS = 1_800_000;
/** After its end, until a watch that was not read to the end is cut off. */
const PATIENCE_MS = 10_000;

/**
 * The changes of a resource, one JSON line each, in the order of their versions.
 *
 * 1. It begins with ADDED for all that is there when no version is given (or `0`, or `sendInitialEvents`), else with the first
 *    change after the version.
 * 2. An object that leaves the selection is DELETED as it was, under the version of the change; one that enters is ADDED.
 * 3. Bookmarks, when asked for: at the end of the initial events, every minute and two seconds before the end.
 * 4. It keeps no queue: it reads the store's log when it is asked for more. A reader that falls so far behind that the log
 *    has forgotten what comes next gets an ERROR event with 410, and the end; one that does not read at all is cut off.
 *
 * @throws {ApiError} before anything is sent, for what is wrong with the request.
 */
export async function watchObjects(
  registry: Registry,
  resource: ServedResource,
  { namespace, name, options, write, signal }: WatchRequest,
): Promise<AnswerStream> {
  const { store, resources, clock, random } = registry;
  const chosen = selection(resource, options.labelSelector, options.fieldSelector, name);
  const prefix = namespace === '' ? '' : `${namespace}/`;
  const start = await startOf(registry, options, signal);
  const lastsMs =
    options.timeoutSeconds === undefined || options.timeoutSeconds <= 0
      ? LASTS_MS * (1 + random())
      : options.timeoutSeconds * 1000;

  const initial = start.initial
    ? store
        .list(resource.shelf, prefix)
        .map((one) => viewOf(resource, one))
        .filter(({ object }) => chosen.matches(object))
    : [];
  const from = start.initial ? store.version : start.version;
  // A version of the future brings nothing until it is reached.
  const cursor = store.cursor(resource.shelf, Math.min(from, store.version));
  return new Watch({
    cursor,
    tooOld: `too old resource version: ${String(from)} (${String(store.version)})`,
    after: from,
    initial,
    initialEnd: start.announceEnd && options.allowWatchBookmarks,
    bookmarks: options.allowWatchBookmarks,
    lastsMs,
    listen: (wake) => store.listen(resource.shelf, wake),
    whenGone: (end) =>
      resources.onChange(() => {
        if (resources.find(resource.group, resource.version, resource.plural) === undefined) end();
      }),
    setTimer: (run, ms) => clock.setTimer(run, ms),
    version: () => store.version,
    bookmark: (annotations) =>
      write(
        plainView({
          kind: resource.kind,
          apiVersion: resource.apiVersion,
          metadata: { resourceVersion: String(store.version), ...(annotations && { annotations }) },
        } as unknown as KubeObject),
      ),
    line: (event) => lineOf(resource, prefix, chosen, event, write),
    added: (view) => lineText('ADDED', write(view)),
  });
}

interface WatchStart {
  readonly initial: boolean;
  readonly announceEnd: boolean;
  readonly version: number;
}

async function startOf({ store, clock }: Registry, options: ListOptions, signal: AbortSignal): Promise<WatchStart> {
  const { resourceVersion, sendInitialEvents } = options;
  const version = resourceVersion === '' ? 0 : readVersion(resourceVersion);
  if (version === undefined) {
    throw plainFailure(
      `resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: ${parseFailure(resourceVersion)}`,
    );
  }
  if (sendInitialEvents === true) {
    await reachVersion(store, version, clock, signal);
    return { initial: true, announceEnd: true, version };
  }
  if (sendInitialEvents === false) {
    return { initial: false, announceEnd: false, version: version === 0 ? store.version : version };
  }
  return { initial: version === 0, announceEnd: false, version };
}

function lineOf(
  resource: ServedResource,
  prefix: string,
  chosen: Selection,
  event: StoreEvent,
  write: (view: View) => string,
): string {
  const { stored, previous } = event;
  if (!stored.key.startsWith(prefix)) return '';
  const now = viewOf(resource, stored);
  const is = event.type !== 'DELETED' && (chosen.everything || chosen.matches(now.object));
  const was = previous !== undefined && (chosen.everything || chosen.matches(resource.fromStored(previous.object)));
  if (is) return lineText(was ? 'MODIFIED' : 'ADDED', write(now));
  if (!was) return '';
  const last = event.type === 'DELETED' ? now : viewOf(resource, withVersion(previous, event.version));
  return lineText('DELETED', write(last));
}

function lineText(type: WatchEventType | 'BOOKMARK' | 'ERROR', object: string): string {
  return `{"type":"${type}","object":${object}}\n`;
}

interface WatchParts {
  readonly cursor: Cursor | undefined;
  readonly tooOld: string;
  /** Changes up to this version are not told. */
  readonly after: number;
  readonly initial: readonly View[];
  readonly initialEnd: boolean;
  readonly bookmarks: boolean;
  readonly lastsMs: number;
  readonly listen: (wake: () => void) => () => void;
  /** Calls back when the resource is served no longer. */
  readonly whenGone: (end: () => void) => () => void;
  readonly setTimer: (run: () => void, ms: number) => () => void;
  readonly version: () => number;
  readonly bookmark: (annotations?: Readonly<Record<string, string>>) => string;
  readonly line: (event: StoreEvent) => string;
  readonly added: (view: View) => string;
}

class Watch implements AnswerStream {
  readonly #parts: WatchParts;
  readonly #stops: (() => void)[] = [];
  #sent = 0;
  #initialEnd: boolean;
  #bookmarkDue = false;
  #over = false;
  /** Nothing more can happen: what has happened is still told. */
  #gone = false;
  #wake: (() => void) | undefined;
  #cut: (() => void) | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#initialEnd = parts.initialEnd;
    this.#stops.push(
      parts.listen(() => this.#notice()),
      parts.whenGone(() => {
        this.#gone = true;
        this.#wake?.();
      }),
    );
    this.#after(parts.lastsMs, () => this.#end());
    if (parts.bookmarks) {
      this.#everyMinute();
      if (parts.lastsMs > BOOKMARK_BEFORE_END_MS) {
        this.#after(parts.lastsMs - BOOKMARK_BEFORE_END_MS, () => this.#announce());
      }
    }
  }

  async next(): Promise<string | undefined> {
    for (;;) {
      const piece = this.#read();
      if (piece !== '') return piece;
      if (this.#over || this.#gone) {
        this.close();
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  close(): void {
    this.#over = true;
    for (const stop of this.#stops) stop();
    this.#stops.length = 0;
    this.#wake?.();
  }

  onAbandoned(cut: () => void): void {
    this.#cut = cut;
  }

  /** As many lines as fit, in order; `''` when there is nothing to say now. */
  #read(): string {
    if (this.#over) return '';
    const { initial, cursor, after } = this.#parts;
    let text = '';
    while (this.#sent < initial.length && text.length < PIECE) {
      const view = initial[this.#sent++];
      if (view !== undefined) text += this.#parts.added(view);
    }
    if (this.#sent < initial.length) return text;
    if (this.#initialEnd) {
      this.#initialEnd = false;
      text += lineText('BOOKMARK', this.#parts.bookmark({ 'k8s.io/initial-events-end': 'true' }));
    }
    if (cursor === undefined) return this.#fail(text);
    while (text.length < PIECE) {
      const event = cursor.next();
      if (event === 'expired') return this.#fail(text);
      if (event === undefined) {
        if (!this.#bookmarkDue) return text;
        this.#bookmarkDue = false;
        return text + lineText('BOOKMARK', this.#parts.bookmark());
      }
      if (event.version > after) text += this.#parts.line(event);
    }
    return text;
  }

  #fail(text: string): string {
    this.#over = true;
    const status: Status = expired(this.#parts.tooOld).status;
    return text + lineText('ERROR', stringifyJson(status));
  }

  #notice(): void {
    if (this.#wake !== undefined) this.#wake();
    // Nobody reads, and what comes next is forgotten: nothing can be made good any more.
    else if (this.#parts.cursor?.expired === true) this.#abandon();
  }

  #abandon(): void {
    const cut = this.#cut;
    this.close();
    cut?.();
  }

  #announce(): void {
    this.#bookmarkDue = true;
    this.#wake?.();
  }

  #end(): void {
    this.#over = true;
    this.#wake?.();
    // Who is still busy with what came last may finish that; who does not come back is cut off.
    this.#after(PATIENCE_MS, () => this.#abandon());
  }

  #everyMinute(): void {
    this.#after(BOOKMARK_EVERY_MS, () => {
      this.#announce();
      this.#everyMinute();
    });
  }

  #after(ms: number, run: () => void): void {
    this.#stops.push(this.#parts.setTimer(run, ms));
  }
}
