import type { KubeObject } from './object.ts';
import { isRecord } from './record.ts';

/**
 * What keeps an object that is being deleted, for people: its finalizers, and of a Namespace also what its controller says is left
 * in it. Without any of these: that the server has not removed it yet.
 */
export function whatHolds(live: KubeObject): string {
  const finalizers = [...(live.metadata.finalizers ?? []), ...specFinalizers(live)];
  const said = live.kind === 'Namespace' ? remainingContent(live) : [];
  const parts = [...(finalizers.length === 0 ? [] : [`it waits for its finalizers ${finalizers.join(', ')}`]), ...said];
  return parts.length === 0 ? 'the server has not removed it yet' : parts.join('; ');
}

function specFinalizers({ kind, spec }: KubeObject): readonly string[] {
  const finalizers = kind === 'Namespace' && isRecord(spec) ? spec['finalizers'] : undefined;
  return Array.isArray(finalizers) ? finalizers.map(String) : [];
}

/** The conditions that the namespace controller sets while it deletes; each says what it cannot finish. */
function remainingContent({ status }: KubeObject): readonly string[] {
  const conditions = isRecord(status) && Array.isArray(status['conditions']) ? status['conditions'] : [];
  return conditions.flatMap((condition: unknown) =>
    isRecord(condition) && condition['status'] === 'True' && typeof condition['message'] === 'string'
      ? [condition['message']]
      : [],
  );
}
