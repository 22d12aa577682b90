import { isRecord } from '@homeostat/kube';
import type { Redactor, Ref } from '@homeostat/kube';
import type { PlannedAddition } from './plan.ts';

export function isSecret({ group, kind }: Ref): boolean {
  return group === '' && kind === 'Secret';
}

export function publicChanges<T extends { readonly path: string; readonly kind: string }>(
  ref: Ref,
  changes: readonly T[],
): readonly T[] {
  if (!isSecret(ref)) return changes;
  return changes.map((change) => {
    const { desired: _desired, live: _live, ...rest } = change as T & { desired?: unknown; live?: unknown };
    return rest as unknown as T;
  });
}

/** Of a Secret only where something was added; elsewhere a value that is known to be secret is taken out of what was added. */
export function publicAddition(ref: Ref, addition: PlannedAddition, redactor: Redactor): PlannedAddition {
  const { value, reason, ...rest } = addition;
  return {
    ...rest,
    path: redactor.text(rest.path),
    ...(reason !== undefined && { reason: safeMessage(ref, reason, redactor) }),
    ...(!isSecret(ref) && { value: withoutKnown(value, redactor) }),
  };
}

function withoutKnown(value: unknown, redactor: Redactor): unknown {
  if (typeof value === 'string') return redactor.text(value);
  if (Array.isArray(value)) return value.map((item) => withoutKnown(item, redactor));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutKnown(part, redactor)]));
}

/**
 * A server quotes the value that it refuses. Known secret values are taken out of every message; what it says about a
 * Secret loses whatever it quotes, because a value that does not even fit its schema (a bare number) is known to nobody.
 */
export function safeMessage(ref: Ref, message: string, redactor: Redactor): string {
  const text = redactor.text(message);
  return isSecret(ref)
    ? text.replaceAll(
        /(Invalid value: |Unsupported value: |got |Value:)(?:"(?:[^"\\]|\\.)*"|[^\s,;:}]+)/g,
        '$1<redacted>',
      )
    : text;
}
