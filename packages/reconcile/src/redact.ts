import type { Redactor, Ref } from '@homeostat/kube';

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
