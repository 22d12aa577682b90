import type { Client } from '../client.ts';
import { KubeError } from '../error.ts';
import { stringifyJson } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resources.ts';

/** What every behaviour is shown in. */
export interface ConformanceWorld {
  /** With every right. */
  readonly client: Client;
  /** Exists, empty but for what controllers put into it, and used by this behaviour alone. */
  readonly namespace: string;
  /** Makes the server forget history up to now (etcd calls it compaction). */
  readonly forgetHistory: () => Promise<void>;
}

/** What a test library's `expect` must be able to do; Vitest's and Jest's fit. */
export type Expect = (actual: unknown) => {
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
  toMatchObject(expected: Record<string, unknown> | unknown[]): void;
};

/** One thing that every client does, under a title that says it. */
export interface Behaviour {
  readonly title: string;
  readonly run: (world: ConformanceWorld, expect: Expect) => Promise<void>;
}

/** The one field manager of the suite, where only one is needed. */
export const MANAGER = 'conformance';

export function configMap(namespace: string, name: string, data: Readonly<Record<string, string>> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

export function labelled(object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels } };
}

/** How a call was refused, as plain data. @throws {Error} when it was not, or with something other than a KubeError. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  const settled = await call.then(
    (value: unknown) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in settled)
    throw new Error(`a refusal was expected, and the call answered ${stringifyJson(settled.value ?? null)}`);
  if (!(settled.error instanceof KubeError)) throw new Error('a KubeError was expected', { cause: settled.error });
  const { code, status, reason, answer, causes, retry, message, ref } = settled.error;
  return { code, status, reason, answer, causes, retry, message, ref };
}

export type Refusal = Pick<KubeError, 'code' | 'status' | 'reason' | 'answer' | 'causes' | 'retry' | 'message' | 'ref'>;

export async function resourceOf(client: Client, group: string, kind: string): Promise<Resource> {
  const resource = (await client.resources()).find({ group, kind });
  if (resource === undefined) throw new Error(`the server does not know ${kind} of group "${group}"`);
  return resource;
}

/** Calls until it is no longer refused with an error that a retry can help, or half a minute has gone by. */
export async function eventually<T>(call: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 30_000; ;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KubeError) || error.retry === 'never' || Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

/** The next `count` items, then the iteration is ended. */
export async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  return take(items, Infinity);
}
