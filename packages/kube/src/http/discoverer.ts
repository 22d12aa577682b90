import { KubeError } from '../error.ts';
import { isRecord } from '../record.ts';
import type { Resource, Resources } from '../resources.ts';
import { DISCOVERY_ACCEPT, indexResources, readDiscovery, readResourceList } from './discovery.ts';
import type { Discovered, GroupVersion } from './discovery.ts';

/** One discovery document: `unchanged` when the server answered 304 to `etag`. */
export type DocumentAnswer =
  | { readonly answer: 'unchanged' }
  | { readonly answer: 'document'; readonly body: unknown; readonly etag: string | undefined };

export type FetchDocument = (
  path: string,
  options: { readonly accept: string; readonly etag?: string },
) => Promise<DocumentAnswer>;

/** After this client changed what is served, discovery follows within about 100 ms: ask again soon, for a while. */
const CHANGE_LASTS_MS = 30_000;
const RETRY_AFTER_CHANGE_MS = 100;
/** Otherwise an unknown kind is most likely a mistake: do not ask more often than this. */
const RETRY_UNKNOWN_MS = 5_000;

/**
 * What the server serves, asked for once and kept.
 *
 * 1. Callers at the same time share one discovery (two requests, `/api` and `/apis`).
 * 2. After `invalidate` no caller gets what was asked for before it.
 * 3. An unknown kind leads to another discovery, but not more often than every five seconds (ten times a second for half
 *    a minute after `invalidate`); a server that has nothing new answers it with two empty 304s.
 */
export class Discoverer {
  readonly #fetch: FetchDocument;
  readonly #now: () => number;
  readonly #documents = new Map<string, { readonly etag: string; readonly discovered: Discovered }>();
  #era = 0;
  #changedAt = -Infinity;
  #known: { readonly era: number; readonly at: number; readonly resources: Resources } | undefined;
  #running: { readonly era: number; readonly promise: Promise<Resources> } | undefined;

  constructor(fetch: FetchDocument, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** What is known, or else a new discovery. */
  current(): Promise<Resources> {
    if (this.#known?.era === this.#era) return Promise.resolve(this.#known.resources);
    if (this.#running?.era === this.#era) return this.#running.promise;
    const era = this.#era;
    const promise = this.#discover()
      .then((resources) => {
        this.#known = { era, at: this.#now(), resources };
        return resources;
      })
      .finally(() => {
        if (this.#running?.era === era) this.#running = undefined;
      });
    this.#running = { era, promise };
    return promise;
  }

  /** What is served may have changed. */
  invalidate(): void {
    this.#era += 1;
    this.#changedAt = this.#now();
  }

  /** For a kind that `current` did not have: newer knowledge, unless the last is too recent to be asked again. */
  async newer(): Promise<Resources | undefined> {
    if (this.#known?.era === this.#era) {
      const now = this.#now();
      const patience = now - this.#changedAt < CHANGE_LASTS_MS ? RETRY_AFTER_CHANGE_MS : RETRY_UNKNOWN_MS;
      if (now - this.#known.at < patience) return undefined;
      this.#era += 1;
    }
    return this.current();
  }

  async #discover(): Promise<Resources> {
    const [core, groups] = await Promise.all([this.#document('/api'), this.#document('/apis')]);
    const parts = await Promise.all([this.#resourcesOf(core), this.#resourcesOf(groups)]);
    return indexResources(
      parts.flatMap((part) => part.resources),
      parts.flatMap((part) => part.degraded),
    );
  }

  async #document(path: string): Promise<Discovered> {
    const kept = this.#documents.get(path);
    const answer = await this.#fetch(path, {
      accept: DISCOVERY_ACCEPT,
      ...(kept !== undefined && { etag: kept.etag }),
    });
    if (answer.answer === 'unchanged' && kept !== undefined) return kept.discovered;
    const discovered = answer.answer === 'document' ? readDiscovery(answer.body) : undefined;
    if (answer.answer === 'unchanged' || discovered === undefined) {
      throw new KubeError(
        'PROTOCOL',
        `${path} did not answer with discovery; check that the server URL leads to a Kubernetes API server`,
      );
    }
    if (answer.etag !== undefined) this.#documents.set(path, { etag: answer.etag, discovered });
    return discovered;
  }

  async #resourcesOf(discovered: Discovered): Promise<Part> {
    if (discovered.form === 'aggregated') return discovered;
    const parts = await Promise.all(discovered.versions.map((served) => this.#legacyPart(served)));
    return { resources: parts.flatMap((part) => part.resources), degraded: parts.flatMap((part) => part.degraded) };
  }

  /** One group that cannot be read does not take the others away. */
  async #legacyPart(served: GroupVersion): Promise<Part> {
    const { group, version } = served;
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const resources = await this.#fetch(path, { accept: 'application/json' }).then(
      (answer) => (answer.answer === 'document' ? readResourceList(answer.body, served) : undefined),
      (error: unknown) => {
        if (isGroupFailure(error)) return undefined;
        throw error;
      },
    );
    return resources === undefined ? { resources: [], degraded: [`${group}/${version}`] } : { resources, degraded: [] };
  }
}

interface Part {
  readonly resources: readonly Resource[];
  readonly degraded: readonly string[];
}

/** The aggregated server behind this group answers badly, as opposed to no server that can be reached at all. */
function isGroupFailure(error: unknown): boolean {
  return (
    isRecord(error) &&
    (error['code'] === 'UNAVAILABLE' ||
      error['code'] === 'UNKNOWN_KIND' ||
      error['code'] === 'NOT_FOUND' ||
      error['code'] === 'PROTOCOL')
  );
}
