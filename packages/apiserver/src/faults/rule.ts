/** What a request asks for. `discovery`: everything that is no resource, as `/apis`, `/openapi/v3` and `/version`. */
export type FaultVerb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'apply'
  | 'delete'
  | 'deletecollection'
  | 'discovery';

/** Which requests: all that is given must hold, and each can be one value or several. */
export interface FaultMatch {
  readonly verb?: FaultVerb | readonly FaultVerb[];
  /** The plural, alone (`deployments`) or with its group (`deployments.apps`). */
  readonly resource?: string | readonly string[];
  /** `''`: the object itself. Default: it and its subresources. */
  readonly subresource?: string | readonly string[];
  readonly namespace?: string | readonly string[];
  /** Of one object, that of a create from its body. */
  readonly name?: string | readonly string[];
  /** The name of who asks, after impersonation. */
  readonly user?: string | readonly string[];
  readonly dryRun?: boolean;
}

/** How often it strikes. Requests count that match, in the order in which they come. */
export interface FaultLimit {
  /** So often, and never again. Default: always. */
  readonly times?: number;
  /** Each n-th alone: 3 is the third, the sixth, … */
  readonly every?: number;
  /** Each with this probability, in (0, 1], by the server's `random`. */
  readonly probability?: number;
}

/** What goes wrong. */
export type FaultKind =
  /** It takes `ms` longer, on the server's clock. Then what comes next in order may strike as well. */
  | { readonly fault: 'latency'; readonly ms: number }
  /** 409: somebody else wrote in between; for a create, the object is there already. Nothing is written. */
  | { readonly fault: 'conflict' }
  /** 410: a list's snapshot or continue token, or where a watch begins, has been forgotten. */
  | { readonly fault: 'gone' }
  /** 429 with Retry-After, in seconds. Default 1. */
  | { readonly fault: 'throttle'; readonly retryAfter?: number }
  /** 500. Default: what kube-apiserver says when etcd does not answer in time. `when`: see `reset`. */
  | { readonly fault: 'error'; readonly message?: string; readonly when?: FaultTime }
  /** 503 with Retry-After, in seconds. Default 1. Default message: that of a kube-apiserver that shuts down. */
  | { readonly fault: 'unavailable'; readonly message?: string; readonly retryAfter?: number }
  /**
   * The connection breaks without an answer: before the work is done (the default), or after it. A watch breaks too when it
   * is open already.
   */
  | { readonly fault: 'reset'; readonly when?: FaultTime }
  /** A watch says nothing any more, open ones included, and does not end. Once the fault is removed, it says all that was held up. */
  | { readonly fault: 'silence' }
  /**
   * A watch loses its next events, one by default, and then gets 410; so does who asks for that stretch again. Open ones
   * included.
   */
  | { readonly fault: 'gap'; readonly events?: number }
  /** 403: admission says no; by itself, or as a webhook of that name. */
  | { readonly fault: 'deny'; readonly message: string; readonly webhook?: string };

export type FaultTime = 'before' | 'after';

export type FaultRule = FaultKind & FaultMatch & FaultLimit;

const WRITES: readonly FaultVerb[] = ['create', 'update', 'patch', 'apply', 'delete', 'deletecollection'];

/** The verbs that a fault is for, where it is not for all. */
export const VERBS_OF: Readonly<Partial<Record<FaultKind['fault'], readonly FaultVerb[]>>> = {
  conflict: WRITES.filter((verb) => verb !== 'deletecollection'),
  gone: ['list', 'watch'],
  silence: ['watch'],
  gap: ['watch'],
  deny: WRITES,
};

/** @throws {TypeError} for a rule that could never strike, or that says what no rule can. */
export function checkRule(rule: FaultRule): void {
  const possible = VERBS_OF[rule.fault];
  const impossible = possible === undefined ? undefined : listOf(rule.verb).find((verb) => !possible.includes(verb));
  if (possible !== undefined && impossible !== undefined) {
    throw new TypeError(`the fault "${rule.fault}" is for ${possible.join(', ')}; "${impossible}" cannot have it`);
  }
  const whole = { times: rule.times, every: rule.every, events: rule.fault === 'gap' ? rule.events : undefined };
  for (const [name, value] of Object.entries(whole)) {
    if (value !== undefined && (!Number.isInteger(value) || value < 1)) {
      throw new TypeError(`${name} is ${String(value)}; it must be a whole number from 1 on`);
    }
  }
  const { probability } = rule;
  if (probability !== undefined && !(probability > 0 && probability <= 1)) {
    throw new TypeError(`probability is ${String(probability)}; it must be over 0 and at most 1`);
  }
  if (rule.fault === 'latency' && !(rule.ms >= 0 && Number.isFinite(rule.ms))) {
    throw new TypeError(`ms is ${String(rule.ms)}; it must be a number of milliseconds from 0 on`);
  }
  const seconds = rule.fault === 'throttle' || rule.fault === 'unavailable' ? rule.retryAfter : undefined;
  if (seconds !== undefined && (!Number.isInteger(seconds) || seconds < 0)) {
    throw new TypeError(`retryAfter is ${String(seconds)}; it must be a whole number of seconds`);
  }
}

/** One, several or none, as a list. */
export function listOf<T extends string>(values: T | readonly T[] | undefined): readonly T[] {
  return values === undefined ? [] : typeof values === 'string' ? [values] : values;
}
