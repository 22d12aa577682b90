import type { KubeObject } from './object.ts';
import type { Ref } from './ref.ts';
import type { Resource, Resources } from './resources.ts';

/**
 * The port to a Kubernetes API server. Three clients pass one conformance suite (`@homeostat/kube/conformance`): HTTP to
 * a real server, HTTP to the in-memory one, and the client across the tunnel.
 *
 * Objects go in and come out as plain JSON, untouched: no field is renamed, dropped or added (except that list items get
 * the `apiVersion` and `kind` that the server leaves out).
 *
 * Every call rejects with a {@link KubeError} and with nothing else.
 */
export interface Client {
  /** Discovery: single-flight, kept until `refresh` or until a CRD or APIService is seen to change. */
  resources(options?: CallOptions & { readonly refresh?: boolean }): Promise<Resources>;
  /** `undefined` when the object does not exist. An unknown kind rejects with `UNKNOWN_KIND`. */
  get(ref: Ref, options?: CallOptions & VersionOption): Promise<KubeObject | undefined>;
  /** Pages of at most `limit` objects (default 500), all of one snapshot. An expired continue token rejects with `GONE`. */
  list(resource: Resource, options?: ListOptions): AsyncIterable<Page>;
  /**
   * Events after `resourceVersion`, in order, bookmarks included. It ends without error when the server closes the
   * watch (resume from the last resourceVersion), and throws `GONE` when that version is too old (list again).
   */
  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent>;
  /** Server-side apply (KEP-555). `object.metadata.resourceVersion` and `uid`, when given, are preconditions. */
  apply(object: KubeObject, options: ApplyOptions): Promise<Applied>;
  create(object: KubeObject, options?: WriteOptions): Promise<Applied>;
  /** Replaces the object. With `metadata.resourceVersion` only if it has not changed since. */
  update(object: KubeObject, options?: WriteOptions): Promise<Applied>;
  patch(ref: Ref, patch: Patch, options?: WriteOptions & VersionOption): Promise<Applied>;
  /** Resolves when the server has accepted the deletion; `false` when there was nothing to delete. */
  delete(ref: Ref, options?: DeleteOptions): Promise<boolean>;
  /** Anything else (subresources, `/version`, `/metrics`), with the same credentials and errors. */
  request(request: RawRequest): Promise<RawResponse>;
  /**
   * The same connection, discovery and counting, acting as somebody else (user impersonation): whatever that user may not do
   * is refused, and without the right to act as them everything is, with `IMPERSONATION`. It lives as long as this client.
   *
   * @throws {KubeError} `INVALID` when this client acts as somebody else already: the server knows no impersonation twice over.
   */
  as(who: Impersonation): Client;
}

/** Source: Kubernetes user impersonation headers. */
export interface Impersonation {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** For the whole call; for `list`, per page; for `watch`, how long the server keeps it open. */
  readonly timeoutMs?: number;
}

export interface VersionOption {
  /** The version to speak; the server's preferred one by default. */
  readonly version?: string;
}

export interface ListOptions extends CallOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  /** Exactly this snapshot, or `0`: whatever the server has at hand, in one page. Default: the latest. */
  readonly resourceVersion?: string;
}

export interface Page {
  readonly items: readonly KubeObject[];
  /** The snapshot's version: where a watch may start. The same on every page. */
  readonly resourceVersion: string;
  readonly continue?: string;
}

export interface WatchOptions extends CallOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion: string;
}

/**
 * A DELETED event carries the *old* object under a *new* resourceVersion (also when the object merely left the
 * selector), so it must never serve as a precondition or as proof: its type holds identity alone.
 */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED'; readonly object: KubeObject }
  | { readonly type: 'DELETED'; readonly ref: Ref; readonly uid: string; readonly resourceVersion: string }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

export interface WriteOptions extends CallOptions {
  readonly manager?: string;
  readonly dryRun?: boolean;
  /** What the server does with unknown and duplicate fields. Default: the server's (`Warn`). */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
}

export interface ApplyOptions extends WriteOptions {
  /** The field manager: 1–128 printable characters. */
  readonly manager: string;
  /** Take fields that others own with another value, instead of a `CONFLICT`. Default false. */
  readonly force?: boolean;
}

export interface Applied {
  readonly object: KubeObject;
  readonly created: boolean;
  /** Texts of the server's `Warning` headers, unquoted. */
  readonly warnings: readonly string[];
}

export type Patch =
  | { readonly type: 'json'; readonly operations: readonly JsonPatchOperation[] }
  | { readonly type: 'merge'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly type: 'strategic'; readonly value: Readonly<Record<string, unknown>> };

/** RFC 6902. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions extends CallOptions, VersionOption {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagation?: Propagation;
  readonly dryRun?: boolean;
}

export interface RawRequest extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path with query, as `/api/v1/namespaces/demo/pods/web/log?follow=true`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One finished exchange, for counting and timing; holds no body and no header. */
export interface RequestRecord {
  readonly verb: 'discovery' | 'get' | 'list' | 'watch' | 'apply' | 'create' | 'update' | 'patch' | 'delete' | 'raw';
  /** `group/plural`, `''` where there is none. */
  readonly resource: string;
  readonly status: number;
  readonly dryRun: boolean;
  readonly durationMs: number;
}
