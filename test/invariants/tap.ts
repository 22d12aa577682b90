import { KubeError, refOf } from '@homeostat/kube';
import type { CallOptions, Client, DeleteOptions, KubeObject, Ref } from '@homeostat/kube';
import { createPorts, systemClock } from '@homeostat/reconcile';
import type { Clock, Ports } from '@homeostat/reconcile';
import type { Process } from '../support/scenario.ts';
import type { LabClock } from '../support/lab-clock.ts';

/** One request of an engine to the API server, as it went through the test's hands. */
export interface Call {
  readonly verb: 'discovery' | 'get' | 'list' | 'watch' | 'apply' | 'create' | 'update' | 'patch' | 'delete' | 'raw';
  readonly kind: string;
  /** `''` for what is asked of many. */
  readonly name: string;
  readonly dryRun: boolean;
  /** For a write of a whole object. */
  readonly object?: KubeObject;
  /** For a deletion. */
  readonly preconditions?: DeleteOptions['preconditions'];
  readonly signal?: AbortSignal | undefined;
  /** The server has done it, whether or not the engine has heard of that. */
  served?: boolean;
  /** What the engine hears: `ok`, or the code of the error; absent as long as there is no answer. */
  answer?: string;
}

/** What a test does about each request: right before it is sent, and right after it was answered. Throwing is the answer. */
export interface Hands {
  before?(call: Call): unknown;
  after?(call: Call): unknown;
}

const READS: ReadonlySet<string> = new Set(['discovery', 'get', 'list', 'watch', 'raw']);

/** It changes something in the cluster. */
export function isWrite({ verb, dryRun }: Call): boolean {
  return !READS.has(verb) && !dryRun;
}

/**
 * Every request of the process goes through these hands from now on. Call it before the process does anything: its ports are made anew.
 * Returns what it asks, in the order in which it does.
 */
export function tap(
  process: Process,
  hands: Hands = {},
  given: Partial<Omit<Ports, 'actor' | 'client' | 'source'>> = {},
): readonly Call[] {
  const calls: Call[] = [];
  const { client, source, claims, clock } = process.ports;
  const kept = { ...(claims !== undefined && { claims }), clock };
  Object.assign(
    process.ports,
    createPorts(process.sync, { ...kept, ...given, client: tapped(client, calls, hands), source }),
  );
  return calls;
}

function tapped(client: Client, calls: Call[], hands: Hands): Client {
  const note = (verb: Call['verb'], what: Partial<Call>, { signal }: CallOptions = {}): Call => {
    const call: Call = { verb, kind: '', name: '', dryRun: false, signal, ...what };
    calls.push(call);
    return call;
  };
  const through = async <T>(call: Call, send: () => Promise<T>): Promise<T> => {
    try {
      await hands.before?.(call);
      const answer = await send();
      call.served = true;
      call.answer = 'ok';
      await hands.after?.(call);
      return answer;
    } catch (error) {
      call.answer = error instanceof KubeError ? error.code : 'error';
      throw error;
    }
  };
  const stream = async function* <T>(call: Call, open: () => AsyncIterable<T>): AsyncGenerator<T, void> {
    try {
      await hands.before?.(call);
      yield* open();
      await hands.after?.(call);
    } catch (error) {
      call.answer = error instanceof KubeError ? error.code : 'error';
      throw error;
    } finally {
      // Also when nobody wants the rest of it.
      call.answer ??= 'ok';
    }
  };
  const about = (ref: Ref): Partial<Call> => ({ kind: ref.kind, name: ref.name });
  const whole = (object: KubeObject, dryRun = false): Partial<Call> => ({ ...about(refOf(object)), object, dryRun });
  return {
    resources: (options) => through(note('discovery', {}, options), () => client.resources(options)),
    get: (ref, options) => through(note('get', about(ref), options), () => client.get(ref, options)),
    list: (resource, options) =>
      stream(note('list', { kind: resource.kind }, options), () => client.list(resource, options)),
    watch: (resource, options) =>
      stream(note('watch', { kind: resource.kind }, options), () => client.watch(resource, options)),
    apply: (object, options) =>
      through(note('apply', whole(object, options.dryRun), options), () => client.apply(object, options)),
    create: (object, options) =>
      through(note('create', whole(object, options?.dryRun), options), () => client.create(object, options)),
    update: (object, options) =>
      through(note('update', whole(object, options?.dryRun), options), () => client.update(object, options)),
    patch: (ref, patch, options) =>
      through(note('patch', { ...about(ref), dryRun: options?.dryRun ?? false }, options), () =>
        client.patch(ref, patch, options),
      ),
    delete: (ref, options = {}) => {
      const { preconditions, dryRun = false } = options;
      return through(note('delete', { ...about(ref), dryRun, ...(preconditions && { preconditions }) }, options), () =>
        client.delete(ref, options),
      );
    },
    request: (request) => through(note('raw', { name: request.path }, request), () => client.request(request)),
    as: (who) => tapped(client.as(who), calls, hands),
  };
}

/** Never answers; ends with the caller's patience, as a connection that hangs does. */
export function silence({ signal }: Call): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(new KubeError('CANCELLED', 'the request was cancelled'));
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}

/** Pauses between attempts are not worth waiting for; deadlines are as ever. */
export const hasty: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms > 10_000 ? ms : Math.min(ms, 5), signal),
};

/** Moves a clock on by `ms`, and after each `step` lets the server answer in its own time whatever was asked of it meanwhile. */
export async function elapse(clock: LabClock, calls: readonly Call[], ms: number, step = 500): Promise<void> {
  const isOpen = ({ verb, answer }: Call): boolean => verb !== 'watch' && answer === undefined;
  for (let left = ms; left > 0; left -= step) {
    await clock.elapse(Math.min(left, step));
    while (calls.some(isOpen)) {
      await new Promise((resolve) => {
        setTimeout(resolve, 1);
      });
      await clock.settle();
    }
  }
}
