import type { Clock } from '../clock.ts';
import { isStream } from '../http/exchange.ts';
import type { ApiAnswer } from '../http/exchange.ts';
import { ConnectionReset } from '../http/faults.ts';
import type { FaultPoint, FaultSubject } from '../http/faults.ts';
import type { Random } from '../random.ts';
import { answerOf, goneAnswer } from './answers.ts';
import { FaultyWatch } from './faulty-watch.ts';
import { matches } from './matches.ts';
import { checkRule } from './rule.ts';
import type { FaultRule } from './rule.ts';

/** A rule that is in force, until it is removed or disposed of. */
export interface Fault extends Disposable {
  readonly rule: FaultRule;
  /** The requests, and open watches, that it has struck so far. */
  readonly hits: number;
  remove(): void;
}

/** Faults on tap: what is to go wrong from now on. The server's own controllers are never struck, nor are `/readyz` and `/metrics`. */
export interface FaultInjector {
  /**
   * From the next request on; faults of watches strike those that are open as well, at once. Of several rules that match a
   * request, the first that strikes counts, in the order in which they were added; a latency comes on top.
   *
   * @throws {TypeError} for a rule that makes no sense.
   */
  add(rule: FaultRule): Fault;
  /** Removes them all. */
  clear(): void;
}

export interface FaultsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The version of the latest write. */
  readonly version: () => number;
  /** Names of users that no fault strikes. */
  readonly spared: ReadonlySet<string>;
}

/** {@link FaultInjector}, at work. */
export class Faults implements FaultInjector, FaultPoint {
  readonly #options: FaultsOptions;
  readonly #watches = new Set<FaultyWatch>();
  #active: readonly ActiveFault[] = [];

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  add(rule: FaultRule): Fault {
    checkRule(rule);
    const fault = new ActiveFault(rule, this.#options.random, () => this.#remove(fault));
    this.#active = [...this.#active, fault];
    for (const watch of this.#watches) this.#strikeWatch(watch, fault);
    return fault;
  }

  clear(): void {
    for (const fault of this.#active) this.#remove(fault);
  }

  async before(subject: FaultSubject): Promise<ApiAnswer | undefined> {
    if (this.#options.spared.has(subject.user.name)) return undefined;
    for (const fault of this.#active) {
      const { rule } = fault;
      if (!matches(rule, subject)) continue;
      switch (rule.fault) {
        case 'latency':
          if (fault.strikes()) await this.#delay(rule.ms, subject.signal);
          break;
        case 'silence':
          break;
        case 'gap': {
          const from = Number(subject.query.get('resourceVersion') ?? 0);
          if (from > 0 && from < fault.lostUpTo) return goneAnswer(from, this.#options.version());
          break;
        }
        default:
          if (!isLate(rule) && fault.strikes()) return answerOf(rule, subject);
      }
    }
    return undefined;
  }

  async after(subject: FaultSubject, answer: ApiAnswer): Promise<ApiAnswer> {
    if (this.#options.spared.has(subject.user.name)) return answer;
    for (const fault of this.#active) {
      const { rule } = fault;
      if (!isLate(rule) || !matches(rule, subject) || !fault.strikes()) continue;
      if (isStream(answer.body)) answer.body.close();
      return answerOf(rule, subject);
    }
    if (!isStream(answer.body)) return answer;
    const watch = new FaultyWatch({
      subject,
      stream: answer.body,
      version: this.#options.version,
      onClose: (closed) => this.#watches.delete(closed),
    });
    this.#watches.add(watch);
    for (const fault of this.#active) if (fault.rule.fault !== 'reset') this.#strikeWatch(watch, fault);
    return { ...answer, body: watch };
  }

  #strikeWatch(watch: FaultyWatch, fault: ActiveFault): void {
    const { rule } = fault;
    const isOne = rule.fault === 'silence' || rule.fault === 'gap' || rule.fault === 'reset';
    if (!isOne || !matches(rule, watch.subject) || !fault.strikes()) return;
    if (rule.fault === 'silence') watch.silence(fault);
    else if (rule.fault === 'gap') watch.lose(rule.events ?? 1, (version) => fault.lose(version));
    else watch.cut();
  }

  #remove(fault: ActiveFault): void {
    this.#active = this.#active.filter((other) => other !== fault);
    for (const watch of this.#watches) watch.unsilence(fault);
  }

  async #delay(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.setTimer(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, ms);
      const stop = (): void => {
        cancel();
        resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    // Nobody waits any more: as in Kubernetes, what has not begun does not begin.
    if (signal.aborted) throw new ConnectionReset();
  }
}

type LateRule = Extract<FaultRule, { readonly when?: unknown }>;

function isLate(rule: FaultRule): rule is LateRule {
  return (rule.fault === 'reset' || rule.fault === 'error') && rule.when === 'after';
}

class ActiveFault implements Fault {
  readonly rule: FaultRule;
  readonly #random: Random;
  readonly #remove: () => void;
  /** The version of the newest event that it has made a watch lose. */
  lostUpTo = 0;
  hits = 0;
  #seen = 0;

  constructor(rule: FaultRule, random: Random, remove: () => void) {
    this.rule = { ...rule };
    this.#random = random;
    this.#remove = remove;
  }

  /** Whether it strikes this one of the requests that it is for; each is asked about once. */
  strikes(): boolean {
    const { times, every, probability } = this.rule;
    this.#seen++;
    if (times !== undefined && this.hits >= times) return false;
    if (every !== undefined && this.#seen % every !== 0) return false;
    if (probability !== undefined && this.#random() >= probability) return false;
    this.hits++;
    return true;
  }

  lose(version: number): void {
    this.lostUpTo = Math.max(this.lostUpTo, version);
  }

  remove(): void {
    this.#remove();
  }

  [Symbol.dispose](): void {
    this.#remove();
  }
}
