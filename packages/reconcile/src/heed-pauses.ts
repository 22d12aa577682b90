import { KubeError, refKey, refOf } from '@homeostat/kube';
import type { Client, Clock, Ref } from '@homeostat/kube';

/** The requests that the server does not want to see again before a time. */
export interface Pauses {
  /** Whether there is one, and what the server said. */
  left(request: string): KubeError | undefined;
  /** Takes note of a refusal that says when to come back; of any other answer that the pause is over. */
  note(request: string, error?: unknown): void;
  /** There is something new to ask for, or somebody wants it now. */
  forget(): void;
}

interface Pause {
  readonly until: number;
  readonly error: KubeError;
}

/** Where so many are known, those that are over are looked for. */
const MANY = 1_000;

export function createPauses({ now }: Pick<Clock, 'now'>): Pauses {
  const pauses = new Map<string, Pause>();
  return {
    left(request) {
      const pause = pauses.get(request);
      if (pause === undefined) return undefined;
      const afterMs = pause.until - now();
      if (afterMs <= 0) return undefined;
      const { code, message, reason, answer, causes, ref } = pause.error;
      const told = { reason, answer, causes, ...(ref !== undefined && { ref }) };
      return new KubeError(code, message, { ...told, retry: { afterMs }, cause: pause.error });
    },
    note(request, error) {
      pauses.delete(request);
      if (!(error instanceof KubeError) || typeof error.retry !== 'object') return;
      if (pauses.size >= MANY) for (const [other, { until }] of pauses) if (until <= now()) pauses.delete(other);
      pauses.set(request, { until: now() + error.retry.afterMs, error });
    },
    forget: () => pauses.clear(),
  };
}

/**
 * A client that sends no request again before the server wants to see it again (`Retry-After`), whoever wants to send it and whatever for:
 * until then the answer is the same error, with what is left of the time and the first one as its cause. Only the same request is held
 * up (this verb on this object, asked or done), since what is refused may have to do with this object or this kind alone.
 *
 * Watches and raw requests go through as they are: who watches waits by itself.
 */
export function heedPauses(client: Client, pauses: Pauses, as = ''): Client {
  const paced = async <T>(what: string, send: () => Promise<T>): Promise<T> => {
    const request = `${as} ${what}`;
    const paused = pauses.left(request);
    if (paused !== undefined) throw paused;
    try {
      const answer = await send();
      pauses.note(request);
      return answer;
    } catch (error) {
      pauses.note(request, error);
      throw error;
    }
  };
  const onObject = (verb: string, ref: Ref, { dryRun = false }: { readonly dryRun?: boolean } = {}): string =>
    `${verb} ${dryRun ? 'dry ' : ''}${refKey(ref)}`;
  return {
    resources: (options) => paced('discovery', () => client.resources(options)),
    get: (ref, options) => paced(onObject('get', ref), () => client.get(ref, options)),
    list: (resource, options = {}) => {
      const { plural, group } = resource;
      const { namespace = '', labelSelector = '', fieldSelector = '' } = options;
      const request = `list ${plural}.${group} ${namespace} ${labelSelector} ${fieldSelector}`;
      return pagesOf(client.list(resource, options), (send) => paced(request, send));
    },
    watch: (resource, options) => client.watch(resource, options),
    apply: (object, options) => paced(onObject('apply', refOf(object), options), () => client.apply(object, options)),
    create: (object, options) =>
      paced(onObject('create', refOf(object), options), () => client.create(object, options)),
    update: (object, options) =>
      paced(onObject('update', refOf(object), options), () => client.update(object, options)),
    patch: (ref, patch, options) => paced(onObject('patch', ref, options), () => client.patch(ref, patch, options)),
    delete: (ref, options) => paced(onObject('delete', ref, options), () => client.delete(ref, options)),
    request: (request) => client.request(request),
    as: (who) => heedPauses(client.as(who), pauses, `${as}/${who.user}`),
  };
}

/** The same pages, each asked for through `send`. */
async function* pagesOf<T>(
  pages: AsyncIterable<T>,
  send: (next: () => Promise<IteratorResult<T, unknown>>) => Promise<IteratorResult<T, unknown>>,
): AsyncGenerator<T, void> {
  const iterator = pages[Symbol.asyncIterator]();
  try {
    for (let page = await send(() => iterator.next()); page.done !== true; page = await send(() => iterator.next()))
      yield page.value;
  } finally {
    await iterator.return?.();
  }
}
