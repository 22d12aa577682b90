import { stringifyJson } from '@homeostat/kube';
import { tooLong, tooMany } from '../field-error.ts';
import type { FieldError, FieldErrorType } from '../field-error.ts';

/**
 * What the schema of a custom resource has against one value. Two findings with the same message are one, wherever they
 * come from: the schema may say the same thing in several places.
 */
export interface Finding {
  readonly message: string;
  /** As `.spec.a[0]`; `undefined` where the finding names no field (its message does). */
  readonly path: string | undefined;
  readonly type: FieldErrorType;
  readonly value: unknown;
  readonly detail: string;
}

/** The findings of one schema about one value, and how much of it fitted: the best of several alternatives is reported. */
export class Findings {
  readonly list: Finding[] = [];
  #messages: Set<string> | undefined;
  matches = 0;

  get valid(): boolean {
    return this.list.length === 0;
  }

  add(...findings: readonly Finding[]): void {
    for (const finding of findings) {
      this.#messages ??= new Set();
      if (this.#messages.has(finding.message)) continue;
      this.#messages.add(finding.message);
      this.list.push(finding);
    }
  }

  merge(other: Findings): void {
    this.add(...other.list);
    this.matches += other.matches;
  }
}

/** `base` is where the schema's value stands; without one it is a whole object, which has no name: `<nil>`, as Go says. */
export function fieldErrorOf(finding: Finding, base = ''): FieldError {
  const below = finding.path === undefined || finding.path === '.' ? '' : finding.path.replace(/^\./, '');
  const field = [base, below].filter((part) => part !== '').join('.');
  return {
    type: finding.type,
    field: field === '' ? '<nil>' : field,
    ...(finding.type !== 'Required' && finding.type !== 'TooLong' && { value: finding.value }),
    detail: finding.detail,
  };
}

export function wrongType(path: string, expected: string, found: string): Finding {
  const message = `${path} in body must be of type ${expected}: ${JSON.stringify(found)}`;
  return { message, path, type: 'TypeInvalid', value: found, detail: message };
}

export function missing(path: string): Finding {
  return { message: `${path} in body is required`, path, type: 'Required', value: undefined, detail: '' };
}

/** `what`: `should be at least 3 chars long`. */
export function unfit(path: string, value: unknown, what: string): Finding {
  return worded(path, value, `${path} in body ${what}`);
}

export function worded(path: string, value: unknown, message: string): Finding {
  return { message, path, type: 'Invalid', value: value ?? '', detail: message };
}

export function textTooLong(path: string, max: number): Finding {
  const message = `${path} in body should be at most ${String(max)} chars long`;
  return { ...tooLong(path, max), message, path, value: undefined };
}

/** `what`: `items` or `properties` of which there are too many. */
export function tooManyOf(path: string, what: string, actual: number, max: number): Finding {
  const message = `${path} in body should have at most ${String(max)} ${what}`;
  return { ...tooMany(path, actual, max), message, path, value: actual };
}

export function notListed(path: string, value: unknown, allowed: readonly unknown[]): Finding {
  const message = `${path} in body should be one of ${stringifyJson(allowed)}`;
  const shown = allowed.map((one) => JSON.stringify(typeof one === 'string' ? one : stringifyJson(one)));
  return { message, path, type: 'NotSupported', value: value ?? null, detail: `supported values: ${shown.join(', ')}` };
}

/** Of the whole value, without a place of its own: `"spec.a" must validate one and only one schema (oneOf)`. */
export function general(message: string): Finding {
  return { message, path: undefined, type: 'Invalid', value: '', detail: message };
}
